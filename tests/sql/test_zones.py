from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.errors import UnknownName
from clientloop.model.codec import instant, microseconds
from clientloop.model.plan import Bucket
from clientloop.rules.measures.aggregation import first_day
from clientloop.sql.zones import BEFORE_EPOCH, STRETCH, Offset, Offsets, offsets, spans
from clientloop.testing.examples import drawn
from tests.conftest import Size

HOUR = 3_600_000_000

#: Zones with a history: a skipped day, offsets of odd minutes and seconds, changes at midnight, two a year, none.
ZONES = (
    *("Pacific/Apia", "Africa/Monrovia", "America/St_Johns", "America/Sao_Paulo", "Europe/Ljubljana", "Asia/Kathmandu"),
    *("Africa/Casablanca", "Australia/Lord_Howe", "Europe/Amsterdam", "America/New_York", "Pacific/Kiritimati", "UTC"),
)

TIMES = st.datetimes(timezones=st.just(UTC)).map(microseconds)
RECENT = st.datetimes(datetime(1850, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(microseconds)  # noqa: DTZ001


def offset_at(at: int, known: Offsets) -> int:
    """The offset that a table gives."""
    return known[max(bisect_right(known, (at, HOUR * 24)) - 1, 0)].offset


def local_offset(at: int, zone: str) -> int:
    """The offset that the zone itself gives; that of UTC where its calendar leaves the years 1 to 9999."""
    try:
        offset = instant(at).astimezone(ZoneInfo(zone)).utcoffset()
    except OverflowError:
        return 0
    assert offset is not None
    return offset // timedelta(microseconds=1)


def stretch(at: int) -> int:
    """The number of the stretch that a time falls in."""
    return (at + BEFORE_EPOCH) // STRETCH


@given(st.sampled_from(ZONES), st.lists(RECENT | TIMES, min_size=1, max_size=5))
def test_a_table_gives_the_offset_of_the_zone(zone: str, times: list[int]) -> None:
    """At any time within the stretches that were asked for, the table says what the zone says."""
    known = offsets(zone, map(stretch, times))
    assert [offset_at(at, known) for at in times] == [local_offset(at, zone) for at in times]


@pytest.mark.parametrize("zone", ZONES)
def test_a_table_knows_every_change(zone: str, size: Size) -> None:
    """Over a century, looked at every few hours (days, in a plain run), no change of a clock is missed."""
    first, last = (microseconds(datetime(year, 1, 1, tzinfo=UTC)) for year in (1940, 2040))
    times = range(first, last, size.pick(small=50, ci=7, night=7) * HOUR)
    known = offsets(zone, range(stretch(first), stretch(last) + 1))
    wrong = [instant(at) for at in times if offset_at(at, known) != local_offset(at, zone)]
    assert wrong == []


def test_a_change_is_found_to_the_second() -> None:
    """Just before a change the old offset counts, from the change on the new one."""
    spring = microseconds(datetime(2026, 3, 29, 1, tzinfo=UTC))
    autumn = microseconds(datetime(2026, 10, 25, 1, tzinfo=UTC))
    known = offsets("Europe/Ljubljana", [stretch(spring)])
    assert Offset(spring, 2 * HOUR) in known
    assert Offset(autumn, HOUR) in known


def test_years_without_a_change_add_nothing() -> None:
    """A zone that never changes its clock needs one offset, however long the time."""
    assert len(offsets("Asia/Tokyo", range(stretch(0), stretch(0) + 100))) == 1


def test_an_unknown_zone_is_named() -> None:
    """A zone that does not exist is an UnknownName with near matches."""
    with pytest.raises(UnknownName, match="Europe/Ljubljana"):
        offsets("Europe/Lubljana", [2000])


@drawn()
@given(st.sampled_from(ZONES), st.sampled_from(Bucket), RECENT, st.integers(0, 900), st.lists(st.floats(-0.1, 1.1)))
def test_spans_are_those_of_the_calendar(zone: str, bucket: Bucket, begin: int, days: int, shares: list[float]) -> None:
    """Each time of a period finds the first day of its span, every other one finds none."""
    since, until = instant(begin), instant(begin) + timedelta(days=days)
    table = spans(bucket, zone, since, until)
    if table is None:
        assert (bucket, days > 400) == (Bucket.DAY, True)
        return
    end = microseconds(until)
    ticks = [begin + round((end - begin) * share) for share in shares]
    ticks += [each.since + tick for each in table[1:] for tick in (-1, 0)]
    for at in ticks:
        expected = first_day(at, bucket, zone).toordinal() if begin <= at < end else None
        assert table[bisect_right(table, at, key=lambda each: each.since) - 1].day == expected


def test_a_day_whose_midnight_comes_twice_is_there_in_parts() -> None:
    """In St. John's the clock went from a minute past midnight back to a minute past eleven of the day before."""
    since, until = datetime(2010, 11, 7, tzinfo=UTC), datetime(2010, 11, 7, 12, tzinfo=UTC)
    table = spans(Bucket.DAY, "America/St_Johns", since, until)
    assert table is not None
    assert [each.day and date.fromordinal(each.day).day for each in table] == [None, 6, 7, 6, 7, None]
