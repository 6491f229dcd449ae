"""What others have written works out the same intervals, discoveries and shifts."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.model.scales import Scale
from clientloop.rules.measures.discoveries import adjusted
from clientloop.rules.measures.intervals import Interval, difference, wilson
from clientloop.rules.measures.means import mean_interval
from clientloop.rules.measures.rates import Share
from clientloop.rules.measures.shifts import level_shift
from tests.rules.measures.test_shifts import NILE

shares = st.integers(1, 10**5).flatmap(lambda whole: st.builds(Share, st.integers(0, whole), st.just(whole)))


pytestmark = pytest.mark.in_ci("takes seconds to import")


def _judge(name: str) -> Any:  # Any: they have no types
    return pytest.importorskip(name, reason="needs the group 'judges'")


@pytest.fixture(scope="module")
def stats() -> Any:  # Any: as above
    """The library of statistics."""
    return _judge("statsmodels.stats.api")


def _ends(interval: Interval) -> tuple[float, float]:
    return interval.low, interval.high


@given(share=shares)
def test_wilson(stats: Any, share: Share) -> None:
    """Intervals of shares agree in twelve digits."""
    judged = stats.proportion_confint(share.part, share.whole, method="wilson")
    assert _ends(wilson(share)) == pytest.approx(judged, abs=1e-12)


@given(one=shares, other=shares)
def test_newcombe(stats: Any, one: Share, other: Share) -> None:
    """Intervals of differences agree, which it works out by Newcombe's method 10."""
    judged = stats.confint_proportions_2indep(one.part, one.whole, other.part, other.whole, method="newcomb")
    assert _ends(difference(one, other)) == pytest.approx(judged, abs=1e-9)


@given(ratings=st.lists(st.integers(-1000, 1000), min_size=2, max_size=400))
def test_student(stats: Any, ratings: list[int]) -> None:
    """Intervals of means agree, on a scale that cuts nothing off."""
    interval = mean_interval(Counter(ratings), Scale(-(10**9), 10**9))
    if interval is not None:
        assert _ends(interval) == pytest.approx(stats.DescrStatsW(ratings).tconfint_mean(), rel=1e-5, abs=1e-5)


@given(chances=st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_benjamini_hochberg(stats: Any, chances: list[float]) -> None:
    """The chances adjusted for their number agree."""
    assert list(adjusted(chances)) == pytest.approx(list(stats.multipletests(chances, method="fdr_bh")[1]), abs=1e-12)


def test_the_nile() -> None:
    """Least squares find the new level of the Nile from the same year on as the ranks."""
    ruptures, numpy = _judge("ruptures"), _judge("numpy")
    found = ruptures.Dynp(model="l2", jump=1).fit_predict(numpy.array(NILE, dtype=float), n_bkps=1)
    shift = level_shift(NILE)
    assert shift is not None
    assert [shift.first, len(NILE)] == found
