import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.errors import InvalidValue
from clientloop.rules.measures.intervals import Interval, difference, wilson
from clientloop.rules.measures.rates import Share

#: R. G. Newcombe, Statistics in Medicine 17 (1998) 857, table I, method 3.
SHARES = {
    Share(81, 263): (0.2553, 0.3662),
    Share(15, 148): (0.0624, 0.1605),
    Share(0, 20): (0.0, 0.1611),
    Share(1, 29): (0.0061, 0.1718),
}

#: R. G. Newcombe, Statistics in Medicine 17 (1998) 873, table II, method 10.
DIFFERENCES = {
    (Share(56, 70), Share(48, 80)): (0.0524, 0.3339),
    (Share(9, 10), Share(3, 10)): (0.1705, 0.8090),
    (Share(6, 7), Share(2, 7)): (0.0582, 0.8062),
    (Share(5, 56), Share(0, 29)): (-0.0381, 0.1926),
    (Share(0, 10), Share(0, 20)): (-0.1611, 0.2775),
    (Share(0, 10), Share(0, 10)): (-0.2775, 0.2775),
    (Share(10, 10), Share(0, 20)): (0.6791, 1.0),
    (Share(10, 10), Share(0, 10)): (0.6075, 1.0),
}

shares = st.integers(1, 10**6).flatmap(lambda whole: st.builds(Share, st.integers(0, whole), st.just(whole)))


def _rounded(interval: Interval) -> tuple[float, float]:
    return round(interval.low, 4), round(interval.high, 4)


@pytest.mark.parametrize(("share", "published"), SHARES.items())
def test_intervals_of_shares_are_those_of_the_paper(share: Share, published: tuple[float, float]) -> None:
    """All digits that the paper prints agree."""
    assert _rounded(wilson(share)) == published


@pytest.mark.parametrize(("pair", "published"), DIFFERENCES.items())
def test_intervals_of_differences_are_those_of_the_paper(
    pair: tuple[Share, Share], published: tuple[float, float]
) -> None:
    """All digits that the paper prints agree."""
    assert _rounded(difference(*pair)) == published


@given(shares)
def test_an_interval_holds_its_share(share: Share) -> None:
    """It stays within 0 and 1, holds the share, and is the mirror image of that of what is left."""
    found, rest = wilson(share), wilson(Share(share.whole - share.part, share.whole))
    assert 0 <= found.low <= share.part / share.whole <= found.high <= 1
    assert (found.low, found.high) == pytest.approx((1 - rest.high, 1 - rest.low), abs=1e-12)


@given(shares, shares)
def test_a_difference_the_other_way_round_is_its_negative(one: Share, other: Share) -> None:
    """Exchanging the shares changes the sign and nothing else."""
    there, back = difference(one, other), difference(other, one)
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low), abs=1e-12)


@pytest.mark.parametrize("share", [Share(0, 0), Share(3, 2), Share(-1, 2)])
def test_what_is_no_share_has_no_interval(share: Share) -> None:
    """Of no answers nothing is said."""
    with pytest.raises(InvalidValue, match="is no share"):
        wilson(share)
