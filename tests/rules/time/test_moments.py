"""Times as people give them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from clientloop.errors import InvalidValue
from clientloop.rules.time.moments import moment

ZONE = "Europe/Ljubljana"


@pytest.mark.parametrize(
    "given", [datetime(2026, 3, 1, 23, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=ZoneInfo(ZONE)), date(2026, 3, 2)]
)
def test_a_day_begins_at_midnight(given: date) -> None:
    """A day is its first moment by the clocks of the zone, and an aware time is itself, told in UTC."""
    found = moment(given, ZONE)
    assert (found, found.tzinfo) == (datetime(2026, 3, 1, 23, tzinfo=UTC), UTC)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (datetime(2026, 3, 2, tzinfo=UTC).replace(tzinfo=None), "names no zone"),
        (date(1, 1, 1), "outside the years 1 to 9999"),
    ],
)
def test_no_moment_is_guessed(given: date, words: str) -> None:
    """A time without a zone, and a day that begins before all times, are refused."""
    with pytest.raises(InvalidValue, match=words):
        moment(given, ZONE)
