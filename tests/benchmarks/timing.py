"""Alternating rounds of two sides, the ratio of their times, and the table that shows it."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

#: What a round times: called once; may return the seconds it took where it has to measure itself (another process).
Run = Callable[[], float | None]


#: Prepares so many operations, which is not timed, and returns the run that performs them.
Operation = Callable[[int], Run]


def interleave(
    operations: Sequence[Operation],
    *,
    rounds: int,
    count: int,
    clock: Callable[[], float] = time.perf_counter,
) -> list[list[float]]:
    """Time operations in alternating rounds (A B A B ...), after one round that is not counted.

    Args:
        operations: The sides; every round runs each of them once, in this order.
        rounds: How many rounds are counted.
        count: How many operations a side performs in a round.
        clock: Seconds, monotonic.

    Returns:
        For each side, its seconds an operation in each round.
    """
    times: list[list[float]] = [[] for _ in operations]
    for number in range(rounds + 1):
        runs = [operation(count) for operation in operations]
        gc.collect()
        for side, run in zip(times, runs, strict=True):
            started = clock()
            measured = run()
            elapsed = clock() - started if measured is None else measured
            if number:
                side.append(elapsed / count)
    return times


class Ratio(StrEnum):
    """How two times are compared."""

    #: The rival's time over ours: how many times as fast we are; a target is a least value.
    SPEED = "speed"
    #: Our time over the rival's: how many times as long we take; a target is a greatest value.
    COST = "cost"


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """What a row is held to; a row with neither bound is shown for information."""

    #: The bound of the median ratio.
    ratio: float | None = None
    #: The most microseconds that one of our operations may take.
    microseconds: float | None = None


NO_TARGET = Target()


@dataclass(frozen=True, kw_only=True, slots=True)
class Spread:
    """The median of some values with the least and the greatest."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """The spread of at least one value."""
        return cls(median=statistics.median(values), least=min(values), most=max(values))


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """One line of the table."""

    #: What was done, and against whom.
    name: str
    #: Our seconds an operation in each round; None when our side is not available.
    ours: Sequence[float] | None
    #: The rival's, round by round.
    rival: Sequence[float] | None
    #: How the two are compared.
    ratio: Ratio
    #: What the row is held to.
    target: Target

    @property
    def spread(self) -> Spread | None:
        """The ratio of each round's pair of times; None when a side is missing."""
        if self.ours is None or self.rival is None:
            return None
        pairs = zip(self.ours, self.rival, strict=True)
        if self.ratio is Ratio.SPEED:
            return Spread.of([rival / ours for ours, rival in pairs])
        return Spread.of([ours / rival for ours, rival in pairs])

    @property
    def met(self) -> bool | None:
        """Whether every bound holds; None when there is none, or nothing to compare."""
        verdicts = [self._ratio_holds(), self._time_holds()]
        known = [verdict for verdict in verdicts if verdict is not None]
        return all(known) if known else None

    def _ratio_holds(self) -> bool | None:
        if self.target.ratio is None or self.spread is None:
            return None
        if self.ratio is Ratio.SPEED:
            return self.spread.median >= self.target.ratio
        return self.spread.median <= self.target.ratio

    def _time_holds(self) -> bool | None:
        if self.target.microseconds is None or self.ours is None:
            return None
        return statistics.median(self.ours) * 1e6 <= self.target.microseconds


HEADINGS = ("row", "ours, us", "rival, us", "ratio (least-most)", "target", "verdict")
VERDICTS = {True: "met", False: "MISSED", None: "-"}


def table(results: Sequence[Result]) -> str:
    """The results as aligned columns of text, one line each."""
    lines = [HEADINGS, *(_cells(result) for result in results)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def _cells(result: Result) -> tuple[str, ...]:
    spread = result.spread
    ratio = "-" if spread is None else f"{spread.median:.2f}x ({spread.least:.2f}-{spread.most:.2f})"
    missing = result.ours is None or result.rival is None
    verdict = "not available" if missing and result.met is None else VERDICTS[result.met]
    return (result.name, _figure(result.ours), _figure(result.rival), ratio, _bounds(result), verdict)


def _figure(times: Sequence[float] | None) -> str:
    return "not available" if times is None else f"{statistics.median(times) * 1e6:,.1f}"


def _bounds(result: Result) -> str:
    sign = ">=" if result.ratio is Ratio.SPEED else "<="
    bounds = (
        (result.target.ratio, f"{sign} {result.target.ratio}x"),
        (result.target.microseconds, f"<= {result.target.microseconds} us"),
    )
    return ", ".join(text for bound, text in bounds if bound is not None) or "-"
