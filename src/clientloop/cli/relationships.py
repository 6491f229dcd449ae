"""The commands on relationships: where customers and companies stand in each model, how they came there, and why."""

import json as written
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

from cyclopts import Parameter

from clientloop.app import ClientLoop
from clientloop.cli.naming import account_named, called, customer_named
from clientloop.cli.options import HERE, AsJson, ByWhom, Moment, OnScreen, Place, actor, in_zone
from clientloop.cli.screen import Cell, Grid, Screen, several
from clientloop.cli.times import end, local
from clientloop.errors import NotFound
from clientloop.model.accounts import Account
from clientloop.model.codec import Json
from clientloop.model.customers import Customer
from clientloop.model.relationships import Assessment, Direction, Standing, Subject
from clientloop.services.setup.data import as_data

#: How a direction is shown.
ARROWS: Mapping[Direction, Cell] = {
    Direction.UP: Cell(text="↑", style="green"),
    Direction.SAME: Cell(text=""),
    Direction.DOWN: Cell(text="↓", style="red"),
}

#: How somebody is shown who has no stage.
_NO_STAGE = Cell(text="none", style="dim")


def stages(model: str | None = None, /, *, json: AsJson = False, place: Place = HERE, screen: OnScreen) -> None:
    """List how many customers and companies stand in each stage, the lowest stage first.

    Args:
        model: Name of the model; all if not given.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        names = loop.relationships.models if model is None else (model,)
        counts = {name: loop.relationships.stages(name) for name in names}
        if json:
            return screen.json(as_data(counts))
        rows = [(name, stage, f"{count:,}") for name, own in counts.items() for stage, count in own.items()]
        screen.table(Grid(columns=("model", "stage", "count"), rows=rows, numbers=frozenset({"count"})))
        if not any(count for own in counts.values() for count in own.values()):
            screen.copied("Nobody was assessed yet: clientloop relationships reassess")
        return None


def holding(
    model: str,
    stage: str,
    /,
    *,
    limit: Annotated[int, Parameter(alias="-n")] = 50,
    after: str | None = None,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """List who stands in a stage.

    Args:
        model: Name of the model.
        stage: The stage.
        limit: How many at most.
        after: What the page before gave to go on with.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        page = loop.relationships.holding(model, stage, after=after, limit=limit)
        if json:
            return screen.json({"standings": as_data(page.items), "next": page.next})
        if page.items:
            screen.table(_standings_grid(loop, [(_name(loop, each), each) for each in page], "who"))
        else:
            screen.line("There is none.")
        if page.next:
            screen.copied(f"There are more: --after {page.next}")
        return None


