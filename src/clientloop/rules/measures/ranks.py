"""Ranks, and how two measures rise and fall together."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import combinations, groupby
from math import exp, lgamma, sqrt
from operator import mul

from attrs import frozen

from clientloop.rules.measures.student import student

#: Of fewer pairs there is no correlation: any two points lie on a line.
FEWEST = 3

#: Of so many pairs at most, the chance is counted over all orders; of more, Student's distribution comes close.
COUNTED = 9

#: How the chance of a correlation is worked out.
METHOD = f"Spearman, exact chance of up to {COUNTED}, Student's of more"


def ranks(values: Sequence[float]) -> list[float]:
    """The rank of each number from 1; equal numbers share the mean of theirs.

    >>> ranks([30, 10, 20, 10])
    [4.0, 1.5, 3.0, 1.5]
    """
    found = [0.0] * len(values)
    before = 0
    for _, group in groupby(sorted(range(len(values)), key=values.__getitem__), key=values.__getitem__):
        places = list(group)
        for place in places:
            found[place] = before + (len(places) + 1) / 2
        before += len(places)
    return found


@frozen
class Correlation:
    """How two measures rise and fall together."""

    #: From -1, against each other, to 1, together; None of fewer than three pairs, or where one measure never changes.
    value: float | None
    #: How many pairs it rests on.
    count: int
    #: How often chance alone makes as much of it, either way; None without a value.
    chance: float | None = None


def spearman(first: Sequence[float | None], second: Sequence[float | None]) -> Correlation:
    """Spearman's rank correlation of two measures, over the places where both are known.

    Source: C. Spearman, American Journal of Psychology 15 (1904) 72; of equal numbers it is Pearson's correlation of
    their mean ranks. The chance is the share of all orders of the second measure that correlate as much with the first:
    of few pairs all are counted, so that three in one order are no news (1/3). Of more it is Student's, and no less
    than that of the two orders which correlate wholly.

    Args:
        first: One measure.
        second: The other, in the same order.

    Raises:
        ValueError: They are not equally long.

    >>> spearman([1, 2, 3, None], [10, 30, 20, 5])
    Correlation(value=0.5, count=3, chance=1.0)
    """
    pairs = [(one, other) for one, other in zip(first, second, strict=True) if one is not None and other is not None]
    if len(pairs) < FEWEST:
        return Correlation(None, len(pairs))
    one, other = (ranks(side) for side in zip(*pairs, strict=True))
    value = _pearson(one, other)
    return Correlation(value, len(pairs), None if value is None else _chance(one, other, value))


def correlations(measures: Mapping[str, Sequence[float | None]]) -> Mapping[tuple[str, str], Correlation]:
    """Spearman's correlation of each measure with each other, every pair once, over the places where both are known.

    Args:
        measures: The measures by name, all in the same order.

    Raises:
        ValueError: They are not equally long.
    """
    return {(one, other): spearman(measures[one], measures[other]) for one, other in combinations(measures, 2)}


def _pearson(one: Sequence[float], other: Sequence[float]) -> float | None:
    mean = (len(one) + 1) / 2  # of any ranks
    both = sum((x - mean) * (y - mean) for x, y in zip(one, other, strict=True))
    squares = sum((x - mean) ** 2 for x in one) * sum((y - mean) ** 2 for y in other)
    return both / sqrt(squares) if squares else None


def _chance(one: Sequence[float], other: Sequence[float], value: float) -> float:
    count = len(one)
    if count <= COUNTED:
        return _counted(*(tuple(round(2 * rank) - count - 1 for rank in side) for side in (one, other)))
    freedom, rest = count - 2, 1 - value**2
    close = student(value * sqrt(freedom / rest), freedom) if rest > 0 else 0.0
    return max(close, 2 * exp(-lgamma(count + 1)))


def _counted(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """The share of all orders of the second numbers whose products with the first add up to as much, either way.

    Both are whole, and add up to nothing, so that no rounding tells equal sums apart.
    """
    seen = abs(sum(map(mul, one, other)))
    sums = _sums(tuple(sorted(one)), tuple(sorted(other)))
    return sum(orders for total, orders in sums.items() if abs(total) >= seen) / sum(sums.values())


@lru_cache(maxsize=256)
def _sums(one: tuple[int, ...], other: tuple[int, ...]) -> Mapping[int, int]:
    """In how many orders of the second numbers the products with the first add up to each sum."""
    numbers = Counter(other)
    # by how many of each number are left, the sums so far: much fewer than orders
    states: dict[tuple[int, ...], Mapping[int, int]] = {tuple(numbers.values()): {0: 1}}
    for first in one:
        after: dict[tuple[int, ...], dict[int, int]] = defaultdict(lambda: defaultdict(int))
        for left, sums in states.items():
            for place, second in enumerate(numbers):
                if left[place]:
                    sums_after = after[(*left[:place], left[place] - 1, *left[place + 1 :])]
                    for total, orders in sums.items():
                        sums_after[total + first * second] += orders
        states = dict(after)
    [found] = states.values()
    return found
