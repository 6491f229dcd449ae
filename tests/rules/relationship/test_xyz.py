"""XYZ classes: exact coefficients of variation, and borders that tell something."""

from math import sqrt
from statistics import fmean, pstdev, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.errors import InvalidValue
from clientloop.rules.relationship.xyz import Deviation, Evenness, Variation, XyzRule, one_sided, variation

X, Y, Z = Evenness

series = st.lists(st.integers(0, 10**6), min_size=2, max_size=24).filter(any)


@given(series, st.sampled_from(Deviation))
def test_it_is_the_deviation_over_the_mean(bought: list[int], deviation: Deviation) -> None:
    """As the textbook has it, of all spans or of a sample of them."""
    found = variation(bought, spans=len(bought), rule=XyzRule(deviation=deviation))
    assert found.squared is not None
    expected = (pstdev if deviation is Deviation.POPULATION else stdev)(bought) / fmean(bought)
    assert sqrt(found.squared) == pytest.approx(expected)


@given(series, st.integers(0, 12))
def test_a_span_without_a_purchase_counts_as_nothing(bought: list[int], empty: int) -> None:
    """Leaving it out or writing 0 is the same."""
    spans = len(bought) + empty
    assert variation([*bought, *[0] * empty], spans=spans) == variation([b for b in bought if b], spans=spans)


@given(series, st.integers(1, 10**12))
def test_the_unit_does_not_matter(bought: list[int], times: int) -> None:
    """Also where squares no longer fit into 64 bits."""
    once = variation(bought, spans=len(bought))
    often = variation([each * times for each in bought], spans=len(bought))
    assert once.squared == often.squared


@pytest.mark.parametrize(
    ("bought", "evenness"),
    [([90, 110], X), ([89, 111], Y), ([75, 125], Y), ([74, 126], Z), ([100, 100], X)],
)
def test_whoever_is_on_a_border_belongs_to_the_better_class(bought: list[int], evenness: Evenness) -> None:
    """10 percent exactly is X, 25 percent exactly is Y; no rounding decides."""
    assert variation(bought, spans=2).evenness is evenness


@pytest.mark.parametrize(("bought", "spans"), [([], 12), ([-5], 12), ([5, -5], 2)])
def test_whoever_bought_nothing_on_the_whole_has_no_class(bought: list[int], spans: int) -> None:
    """There is no mean to divide by."""
    assert variation(bought, spans=spans).evenness is None


def test_one_span_is_no_sample() -> None:
    """Of the population it varies by nothing."""
    assert variation([5], spans=1, rule=XyzRule(deviation=Deviation.SAMPLE)).evenness is None
    assert variation([5], spans=1).evenness is X


def test_more_purchases_than_spans_are_refused() -> None:
    """What is bought in one span has to be added up first."""
    with pytest.raises(InvalidValue, match="bought in 3 of 2 spans"):
        variation([1, 2, 3], spans=2)


@pytest.mark.parametrize("borders", [(0, 25), (25, 10), (10, 10)])
def test_borders_rise(borders: tuple[int, int]) -> None:
    """Or one of the classes could not be reached."""
    with pytest.raises(InvalidValue, match="no two borders that rise"):
        XyzRule(borders=borders)


def _varying(percents: list[int]) -> list[Variation]:
    """Customers whose coefficients of variation are so many percent, by purchases in two spans."""
    return [variation([100 - percent, 100 + percent], spans=2) for percent in percents]


def test_a_class_that_holds_nearly_everybody_is_remarked_on() -> None:
    """With borders that part the customers into thirds."""
    found = one_sided(_varying([5, *range(30, 90)]))
    assert found is not None
    assert (found.evenness, found.count, found.of) == (Z, 60, 61)
    assert found.proposed is not None
    parted = [variation([100 - p, 100 + p], spans=2, rule=XyzRule(borders=found.proposed)) for p in range(30, 90)]
    classes = [one.evenness for one in parted]
    assert min(classes.count(evenness) for evenness in Evenness) >= 19


def test_nine_of_ten_are_not_too_many() -> None:
    """And of nobody there is nothing to remark."""
    assert one_sided(_varying([5, *range(30, 39)])) is None
    assert one_sided([]) is None
    assert one_sided([variation([], spans=3)]) is None


def test_customers_who_are_all_alike_cannot_be_parted() -> None:
    """No borders are better than others."""
    found = one_sided(_varying([50] * 20))
    assert found is not None
    assert found.proposed is None
