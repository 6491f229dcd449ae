"""What waits for a worker."""

from datetime import UTC, datetime, timedelta

from clientloop import ClientLoop, ManualClock
from clientloop.model.messages import OutboundMessage
from clientloop.services.waiting import Waiting, waiting
from tests.app.firms import queue

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_what_is_due_is_counted_over_spaces() -> None:
    """Deadlines and messages, and for how long the first of them has been due; not what a worker has claimed."""
    clock = ManualClock(NINE)
    with ClientLoop.open("memory:", clock=clock, entry_points=False) as loop:
        store = loop.store
        other = loop.in_space("other")
        assert waiting(store, ("main", "other"), clock.now()) == Waiting()
        loop.feedback.receive(kind="complaint", channel="desk", text="The parcel came broken")
        clock.advance(timedelta(days=30))
        queue(loop, "email", 3)
        queue(other, "email", 2)
        clock.advance(timedelta(seconds=7))
        assert waiting(store, ("other",), clock.now()) == Waiting(messages=2, lag=timedelta(seconds=7))
        found = waiting(store, ("main", "other"), clock.now())
        assert (found.timers, found.messages) == (1, 5)
        assert timedelta(days=20) < found.lag < timedelta(days=31)
        store.claim(OutboundMessage, "other", now=clock.now(), lease=timedelta(minutes=1), limit=5)
        assert waiting(store, ("other",), clock.now()) == Waiting()
