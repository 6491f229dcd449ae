"""Whether a channel has been silent for too long."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.model.calendar import Calendar, hours, working_days
from clientloop.rules.intake.silence import FEWEST_WORDS, LOOKED_BACK, SHORTEST, allowed_until

FRIDAY = datetime(2026, 3, 6, 12, tzinfo=UTC)
STANDARD = Calendar.standard("UTC")


def heard(*days: int) -> list[datetime]:
    """Words so many days before Friday noon."""
    return [FRIDAY - timedelta(days=day) for day in days]


def test_a_channel_is_measured_by_its_own_longest_pause() -> None:
    """Half as long again as the longest pause of late: here four days, over a long weekend."""
    times = heard(0, 1, 2, 6, 7, 8, 9, 10, 11, 12, 13)
    assert allowed_until(times, calendar=STANDARD, now=FRIDAY) == FRIDAY + timedelta(days=6)


def test_what_was_usual_long_ago_does_not_count() -> None:
    """A pause of half a year before the words that are looked back on puts no alarm off."""
    times = [FRIDAY - timedelta(hours=hour) for hour in range(LOOKED_BACK + 1)] + heard(200)
    assert allowed_until(times, calendar=STANDARD, now=FRIDAY) == FRIDAY + timedelta(hours=1.5)


def test_words_that_come_in_bursts_do_not_make_an_alarm_of_every_minute() -> None:
    """However quickly words follow one another, less than an hour is no silence."""
    times = [FRIDAY - timedelta(seconds=second) for second in range(20)]
    assert allowed_until(times, calendar=STANDARD, now=FRIDAY) == FRIDAY + SHORTEST


def test_too_few_words_tell_nothing() -> None:
    """Before the tenth word nobody can say what is usual; the firm can."""
    times = heard(*range(FEWEST_WORDS - 1))
    assert allowed_until(times, calendar=STANDARD, now=FRIDAY) is None
    assert allowed_until([], set_to=hours(1), calendar=STANDARD, now=FRIDAY) is None
    assert allowed_until(times, set_to=hours(48), calendar=STANDARD, now=FRIDAY) == FRIDAY + timedelta(hours=48)


def test_a_length_that_is_set_counts_by_its_own_clock() -> None:
    """One working day from Friday noon ends on Monday."""
    until = allowed_until(heard(0), set_to=working_days(1), calendar=STANDARD, now=FRIDAY)
    assert until is not None
    assert until.date().isoformat() == "2026-03-09"


def test_a_word_from_the_future_puts_no_alarm_off() -> None:
    """A mail whose date is ten years ahead counts as having come just now."""
    assert allowed_until(heard(-3650), set_to=hours(1), calendar=STANDARD, now=FRIDAY) == FRIDAY + timedelta(hours=1)


@given(st.lists(st.integers(0, 10_000), min_size=FEWEST_WORDS, max_size=60).map(sorted))
def test_no_pause_that_there_was_of_late_would_have_alarmed(minutes: list[int]) -> None:
    """An alarm means: no pause among the last words was as long."""
    times = [FRIDAY - timedelta(minutes=minute) for minute in minutes]
    until = allowed_until(times, calendar=STANDARD, now=FRIDAY)
    assert until is not None
    pauses = [later - earlier for later, earlier in pairwise(times[: LOOKED_BACK + 1])]
    assert all(times[0] + pause < until for pause in pauses)


@pytest.mark.parametrize("count", [FEWEST_WORDS, 60])
def test_equal_times_are_no_fault(count: int) -> None:
    """An import may bring many words of one moment."""
    assert allowed_until([FRIDAY] * count, calendar=STANDARD, now=FRIDAY) == FRIDAY + SHORTEST
