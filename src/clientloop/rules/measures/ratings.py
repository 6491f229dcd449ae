"""Ratings on declared scales: a scale is never guessed from the ratings."""

from collections.abc import Mapping

from clientloop.errors import InvalidValue
from clientloop.model.scales import Scale
from clientloop.model.where import AnyOf, Where, eq, le

#: The greatest rating that is low, by scale: two of five stars, and the detractors of the Net Promoter Score.
LOW: Mapping[str, int] = {"1-5": 2, "0-10": 6}


def check_rating(rating: int | None, scale: str | None) -> None:
    """Refuse a rating on no scale, or outside of it.

    Args:
        rating: The rating, if there is one.
        scale: Its scale, such as "1-5".

    Raises:
        InvalidValue: The rating has no scale, or is outside of it.
    """
    if rating is None:
        return
    if scale is None:
        raise InvalidValue(f"a rating of {rating} on no scale", hint="give scale, say '1-5': scales are never guessed")
    Scale.parse(scale).check(rating)


def is_low(at_most: Mapping[str, int] = LOW) -> Where:
    """Feedback with a low rating; what is low on a scale that is not named, nobody has said.

    Args:
        at_most: The greatest rating that is low, by scale.

    Raises:
        InvalidValue: A rating is on no scale, or outside of it.

    >>> is_low({"1-3": 1}).fields() == {"scale", "rating"}
    True
    """
    for scale, rating in at_most.items():
        check_rating(rating, scale)
    return AnyOf(tuple(eq("scale", scale) & le("rating", rating) for scale, rating in at_most.items()))
