"""Where the present comes from."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from clientloop.errors import InvalidValue
from clientloop.ports.clock import ManualClock, SystemClock

START = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)


def test_the_system_clock_tells_the_machines_time_in_utc() -> None:
    """The time lies between two readings of the machine, and names UTC."""
    before = datetime.now(UTC)
    now = SystemClock().now()
    assert before <= now <= datetime.now(UTC)
    assert now.tzinfo is UTC


def test_a_manual_clock_stands_until_it_is_moved() -> None:
    """It tells the same time again and again, and moving it tells the new one."""
    clock = ManualClock(START)
    assert clock.now() == clock.now() == START
    assert clock.advance(timedelta(hours=2)) == clock.now() == START + timedelta(hours=2)
    assert clock.set(START) == clock.now() == START


@pytest.mark.parametrize("hours", [-11, 0, 14])
def test_a_manual_clock_tells_utc_whatever_zone_it_was_set_in(hours: int) -> None:
    """The zone that a time was given in does not come back."""
    given = START.astimezone(timezone(timedelta(hours=hours)))
    assert ManualClock(given).now().tzinfo is UTC
    assert ManualClock(START + timedelta(days=1)).set(given) == START


def test_a_manual_clock_refuses_a_time_that_is_none_in_utc() -> None:
    """Where the first day of all begins earlier than in UTC, there is no year for it."""
    first = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1)))
    with pytest.raises(InvalidValue, match="is in no year from 1 to 9999 of UTC"):
        ManualClock(first)


def test_a_manual_clock_refuses_a_time_without_a_zone() -> None:
    """A naive time is refused, at the start and later."""
    with pytest.raises(InvalidValue, match="names no zone"):
        ManualClock(datetime(2026, 3, 29))  # noqa: DTZ001  # that is the point
    with pytest.raises(InvalidValue, match="aware datetime"):
        ManualClock(START).set(datetime(2026, 3, 29))  # noqa: DTZ001  # as above
