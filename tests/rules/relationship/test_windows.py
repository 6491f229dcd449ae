"""How far back something counts."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.errors import ClientLoopError, InvalidValue
from clientloop.model.plan import Bucket
from clientloop.rules.relationship.windows import Window

VIENNA = ZoneInfo("Europe/Vienna")
EARLIEST = datetime.min.replace(tzinfo=UTC)
windows = st.builds(Window, amount=st.integers(1, 10_000), unit=st.sampled_from(Bucket))


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("1 day", datetime(2026, 3, 30, 10, tzinfo=VIENNA)),
        ("2 weeks", datetime(2026, 3, 17, 10, tzinfo=VIENNA)),
        ("1 month", datetime(2026, 2, 28, 10, tzinfo=VIENNA)),
        ("1 quarter", datetime(2025, 12, 31, 10, tzinfo=VIENNA)),
        ("2 years", datetime(2024, 3, 31, 10, tzinfo=VIENNA)),
    ],
)
def test_the_calendar_of_the_zone_counts(text: str, before: datetime) -> None:
    """It is the same time of day, also where the clocks have changed between, and no later than a month's last day."""
    assert Window.parse(text).before(datetime(2026, 3, 31, 10, tzinfo=VIENNA)) == before


@given(windows, st.datetimes(timezones=st.just(VIENNA)))
def test_it_is_earlier_and_in_utc(window: Window, at: datetime) -> None:
    """By no less than the shortest of its units, also where the calendar ends."""
    before = window.before(at)
    assert before.tzinfo is UTC
    assert before < at or at.year == 1
    assert before == EARLIEST or at - before > timedelta(days=window.amount) - timedelta(days=1)


@given(windows)
def test_what_is_written_is_read_again(window: Window) -> None:
    """In the singular and the plural."""
    assert Window.parse(str(window)) == window


@pytest.mark.parametrize("wrong", ["", "months", "12", "12 moons", "-1 day", "1.5 days"])
def test_what_says_no_length_is_refused(wrong: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(ClientLoopError):
        Window.parse(wrong)


def test_nothing_is_no_length() -> None:
    """A window holds something."""
    with pytest.raises(InvalidValue, match="0 is no number of units"):
        Window(amount=0, unit=Bucket.DAY)


def test_whatever_is_longer_than_the_calendar_begins_with_it() -> None:
    """So that a window of a million years holds everything."""
    assert Window(amount=10**30, unit=Bucket.YEAR).before(datetime(2026, 1, 1, tzinfo=UTC)) == EARLIEST
    assert Window(amount=10**30, unit=Bucket.DAY).before(datetime(2026, 1, 1, tzinfo=UTC)) == EARLIEST
