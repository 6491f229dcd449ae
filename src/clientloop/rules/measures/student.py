"""Student's distribution: how often chance alone brings what was seen, where the spread is known from few numbers."""

from math import atan2, cos, pi, sin, sqrt


def student(statistic: float, freedom: int) -> float:
    """How often chance alone brings a statistic so far from 0, either way.

    Source: "Student", Biometrika 6 (1908) 1; in the closed form of M. Abramowitz and I. A. Stegun, Handbook of
    Mathematical Functions (1964), 26.7.3 and 26.7.4.

    Args:
        statistic: The distance in estimated standard errors.
        freedom: The degrees of freedom of the estimate; at least 1.

    >>> f"{student(2.228, 10):.4f}", f"{student(-12.706, 1):.4f}"
    ('0.0500', '0.0500')
    """
    angle = atan2(abs(statistic), sqrt(freedom))
    squared = cos(angle) ** 2
    odd = freedom % 2
    term = cos(angle) if odd else 1.0
    total = 0.0
    for step in range(1 + odd, freedom, 2):
        total += term
        term *= squared * step / (step + 1)
    within = 2 / pi * (angle + sin(angle) * total) if odd else sin(angle) * total
    return min(1.0, max(0.0, 1 - within))
