"""The commands on improvements: what many items point to, from the first of them to what was learnt."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal
from uuid import UUID

from cyclopts import Parameter

from clientloop.app import ClientLoop
from clientloop.cli.inbox import inbox_grid
from clientloop.cli.naming import improvement_named
from clientloop.cli.options import HERE, AsJson, ByWhom, OnScreen, Place, actor, pairs
from clientloop.cli.screen import Cell, Grid, Screen
from clientloop.cli.times import local
from clientloop.model.feedback import Feedback
from clientloop.model.improvements import Improvement, ImprovementSort, ImprovementState
from clientloop.model.plan import Key, Plan
from clientloop.model.where import one_of
from clientloop.services.setup.data import as_data

#: The states as they can be asked for.
_State = Literal["proposed", "open", "done", "dismissed", "all"]

#: How a state is shown.
_STYLES = {ImprovementState.PROPOSED: "yellow", ImprovementState.DONE: "green", ImprovementState.DISMISSED: "dim"}

#: How many items `improvements show` lists.
_SHOWN = 20


def listed(
    *,
    state: _State = "open",
    sort: ImprovementSort | None = None,
    limit: Annotated[int, Parameter(alias="-n")] = 50,
    after: str | None = None,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """List improvements, oldest first: causes, ideas and incidents that many items point to.

    Args:
        state: Where they stand; `proposed` are the incidents that a burst of items suggests.
        sort: What their items have in common; any if not given.
        limit: How many at most.
        after: What the page before gave to go on with.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        wanted = None if state == "all" else ImprovementState(state)
        page = loop.improvements.list(state=wanted, sort=sort, after=after, limit=limit)
        if json:
            return screen.json({"improvements": as_data(page.items), "next": page.next})
        if page.items:
            screen.table(improvements_grid(loop, page.items))
        else:
            screen.line("There is none.")
        if page.next:
            screen.copied(f"There are more: --after {page.next}")
        if wanted is ImprovementState.OPEN and loop.improvements.list(state=ImprovementState.PROPOSED, limit=1).items:
            screen.copied("clientloop improvements list --state proposed    (bursts of items suggest incidents)")
        return None


def improvements_grid(loop: ClientLoop, improvements: Sequence[Improvement]) -> Grid:
    """Improvements as a table."""
    counts = _items(loop, [each.id for each in improvements])
    return Grid(
        columns=("id", "sort", "state", "items", "open", "since", "owner", "title"),
        rows=[
            (
                str(each.id),
                each.sort,
                Cell(text=each.state, style=_STYLES.get(each.state, "")),
                str(sum(counts.get((each.id, is_open), 0) for is_open in (True, False))),
                str(counts.get((each.id, True), 0)),
                local(each.created_at, loop.space.zone)[:10],
                each.owner,
                each.title,
            )
            for each in improvements
        ],
        numbers=frozenset({"items", "open"}),
        cut="title",
        spare=("since", "owner", "state"),
    )


def _items(loop: ClientLoop, improvements: Sequence[UUID]) -> Mapping[tuple[object, ...], int]:
    """How many items point to each improvement, open and not."""
    theirs = Plan(cls=Feedback, where=one_of("improvement", improvements), keys=(Key("improvement"), Key("is_open")))
    return {group.keys: group.values[0] or 0 for group in loop.store.aggregate(loop.space.space, theirs)}


def show(improvement: str, /, *, json: AsJson = False, place: Place = HERE, screen: OnScreen) -> None:
    """Show an improvement: what it is about, what was done and learnt, and the items that point to it.

    Args:
        improvement: Its id, or its whole title.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        found = improvement_named(loop, improvement)
        items = loop.improvements.items(found, limit=_SHOWN).items
        if json:
            screen.json({"improvement": as_data(found), "items": as_data(items)})
        else:
            _tell(screen, loop, found)
            if items:
                screen.title("Items that point to it")
                screen.table(inbox_grid(loop, items))


def _tell(screen: Screen, loop: ClientLoop, improvement: Improvement) -> None:
    screen.line(improvement.title, "bold")
    ended = f"{local(improvement.done_at, loop.space.zone)} by {improvement.done_by}" if improvement.done_at else ""
    facts = (
        ("id", str(improvement.id)),
        ("sort", improvement.sort),
        ("state", improvement.state),
        ("about", ", ".join(f"{name} {value}" for name, value in improvement.topic.items())),
        ("owner", improvement.owner),
        ("since", local(improvement.created_at, loop.space.zone)),
        ("ended", ended),
        ("done", improvement.done),
        ("lesson", improvement.lesson),
    )
    screen.facts(facts)


def add(
    title: str,
    /,
    *,
    sort: ImprovementSort = ImprovementSort.CAUSE,
    topic: Sequence[str] = (),
    owner: str | None = None,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Open an improvement.

    Args:
        title: What is to become better.
        sort: What its items have in common.
        topic: What its items and the ratings around it are about, as FIELD=VALUE, say product=tent; once for each.
        owner: Who sees to it.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        opened = loop.improvements.add(title, sort=sort, topic=_topic(topic), owner=owner)
        _answer(screen, loop, opened, json=json)


def change(
    improvement: str,
    /,
    *,
    title: str | None = None,
    topic: Sequence[str] = (),
    owner: str | None = None,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Change what an improvement is called, is about, or who sees to it; what is not given stays.

    Args:
        improvement: Its id, or its whole title.
        title: What is to become better.
        topic: As of `improvements add`; all of it anew.
        owner: Who sees to it.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        found = improvement_named(loop, improvement)
        changed = loop.improvements.change(found, title=title, topic=_topic(topic) if topic else None, owner=owner)
        _answer(screen, loop, changed, json=json)


def _topic(texts: Sequence[str]) -> Mapping[str, str]:
    return dict(pairs(texts, "--topic product=tent"))


def _answer(screen: Screen, loop: ClientLoop, improvement: Improvement, *, json: bool) -> None:
    if json:
        screen.json(as_data(improvement))
    else:
        _tell(screen, loop, improvement)


def dismiss(
    improvement: str,
    /,
    *,
    reason: str,
    by: ByWhom,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Decide against an improvement, or that a proposed incident is none.

    Args:
        improvement: Its id, or its whole title.
        reason: Why.
        by: Who decides.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        found = improvement_named(loop, improvement)
        _answer(screen, loop, loop.improvements.dismiss(found, reason=reason, by=actor(loop, by)), json=json)


def done(
    improvement: str,
    /,
    *,
    done: str,
    lesson: str,
    by: ByWhom,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Close an improvement with what was done and what the firm has learnt.

    Args:
        improvement: Its id, or its whole title.
        done: What was done.
        lesson: What the firm has learnt.
        by: Who did it.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        found = improvement_named(loop, improvement)
        closed = loop.improvements.done(found, done=done, lesson=lesson, by=actor(loop, by))
        _answer(screen, loop, closed, json=json)
