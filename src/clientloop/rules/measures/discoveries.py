"""Many comparisons at once: which of them are discoveries, and not what chance brings when one looks often enough."""

from collections.abc import Sequence


def adjusted(chances: Sequence[float]) -> tuple[float, ...]:
    """The smallest false discovery rate at which each comparison counts as a discovery.

    Source: Y. Benjamini and Y. Hochberg, Journal of the Royal Statistical Society B 57 (1995) 289; the comparisons are
    independent, or depend on each other positively.

    Args:
        chances: The p-value of each comparison, from 0 to 1.

    >>> adjusted([0.01, 0.5, 0.03])
    (0.03, 0.5, 0.045)
    """
    count = len(chances)
    found = [1.0] * count
    least = 1.0
    for rank, place in sorted(enumerate(sorted(range(count), key=chances.__getitem__), 1), reverse=True):
        least = min(least, chances[place] * count / rank)
        found[place] = least
    return tuple(found)


def discoveries(chances: Sequence[float], *, rate: float = 0.05) -> tuple[bool, ...]:
    """Which comparisons are discoveries, of which no more than `rate` are expected to be false.

    Args:
        chances: As of `adjusted`.
        rate: The false discovery rate, a share.

    >>> discoveries([0.01, 0.5, 0.03])
    (True, False, True)
    """
    return tuple(each <= rate for each in adjusted(chances))
