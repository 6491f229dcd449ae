"""Zones for databases that know none: how far a zone's clock is from UTC, and its calendar, as tables of times."""

from calendar import isleap
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from attrs import frozen

from clientloop.model.codec import EPOCH, instant, microseconds
from clientloop.model.plan import Bucket, Key
from clientloop.model.where import Where
from clientloop.model.zones import zone_named
from clientloop.rules.measures.aggregation import FIRST_DAYS, first_day
from clientloop.rules.measures.narrowing import period

SECOND = 1_000_000
_DAY = 86_400 * SECOND

#: The length of a stretch of time that overlaps with two years at most, in microseconds.
STRETCH = 366 * _DAY

#: From the first moment that there is to 1970, in microseconds: added, so that what is divided is never negative.
BEFORE_EPOCH = (EPOCH - EPOCH.replace(year=1)) // timedelta(microseconds=1)

_LAST = microseconds(datetime.max.replace(tzinfo=UTC))


class Offset(NamedTuple):
    """How far a zone's clock is from UTC, from some time on."""

    #: From when, in microseconds since 1970 in UTC.
    since: int
    #: How far, in microseconds.
    offset: int


#: Ascending; the first holds from ever.
Offsets: TypeAlias = tuple[Offset, ...]

#: The offsets of UTC.
NO_OFFSET: Offsets = (Offset(0, 0),)


class Span(NamedTuple):
    """Part of a span of the calendar: the whole of it, unless the clock goes back across its first midnight."""

    #: From when, in microseconds since 1970 in UTC.
    since: int
    #: The number of the first day of the span, as `date.toordinal` counts; None where no span is asked for.
    day: int | None


#: Ascending; the first holds from ever.
Spans: TypeAlias = tuple[Span, ...]


@frozen(kw_only=True)
class Calendar:
    """What a database must be told of a zone's calendar."""

    #: The spans that are asked for; None where these are not known beforehand.
    spans: Spans | None = None
    #: The offsets, where there are no spans.
    offsets: Offsets = NO_OFFSET


#: How many spans at most are told apart by comparing, which is quick for some and makes long statements of many.
_MOST_SPANS = 400

#: From the first day of a span to one in the next.
_LENGTHS: Mapping[Bucket, timedelta] = {
    Bucket.DAY: timedelta(days=1),
    Bucket.WEEK: timedelta(days=7),
    Bucket.MONTH: timedelta(days=31),
    Bucket.QUARTER: timedelta(days=92),
    Bucket.YEAR: timedelta(days=366),
}


def calendar_of(key: Key, where: Where) -> Calendar | None:
    """The calendar of a key, where it follows from what is asked for; None where it takes a look at the rows.

    Args:
        key: The key.
        where: The condition on the rows.
    """
    if key.bucket is None:
        return Calendar()
    since, until = period(where, key.field)
    found = spans(key.bucket, key.zone, since, until) if since and until else None
    return None if found is None else Calendar(spans=found)


def spans(bucket: Bucket, zone: str, since: datetime, until: datetime) -> Spans | None:
    """The spans of a period; None where they are too many, or the calendar comes near its ends.

    Args:
        bucket: The span.
        zone: IANA name of the zone.
        since: Earlier times are in none, aware.
        until: Nor are this and later ones, aware.

    Raises:
        UnknownName: There is no such zone.

    >>> begin = datetime(2026, 3, 15, tzinfo=UTC)
    >>> found = spans(Bucket.MONTH, "Europe/Ljubljana", begin, begin + timedelta(days=30))
    >>> [instant(each.since).isoformat() for each in found[1:]]
    ['2026-03-15T00:00:00+00:00', '2026-03-31T22:00:00+00:00', '2026-04-14T00:00:00+00:00']
    """
    if until - since > _LENGTHS[bucket] * _MOST_SPANS or not 2 < since.year <= until.year < 9998:
        return None
    begin = microseconds(since)
    end = max(begin, microseconds(until))
    found = [Span(-BEFORE_EPOCH, None)]
    for span in (*_spans(bucket, zone, begin, end), Span(end, None)):
        if span.day != found[-1].day:
            found.append(span)
    return tuple(found)


def _spans(bucket: Bucket, zone: str, begin: int, end: int) -> Iterator[Span]:
    """The spans of a period; one across which the clock changes, in several parts."""
    known = offsets(zone, range((begin + BEFORE_EPOCH) // STRETCH, (end + BEFORE_EPOCH) // STRETCH + 1))
    for offset, following in pairwise((*known, Offset(end, 0))):
        at = max(begin, offset.since)
        while at < min(end, following.since):
            day = first_day(at, bucket, zone)
            yield Span(at, day.toordinal())
            midnight = FIRST_DAYS[bucket](day + _LENGTHS[bucket])
            at = (midnight.toordinal() - EPOCH.toordinal()) * _DAY - offset.offset


def offsets(zone: str, stretches: Iterable[int]) -> Offsets:
    """The offsets of a zone at all times within some stretches.

    They are those of whole years, so that like requests get the same; and only of these, for one slip of a pen in the
    year 9999 shall not cost eight thousand years.

    Args:
        zone: IANA name of the zone. Where its calendar would leave the years 1 to 9999, that of UTC counts.
        stretches: Numbers of stretches of time: since year 1, each as long as `STRETCH`.

    Raises:
        UnknownName: There is no such zone.

    >>> [item.offset // (3600 * SECOND) for item in offsets("Europe/Ljubljana", [2000])]
    [1, 2, 1, 2, 1]
    """
    ends = [(number * STRETCH, (number + 1) * STRETCH - 1) for number in stretches]
    years = {instant(min(end - BEFORE_EPOCH, _LAST)).year for pair in ends for end in pair}
    found: list[Offset] = []
    for year in sorted(years):
        first, *changes = _offsets_in(zone, year)
        found += changes if found and found[-1].offset == first.offset else [first, *changes]
    return tuple(found)


@lru_cache(maxsize=4096)
def _offsets_in(zone: str, year: int) -> list[Offset]:
    """The offset at the start of a year, and each one that begins in it.

    No zone has ever changed its clock twice within a day, so a look a day finds every change.
    """
    start = (EPOCH.replace(year=year) - EPOCH) // timedelta(microseconds=1)
    end = start + (366 if isleap(year) else 365) * _DAY
    named = zone_named(zone)
    found = [Offset(start, _offset_at(start, named))]
    for day in range(start, end, _DAY):
        before, look = found[-1].offset, min(day + _DAY, end - SECOND)
        if _offset_at(look, named) != before:
            found.append(_change(named, before, day, look))
    return found


def _change(zone: ZoneInfo, before: int, low: int, high: int) -> Offset:
    """The second, between one at which the offset is still as before and one at which it is not, that changes it."""
    while high - low > SECOND:
        middle = (low + high) // (2 * SECOND) * SECOND
        low, high = (middle, high) if _offset_at(middle, zone) == before else (low, middle)
    return Offset(high, _offset_at(high, zone))


def _offset_at(at: int, zone: ZoneInfo) -> int:
    try:
        offset = instant(at).astimezone(zone).utcoffset()
    except OverflowError:
        return 0
    assert offset is not None, "every zone has an offset"
    return offset // timedelta(microseconds=1)
