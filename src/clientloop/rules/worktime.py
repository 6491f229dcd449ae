"""Deadlines and durations on the working clock.

One rule says when a calendar is open: **at every instant at which the wall clock of its zone shows a time within the
opening hours of the date that it shows.** Everything else follows from it, also where clocks are changed: wall times
that are skipped never come, wall times that are shown twice count twice. See `docs/explanation/working-time.md`.

Instants are counted in microseconds since 1970 in UTC. The rule is worked out once per calendar and year or so, into a
block of sorted stretches that later calls search by bisection; a bounded number of blocks is kept for all calendars.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from attrs import field, frozen

from clientloop.errors import InvalidValue
from clientloop.model.calendar import Calendar, Clock, Hours, Span, Unit
from clientloop.model.codec import instant, microseconds

_MINUTE = 60_000_000
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR

#: How long a unit is on its own clock; a working day has no fixed length.
_LENGTHS = {Unit.MINUTES: _MINUTE, Unit.HOURS: _HOUR, Unit.DAYS: _DAY, Unit.WORKING_HOURS: _HOUR}

#: Local dates in one block.
_BLOCK_DAYS = 366
#: Blocks without an opening after which the search ends: ten years and some days.
_BARREN_BLOCKS = 11
#: Blocks kept for all calendars together; one holds about 20 kB.
_KEPT_BLOCKS = 512
#: Days before and after a block's dates at which its zone's offset is looked at: more than any offset or change of it.
_MARGIN_DAYS = 2
#: Days between two looks at the offset. No zone of the IANA database ever changed it twice within six days.
_PROBE_DAYS = 4


def deadline(calendar: Calendar, start: datetime, span: Span) -> datetime:
    """When a length of time that begins at `start` has passed.

    Elapsed lengths are counted between instants: 24 hours are 24 hours also when clocks change. Working hours count
    open time only. Working days first move `start` to the next open instant, then take the same wall time on the nth
    following date that has opening hours: the first open instant of that date at or after it, else its closing time.
    A later start never gives an earlier deadline, nor does a longer span on the same clock.

    Args:
        calendar: Says what is working time; elapsed lengths do not look at it.
        start: An aware datetime in any zone.
        span: The length and its clock.

    Returns:
        An aware datetime in UTC. On the working clock it is an open instant or a closing time.

    Raises:
        InvalidValue: `start` names no zone, the calendar stays closed for ten years, or the year 9999 is passed.

    >>> from clientloop.model.calendar import hours, working_days, working_hours
    >>> calendar = Calendar.standard("Europe/Ljubljana")
    >>> friday = datetime(2026, 3, 27, 15, tzinfo=UTC)  # 16:00 in Ljubljana; clocks go forward on Sunday
    >>> for span in (hours(24), working_hours(2), working_days(1)):
    ...     print(deadline(calendar, friday, span).astimezone(ZoneInfo(calendar.zone)))
    2026-03-28 16:00:00+01:00
    2026-03-30 10:00:00+02:00
    2026-03-30 16:00:00+02:00
    """
    return _instant(deadline_us(calendar, microseconds(start), span))


def deadline_us(calendar: Calendar, start: int, span: Span) -> int:
    """`deadline` between microseconds since 1970 in UTC, for code that keeps times as they are stored.

    Args:
        calendar: Says what is working time.
        start: Microseconds since 1970 in UTC.
        span: The length and its clock.

    Returns:
        Microseconds since 1970 in UTC.

    Raises:
        InvalidValue: The calendar stays closed for ten years, or the year 9999 is passed.

    >>> from clientloop.model.calendar import minutes
    >>> deadline_us(Calendar.standard("Europe/Ljubljana"), 0, minutes(2))
    120000000
    """
    unit = span.unit
    if unit is Unit.WORKING_DAYS:
        return _working_days_later(calendar, start, span.amount)
    length = span.amount * _LENGTHS[unit]
    return start + length if unit.clock is Clock.ELAPSED else _worked_later(calendar, start, length)


def worked(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """How much open time lies between two instants: the net time of whatever went on between them.

    Args:
        calendar: Says what is working time.
        start: An aware datetime in any zone.
        end: Another; when it lies before `start` the result is negative, as in a subtraction.

    Raises:
        InvalidValue: A datetime names no zone, or lies next to the year 1 or 9999.

    >>> calendar = Calendar.standard("Europe/Ljubljana")
    >>> print(worked(calendar, datetime(2026, 1, 2, 15, tzinfo=UTC), datetime(2026, 1, 5, 9, tzinfo=UTC)))
    2:00:00
    """
    return timedelta(microseconds=_worked(calendar, microseconds(start), microseconds(end)))


def add_worked(calendar: Calendar, start: datetime, amount: timedelta) -> datetime:
    """The earliest open instant, or closing time, at which so much open time has passed since `start`.

    A deadline that was paused with some net time left resumes so.

    Args:
        calendar: Says what is working time.
        start: An aware datetime in any zone.
        amount: Open time to pass, zero or more; zero gives `next_open`.

    Returns:
        An aware datetime in UTC, such that `worked(calendar, start, result) == amount`.

    Raises:
        InvalidValue: `start` names no zone, `amount` is negative, the calendar stays closed for ten years, or the year
            9999 is passed.

    >>> calendar = Calendar.standard("Europe/Ljubljana")
    >>> print(add_worked(calendar, datetime(2026, 1, 2, 15, tzinfo=UTC), timedelta(hours=1)))  # Friday, 17:00 there
    2026-01-02 16:00:00+00:00
    """
    if amount < timedelta(0):
        raise InvalidValue(f"{amount} of open time cannot pass", hint="give zero or more")
    return _instant(_worked_later(calendar, microseconds(start), amount // timedelta(microseconds=1)))


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Whether the calendar is open at this instant; at a closing time it no longer is.

    Args:
        calendar: Says what is working time.
        at: An aware datetime in any zone.

    Raises:
        InvalidValue: `at` names no zone.

    >>> is_open(Calendar.standard("Europe/Ljubljana"), datetime(2026, 1, 2, 16, tzinfo=UTC))  # 17:00 there
    False
    """
    us = microseconds(at)
    return _block_at(calendar, us).open_index(us) is not None


def next_open(calendar: Calendar, at: datetime) -> datetime:
    """The first open instant at or after this one.

    Args:
        calendar: Says what is working time.
        at: An aware datetime in any zone.

    Returns:
        An aware datetime in UTC; the same instant if it is open.

    Raises:
        InvalidValue: `at` names no zone, the calendar stays closed for ten years, or the year 9999 is passed.

    >>> print(next_open(Calendar.standard("Europe/Ljubljana"), datetime(2026, 1, 3, 12, tzinfo=UTC)))
    2026-01-05 08:00:00+00:00
    """
    ...
