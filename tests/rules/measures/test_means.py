"""The mean of ratings."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.model.scales import Scale
from clientloop.rules.measures.means import mean_interval

FIVE = Scale(1, 5)

#: Two-sided five percent points of Student's distribution, as tables print them; two ratings that differ by one have a
#: mean that is known to half of them.
POINTS = {2: 12.706, 3: 4.303, 11: 2.228, 31: 2.042, 121: 1.980, 201: 1.972, 1_001: 1.962}


@pytest.mark.parametrize(("count", "point"), POINTS.items())
def test_the_reach_is_that_of_the_printed_table(count: int, point: float) -> None:
    """Ratings half of which are one apart, of any number, before and after the table gives way to a series."""
    wide = Scale(0, 100)
    interval = mean_interval({50: count - 1, 51: 1}, wide)
    assert interval is not None
    deviation = (1 / count) ** 0.5  # of one in so many, that differs by one
    assert interval.high - interval.low == pytest.approx(2 * point * deviation / count**0.5, rel=3e-4)
    assert interval.method == "Student"


@pytest.mark.parametrize("ratings", [{3: 1}, {4: 1_000}, {}])
def test_what_does_not_spread_tells_nothing(ratings: dict[int, int]) -> None:
    """A single rating, or equal ones, say nothing of how far others spread: an interval of no width would be a lie."""
    assert mean_interval(ratings, FIVE) is None


def test_the_error_is_that_of_the_mean_before_anything_is_cut() -> None:
    """Three ratings from one end of the scale to the other know their mean to more than the scale holds."""
    interval = mean_interval({1: 1, 3: 1, 5: 1}, FIVE)
    assert interval is not None
    assert (interval.low, interval.high) == (1, 5)
    assert interval.error == pytest.approx((4 / 3) ** 0.5)


@given(st.lists(st.integers(1, 5), min_size=2, max_size=300))
def test_it_holds_the_mean_and_does_not_leave_the_scale(ratings: list[int]) -> None:
    """However the ratings lie."""
    interval = mean_interval(Counter(ratings), FIVE)
    if interval is not None:
        assert 1 <= interval.low <= sum(ratings) / len(ratings) <= interval.high <= 5
        assert interval.low < interval.high


def test_a_hundred_million_ratings_are_added_up_exactly() -> None:
    """One that differs from all others still shows: the variance is a difference of numbers that floats cannot hold."""
    interval = mean_interval({5: 10**8, 4: 1}, FIVE)
    assert interval is not None
    assert 5 - interval.low == pytest.approx(1e-8 * (1 + 1.96), rel=1e-3)
