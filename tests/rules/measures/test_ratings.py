import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.errors import InvalidValue
from clientloop.model.feedback import Feedback
from clientloop.model.record import record_of
from clientloop.model.scales import Scale
from clientloop.model.where import compile_test
from clientloop.rules.measures.ratings import check_rating, is_low
from clientloop.testing import sample


@pytest.mark.parametrize("text", ["", "5", "5-1", "3-3", "a-b", "1-5-9", "-1-5", "1 - 5", "1-10000000000"])
def test_what_is_no_scale_is_refused(text):
    """A scale is two whole numbers, the lesser first; anything else is refused with how to write it."""
    with pytest.raises(InvalidValue, match="'1-5'"):
        Scale.parse(text)


@pytest.mark.parametrize(("rating", "fits"), [(0, True), (10, True), (-1, False), (11, False)])
def test_both_ends_belong_to_the_scale(rating, fits):
    """The least and the greatest value are ratings; what lies beyond is none."""
    if fits:
        assert Scale.parse("0-10").check(rating) == rating
    else:
        with pytest.raises(InvalidValue, match="outside the scale 0-10"):
            Scale.parse("0-10").check(rating)


def test_a_rating_needs_a_scale_and_no_rating_needs_none():
    """A rating on no scale is refused, as scales are never guessed; without a rating nothing is asked."""
    check_rating(None, None)
    check_rating(4, "1-5")
    with pytest.raises(InvalidValue, match="never guessed"):
        check_rating(4, None)


@given(st.sampled_from(["1-5", "0-10", "1-7", None]), st.none() | st.integers(0, 10))
def test_low_is_what_was_said_to_be(scale, rating):
    """A rating is low on its own scale only; on a scale that nobody named, and without a rating, nothing is."""
    item = sample(Feedback, scale=scale, rating=rating)
    low = compile_test(is_low({"1-5": 2, "0-10": 6}), record_of(Feedback))(record_of(Feedback).encode(item))
    assert low is ((scale, rating) in {*[("1-5", n) for n in range(3)], *[("0-10", n) for n in range(7)]})


@pytest.mark.parametrize("at_most", [{"1-5": 6}, {"stars": 1}, {"0-10": -1}])
def test_low_ratings_are_on_their_scales(at_most):
    """What is low must be a rating of a scale."""
    with pytest.raises(InvalidValue):
        is_low(at_most)
