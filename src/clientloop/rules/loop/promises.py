"""What was promised to customers, and whether it was kept: as it was, and as other rules would have had it.

A promise is a deadline that runs from the receipt: the first answer by a person, and the solution. What is judged are
the times that an item has kept of itself, so that no loop has to be played again.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from attrs import frozen

from clientloop.model.codec import instant, microseconds
from clientloop.model.feedback import Feedback, Outcome
from clientloop.model.process import Start
from clientloop.rules.loop import clocks
from clientloop.rules.loop.case import Loop
from clientloop.rules.loop.settings import Settings


class Kept(StrEnum):
    """Whether a promise was kept."""

    KEPT = "kept"
    MISSED = "missed"
    #: There is still time.
    RUNNING = "running"


@frozen
class Promise:
    """One promise: the deadline of its name."""

    #: When an item met it; None: not yet.
    met: Callable[[Feedback], datetime | None]
    #: How long its clock stood still.
    stood: Callable[[Feedback], timedelta]


#: Every promise by the name of its deadline.
PROMISES: Mapping[str, Promise] = {
    "first_answer": Promise(lambda item: item.first_answer_at, lambda _: timedelta(0)),
    "solution": Promise(lambda item: item.solved_at, lambda item: item.waited),
}

#: Ends of what was no matter of its own: nothing was promised.
_NO_MATTER = frozenset({Outcome.DUPLICATE, Outcome.NOT_FEEDBACK, Outcome.IMPORTED})


def was_kept(item: Feedback, name: str, now: datetime) -> Kept:
    """Whether a promise was kept by the rules that the item followed.

    Args:
        item: The item.
        name: Name of the promise.
        now: The present.
    """
    overdue = any(
        clock.name == name and clock.left is None and clock.due < microseconds(now) for clock in item.deadlines
    )
    if name in item.late or overdue:
        return Kept.MISSED
    return Kept.RUNNING if _is_open(item, name) else Kept.KEPT


def would_be_kept(item: Feedback, name: str, loop: Loop, settings: Settings, now: datetime) -> Kept | None:
    """Whether a promise would have been kept by other rules, with the times as they were.

    Time in which the firm waited for the customer is added to the due time as it passed, nights and holidays included:
    on a working clock, that is a little more than the running loop would have allowed.

    Args:
        item: The item.
        name: Name of the promise.
        loop: The process that it would have followed.
        settings: What the firm would have set.
        now: The present.

    Returns:
        None if nothing would have been promised, or nobody can tell: an item without a known receipt, one that was
        reopened and so promised a second solution, or what was no matter of its own.
    """
    promise, received = PROMISES[name], item.received_at
    told = {cause.deadline for cause in loop.process.receipt if isinstance(cause, Start)}
    reopened = name == "solution" and item.reopened > 0
    if name not in told or received is None or reopened or item.outcome in _NO_MATTER:
        return None
    clock = clocks.begin(
        loop.deadlines[name],
        kind=item.kind,
        priority=item.priority,
        customer_class=item.customer_class,
        received=microseconds(received),
        now=microseconds(received),
        date=None,
        settings=settings.by_calendar(item.calendar),
    )
    due = instant(clock.due) + (promise.stood(item) if loop.deadlines[name].waits else timedelta(0))
    met = promise.met(item) or (None if item.is_open else item.closed_at)
    if (met or now) > due:
        return Kept.MISSED
    return Kept.RUNNING if met is None else Kept.KEPT


def _is_open(item: Feedback, name: str) -> bool:
    return item.is_open and PROMISES[name].met(item) is None
