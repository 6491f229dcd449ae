"""Zones for databases that know none: how far a zone's clock is from UTC, as a table of times."""

from calendar import isleap
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from clientloop.model.codec import EPOCH, instant, microseconds
from clientloop.model.zones import zone_named

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
