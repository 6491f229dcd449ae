"""How long something takes, where some of it has not happened yet: quantiles of the Kaplan-Meier estimate."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from fractions import Fraction
from math import prod
from typing import TypeVar

from attrs import frozen

T = TypeVar("T", int, timedelta)

#: How far the product of some millions of floats may be from the exact one; what lies closer is worked out exactly.
_DOUBT = 1e-9


def quantiles(observed: Mapping[T, int], censored: Mapping[T, int], shares: Sequence[Fraction]) -> list[T | None]:
    """The times by which given shares are expected to have happened.

    The quantile of a share is the earliest time at which the product-limit estimate of survival is at most one less the
    share (Kaplan and Meier, "Nonparametric estimation from incomplete observations", JASA 53, 1958, pages 457-481).
    Without censoring that is the plain quantile: the earliest time by which at least the share had happened. What is
    censored at the time of an event counts as still at risk then. No rounding decides a tie.

    Args:
        observed: How many events took each time.
        censored: How many were followed for each time, without the event.
        shares: From 0 to 1.

    Returns:
        The quantile of each share; None where too few events have happened to tell.

    >>> days = {1: 1, 3: 1, 5: 1, 9: 1}
    >>> quantiles(days, {}, [Fraction(1, 2), Fraction(9, 10)])
    [3, 9]
    >>> quantiles(days, {2: 2, 12: 2}, [Fraction(1, 2), Fraction(9, 10)])
    [9, None]
    """
    found: list[T | None] = [None] * len(shares)
    awaited = sorted([_Level(1 - share, float(1 - share), position) for position, share in enumerate(shares)])
    at_risk = begun = sum(observed.values()) + sum(censored.values())
    about, factors = 1.0, list[tuple[int, int]]()
    for time in sorted(observed.keys() | censored.keys()):
        if events := observed.get(time, 0):
            at_risk -= events
            while awaited and awaited[-1].is_reached(about * at_risk / begun, factors, (at_risk, begun)):
                found[awaited.pop().position] = time
        if lost := censored.get(time, 0):
            if at_risk != begun:
                about *= at_risk / begun
                factors.append((at_risk, begun))
            begun = at_risk = at_risk - lost
    return found


@frozen(order=True)
class _Level:
    """A share that survives, and whose quantile it belongs to."""

    #: The share.
    exact: Fraction
    #: The same.
    about: float
    #: Where in the answer its quantile is.
    position: int

    def is_reached(self, about: float, factors: list[tuple[int, int]], last: tuple[int, int]) -> bool:
        """Whether the estimate has fallen to it.

        As long as nothing is censored, the estimate falls in proportion to what is at risk, so all events between two
        censorings make one factor.

        Args:
            about: The estimate as a float.
            factors: The estimate before the last censoring: fractions to be multiplied.
            last: The factor since then.
        """
        if abs(about - self.about) > _DOUBT:
            return about < self.about
        numerator = prod(part for part, _ in factors) * last[0]
        denominator = prod(whole for _, whole in factors) * last[1]
        return numerator * self.exact.denominator <= denominator * self.exact.numerator
