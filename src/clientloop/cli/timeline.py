"""The command that shows all that happened with a customer."""

from collections.abc import Iterable, Iterator
from typing import Annotated

from cyclopts import Parameter

from clientloop.app import ClientLoop
from clientloop.cli.naming import customer_named, names_of
from clientloop.cli.options import HERE, AsJson, OnScreen, Place
from clientloop.cli.screen import Cell, Screen
from clientloop.cli.telling import became, quote
from clientloop.cli.times import local
from clientloop.model.accounts import Insight
from clientloop.model.customers import Merge, Split
from clientloop.model.feedback import Feedback
from clientloop.model.interactions import Interaction, Precision
from clientloop.services.people.timeline import Event
from clientloop.services.setup.data import as_data


def timeline(
    customer: str,
    /,
    *,
    limit: Annotated[int, Parameter(alias="-n")] = 50,
    after: str | None = None,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Show all that happened with a customer, the latest first: words, purchases, calls, what was learnt, merges.

    Args:
        customer: An id, an e-mail address, a phone number, an id in another system, or the whole name.
        limit: How many at most.
        after: What the page before gave to go on with.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        found = customer_named(loop, customer)
        page = loop.customers.timeline(found, after=after, limit=limit)
        if json:
            return screen.json({"customer": as_data(found), "events": as_data(page.items), "next": page.next})
        if not page.items:
            return screen.line("Nothing has happened yet.")
        tell_events(screen, loop, page)
        if page.next:
            screen.copied(f"There is more: --after {page.next}")
        return None


def tell_events(screen: Screen, loop: ClientLoop, events: Iterable[Event]) -> None:
    """Write what happened, the latest first."""
    zone = loop.space.zone
    for event in events:
        when = local(event.at, zone) or "at some time"
        if isinstance(event.record, Interaction) and event.record.precision is Precision.DAY:
            when = when[:10]
        screen.pieces(Cell(text=f"{when:<16}  ", style="cyan"), *_told(loop, event))
        if event.words is not None:
            quote(screen, event.words)


def _told(loop: ClientLoop, event: Event) -> Iterator[Cell]:
    match event.record:
        case Interaction() as happened:
            yield from _told_interaction(loop, happened)
            if event.delivery is not None:
                yield Cell(text=f"  {became(event.delivery)}")
        case Insight() as learnt:
            yield Cell(text=f"learnt  {told_insight(learnt)}")
        case Merge() as merge:
            names = names_of(loop, (merge.absorbed, merge.kept))
            yield Cell(text=f"merged  {merge.absorbed} into {names[merge.kept]} by {merge.by}: {merge.reason}")
            if merge.undone_at is not None:
                yield Cell(text=f"; undone {local(merge.undone_at, loop.space.zone)} by {merge.undone_by}")
        case Split() as split:
            yield Cell(text=f"split   {split.target} from {split.source} by {split.by}: {split.reason}")


def _told_interaction(loop: ClientLoop, happened: Interaction) -> Iterator[Cell]:
    item = loop.store.get(Feedback, (happened.space, happened.id))
    what = happened.kind.value.replace("_", " ") if item is None else item.kind
    yield Cell(text=f"{what}  by {happened.channel}", style="bold")
    if item is not None:
        yield Cell(text=f"  {item.ref}  {item.state}")
    if happened.money is not None:
        yield Cell(text=f"  {happened.money}")


def told_insight(insight: Insight) -> str:
    """What the firm has learnt, and from whom, in one line."""
    return f"{insight.topic.value.replace('_', ' ')}: {insight.text} ({insight.source}; {insight.by})"
