"""Differences of estimates."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.errors import InvalidValue
from clientloop.rules.measures.differences import Estimate, difference_of
from clientloop.rules.measures.intervals import Interval, difference, wilson
from clientloop.rules.measures.promoters import Votes, net_promoter_interval, net_promoter_score
from clientloop.rules.measures.rates import Share

shares = st.integers(1, 400).flatmap(lambda whole: st.builds(Share, st.integers(0, whole), st.just(whole)))


def of_share(share: Share) -> Estimate:
    """A share as an estimate."""
    return Estimate(value=share.part / share.whole, interval=wilson(share))


@given(shares, shares)
def test_of_two_shares_it_is_newcombes(after: Share, before: Share) -> None:
    """Method 10 of Newcombe is the same recovery of variances from Wilson's intervals."""
    mine, known = difference_of(of_share(after), of_share(before)), difference(after, before)
    assert (mine.low, mine.high) == pytest.approx((known.low, known.high), abs=1e-12)


def test_of_two_net_promoter_scores() -> None:
    """The difference lies within its interval, and chance alone does not explain it."""
    scores: Mapping[str, Estimate] = {
        name: Estimate(value=value, interval=net_promoter_interval(votes))
        for name, votes in (
            ("before", Votes(promoters=120, passives=140, detractors=140)),
            ("after", Votes(promoters=200, passives=120, detractors=80)),
        )
        if (value := net_promoter_score(votes)) is not None
    }
    found = difference_of(scores["after"], scores["before"])
    assert found.low < 35 < found.high
    assert found.low > 0
    assert found.method == "MOVER of adjusted Wald"


def test_levels_are_not_mixed() -> None:
    """An interval of 90 percent tells less than one of 95."""
    one = Estimate(value=0.5, interval=Interval(low=0.4, high=0.6, level=0.9, method="Wilson"))
    with pytest.raises(InvalidValue, match=r"0\.9 and 0\.95"):
        difference_of(one, of_share(Share(1, 2)))
