"""What tells work in proportion from work that is not, on a machine that others use too."""

import gc
from collections.abc import Callable, Iterator
from itertools import chain, repeat

import pytest

from tests import growth as measuring
from tests.growth import FLOOR, HANGS, LIMIT, growth


class Machine:
    """A machine whose processor spends as much time as it is told."""

    def __init__(self) -> None:
        """Begin with nothing spent."""
        self.spent = 0.0

    def spend(self, seconds: float) -> None:
        """Spend some time."""
        self.spent += seconds

    def in_turn(self, few: Iterator[float], many: Iterator[float]) -> Callable[[int], Callable[[], None]]:
        """Work that takes these times at size 1, and those at any other."""
        return lambda count: lambda: self.spend(next(few if count == 1 else many))


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """The machine on which work is measured."""
    made = Machine()
    monkeypatch.setattr(measuring, "process_time", lambda: made.spent)
    return made


def test_work_is_told_from_work_that_grows_with_the_square() -> None:
    """On this very machine, four times a loop is within the limit, and a loop in such a loop is not."""

    def loops(passes: int) -> Callable[[], None]:
        def work() -> None:
            for _ in range(passes):
                pass

        return work

    assert growth(loops, 30_000, floor=0) < LIMIT
    assert growth(lambda count: loops(count**2), 200, floor=0) > LIMIT


def test_slow_rounds_do_not_count(machine: Machine) -> None:
    """Of each size the shortest time counts, and one within the limit is enough, unless the smaller size was slow."""
    assert growth(machine.in_turn(chain([9, 9], repeat(1)), repeat(4)), 1) == 4
    assert growth(machine.in_turn(repeat(0.125), chain([4] * 6, [0.5])), 1) == 4
    assert growth(machine.in_turn(chain([9, 9], repeat(1)), repeat(16)), 1) == 16


def test_what_comes_before_and_what_is_short_does_not_count(machine: Machine) -> None:
    """Work is prepared in time that is not measured, and times too short to be measured are as good as equal."""

    def prepared(count: int) -> Callable[[], None]:
        machine.spend(count**2)
        return lambda: machine.spend(count)

    assert growth(prepared, 1) == 4
    assert growth(machine.in_turn(repeat(FLOOR / 100), repeat(FLOOR / 2)), 1) == 1
    assert growth(machine.in_turn(repeat(1), repeat(40)), 1, floor=10) == 4


def test_work_that_hangs_is_an_error(machine: Machine) -> None:
    """However little it grows, and with the collector of garbage as it was."""
    with pytest.raises(AssertionError, match="it hangs"):
        growth(machine.in_turn(repeat(HANGS), repeat(HANGS)), 1)
    assert gc.isenabled()
