"""Where a series of numbers changes its level, and which of them stand out: signs that something has happened."""

from collections.abc import Sequence
from itertools import accumulate
from math import exp, sqrt
from statistics import median

from attrs import frozen

from clientloop.rules.measures.ranks import ranks
from clientloop.rules.measures.student import student

#: The medians of the deviations of normal numbers, from their median, in standard deviations; and their mean.
_MEDIAN_DEVIATION, _MEAN_DEVIATION = 0.6744897501960817, 0.7978845608028654

#: The median of the deviations tells the spread of normal numbers as well as their standard deviation would that was
#: worked out from this share of them: F. R. Hampel, Journal of the American Statistical Association 69 (1974) 383.
_EFFICIENCY = 0.3675


@frozen(kw_only=True)
class Shift:
    """The place where a series changes its level most."""

    #: The place of the first number on the new level, counted from 0.
    first: int
    #: The median of the numbers before it.
    before: float
    #: The median of it and the numbers after it.
    after: float
    #: How often chance alone makes as much of a shift out of a series without one.
    chance: float
    #: How it was found.
    method: str = "Pettitt"


def level_shift(values: Sequence[float]) -> Shift | None:
    """The place where a series changes its level most; None where all of its numbers are equal.

    It compares ranks, so that single extreme numbers do not count for more than they should, and nothing need be
    normal. Source: A. N. Pettitt, Applied Statistics 28 (1979) 126; the chance is his approximation, right to two
    digits up to 0.5.

    Args:
        values: The numbers, in their order in time, at like distances.

    >>> found = level_shift([9, 11, 10, 9, 10, 4, 5, 6, 5, 4])
    >>> found.first, found.before, found.after, round(found.chance, 3)
    (5, 10, 5, 0.066)
    """
    count = len(values)
    distances = [2 * below - place * (count + 1) for place, below in enumerate(accumulate(ranks(values)), 1)]
    furthest = max(distances, key=abs, default=0)
    if not furthest:
        return None
    first = distances.index(furthest) + 1
    return Shift(
        first=first,
        before=median(values[:first]),
        after=median(values[first:]),
        chance=min(1.0, 2 * exp(-6 * furthest**2 / (count**3 + count**2))),
    )


@frozen(kw_only=True)
class Spike:
    """A number that stands out of its series."""

    #: Its place, counted from 0.
    place: int
    #: The number.
    value: float
    #: The median of all.
    usual: float
    #: How often chance alone makes a number of a normal series stand out so far, either way.
    chance: float
    #: How it was found.
    method: str = "modified z-score, Student's chance"


def spikes(values: Sequence[float], *, errors: Sequence[float] | None = None) -> tuple[Spike, ...]:
    """How far each number stands out, in the order of the series; what to make of it, `discoveries` says.

    The distance from the median is taken in median absolute deviations; where more than half of the numbers are equal,
    in mean ones. Source: B. Iglewicz and D. C. Hoaglin, How to Detect and Handle Outliers (1993). What is estimated
    from few numbers is not well known: the chance is that of Student's distribution, with as many degrees of freedom as
    the estimate is worth. That of the normal one would find spikes in most series of a dozen numbers.

    Of numbers that are known with different errors, as scores of few and of many answers are, each may lie as far away
    as its own error and what the series varies by besides: the square of its spread less the median of the squares of
    all errors, if that is more than nothing.

    Args:
        values: The numbers; of a series that shifts its level, those of one level.
        errors: The standard error of each; None where nobody knows, or all are alike.

    Returns:
        One for each number that differs from the median; none where all are equal.

    >>> most = min(spikes([10, 12, 11, 30, 10, 11]), key=lambda spike: spike.chance)
    >>> most.place, most.usual, round(most.chance, 3)
    (3, 11.0, 0.006)
    """
    if not values:
        return ()
    usual = median(values)
    deviations = [abs(value - usual) for value in values]
    scale = median(deviations) / _MEDIAN_DEVIATION or sum(deviations) / len(values) / _MEAN_DEVIATION
    known = [error**2 for error in errors or [0.0] * len(values)]
    besides = max(0.0, scale**2 - median(known))
    freedom = max(1, int(_EFFICIENCY * len(values)))
    return tuple(
        Spike(place=place, value=value, usual=usual, chance=student(deviation / sqrt(besides + error), freedom))
        for place, (value, deviation, error) in enumerate(zip(values, deviations, known, strict=True))
        if deviation
    )
