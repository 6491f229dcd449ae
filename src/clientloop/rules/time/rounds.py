"""When something is done that is done again and again: whole days by night, shorter spans by the clock."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from clientloop.model.calendar import Span, Unit

#: When nobody is in the way: three in the morning.
NIGHT = time(3)

_UNITS = {Unit.MINUTES: timedelta(minutes=1), Unit.HOURS: timedelta(hours=1)}


def next_night(after: datetime, zone: str, *, nights: int = 1) -> datetime:
    """Three in the morning of the next day that has not come to it yet, or of a later one.

    Args:
        after: The time that it is later than, aware.
        zone: IANA name of the zone of that morning.
        nights: The how manieth such morning, from 1.

    Returns:
        The time, UTC.

    >>> from datetime import datetime
    >>> next_night(datetime(2026, 3, 28, 12, tzinfo=UTC), "Europe/Ljubljana").isoformat()
    '2026-03-29T01:00:00+00:00'
    """
    there = ZoneInfo(zone)
    local = after.astimezone(there)
    first = datetime.combine(local.date(), NIGHT, there)
    days = nights - 1 if first.astimezone(UTC) > after else nights
    return datetime.combine(local.date() + timedelta(days=days), NIGHT, there).astimezone(UTC)


def next_time(last: datetime, every: Span, zone: str) -> datetime:
    """When something is to be done again.

    Args:
        last: When it was done last, aware.
        every: How often, in elapsed time; days are counted by nights.
        zone: IANA name of the zone of these.

    Returns:
        The time, UTC.

    >>> from datetime import datetime
    >>> from clientloop.model.calendar import days, hours
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    >>> next_time(noon, hours(6), "UTC").hour, next_time(noon, days(7), "UTC").day
    (18, 9)
    """
    unit = _UNITS.get(every.unit)
    return next_night(last, zone, nights=every.amount) if unit is None else last + every.amount * unit
