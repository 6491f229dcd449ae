"""The mean of ratings, and how far few of them can be trusted."""

from collections.abc import Mapping
from functools import lru_cache
from math import sqrt

from clientloop.model.scales import Scale
from clientloop.rules.measures.intervals import Z95, Interval
from clientloop.rules.measures.student import student

#: From so many degrees of freedom on, Student's quantile is that of a series: they agree in six digits there.
_MANY = 200


def mean_interval(ratings: Mapping[int, int], scale: Scale) -> Interval | None:
    """The interval of the mean of ratings, at 95 percent, by Student's method; it does not leave the scale.

    Args:
        ratings: How many there were of each.
        scale: Their scale.

    Returns:
        The interval; None of a single rating, and where all are equal: such ratings do not tell how far others spread.

    >>> interval = mean_interval({3: 1, 4: 1, 5: 1}, Scale(1, 5))
    >>> print(f"{interval.low:.3f} to {interval.high:.3f}")
    1.516 to 5.000
    """
    count = sum(ratings.values())
    total = sum(rating * number for rating, number in ratings.items())
    squares = sum(rating**2 * number for rating, number in ratings.items())
    # in whole numbers as long as possible: of ratings that are nearly all equal, floats would leave nothing
    spread = count * squares - total**2
    if not spread:
        return None
    mean = total / count
    error = sqrt(spread / (count**2 * (count - 1)))
    reach = _quantile(count - 1) * error
    low, high = max(mean - reach, scale.least), min(mean + reach, scale.most)
    return Interval(low=low, high=high, method="Student", error=error)


@lru_cache(maxsize=_MANY)
def _quantile(freedom: int) -> float:
    """What 95 of 100 of Student's values lie within."""
    if freedom >= _MANY:  # M. Abramowitz and I. A. Stegun, Handbook of Mathematical Functions (1964), 26.7.5
        z = Z95
        first, second = (z**3 + z) / 4, (5 * z**5 + 16 * z**3 + 3 * z) / 96
        return z + first / freedom + second / freedom**2
    low, high = 0.0, 13.0
    while (middle := (low + high) / 2) not in {low, high}:
        low, high = (middle, high) if student(middle, freedom) > 0.05 else (low, middle)
    return low
