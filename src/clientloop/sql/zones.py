"""Zones for databases that know none: how far a zone's clock is from UTC, as a table of times."""

from calendar import isleap
from datetime import timedelta
from functools import lru_cache
from typing import NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from clientloop.model.codec import EPOCH, instant
from clientloop.model.zones import zone_named

SECOND = 1_000_000
_DAY = 86_400 * SECOND


class Offset(NamedTuple):
    """How far a zone's clock is from UTC, from some time on."""

    #: From when, in microseconds since 1970 in UTC.
    since: int
    #: How far, in microseconds.
    offset: int


#: Ascending; the first holds from ever.
Offsets: TypeAlias = tuple[Offset, ...]


def offsets(zone: str, first: int, last: int) -> Offsets:
    """The offsets of a zone, at least between two times; whole years of them, so that like requests get the same.

    Args:
        zone: IANA name of the zone. Where its calendar would leave the years 1 to 9999, that of UTC counts.
        first: Microseconds since 1970 in UTC.
        last: Likewise; not before `first`.

    Raises:
        UnknownName: There is no such zone.

    >>> [item.offset // (3600 * SECOND) for item in offsets("Europe/Ljubljana", 0, 0)]
    [1]
    """
    years = range(instant(first).year, instant(last).year + 1)
    found: list[Offset] = []
    for year in years:
        found += [item for item in _offsets_in(zone, year) if not found or item.offset != found[-1].offset]
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
