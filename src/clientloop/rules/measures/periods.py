"""Periods of the calendar: which follow one another, and when they begin by the clocks of a zone."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta

from clientloop.model.codec import microseconds
from clientloop.model.plan import Bucket
from clientloop.model.zones import zone_named
from clientloop.rules.measures.aggregation import first_day

#: From the first day of a period this many days lead into the next one.
_ONWARD: Mapping[Bucket, timedelta] = {
    Bucket.DAY: timedelta(days=1),
    Bucket.WEEK: timedelta(days=7),
    Bucket.MONTH: timedelta(days=31),
    Bucket.QUARTER: timedelta(days=92),
    Bucket.YEAR: timedelta(days=366),
}


def period_of(at: datetime, bucket: Bucket, zone: str) -> date:
    """The first day of the period that a time falls in.

    Args:
        at: The time, aware.
        bucket: How long the period is.
        zone: IANA name of the zone whose calendar counts.

    >>> period_of(datetime(2026, 2, 28, 23, 30, tzinfo=UTC), Bucket.MONTH, "Europe/Ljubljana")
    datetime.date(2026, 3, 1)
    """
    return first_day(microseconds(at), bucket, zone)


def following(day: date, bucket: Bucket) -> date:
    """The first day of the period after the one that begins on a day.

    >>> following(date(2026, 10, 1), Bucket.QUARTER)
    datetime.date(2027, 1, 1)
    """
    return period_of(datetime.combine(day + _ONWARD[bucket], time(), UTC), bucket, "UTC")


def preceding(day: date, bucket: Bucket) -> date:
    """The first day of the period before the one that begins on a day.

    >>> preceding(date(2026, 3, 1), Bucket.MONTH)
    datetime.date(2026, 2, 1)
    """
    return period_of(datetime.combine(day - timedelta(days=1), time(), UTC), bucket, "UTC")


def periods(first: date, last: date, bucket: Bucket) -> Iterator[date]:
    """The first days of all periods from one to another, both included.

    >>> [day.isoformat() for day in periods(date(2026, 11, 1), date(2027, 1, 1), Bucket.MONTH)]
    ['2026-11-01', '2026-12-01', '2027-01-01']
    """
    while first <= last:
        yield first
        first = following(first, bucket)


def begins(day: date, zone: str) -> datetime:
    """When a day begins by the clocks of a zone; where they skip midnight, when they do so.

    Args:
        day: The day.
        zone: IANA name of the zone.

    Returns:
        The time, in that zone.

    >>> begins(date(2026, 3, 29), "Europe/Ljubljana").isoformat()
    '2026-03-29T00:00:00+01:00'
    """
    return datetime.combine(day, time(), zone_named(zone))
