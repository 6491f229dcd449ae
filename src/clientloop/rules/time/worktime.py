"""Deadlines and durations on the elapsed and the working clock.

When a calendar is open, also where clocks are changed, is worked out by `rules/time/openings.py`; what follows for
deadlines is told in `docs/explanation/working-time.md`. Functions ending in `_us` take and give microseconds since 1970
in UTC, as stores keep times.
"""

from bisect import bisect_right
from datetime import datetime, timedelta

from clientloop.errors import InvalidValue
from clientloop.model.calendar import Calendar, Clock, Span, Unit
from clientloop.model.codec import instant, microseconds
from clientloop.rules.time.openings import DAY, HOUR, MICROSECOND, MINUTE, Block, block_after, block_at, block_number

#: How long a unit is on its own clock; a working day has no fixed length.
_LENGTHS = {Unit.MINUTES: MINUTE, Unit.HOURS: HOUR, Unit.DAYS: DAY, Unit.WORKING_HOURS: HOUR}


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

    >>> from datetime import UTC
    >>> from zoneinfo import ZoneInfo
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
    return start + length if unit.clock is Clock.ELAPSED else add_worked_us(calendar, start, length)


def passed_since(calendar: Calendar, end: datetime, span: Span) -> datetime:
    """The latest start from which a length of time has passed by `end`: `deadline`, read backwards.

    Args:
        calendar: Says what is working time.
        end: Aware.
        span: The length and its clock.

    Returns:
        An aware datetime in UTC.

    Raises:
        InvalidValue: `end` names no zone, or the calendar stays closed for ten years.

    >>> from datetime import UTC
    >>> from clientloop.model.calendar import working_days
    >>> calendar = Calendar.standard("Europe/Ljubljana")
    >>> print(passed_since(calendar, datetime(2026, 3, 9, 9, 30, tzinfo=UTC), working_days(5)))  # both are Mondays
    2026-03-02 09:30:00+00:00
    """
    last, back = microseconds(end), DAY
    while deadline_us(calendar, last - back, span) > last:
        back *= 2
    starts = range(last - back, last + 1)
    later = bisect_right(starts, last, key=lambda start: deadline_us(calendar, start, span))
    return _instant(starts[later - 1])


def worked(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """How much open time lies between two instants: the net time of whatever went on between them.

    Args:
        calendar: Says what is working time.
        start: An aware datetime in any zone.
        end: Another; when it lies before `start` the result is negative, as in a subtraction.

    Raises:
        InvalidValue: A datetime names no zone, or lies next to the year 1 or 9999.

    >>> from datetime import UTC
    >>> calendar = Calendar.standard("Europe/Ljubljana")
    >>> print(worked(calendar, datetime(2026, 1, 2, 15, tzinfo=UTC), datetime(2026, 1, 5, 9, tzinfo=UTC)))
    2:00:00
    """
    return worked_us(calendar, microseconds(start), microseconds(end)) * MICROSECOND


def worked_us(calendar: Calendar, start: int, end: int) -> int:
    """`worked` between microseconds since 1970 in UTC.

    Args:
        calendar: Says what is working time.
        start: Microseconds since 1970 in UTC.
        end: The same; when it lies before `start` the result is negative.

    Returns:
        Microseconds of open time.

    Raises:
        InvalidValue: A time lies next to the year 1 or 9999.

    >>> worked_us(Calendar.around_the_clock("Europe/Ljubljana"), 5, 7)
    2
    """
    if end < start:
        return -worked_us(calendar, end, start)
    first, last = block_at(calendar, start), block_at(calendar, end)
    between = sum(block_number(calendar, index).total for index in range(first.index, last.index))
    return between + last.worked_until(end) - first.worked_until(start)


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

    >>> from datetime import UTC
    >>> calendar = Calendar.standard("Europe/Ljubljana")
    >>> print(add_worked(calendar, datetime(2026, 1, 2, 15, tzinfo=UTC), timedelta(hours=1)))  # Friday, 17:00 there
    2026-01-02 16:00:00+00:00
    """
    return _instant(add_worked_us(calendar, microseconds(start), amount // MICROSECOND))


def add_worked_us(calendar: Calendar, start: int, amount: int) -> int:
    """`add_worked` in microseconds.

    Args:
        calendar: Says what is working time.
        start: Microseconds since 1970 in UTC.
        amount: Microseconds of open time to pass, zero or more.

    Returns:
        Microseconds since 1970 in UTC.

    Raises:
        InvalidValue: `amount` is negative, the calendar stays closed for ten years, or the year 9999 is passed.

    >>> add_worked_us(Calendar.around_the_clock("Europe/Ljubljana"), 5, 2)
    7
    """
    if amount < 0:
        raise InvalidValue(f"{amount * MICROSECOND} of open time cannot pass", hint="give zero or more")
    if amount == 0:
        return _next_open(calendar, start)
    block = block_at(calendar, start)
    amount += block.worked_until(start)
    while amount > block.total:
        amount -= block.total
        block = block_after(calendar, block)
    return block.when_worked(amount)


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Whether the calendar is open at this instant; at a closing time it no longer is.

    Args:
        calendar: Says what is working time.
        at: An aware datetime in any zone.

    Raises:
        InvalidValue: `at` names no zone.

    >>> from datetime import UTC
    >>> is_open(Calendar.standard("Europe/Ljubljana"), datetime(2026, 1, 2, 16, tzinfo=UTC))  # 17:00 there
    False
    """
    us = microseconds(at)
    return block_at(calendar, us).is_open(us)


def next_open(calendar: Calendar, at: datetime) -> datetime:
    """The first open instant at or after this one.

    Args:
        calendar: Says what is working time.
        at: An aware datetime in any zone.

    Returns:
        An aware datetime in UTC; the same instant if it is open.

    Raises:
        InvalidValue: `at` names no zone, the calendar stays closed for ten years, or the year 9999 is passed.

    >>> from datetime import UTC
    >>> print(next_open(Calendar.standard("Europe/Ljubljana"), datetime(2026, 1, 3, 12, tzinfo=UTC)))
    2026-01-05 08:00:00+00:00
    """
    return _instant(_next_open(calendar, microseconds(at)))


def _instant(us: int) -> datetime:
    try:
        return instant(us)
    except OverflowError:
        raise InvalidValue("the deadline lies beyond the year 9999", hint="give a shorter span") from None


def _next_open(calendar: Calendar, at: int) -> int:
    block, i = _next_stretch(calendar, at)
    return max(at, block.opens[i])


def _working_days_later(calendar: Calendar, start: int, count: int) -> int:
    if count == 0:
        return _next_open(calendar, start)
    block, i = _next_stretch(calendar, start)
    time_of_day = block.time_of_day(i, start)
    day = block.days[i] + count
    while day >= block.working_days:
        day -= block.working_days
        block = block_after(calendar, block)
    return block.on_day(day, time_of_day)


def _next_stretch(calendar: Calendar, at: int) -> tuple[Block, int]:
    """The stretch that an instant lies in, or the next one: its block, and its number there."""
    block = block_at(calendar, at)
    i = block.ending_after(at)
    return (block, i) if i < len(block.opens) else (block_after(calendar, block), 0)
