from collections import Counter
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.rules.measures.comparison import compare
from clientloop.rules.measures.intervals import difference, wilson
from clientloop.rules.measures.rates import Share

ratings = st.lists(st.integers(0, 10), max_size=30)


@given(ratings, ratings)
def test_a_comparison_is_what_the_single_ratings_say(before: list[int], after: list[int]) -> None:
    """Counting first and averaging later changes nothing; of no ratings nothing is said."""
    found = compare("0-10", Counter(before), Counter(after))
    shares = []
    for side, single in ((found.before, before), (found.after, after)):
        share = Share(sum(rating >= 9 for rating in single), len(single))
        assert (side.count, side.top) == (len(single), share)
        assert side.mean == (pytest.approx(fmean(single)) if single else None)
        assert side.interval == (wilson(share) if single else None)
        shares.append(share)
    if before and after:
        assert found.interval == difference(shares[1], shares[0])
        assert found.interval.low <= found.difference <= found.interval.high
    else:
        assert (found.difference, found.interval) == (None, None)
