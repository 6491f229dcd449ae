"""Whether a score misses its goal, and whether that may be chance."""

from collections.abc import Callable, Mapping

from attrs import frozen

from clientloop.model.targets import Sense
from clientloop.rules.measures.intervals import Interval


@frozen(kw_only=True)
class Verdict:
    """How a score stands to its goal."""

    #: Whether the score is on the wrong side.
    missed: bool
    #: Whether all of its interval is; None where it has none.
    certain: bool | None


_MISSES: Mapping[Sense, Callable[[float, float], bool]] = {
    Sense.AT_LEAST: lambda value, goal: value < goal,
    Sense.AT_MOST: lambda value, goal: value > goal,
}


def judge(value: float, interval: Interval | None, *, goal: float, sense: Sense) -> Verdict:
    """Hold a score against its goal.

    Args:
        value: The score.
        interval: Where the true one lies, if anybody knows.
        goal: What it is to reach.
        sense: On which side of it.

    >>> judge(0.4, Interval(low=0.3, high=0.5, method="Wilson"), goal=0.45, sense=Sense.AT_LEAST)
    Verdict(missed=True, certain=False)
    """
    misses = _MISSES[sense]
    certain = None if interval is None else misses(interval.low, goal) and misses(interval.high, goal)
    return Verdict(missed=misses(value, goal), certain=certain)
