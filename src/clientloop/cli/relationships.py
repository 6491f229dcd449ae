"""The commands on relationships: where customers and companies stand in each model, how they came there, and why."""

from typing import Annotated

from cyclopts import Parameter

from clientloop.app import ClientLoop
from clientloop.cli.options import HERE, AsJson, ByWhom, Moment, OnScreen, Place, actor, in_zone
from clientloop.cli.screen import Grid, Screen, several
from clientloop.cli.standings import flat, history_grid, name_of, standings_grid, whom
from clientloop.cli.times import end
from clientloop.model.relationships import Standing
from clientloop.services.setup.data import as_data


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
            screen.table(standings_grid(loop, [(name_of(loop, each), each) for each in page], "who"))
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
            screen.table(standings_grid(loop, [(model, why.standing)], "model"))
            screen.title("Why")
            return screen.facts([*flat(why.explanation), ("so", why.recomputed)])
        if json:
            return screen.json(as_data(standings))
        if standings:
            return screen.table(standings_grid(loop, tuple(standings.items()), "model"))
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
            screen.table(history_grid(loop, page.items))
        else:
            screen.line("There is none.")
        if page.next:
            screen.copied(f"There are more: --after {page.next}")
        return None


def changes(
    model: str,
    /,
    *,
    since: Moment,
    until: Moment | None = None,
    limit: Annotated[int, Parameter(alias="-n")] = 50,
    after: str | None = None,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """List what has changed in a model within a time, the earliest first.

    Args:
        model: Name of the model.
        since: From when on, in the firm's zone.
        until: Until when, not included; until now if not given.
        limit: How many at most.
        after: What the page before gave to go on with.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        zone = loop.space.zone
        ends = None if until is None else in_zone(until, zone)
        page = loop.relationships.changes(model, since=in_zone(since, zone), until=ends, after=after, limit=limit)
        if json:
            return screen.json({"changes": as_data(page.items), "next": page.next})
        if page.items:
            screen.table(history_grid(loop, page.items, with_names=True))
        else:
            screen.line("Nothing has changed.")
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
            for remark in each.remarks:
                screen.line(f"  {remark}")
        return None


def _answer(screen: Screen, loop: ClientLoop, stood: Standing, *, json: bool) -> None:
    if json:
        return screen.json(as_data(stood))
    said = f", {end(stood.manual_until, loop.space.zone)}" if stood.manual else ""
    model = f"; the model says {stood.automatic or 'nothing'}" if stood.manual else ""
    return screen.line(f"{name_of(loop, stood)} is {stood.stage or 'in no stage'}{said}{model}")
