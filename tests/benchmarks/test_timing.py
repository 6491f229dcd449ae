from __future__ import annotations

import pytest

from tests.benchmarks.timing import NO_TARGET, Operation, Ratio, Result, Run, Spread, Target, interleave, table


class FakeTime:
    """A clock that only the timed runs move on, and a diary of what happened."""

    def __init__(self) -> None:
        self.now = 0.0
        self.diary: list[str] = []

    def side(self, name: str, *seconds: float) -> Operation:
        """A side whose rounds take these seconds, and whose preparations take an hour."""
        durations = iter(seconds)

        def prepare(count: int, /) -> Run:
            self.now += 3600
            self.diary.append(f"prepare {name} {count}")

            def run() -> None:
                self.now += next(durations)
                self.diary.append(f"run {name}")

            return run

        return prepare


def result(
    *,
    ours: list[float] | None = None,
    rival: list[float] | None = None,
    ratio: Ratio = Ratio.SPEED,
    target: Target = NO_TARGET,
) -> Result:
    """A line of the table."""
    return Result(name="receive / rival", ours=ours, rival=rival, ratio=ratio, target=target)


def test_rounds_alternate_and_the_first_does_not_count() -> None:
    """Each round prepares both sides and then runs them in order; the warming round leaves no time."""
    fake = FakeTime()

    times = interleave(
        [fake.side("a", 100, 2, 4), fake.side("b", 100, 20, 40)], rounds=2, count=2, clock=lambda: fake.now
    )

    assert times == [[1, 2], [10, 20]]
    assert fake.diary == ["prepare a 2", "prepare b 2", "run a", "run b"] * 3


def test_a_run_may_measure_itself() -> None:
    """The seconds that a run returns are taken in place of the clock's."""
    times = interleave([lambda count: lambda: 6.0], rounds=1, count=3, clock=lambda: 0)

    assert times == [[2.0]]


def test_ratio_is_the_median_of_the_rounds_own_ratios() -> None:
    """Each round is compared with itself, so that a slow moment of the machine cancels out."""
    spread = result(ours=[1, 10, 1], rival=[2, 30, 4]).spread

    assert spread == Spread(median=3, least=2, most=4)


def test_cost_turns_the_ratio_round() -> None:
    """As a cost, twice the rival's time is 2x."""
    spread = result(ours=[2], rival=[1], ratio=Ratio.COST).spread

    assert spread == Spread(median=2, least=2, most=2)


@pytest.mark.parametrize(
    ("ratio", "target", "met"),
    [
        (Ratio.SPEED, Target(ratio=2.0), True),
        (Ratio.SPEED, Target(ratio=2.1), False),
        (Ratio.COST, Target(ratio=0.5), True),
        (Ratio.COST, Target(ratio=0.4), False),
        (Ratio.SPEED, Target(microseconds=1_000_000), True),
        (Ratio.SPEED, Target(microseconds=999_999), False),
        (Ratio.SPEED, Target(ratio=2.0, microseconds=999_999), False),
        (Ratio.SPEED, Target(), None),
    ],
)
def test_bounds(ratio: Ratio, target: Target, met: bool | None) -> None:
    """A speed is held from below, a cost and a time from above, and all bounds of a target must hold."""
    assert result(ours=[1.0], rival=[2.0], ratio=ratio, target=target).met is met


def test_time_is_judged_without_a_rival() -> None:
    """A bound on our own time needs no rival, a bound on the ratio does."""
    assert result(ours=[1.0], target=Target(microseconds=2_000_000)).met is True
    assert result(ours=[1.0], target=Target(ratio=2)).met is None


def test_table_shows_what_is_missing() -> None:
    """A line has both figures in microseconds, the ratio, the target and the verdict; a missing side is named so."""
    lines = table(
        [
            result(ours=[0.001], rival=[0.002], target=Target(ratio=2.5)),
            result(rival=[0.002], target=Target(ratio=2.5)),
        ]
    ).splitlines()

    assert [line.split("  ") for line in (" ".join(lines[1].split()), " ".join(lines[2].split()))] == [
        ["receive / rival 1,000.0 2,000.0 2.00x (2.00-2.00) >= 2.5x MISSED"],
        ["receive / rival not available 2,000.0 - >= 2.5x not available"],
    ]
