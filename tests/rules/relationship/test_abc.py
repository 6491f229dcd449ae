"""ABC classes, and what explains them."""

from fractions import Fraction

import pytest
from attrs import asdict
from hypothesis import given
from hypothesis import strategies as st

from clientloop.errors import InvalidValue
from clientloop.model.customers import CustomerClass
from clientloop.rules.relationship.abc import AbcPlace, AbcRule, abc

A, B, C = CustomerClass

values = st.dictionaries(st.integers(0, 10**6), st.integers(-(10**30), 10**30), max_size=40)
shares = st.tuples(st.integers(0, 100), st.integers(0, 100)).map(lambda pair: (min(pair), max(pair)))
rules = shares.map(lambda cut: AbcRule(shares={A: cut[0], B: cut[1] - cut[0], C: 100 - cut[1]}))


def test_whoever_crosses_a_border_belongs_to_the_better_class() -> None:
    """The customers before had not reached it; whoever begins exactly on it belongs to the next."""
    classes = [place.customer_class for place in abc({1: 79, 2: 2, 3: 14, 4: 5}).values()]
    assert classes == [A, A, B, C]
    assert [place.customer_class for place in abc({1: 80, 2: 15, 3: 5}).values()] == [A, B, C]


def test_customers_who_bring_the_same_stand_by_their_ids() -> None:
    """So that the same data give the same classes, in whatever order they come."""
    assert list(abc({3: 10, 1: 10, 2: 10})) == [1, 2, 3]


def test_what_came_back_counts_off_and_nobody_brings_less_than_nothing() -> None:
    """A customer who returned more than was bought brings 0, takes nothing from the others, and is C."""
    places = abc({1: 100, 2: -50})
    assert (places[2].value, places[2].total, places[2].customer_class) == (0, 100, C)
    assert abc({1: 0, 2: -1})[1].customer_class is C


@given(values, rules)
def test_classes_are_those_of_the_definition(found: dict[int, int], rule: AbcRule) -> None:
    """The first class whose border the customers before have not reached, in exact fractions of the whole."""
    places = abc(found, rule)
    assert places.keys() == found.keys()
    before = 0
    for place in places.values():
        assert place.before == before
        reached = [
            cls for cls, border in zip(CustomerClass, _borders(rule), strict=True)
            if place.value and Fraction(before, place.total) < border
        ]  # fmt: skip
        assert place.customer_class is (reached[0] if reached else C)
        before += place.value


def _borders(rule: AbcRule) -> list[Fraction]:
    return [Fraction(sum(list(rule.shares.values())[: number + 1]), 100) for number in range(3)]


@given(values, rules)
def test_the_customers_of_a_class_are_those_whose_places_are_in_it(found: dict[int, int], rule: AbcRule) -> None:
    """Borders that are looked for part the customers as looking at each place would."""
    places = abc(found, rule)
    alone = {cls: [one for one, place in places.items() if place.customer_class is cls] for cls in CustomerClass}
    assert places.classes() == alone


@given(values)
def test_a_class_follows_from_its_explanation_alone(found: dict[int, int]) -> None:
    """Whoever has the numbers of a place finds the class without knowing any other customer."""
    for place in abc(found).values():
        told = asdict(place, recurse=False)
        assert AbcPlace(**told).customer_class is place.customer_class


@given(values, st.integers(1, 10**6))
def test_another_currency_changes_no_class(found: dict[int, int], rate: int) -> None:
    """Classes are shares of the whole."""
    other = abc({customer: value * rate for customer, value in found.items()})
    assert [(c, p.customer_class) for c, p in abc(found).items()] == [(c, p.customer_class) for c, p in other.items()]


@pytest.mark.parametrize("wrong", [{A: 80, B: 15}, {A: 80, B: 15, C: 6}, {A: 110, B: -15, C: 5}])
def test_shares_make_the_whole(wrong: dict[CustomerClass, int]) -> None:
    """Three, none negative, 100 in all."""
    with pytest.raises(InvalidValue, match="no three that make 100"):
        AbcRule(shares=wrong)
