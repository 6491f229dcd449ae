"""Ranks and rank correlation."""

from itertools import permutations
from math import factorial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.rules.measures.ranks import COUNTED, Correlation, correlations, ranks, spearman
from clientloop.rules.measures.student import student

numbers = st.lists(st.integers(-20, 20), max_size=30)


@given(numbers)
def test_ranks_add_up_and_rise_with_the_numbers(values: list[int]) -> None:
    """However many are equal, their sum is that of 1 to n, and greater numbers have greater ranks."""
    found = ranks(values)
    assert sum(found) == len(values) * (len(values) + 1) / 2
    for one, rank in zip(values, found, strict=True):
        below, equal = sum(other < one for other in values), values.count(one)
        assert rank == below + (equal + 1) / 2


#: M. G. Kendall and J. D. Gibbons, Rank Correlation Methods: IQ and hours of television, the textbook example.
IQ = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110]
HOURS = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17]


def test_the_textbook_example_comes_out() -> None:
    """-29/165, by the sum of the squared differences of ranks."""
    found = spearman(IQ, HOURS)
    assert found.value == pytest.approx(-29 / 165)
    assert found.count == 10
    assert found.chance == pytest.approx(0.627, abs=5e-4)  # as R's cor.test(method = "spearman") and scipy tell


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=3, max_size=5))
def test_the_chance_of_few_is_the_share_of_all_orders(pairs: list[tuple[int, int]]) -> None:
    """With ties as without: every order of the second measure is tried, one by one."""
    first, second = [one for one, _ in pairs], [other for _, other in pairs]
    found = spearman(first, second)
    if found.value is None:
        assert found.chance is None
        return
    orders = [abs(spearman(first, order).value or 0.0) for order in permutations(second)]
    as_much = sum(value >= abs(found.value) - 1e-9 for value in orders)
    assert found.chance == pytest.approx(as_much / len(orders))


@pytest.mark.parametrize("count", [3, 4, 5, 9, 10, 11, 200])
def test_one_order_of_few_may_be_chance(count: int) -> None:
    """Numbers that rise together, and those that rise against each other, are two of all the orders, and not none."""
    rising = list(range(count))
    for other in (rising, rising[::-1]):
        assert spearman(rising, other).chance == pytest.approx(2 / factorial(count))


def test_counting_goes_over_into_student() -> None:
    """The last number of pairs whose orders are counted has nearly the chance that Student's distribution gives."""
    first, second = range(COUNTED), [2, 0, 1, 4, 3, 6, 5, 8, 7]
    found = spearman(first, second)
    assert found.value is not None
    close = student(found.value * ((COUNTED - 2) / (1 - found.value**2)) ** 0.5, COUNTED - 2)
    assert found.chance != close
    assert found.chance == pytest.approx(close, abs=2e-3)


@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=3, max_size=30))
def test_only_the_order_counts(pairs: list[tuple[int, int]]) -> None:
    """Any transformation that keeps the order keeps the correlation; one that turns it round changes the sign."""
    first, second = [one for one, _ in pairs], [other for _, other in pairs]
    found = spearman(first, second)
    assert spearman([one**3 for one in first], second) == found
    turned = spearman([-one for one in first], second)
    assert turned.value == (None if found.value is None else pytest.approx(-found.value))


def test_pairs_with_a_gap_are_left_out() -> None:
    """And counted out: each pair of measures says on how many it rests."""
    measures = {"nps": [1, 2, None, 4, 5], "csat": [None, 1, 2, 3, 4], "visits": [3, 3, 3, 3, 3]}
    assert correlations(measures) == {
        ("nps", "csat"): Correlation(pytest.approx(1.0), 3, 1 / 3),
        ("nps", "visits"): Correlation(None, 4),
        ("csat", "visits"): Correlation(None, 4),
    }


@pytest.mark.parametrize("pairs", [0, 1, 2])
def test_too_few_pairs_have_no_correlation(pairs: int) -> None:
    """Two points always lie on a line."""
    assert spearman([1, 2][:pairs], [5, 3][:pairs]) == Correlation(None, pairs)
