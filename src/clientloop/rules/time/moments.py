"""Times as people give them: a moment, or a day, which begins by the clocks of a zone."""

from datetime import date, datetime

from clientloop.errors import check_type
from clientloop.model.codec import instant, microseconds
from clientloop.rules.measures.periods import begins


def moment(at: datetime | date, zone: str) -> datetime:
    """The moment that is meant.

    Args:
        at: An aware datetime, or a day: then when it begins.
        zone: IANA name of the zone whose clocks the day begins by.

    Returns:
        The time in UTC.

    Raises:
        InvalidValue: It is neither, the time names no zone, or it lies outside the years 1 to 9999 in UTC.

    >>> moment(date(2026, 3, 2), "Europe/Ljubljana").isoformat()
    '2026-03-01T23:00:00+00:00'
    """
    check_type(at, date, hint="give a date or an aware datetime")
    return instant(microseconds(at if isinstance(at, datetime) else begins(at, zone)))
