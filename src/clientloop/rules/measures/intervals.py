"""Intervals: how far few answers can be trusted."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

from attrs import frozen

from clientloop.errors import InvalidValue

if TYPE_CHECKING:  # the port of metrics needs intervals, and nothing of the loop
    from clientloop.rules.measures.rates import Share

#: What 95 of 100 normal values lie within, in standard deviations of them.
Z95 = 1.959963984540054


@frozen(kw_only=True)
class Interval:
    """Where the true value lies, as far as so many answers can tell."""

    #: Its lower end.
    low: float
    #: Its upper end.
    high: float
    #: The share of such intervals that hold the true value.
    level: float = 0.95
    #: How it was worked out, such as "Wilson".
    method: str
    #: The standard error, of an interval that lies evenly around the value but for where it was cut; None of others.
    error: float | None = None


def wilson(share: Share) -> Interval:
    """The interval of a share, by Wilson's score method without correction for continuity.

    It never leaves 0 to 1 and is right for small numbers too, unlike the textbook's share plus or minus two standard
    errors. Source: E. B. Wilson, Journal of the American Statistical Association 22 (1927) 209; method 3 of R. G.
    Newcombe, Statistics in Medicine 17 (1998) 857.

    Args:
        share: How many, of how many.

    Raises:
        InvalidValue: The whole is nothing, or less than the part.

    >>> from clientloop.rules.measures.rates import Share
    >>> interval = wilson(Share(81, 263))
    >>> print(f"{interval.low:.4f} to {interval.high:.4f}")
    0.2553 to 0.3662
    """
    part, whole = share.part, share.whole
    if not 0 <= part <= whole or not whole:
        raise InvalidValue(f"{part} of {whole} is no share", hint="of no answers there is no interval")
    squared = Z95**2
    spread = Z95 * sqrt(squared + 4 * part * (whole - part) / whole)
    low = (2 * part + squared - spread) / (2 * (whole + squared))
    high = (2 * part + squared + spread) / (2 * (whole + squared))
    # exact at the ends, where rounding would leave a trace
    return Interval(low=low if part else 0.0, high=high if part < whole else 1.0, method="Wilson")


def difference(after: Share, before: Share) -> Interval:
    """The interval of the difference of two independent shares, the first less the second.

    It puts Wilson's intervals of both together. Source: method 10 of R. G. Newcombe, Statistics in Medicine 17 (1998)
    873.

    Args:
        after: The share that is diminished.
        before: The share that is taken away.

    Raises:
        InvalidValue: One of them is no share.

    >>> from clientloop.rules.measures.rates import Share
    >>> interval = difference(Share(56, 70), Share(48, 80))
    >>> print(f"{interval.low:.4f} to {interval.high:.4f}")
    0.0524 to 0.3339
    """
    first, second = wilson(after), wilson(before)
    one, other = after.part / after.whole, before.part / before.whole
    return Interval(
        low=one - other - sqrt((one - first.low) ** 2 + (second.high - other) ** 2),
        high=one - other + sqrt((first.high - one) ** 2 + (other - second.low) ** 2),
        method="Newcombe",
    )
