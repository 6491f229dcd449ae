"""The difference of two measured numbers, and how far it can be trusted."""

from math import sqrt

from attrs import frozen

from clientloop.errors import InvalidValue
from clientloop.rules.measures.intervals import Interval


@frozen(kw_only=True)
class Estimate:
    """A measured number with its interval."""

    #: The number.
    value: float
    #: Where the true value lies.
    interval: Interval


def difference_of(after: Estimate, before: Estimate) -> Interval:
    """The interval of the difference of two independent estimates, the first less the second.

    It is put together from the intervals of both, and takes over what is good in them: of two shares with Wilson's
    intervals it is Newcombe's method 10. Source: G. Y. Zou and A. Donner, Statistics in Medicine 27 (2008) 1693, the
    method of variance estimates recovery (MOVER).

    Args:
        after: The estimate that is diminished.
        before: The estimate that is taken away.

    Raises:
        InvalidValue: Their intervals are of different levels.

    >>> from clientloop.rules.measures.intervals import wilson
    >>> from clientloop.rules.measures.rates import Share
    >>> after, before = (Estimate(value=s.ratio, interval=wilson(s)) for s in (Share(56, 70), Share(48, 80)))
    >>> interval = difference_of(after, before)
    >>> print(f"{interval.low:.4f} to {interval.high:.4f}, {interval.method}")
    0.0524 to 0.3339, MOVER of Wilson
    """
    one, other = after.interval, before.interval
    if one.level != other.level:
        raise InvalidValue(f"intervals of {one.level:g} and {other.level:g} are not put together")
    methods = dict.fromkeys([one.method, other.method])
    middle = after.value - before.value
    return Interval(
        low=middle - sqrt((after.value - one.low) ** 2 + (other.high - before.value) ** 2),
        high=middle + sqrt((one.high - after.value) ** 2 + (before.value - other.low) ** 2),
        level=one.level,
        method=f"MOVER of {' and '.join(methods)}",
    )
