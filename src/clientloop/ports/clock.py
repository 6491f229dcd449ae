"""The clock port: where the present comes from."""

import threading
from abc import ABC, abstractmethod
from datetime import UTC, datetime, timedelta

from clientloop.errors import InvalidValue


class Clock(ABC):
    """Tells the time; everything that needs it asks here, so that past data can be replayed."""

    @abstractmethod
    def now(self) -> datetime:
        """The present as an aware datetime in UTC."""


class SystemClock(Clock):
    """The clock of the machine.

    >>> SystemClock().now().tzinfo is UTC
    True
    """

    def now(self) -> datetime:
        """The present as the machine has it."""
        return datetime.now(UTC)


class ManualClock(Clock):
    """A clock that stands until it is moved: for tests, demos and dry runs over past data.

    Args:
        start: Where it starts, aware.

    >>> clock = ManualClock(datetime(2026, 3, 2, 9, tzinfo=UTC))
    >>> clock.advance(timedelta(hours=24)).isoformat()
    '2026-03-03T09:00:00+00:00'
    """

    def __init__(self, start: datetime) -> None:
        """Set the clock."""
        self._lock = threading.Lock()
        self._now = _aware(start)

    def now(self) -> datetime:
        """Where the clock stands."""
        return self._now

    def advance(self, by: timedelta) -> datetime:
        """Move the clock on and tell the new time."""
        with self._lock:
            self._now += by
            return self._now

    def set(self, at: datetime) -> datetime:
        """Put the clock to a time, aware, and tell it in UTC."""
        with self._lock:
            self._now = _aware(at)
            return self._now


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise InvalidValue(f"{at!r} names no zone", hint="give an aware datetime, say with tzinfo=UTC")
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise InvalidValue(f"{at} is in no year from 1 to 9999 of UTC", hint="give a time within them") from None
