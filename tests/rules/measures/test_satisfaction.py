"""Satisfaction, effort, goals and answers: declared scales, named formulas."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.errors import InvalidValue
from clientloop.model.scales import Scale
from clientloop.rules.measures.rates import Share
from clientloop.rules.measures.satisfaction import (
    Better,
    Dispositions,
    Goals,
    customer_satisfaction,
    effort_mean,
    effort_share,
    response_rate,
)

FIVE, SEVEN = Scale(1, 5), Scale(1, 7)

ratings = st.dictionaries(st.integers(1, 7), st.integers(0, 1_000))


def test_the_example_of_74_in_107_is_69_percent() -> None:
    """Fours and fives of five, as most who publish CSAT count."""
    share = customer_satisfaction({5: 40, 4: 34, 3: 20, 2: 8, 1: 5}, FIVE)
    assert share == Share(74, 107)
    assert share.ratio is not None
    assert round(100 * share.ratio) == 69


@pytest.mark.parametrize(
    ("scale", "best", "part"),
    [
        (Scale(1, 3), None, 3),
        (Scale(1, 4), None, 7),
        (Scale(0, 10), None, 19),
        (Scale(0, 10), 3, 27),
        (Scale(1, 2), 1, 2),
    ],
)
def test_the_best_ratings_are_those_of_the_declared_scale(scale: Scale, best: int | None, part: int) -> None:
    """Two of them, one where the scale is short, or as many as are asked for."""
    counts = {rating: rating for rating in range(scale.least, scale.most + 1)}
    assert customer_satisfaction(counts, scale, best=best).part == part


@given(ratings)
def test_a_scale_that_is_turned_round_gives_the_same(counts: dict[int, int]) -> None:
    """Where 1 is the best, the ones and twos count."""
    turned = {8 - rating: number for rating, number in counts.items()}
    assert customer_satisfaction(counts, SEVEN) == customer_satisfaction(turned, SEVEN, better=Better.LOW)
    assert effort_share(counts, SEVEN, border=5) == effort_share(turned, SEVEN, border=3, better=Better.LOW)


def test_nobody_answered_is_no_zero() -> None:
    """Of no answers there is no rate and no mean."""
    assert customer_satisfaction({}, FIVE).ratio is None
    assert effort_mean({}, SEVEN) is None
    assert Goals(reached=0, partly=0, missed=0).completion.ratio is None


def test_a_rating_outside_the_scale_is_refused() -> None:
    """The scale is declared, and never guessed from what came."""
    with pytest.raises(InvalidValue, match="a rating of 7 is outside the scale 1-5"):
        customer_satisfaction({7: 1}, FIVE)
    with pytest.raises(InvalidValue, match="a rating of 0 is outside"):
        effort_mean({0: 1}, SEVEN)
    with pytest.raises(InvalidValue, match="a rating of 9 is outside"):
        effort_share({5: 1}, SEVEN, border=9)
    with pytest.raises(InvalidValue, match="-1 ratings of 5"):
        customer_satisfaction({5: -1}, FIVE)


@pytest.mark.parametrize("best", [0, 5, -1])
def test_all_ratings_are_no_best_ones(best: int) -> None:
    """A share of all that there are says nothing."""
    with pytest.raises(InvalidValue, match="are no part of them"):
        customer_satisfaction({5: 1}, FIVE, best=best)


def test_effort_by_share_and_by_mean_are_two_numbers() -> None:
    """Of the same answers; which of them a survey has, it declares."""
    counts = {7: 10, 5: 10, 1: 20}
    assert effort_share(counts, SEVEN, border=5) == Share(20, 40)
    assert effort_mean(counts, SEVEN) == 3.5


def test_partly_is_not_done() -> None:
    """But told apart from nothing at all."""
    goals = Goals(reached=5, partly=3, missed=2)
    assert (goals.completion, goals.at_least_partly) == (Share(5, 10), Share(8, 10))


@pytest.mark.parametrize(("answers", "delivered"), [(5, 4), (-1, 4)])
def test_more_answers_than_were_reached_are_a_mistake(answers: int, delivered: int) -> None:
    """Somebody counted answers to something else."""
    with pytest.raises(InvalidValue, match="who were reached"):
        response_rate(answers, delivered)


def test_aapor_counts_everybody_who_was_chosen() -> None:
    """Its first rate is the most severe one: the unknown count as if they were to be asked."""
    found = Dispositions(complete=350, partial=50, refusal=100, non_contact=400, other=20, unknown=80)
    assert found.rr1 == Share(350, 1_000)
