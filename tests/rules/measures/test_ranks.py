"""Ranks and rank correlation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.rules.measures.ranks import Correlation, correlations, ranks, spearman

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
        ("nps", "csat"): Correlation(pytest.approx(1.0), 3),
        ("nps", "visits"): Correlation(None, 4),
        ("csat", "visits"): Correlation(None, 4),
    }


@pytest.mark.parametrize("pairs", [0, 1, 2])
def test_too_few_pairs_have_no_correlation(pairs: int) -> None:
    """Two points always lie on a line."""
    assert spearman([1, 2][:pairs], [5, 3][:pairs]) == Correlation(None, pairs)
