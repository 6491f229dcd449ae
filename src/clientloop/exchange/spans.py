"""From when to when an entry of a calendar is, in the words that calendars have for it (RFC 5545, section 3.6.1).

An entry lasts whole days or is from one second to a later one. What cannot be said so, such as the hour at which a
contact known to the day ends, stands beside it in lines of ours. They hold as long as they agree with what the calendar
says itself: one that has moved the entry meanwhile is believed.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo

from attrs import frozen

from clientloop.model.interactions import Precision

#: When it begins and ends exactly, where calendars have no words for it.
STARTS, ENDS = "X-CLIENTLOOP-STARTS", "X-CLIENTLOOP-ENDS"

_DAY = timedelta(days=1)


@frozen
class Span:
    """When an entry begins and ends, and how exactly that is known."""

    starts_at: datetime
    ends_at: datetime | None
    precision: Precision

    def told(self, days: tzinfo) -> "Span":
        """What calendars have words for; without an end, where there is none for it.

        Args:
            days: The zone whose midnights begin a day.

        >>> fair = Span(datetime(2026, 12, 29, tzinfo=UTC), datetime(2026, 12, 30, 15, tzinfo=UTC), Precision.DAY)
        >>> str(fair.told(UTC).ends_at)
        '2026-12-31 00:00:00+00:00'
        """
        starts_at, ends_at = _second(self.starts_at), None if self.ends_at is None else _second(self.ends_at)
        if self.precision is Precision.DAY:
            first = starts_at.astimezone(days).date()
            starts_at, ends_at = _midnight(first, days), None if ends_at is None else _end(first, ends_at, days)
        elif ends_at is not None and ends_at <= starts_at:
            ends_at = None
        return Span(starts_at, ends_at, self.precision)

    def beside(self, days: tzinfo) -> Iterator[tuple[str, datetime]]:
        """The lines of ours that say what calendars do not, as names and times."""
        told = self.told(days)
        if told.starts_at != _second(self.starts_at):
            yield STARTS, self.starts_at
        if self.ends_at is not None and told.ends_at != _second(self.ends_at):
            yield ENDS, self.ends_at

    def exact(self, starts_at: datetime | None, ends_at: datetime | None, days: tzinfo) -> "Span":
        """What is meant where a calendar tells this, and lines of ours are beside it.

        Args:
            starts_at: When it begins, as they say; None where they do not.
            ends_at: Likewise.
            days: The zone whose midnights begin a day.
        """
        meant = Span(starts_at or self.starts_at, ends_at or self.ends_at, self.precision)
        ends_early = meant.ends_at is not None and meant.ends_at < meant.starts_at
        return self if ends_early or meant.told(days) != self.told(days) else meant


def _end(first: date, ends_at: datetime, days: tzinfo) -> datetime | None:
    """The midnight at or after an end, later than that of the first day; None after the last day that there is."""
    try:
        last = max(ends_at.astimezone(days).date(), first)
        end = _midnight(last, days)
        return end if end >= ends_at and last > first else _midnight(last + _DAY, days)
    except OverflowError:
        return None


def _midnight(day: date, days: tzinfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=days).astimezone(UTC)


def _second(at: datetime) -> datetime:
    """A time as calendars have it: in whole seconds (RFC 5545, section 3.3.5)."""
    return at.astimezone(UTC).replace(microsecond=0)
