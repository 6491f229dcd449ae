import pytest

from clientloop.errors import InvalidValue
from clientloop.rules.ratings import Scale, check_rating


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
