"""Ratings before and after something: how many, how good, and whether the difference may be chance."""

from collections.abc import Mapping

from attrs import frozen

from clientloop.model.scales import Scale
from clientloop.rules.measures.intervals import Interval, difference, wilson
from clientloop.rules.measures.rates import Share
from clientloop.rules.measures.satisfaction import customer_satisfaction


@frozen(kw_only=True)
class Ratings:
    """Ratings on one scale."""

    #: How many there are.
    count: int
    #: Their mean; None of none.
    mean: float | None
    #: How many of them are the best or second best of the scale: the best alone where it has fewer than four.
    top: Share
    #: The interval of that share, at 95 percent; None of none.
    interval: Interval | None


@frozen(kw_only=True)
class Comparison:
    """Ratings on one scale before and after something."""

    #: The scale.
    scale: str
    #: Before it.
    before: Ratings
    #: After it.
    after: Ratings
    #: The share of the best after it less that before it, with its interval; None if there were no ratings in one.
    difference: float | None
    #: The interval of the difference, at 95 percent: chance alone explains a difference whose interval holds 0.
    interval: Interval | None


def compare(scale: str, before: Mapping[int, int], after: Mapping[int, int]) -> Comparison:
    """Compare ratings: of none there is no mean, no interval and no difference, and not 0.

    Args:
        scale: Such as "1-5".
        before: How many there were of each rating, before.
        after: And after.

    >>> found = compare("1-5", {1: 22, 5: 48, 4: 10}, {5: 56, 2: 14})
    >>> found.before.top, found.after.top, round(found.difference, 3)
    (Share(part=58, whole=80), Share(part=56, whole=70), 0.075)
    """
    one, other = _ratings(scale, before), _ratings(scale, after)
    both = bool(one.count and other.count)
    return Comparison(
        scale=scale,
        before=one,
        after=other,
        difference=other.top.part / other.top.whole - one.top.part / one.top.whole if both else None,
        interval=difference(other.top, one.top) if both else None,
    )


def _ratings(scale: str, counts: Mapping[int, int]) -> Ratings:
    count = sum(counts.values())
    top = customer_satisfaction(counts, Scale.parse(scale))
    return Ratings(
        count=count,
        mean=sum(rating * number for rating, number in counts.items()) / count if count else None,
        top=top,
        interval=wilson(top) if count else None,
    )