def show(
    who: str,
    model: str | None = None,
    /,
    *,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Show where a customer or a company stands in each model; of one model, also why.

    Args:
        who: Whom a customer is named by, or the whole name or the id of a company.
        model: Name of the model to explain.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        subject = whom(loop, who)
        standings = loop.relationships.of(subject)
        if model is not None:
            why = loop.relationships.explain(subject, model)
            if json:
                return screen.json(as_data(why))
            screen.table(_standings_grid(loop, [(model, why.standing)], "model"))
            screen.title("Why")
            return screen.facts([*_flat(why.explanation), ("so", why.recomputed)])
        if json:
            return screen.json(as_data(standings))
        if standings:
            return screen.table(_standings_grid(loop, tuple(standings.items()), "model"))
        return screen.line("Not assessed yet.")


def set_stage(
    who: str,
    model: str,
    stage: str,
    /,
    *,
    reason: str,
    until: Moment | None = None,
    by: ByWhom,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Say by hand where a customer or a company stands; it stays beside what the model says.

    Args:
        who: Whom a customer is named by, or the whole name or the id of a company.
        model: Name of the model.
        stage: The stage.
        reason: Why.
        until: Until when it stands, in the firm's zone; until it is taken back if not given.
        by: Who says so.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        ends = None if until is None else in_zone(until, loop.space.zone)
        stood = loop.relationships.set(
            whom(loop, who), model, stage, by=actor(loop, by), reason=reason, until=ends
        )  # fmt: skip
        _answer(screen, loop, stood, json=json)


def unset(
    who: str,
    model: str,
    /,
    *,
    reason: str | None = None,
    by: ByWhom,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Take back what was said by hand: what the model says stands again.

    Args:
        who: Whom a customer is named by, or the whole name or the id of a company.
        model: Name of the model.
        reason: Why.
        by: Who takes it back.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        stood = loop.relationships.unset(whom(loop, who), model, by=actor(loop, by), reason=reason)
        _answer(screen, loop, stood, json=json)


def history(
    who: str,
    model: str,
    /,
    *,
    limit: Annotated[int, Parameter(alias="-n")] = 50,
    after: str | None = None,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """List how a customer or a company came to its stage, the latest change first.

    Args:
        who: Whom a customer is named by, or the whole name or the id of a company.
        model: Name of the model.
        limit: How many at most.
        after: What the page before gave to go on with.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        page = loop.relationships.history(whom(loop, who), model, after=after, limit=limit)
        if json:
            return screen.json({"history": as_data(page.items), "next": page.next})
        if page.items:
            screen.table(_history_grid(loop, page.items))
        else:
            screen.line("There is none.")
        if page.next:
            screen.copied(f"There are more: --after {page.next}")
        return None


def reassess(*models: str, json: AsJson = False, place: Place = HERE, screen: OnScreen) -> None:
    """Ask models where everybody stands now, and write it down; `clientloop run` does so by itself every night.

    Args:
        models: Names of the models; all if none is given.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        done = loop.relationships.reassess(models or None)
        if json:
            return screen.json(as_data(done))
        for name, each in done.items():
            left = f", {each.skipped} left for the next time" if each.skipped else ""
            screen.line(f"{name}: {several(each.subjects, 'subject')}, {each.changed} changed{left}")
        return None


def whom(loop: ClientLoop, text: str) -> Customer | Account:
    """The customer or the company that somebody has named.

    Args:
        loop: The firm.
        text: Whom a customer is named by, or the whole name or the id of a company.

    Raises:
        NotFound: Nobody is called so.
        InvalidValue: Several are: the hint lists them.
    """
    try:
        return customer_named(loop, text)
    except NotFound:
        try:
            return account_named(loop, text)
        except NotFound:
            hint = "`clientloop customers find --name PART` and `clientloop accounts list` list whom there is"
            raise NotFound(f"no customer or company {text!r:.80}", hint=hint) from None


def _standings_grid(loop: ClientLoop, standings: Sequence[tuple[str, Standing]], first: str) -> Grid:
    zone = loop.space.zone
    return Grid(
        columns=(first, "stage", "way", "since", "before", "the model says", "said by", "until", "reason"),
        rows=[
            (
                name,
                each.stage or _NO_STAGE,
                ARROWS[each.direction],
                local(each.since, zone)[:10],
                each.previous,
                each.automatic or _NO_STAGE,
                each.manual_by,
                local(each.manual_until, zone),
                each.manual_reason,
            )
            for name, each in standings
        ],
        cut="reason",
        spare=("reason", "until", "said by", "before", "way"),
    )


def _history_grid(loop: ClientLoop, rows: Sequence[Assessment]) -> Grid:
    zone = loop.space.zone
    return Grid(
        columns=("from", "stage", "way", "before", "the model says", "by", "until", "reason"),
        rows=[
            (
                local(row.as_of, zone),
                row.stage or _NO_STAGE,
                ARROWS[row.direction],
                row.previous,
                row.automatic or _NO_STAGE,
                row.by,
                local(row.until, zone),
                row.reason,
            )
            for row in rows
        ],
        cut="reason",
        spare=("reason", "until", "before", "way"),
    )


def _answer(screen: Screen, loop: ClientLoop, stood: Standing, *, json: bool) -> None:
    if json:
        return screen.json(as_data(stood))
    said = f", {end(stood.manual_until, loop.space.zone)}" if stood.manual else ""
    model = f"; the model says {stood.automatic or 'nothing'}" if stood.manual else ""
    return screen.line(f"{_name(loop, stood)} is {stood.stage or 'in no stage'}{said}{model}")


def _name(loop: ClientLoop, standing: Standing) -> str:
    """What a subject is called; its id where it is called nothing."""
    if standing.sort is Subject.ACCOUNT:
        return loop.accounts.get(standing.subject).name
    return called(loop.customers.get(standing.subject))


def _flat(data: Mapping[str, Json], before: str = "") -> Iterator[tuple[str, str]]:
    """Nested data as lines, each with its path."""
    for name, value in data.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value if isinstance(value, str) else written.dumps(value, ensure_ascii=False)
