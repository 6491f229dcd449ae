"""The Net Promoter Score, and how often its interval holds the truth."""

from collections.abc import Iterator
from math import exp, lgamma, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.errors import InvalidValue
from clientloop.rules.measures.promoters import Votes, net_promoter_interval, net_promoter_score

votes = st.builds(
    Votes,
    promoters=st.integers(0, 1_000),
    passives=st.integers(0, 1_000),
    detractors=st.integers(0, 1_000),
).filter(lambda found: found.count > 0)


def test_ratings_are_sorted_as_the_score_has_it() -> None:
    """9 and 10 promote, 7 and 8 are silent, all others detract."""
    assert Votes.of({rating: 10**rating for rating in range(11)}) == Votes(
        promoters=11 * 10**9, passives=11 * 10**7, detractors=1_111_111
    )


@pytest.mark.parametrize("rating", [-1, 11])
def test_another_scale_is_refused(rating: int) -> None:
    """A rating from 1 to 100 is no vote, however it is turned."""
    with pytest.raises(InvalidValue, match=f"a rating of {rating} is outside the scale 0-10"):
        Votes.of({rating: 1})


def test_no_votes_have_no_score() -> None:
    """And no interval, and not 0."""
    nobody = Votes(promoters=0, passives=0, detractors=0)
    assert net_promoter_score(nobody) is None
    with pytest.raises(InvalidValue, match="there is no interval"):
        net_promoter_interval(nobody)


@given(votes)
def test_the_interval_stays_on_the_scale(found: Votes) -> None:
    """Its ends are points from -100 to 100, the lower below the upper."""
    interval = net_promoter_interval(found)
    assert -100 <= interval.low < interval.high <= 100


@given(votes)
def test_the_score_is_turned_round_with_the_votes(found: Votes) -> None:
    """Where all promoters were detractors and the other way round, score and interval change their sign."""
    turned = Votes(promoters=found.detractors, passives=found.passives, detractors=found.promoters)
    score, other = net_promoter_score(found), net_promoter_score(turned)
    assert score is not None
    assert other == -score
    interval, mirror = net_promoter_interval(found), net_promoter_interval(turned)
    assert (mirror.low, mirror.high) == (pytest.approx(-interval.high), pytest.approx(-interval.low))


def _outcomes(promote: float, detract: float, count: int) -> Iterator[tuple[Votes, float]]:
    """All that `count` persons may vote, with the chance of each."""
    logs = [log(promote), log(1 - promote - detract), log(detract)]
    for promoters in range(count + 1):
        for detractors in range(count + 1 - promoters):
            numbers = (promoters, count - promoters - detractors, detractors)
            chance = lgamma(count + 1) + sum(n * each - lgamma(n + 1) for n, each in zip(numbers, logs, strict=True))
            yield Votes(promoters=numbers[0], passives=numbers[1], detractors=numbers[2]), exp(chance)


@pytest.mark.parametrize(("count", "least"), [(10, 0.92), (200, 0.94)])
@pytest.mark.parametrize(("promote", "detract"), [(0.5, 0.2), (0.7, 0.1), (0.9, 0.02)])
def test_the_interval_holds_the_truth_as_often_as_it_claims(
    promote: float, detract: float, count: int, least: float
) -> None:
    """Over all possible outcomes, weighted by their chances, it holds the true score nearly 95 times in 100."""
    truth = 100 * (promote - detract)
    held = total = 0.0
    for found, chance in _outcomes(promote, detract, count):
        interval = net_promoter_interval(found)
        held += chance * (interval.low <= truth <= interval.high)
        total += chance
    assert total == pytest.approx(1)
    assert held >= least
