"""Every point at which a process may be killed in a use case, and what must be true after it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from attrs import define, field

from clientloop import ClientLoop, ManualClock
from tests.faults.acks import Acks
from tests.faults.firm import IN_PIECES, USE_CASES, tend
from tests.faults.forks import run
from tests.faults.judge import counts_of, judge, state_of
from tests.faults.places import Place
from tests.faults.statements import Count, Executioner, Point, watched

#: More than any lease, so that what a lost worker held is free again; and how often others then look: over a night.
AFTERWARDS, RUNS = timedelta(hours=9), 3


#: What comes otherwise when it comes later: after a worker was lost, not before its lease ends.
BY_THE_CLOCK = frozenset({"escalate", "retry", "poll", "absence"})


class Landmarks(Acks):
    """Acknowledgements that note what the store holds after each call."""

    def __init__(self, loop: ClientLoop) -> None:
        self._loop = loop
        #: The states of the store.
        self.states = {state_of(loop.store)}

    def note(self, *records: object) -> None:
        """One more."""
        self.states.add(state_of(self._loop.store))


@define
class Crashes:
    """The crash points of one use case at one place."""

    place: Place
    name: str
    #: How many processes were killed.
    kills: int = 0
    #: How many messages were sent again, as is documented.
    repeats: int = 0
    #: The statements of the use case when nothing disturbs it.
    statements: Sequence[str] = field(init=False)
    #: The states that the store goes through then: between calls, or between their units.
    landmarks: frozenset[int] = field(init=False)
    #: How many rows of each sort there are then in the end.
    counts: dict[str, int] = field(init=False)
    _judged: set[object] = field(factory=set, init=False)

    def __attrs_post_init__(self) -> None:
        """Do it without any disturbance, for comparison."""
        self.statements, self.landmarks, self.counts = self._counted(), self._marked(), self._in_the_end()

    def _counted(self) -> Sequence[str]:
        count = Count([])
        with watched(self.place.url, count), self._opened(run=1) as loop:
            self._do(loop)
        return count.seen

    def _marked(self) -> frozenset[int]:
        with self._opened(run=1) as loop, pytest.MonkeyPatch.context() as patch:
            marks = Landmarks(loop)
            for name in ("commit", "claim") if self.name in IN_PIECES else ():
                patch.setattr(loop.store, name, _noting(getattr(loop.store, name), marks))
            USE_CASES[self.name](loop, marks, 1)
            marks.note()
            return frozenset(marks.states)

    def _in_the_end(self) -> dict[str, int]:
        with self._opened(run=1) as loop:
            self._do(loop)
            return self._ended(loop)

    def strike(self, point: Point) -> None:
        """Kill a process at a point, and judge what it leaves; then do the use case again, and judge once more.

        Raises:
            AssertionError: Something is not as it must be.
        """
        where = f"{self.name}, killed {point}: {self.statements[point.number - 1]}"
        self.place.begin_anew()
        assert run(lambda: self._killed(point)) == -9, f"{where}: nobody was killed"
        self.kills += 1
        self.place.settle()
        with self.place.house.opened(self.place.url, run=2) as loop:
            state = state_of(loop.store)
            seen = (state, self._read(self.place.acks), self._read(self.place.sent))
            if seen in self._judged:
                return  # what follows from here is known
            self._judged.add(seen)
            self._judge(loop, where)
            assert state in self.landmarks, f"{where}: a torn unit, or one that was there before its time"
            self._do(loop)
            counts = self._ended(loop)
            self._judge(loop, f"{where}, and done again")
            same = self.name in BY_THE_CLOCK or counts == self.counts
            assert same, f"{where}, and done again: {_differences(counts, self.counts)}"

    def _killed(self, point: Point) -> None:
        with watched(self.place.url, Executioner(point)), self.place.house.opened(self.place.url, run=1) as loop:
            self._do(loop)

    @contextmanager
    def _opened(self, *, run: int) -> Iterator[ClientLoop]:
        self.place.begin_anew()
        with self.place.house.opened(self.place.url, run=run) as loop:
            yield loop

    def _do(self, loop: ClientLoop) -> None:
        USE_CASES[self.name](loop, Acks(self.place.acks), 1)

    def _ended(self, loop: ClientLoop) -> dict[str, int]:
        """How many rows there are when all work is done."""
        assert isinstance(loop.clock, ManualClock)
        for _ in range(RUNS):
            loop.clock.advance(AFTERWARDS)
            loop.run_due()
            tend(loop)
        return counts_of(loop.store)

    def _judge(self, loop: ClientLoop, where: str) -> None:
        verdict = judge(loop, self.place.acks, self.place.sent)
        assert not verdict.faults, f"{where}: {verdict.faults}"
        self.repeats += verdict.repeats

    @staticmethod
    def _read(path: Any) -> bytes:
        return path.read_bytes() if path.exists() else b""


def _noting(act: Any, marks: Landmarks) -> Any:  # Any: whatever the store's method takes and gives
    def noted(*args: Any, **options: Any) -> Any:
        answer = act(*args, **options)
        marks.note()
        return answer

    return noted


def _differences(found: dict[str, int], wanted: dict[str, int]) -> str:
    return ", ".join(f"{found[name]} {name}, not {wanted[name]}" for name in wanted if found[name] != wanted[name])
