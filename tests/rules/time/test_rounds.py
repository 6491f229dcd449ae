"""When something is done that is done again and again."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from clientloop.model.calendar import Span, days, hours, minutes
from clientloop.rules.time.rounds import next_night, next_time

LJUBLJANA = "Europe/Ljubljana"


@pytest.mark.parametrize(
    ("after", "night"),
    [
        ("2026-03-02T02:59", "2026-03-02T03:00"),
        ("2026-03-02T03:00", "2026-03-03T03:00"),
        ("2026-03-02T12:00", "2026-03-03T03:00"),
        ("2026-03-28T12:00", "2026-03-29T03:00"),
        ("2026-10-24T12:00", "2026-10-25T03:00"),
    ],
)
def test_a_night_is_three_in_the_morning_by_the_clocks_of_the_zone(after: str, night: str) -> None:
    """Also where clocks change, and always later than asked."""
    zone = ZoneInfo(LJUBLJANA)
    asked = datetime.fromisoformat(after).replace(tzinfo=zone).astimezone(UTC)
    assert next_night(asked, LJUBLJANA) == datetime.fromisoformat(night).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("every", "after"),
    [
        (minutes(30), timedelta(minutes=30)),
        (hours(6), timedelta(hours=6)),
        (days(1), timedelta(hours=15)),
        (days(7), timedelta(days=6, hours=15)),
    ],
)
def test_days_are_counted_by_nights_and_shorter_spans_by_the_clock(every: Span, after: timedelta) -> None:
    """From noon, UTC."""
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert next_time(noon, every, "UTC") == noon + after
