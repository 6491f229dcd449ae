"""What is true of a space whatever has happened in it."""

from collections.abc import Iterator
from itertools import pairwise
from uuid import UUID

from clientloop.app import ClientLoop
from clientloop.model.codec import microseconds
from clientloop.model.feedback import Feedback, Outcome, Timer, Transition
from clientloop.model.messages import OutboundMessage
from clientloop.model.where import eq
from clientloop.rules.loop.draft import wake_of


def broken_invariants(loop: ClientLoop) -> tuple[str, ...]:
    """Everything that is not as it must be in a space, with no worker at it; nothing on a healthy one.

    - The journal of an item is gapless, each row starts where the one before ended, and the last agrees with the item.
    - An open item has a deadline; one that ended has an outcome, and a time unless it ended in another system.
    - An item has a timer exactly if one of its deadlines has a step to come, at that time.
    - Timers and messages belong to items that exist.

    Args:
        loop: The space.

    >>> with ClientLoop.open("memory:") as loop:
    ...     item = loop.feedback.receive(kind="idea", channel="form", text="Deliver on Saturdays")
    ...     broken_invariants(loop)
    ()
    """
    space = loop.space.space
    items = {item.id: item for item in loop.store.pages(Feedback, space)}
    timers = {timer.item: timer for timer in loop.store.pages(Timer, space)}
    return (
        *(fault for item in items.values() for fault in _of_item(loop, item, timers.get(item.id))),
        *(f"timer of no item {item}" for item in timers.keys() - items.keys()),
        *(f"message {message} of no item" for message in _orphans(loop, set(items))),
    )


def _of_item(loop: ClientLoop, item: Feedback, timer: Timer | None) -> Iterator[str]:
    name = f"{item.kind} {item.ref}"
    journal = tuple(loop.store.pages(Transition, item.space, where=eq("item", item.id)))
    yield from _of_journal(name, item, journal)
    if item.is_open and item.due is None:
        yield f"{name} is open in {item.state} without a deadline"
    # of what was closed in another system, nobody may know when
    ended = item.closed_at is not None or item.outcome is Outcome.IMPORTED
    if item.is_open is not (item.outcome is Outcome.OPEN) or item.is_open is ended:
        yield f"{name}: is_open, outcome and closed_at disagree"
    wake = wake_of(item)
    if (wake is None) is not (timer is None):
        yield f"{name}: timer {timer and timer.wake_at}, next step {wake}"
    elif timer is not None and wake is not None and microseconds(timer.wake_at) > wake and timer.version == 1:
        yield f"{name}: the timer comes at {timer.wake_at}, after the next step"


def _of_journal(name: str, item: Feedback, journal: tuple[Transition, ...]) -> Iterator[str]:
    if [row.number for row in journal] != list(range(1, item.version + 1)):
        yield f"{name}: version {item.version}, journal {[row.number for row in journal]}"
    for before, after in pairwise(journal):
        if before.target != after.source:
            yield f"{name}: {after.move} starts from {after.source}, but the item was in {before.target}"
    if journal and journal[-1].target != item.state:
        yield f"{name}: state {item.state}, but the journal ends in {journal[-1].target}"


def _orphans(loop: ClientLoop, items: set[UUID]) -> Iterator[UUID]:
    for message in loop.store.pages(OutboundMessage, loop.space.space):
        if message.item is not None and message.item not in items:
            yield message.id
