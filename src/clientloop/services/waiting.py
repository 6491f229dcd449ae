"""What is due and not claimed: how much work waits for a worker, and for how long."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from attrs import frozen

from clientloop.model.feedback import Timer
from clientloop.model.messages import OutboundMessage
from clientloop.model.plan import Plan
from clientloop.model.where import le
from clientloop.ports.store import Store


@frozen(kw_only=True)
class Waiting:
    """How much work waits."""

    #: Items whose deadlines have come.
    timers: int = 0
    #: Messages that are to be sent.
    messages: int = 0
    #: For how long the first of them has waited.
    lag: timedelta = timedelta()


def waiting(store: Store, spaces: Iterable[str], now: datetime) -> Waiting:
    """How much work waits in some spaces.

    Args:
        store: Where they are.
        spaces: Their names.
        now: The present, UTC.
    """
    total = Waiting()
    for space in spaces:
        timers, oldest_timer = _due(store, Timer, space, now)
        messages, oldest_message = _due(store, OutboundMessage, space, now)
        total = Waiting(
            timers=total.timers + timers,
            messages=total.messages + messages,
            lag=max(total.lag, now - min(oldest_timer, oldest_message)),
        )
    return total


def _due(store: Store, cls: type[Timer] | type[OutboundMessage], space: str, now: datetime) -> tuple[int, datetime]:
    """How many are due, and since when the first of them is; the present if none is."""
    due = le("wake_at", now)
    found = store.page(cls, space, where=due, order="by_wake", limit=1).items
    if not found:
        return 0, now
    [group] = store.aggregate(space, Plan(cls=cls, where=due))
    return group.values[0] or 0, found[0].wake_at or now
