import json
from datetime import timedelta
from fractions import Fraction

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from clientloop.errors import InvalidValue
from clientloop.model.customers import CustomerClass
from clientloop.model.improvements import Urgency
from clientloop.model.money import Money
from clientloop.rules.measures.revenue import Revenue
from clientloop.rules.measures.urgency import Explained, Touched, urgency

NOTHING = Touched(revenue=Revenue(total=Money(0, "EUR")))

touched = st.builds(
    Touched,
    customers=st.dictionaries(st.sampled_from([None, *CustomerClass]), st.integers(1, 500)),
    revenue=st.builds(Revenue, total=st.builds(Money, st.integers(-(10**9), 10**12), st.just("EUR"))),
    oldest=st.none() | st.timedeltas(timedelta(0), timedelta(days=5000)),
    ratings=st.dictionaries(st.tuples(st.just("1-5"), st.integers(1, 5)), st.integers(1, 300)),
)


def recomputed(explained: Explained, weights: Urgency) -> Fraction:
    """The score from nothing but what the explanation says was measured, by the formula written down again."""
    measured = {part.name: json.loads(json.dumps(part.measured)) for part in explained.parts}
    n, spent = measured["customers"]["customers"], max(measured["revenue"]["minor"], 0)
    days, rated = measured["age"]["days"], measured["ratings"]["ratings"]
    percent = {"A": 100, "B": 50, "C": 20, "none": 20}
    classes = sum(percent[name] * number for name, number in measured["classes"].items())
    return (
        Fraction(weights.customers * n, n + weights.half_customers)
        + (Fraction(weights.classes * classes, 100 * n) if n else 0)
        + Fraction(weights.revenue * spent, spent + weights.half_revenue)
        + Fraction(weights.age * days, days + weights.half_days)
        + weights.ratings * Fraction(measured["ratings"]["shortfall"]) / (rated + weights.half_ratings)
    )


@given(touched, st.integers(0, 50), st.integers(1, 100))
def test_a_score_follows_from_its_explanation(known: Touched, weight: int, half: int) -> None:
    """Whoever has the explanation, as JSON gives it, can compute the score exactly; it is within the weights."""
    for weights in (Urgency(), Urgency(customers=weight, half_days=half, half_ratings=half)):
        found = urgency(known, weights)
        assert found.score == recomputed(found, weights)
        assert 0 <= found.score <= sum(part.weight for part in found.parts)
        assert [part.weight for part in found.parts] == [
            weights.customers, weights.classes, weights.revenue, weights.age, weights.ratings,
        ]  # fmt: skip


def test_the_weights_add_up_to_a_hundred() -> None:
    """By default a score is in percent of what is possible."""
    assert sum(part.weight for part in urgency(NOTHING, Urgency()).parts) == 100


def test_nothing_known_is_not_urgent() -> None:
    """An improvement without items, or of customers who gave back more than they bought, has no points."""
    assert urgency(NOTHING, Urgency()).score == 0
    assert urgency(evolve(NOTHING, revenue=Revenue(total=Money(-5, "EUR"))), Urgency()).score == 0


def test_half_the_points_come_at_the_half() -> None:
    """What the settings call half gives half of the weight, of each part that has one."""
    weights = Urgency()
    known = Touched(
        customers={CustomerClass.B: weights.half_customers},
        revenue=Revenue(total=Money(weights.half_revenue, "EUR")),
        oldest=timedelta(days=weights.half_days, hours=23),
        ratings={("1-5", 1): weights.half_ratings},
    )
    assert [part.share for part in urgency(known, weights).parts] == [Fraction(1, 2)] * 5


@given(st.integers(0, 10**6))
def test_each_further_customer_counts_less(count: int) -> None:
    """The points rise with the customers, and less each time."""
    first, second, third = (
        urgency(evolve(NOTHING, customers={CustomerClass.C: count + more}), Urgency()).parts[0].points
        for more in range(3)
    )
    assert 0 < third - second < second - first


def test_ratings_of_all_scales_fall_short_alike() -> None:
    """The middle of a scale falls short by a half, whichever scale it is."""
    for scale, middle in (("1-5", 3), ("0-10", 5), ("1-7", 4)):
        (part,) = [
            part for part in urgency(evolve(NOTHING, ratings={(scale, middle): 3}), Urgency()).parts if part.share
        ]
        assert (part.measured, part.share) == ({"ratings": 3, "shortfall": "3/2"}, Fraction(3, 16))


@pytest.mark.parametrize("name", ["half_customers", "half_revenue", "half_days", "half_ratings"])
def test_a_half_of_nothing_is_refused(name: str) -> None:
    """It would be divided by."""
    with pytest.raises(InvalidValue, match=f"{name} is 0"):
        Urgency(**{name: 0})


def test_a_negative_weight_is_refused() -> None:
    """What touches customers never makes an improvement less urgent."""
    with pytest.raises(InvalidValue, match="ratings is -1"):
        Urgency(ratings=-1)


@pytest.mark.parametrize("percent", [-1, 101])
def test_a_class_gives_no_more_than_all_points(percent: int) -> None:
    """A percentage is one."""
    with pytest.raises(InvalidValue, match="percent for class A"):
        Urgency(class_percent={CustomerClass.A: percent})
