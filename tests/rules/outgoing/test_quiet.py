"""Quiet hours: where somebody may be, whether it is quiet there, and when it is not any more."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.model.calendar import Hours
from clientloop.model.zones import zones_of
from clientloop.rules.outgoing.quiet import next_calm, quiet_at, whereabouts

NIGHT = (Hours.parse("00:00-08:00"), Hours.parse("21:00-24:00"))


@pytest.mark.parametrize(
    ("zone", "numbers", "region", "expected"),
    [
        ("Asia/Tokyo", ["+38640123456"], "US", ("Asia/Tokyo",)),
        (None, ["+38640123456"], "US", ("Europe/Ljubljana",)),
        (None, ["+38640123456", "+34600123456"], None, ("Europe/Ljubljana", *zones_of("ES"))),
        (None, [], "PT", zones_of("PT")),
        (None, ["+80012345678", "nothing"], "SI", ("Europe/Ljubljana",)),
        (None, [], None, ("Asia/Dubai",)),
        (None, [], "XX", ("Asia/Dubai",)),
    ],
)
def test_somebody_may_be_wherever_nothing_rules_it_out(
    zone: str | None, numbers: Sequence[str], region: str | None, expected: tuple[str, ...]
) -> None:
    """The known zone, else all zones of the countries of the numbers, else of the firm's country, else the firm's."""
    assert whereabouts(zone, numbers, region, "Asia/Dubai") == expected


def test_all_zones_of_a_large_country_count() -> None:
    """A number of New York may be in a pocket in Honolulu: from 8 there to 21 in New York, it is quiet nowhere."""
    zones = whereabouts(None, ["+12125550123"], None, "UTC")
    assert {"America/New_York", "Pacific/Honolulu"} < set(zones)
    calm = [hour for hour in range(24) if quiet_at(datetime(2026, 1, 15, hour, tzinfo=UTC), zones, NIGHT) is None]
    assert calm == [0, 1, 18, 19, 20, 21, 22, 23]


@pytest.mark.parametrize(
    ("at", "zones", "expected"),
    [
        ("2026-03-02T12:00", ["Europe/Paris"], "2026-03-02T12:00"),
        ("2026-03-02T20:30", ["Europe/Paris"], "2026-03-03T07:00"),
        ("2026-03-02T06:59:59", ["Europe/Paris"], "2026-03-02T07:00"),
        ("2026-03-02T06:59:59", ["Europe/Paris", "Europe/London"], "2026-03-02T08:00"),
        # clocks are set forward in the night of 29 March, and back in that of 25 October
        ("2026-03-28T22:00", ["Europe/Paris"], "2026-03-29T06:00"),
        ("2026-10-24T22:00", ["Europe/Paris"], "2026-10-25T07:00"),
    ],
)
def test_the_next_time_at_which_nobody_sleeps(at: str, zones: Sequence[str], expected: str) -> None:
    """The end of the quiet hours by every clock, whatever is done to the clocks meanwhile."""
    found = next_calm(datetime.fromisoformat(at).replace(tzinfo=UTC), zones, NIGHT)
    assert found == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_hours_that_end_while_a_clock_is_set() -> None:
    """What is over at a skipped time is over when it would have come, and what is shown twice is quiet twice."""
    hours = (Hours.parse("01:00-02:30"),)
    skipped = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)  # 01:30 in Paris; 02:30 never comes
    assert next_calm(skipped, ["Europe/Paris"], hours) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    again = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)  # 02:10 in Paris, for the second time
    assert next_calm(again, ["Europe/Paris"], hours) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


stretches = st.lists(
    st.tuples(st.integers(0, 24 * 60), st.integers(0, 24 * 60)).filter(lambda pair: pair[0] < pair[1]), max_size=3
).map(lambda pairs: tuple(Hours(start=start, end=end) for start, end in pairs))


@given(
    st.integers(0, 60 * 24 * 60).map(lambda minute: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)),
    st.lists(
        st.sampled_from(["Europe/Paris", "America/St_Johns", "Australia/Lord_Howe", "UTC"]), min_size=1, unique=True
    ),
    stretches,
)
def test_the_next_time_is_the_first(at: datetime, zones: Sequence[str], hours: Sequence[Hours]) -> None:
    """The time found is quiet nowhere, and every quarter of an hour before it is quiet somewhere."""
    found = next_calm(at, zones, hours)
    until = at + timedelta(days=3) if found is None else found
    assert found is None or quiet_at(found, zones, hours) is None
    before = at
    while before < until:
        clocks = [before.astimezone(ZoneInfo(zone)) for zone in zones]
        assert any(each.start <= clock.hour * 60 + clock.minute < each.end for clock in clocks for each in hours)
        before += timedelta(minutes=15)
