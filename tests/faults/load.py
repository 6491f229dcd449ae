"""Several processes at work in one store, of which one after another is killed."""

import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random

from attrs import define, field

from clientloop import ClientLoop, ManualClock
from clientloop.errors import ClientLoopError
from clientloop.ports.clock import Clock
from tests.faults.acks import Acks
from tests.faults.crashes import AFTERWARDS, RUNS
from tests.faults.firm import USE_CASES, tend
from tests.faults.forks import HANGS, Fork
from tests.faults.house import START
from tests.faults.judge import Verdict, judge
from tests.faults.places import Place

#: How many processes work at once.
WORKERS = 3

#: How many seconds of their clock pass in one of ours, so that the leases of the dead end soon.
SPEED = 600

#: How many seconds a worker is left in peace at most.
PATIENCE = 0.02

#: How many numbers use cases are done by: few, so that they come between one another.
NUMBERS = 20


class FastClock(Clock):
    """A clock that runs ahead, the same in all processes."""

    def __init__(self) -> None:
        self._began = time.time()

    def now(self) -> datetime:
        """The present."""
        return START + timedelta(seconds=(time.time() - self._began) * SPEED)


@define
class Load:
    """Workers at one place, and whoever kills them."""

    place: Place
    chance: Random
    clock: FastClock = field(factory=FastClock)
    workers: list[Fork] = field(factory=list)

    def kill(self, kills: int) -> None:
        """Kill so many workers at random moments, each replaced by another at once; in the end nobody is left."""
        try:
            for _ in range(kills):
                while len(self.workers) < WORKERS:
                    self.workers.append(Fork(self._worker(self.chance.randrange(2**32))))
                self._wait()
                victim = self.workers.pop(self.chance.randrange(WORKERS))
                assert victim.runs, victim.wait()
                victim.kill()
        finally:
            for worker in self.workers:
                worker.kill()
        self.place.settle()

    def _wait(self) -> None:
        """Until something more was acknowledged, and a moment longer: who has done nothing yet is no loss."""
        before, ends = self._acknowledged(), time.monotonic() + HANGS
        while self._acknowledged() == before:
            assert time.monotonic() < ends, "nobody does anything"
            time.sleep(0.001)
        time.sleep(self.chance.uniform(0, PATIENCE))

    def _acknowledged(self) -> int:
        """How much, in bytes."""
        return self.place.acks.stat().st_size if self.place.acks.exists() else 0

    def _worker(self, seed: int) -> Callable[[], None]:
        def work() -> None:
            chance, acks = Random(seed), Acks(self.place.acks)
            while True:
                with suppress(ClientLoopError), self.place.house.opened(self.place.url, clock=self.clock) as loop:
                    self._live(loop, acks, chance)

        return work

    def _live(self, loop: ClientLoop, acks: Acks, chance: Random) -> None:
        while True:
            name = chance.choice(list(USE_CASES))
            with suppress(ClientLoopError):  # others do the same at the same time
                USE_CASES[name](loop, acks, chance.randint(1, NUMBERS))

    def judge(self) -> Verdict:
        """Judge what they have left, then what has become of it when all work is done."""
        with self.place.house.opened(self.place.url, clock=ManualClock(self.clock.now())) as loop:
            verdict = judge(loop, self.place.acks, self.place.sent)
            assert not verdict.faults, verdict.faults
            assert isinstance(loop.clock, ManualClock)
            for _ in range(RUNS):
                loop.clock.advance(AFTERWARDS)
                loop.run_due()
                tend(loop)
            return judge(loop, self.place.acks, self.place.sent)


def kill_at_random(place: Place, *, rounds: int, kills: int, seed: int) -> Counter[str]:
    """Kill workers in several rounds, each on a store of its own, and judge each.

    Args:
        place: Where.
        rounds: How many.
        kills: How many workers are killed in each.
        seed: Says when.

    Returns:
        What was counted.

    Raises:
        AssertionError: Something is not as it must be.
    """
    counted: Counter[str] = Counter()
    for number in range(rounds):
        place.begin_anew()
        load = Load(place=place, chance=Random(seed + number))
        load.kill(kills)
        verdict = load.judge()
        assert not verdict.faults, f"round {number} of seed {seed}: {verdict.faults}"
        counted += Counter(kills=kills, acknowledged=verdict.acknowledged, taken=verdict.taken, repeats=verdict.repeats)
    return counted
