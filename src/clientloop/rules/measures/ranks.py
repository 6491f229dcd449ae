"""Ranks, and how two measures rise and fall together."""

from collections.abc import Mapping, Sequence
from itertools import combinations, groupby
from math import sqrt

from attrs import frozen

#: Of fewer pairs there is no correlation: any two points lie on a line.
FEWEST = 3


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


def spearman(first: Sequence[float | None], second: Sequence[float | None]) -> Correlation:
    """Spearman's rank correlation of two measures, over the places where both are known.

    Source: C. Spearman, American Journal of Psychology 15 (1904) 72; of equal numbers it is Pearson's correlation of
    their mean ranks.

    Args:
        first: One measure.
        second: The other, in the same order.

    Raises:
        ValueError: They are not equally long.

    >>> spearman([1, 2, 3, None], [10, 30, 20, 5])
    Correlation(value=0.5, count=3)
    """
    pairs = [(one, other) for one, other in zip(first, second, strict=True) if one is not None and other is not None]
    if len(pairs) < FEWEST:
        return Correlation(None, len(pairs))
    one, other = (ranks(side) for side in zip(*pairs, strict=True))
    return Correlation(_pearson(one, other), len(pairs))


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
