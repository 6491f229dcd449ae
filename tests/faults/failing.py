"""Use cases on a store that fails: at every call, before it, after it; and what must be true after that."""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from attrs import define, field

from clientloop import ClientLoop, ManualClock
from clientloop.errors import Conflict, StoreError
from clientloop.model.schema import CLASSES
from clientloop.model.spaces import SpaceDue
from clientloop.model.units import Insert, Unit
from clientloop.ports.store import Store
from clientloop.stores.memory import MemoryStore
from clientloop.stores.sqlite.store import SqliteStore
from clientloop.testing import Call, FailingStore, Fault, fault_at
from clientloop.testing.failing import Plan, no_faults
from tests.faults.acks import Acks
from tests.faults.firm import IN_PIECES, USE_CASES, tend
from tests.faults.house import SPACE, START, House
from tests.faults.judge import counts_of, judge, state_of

#: More than any lease, so that what was claimed and left is free again; and how often workers then run.
AFTERWARDS, RUNS = timedelta(hours=2), 3

#: The methods that write; of one that reads, all ways to fail are one.
WRITES = frozenset({"commit", "claim"})

#: What there is more or less of where a use case lets time pass and the nightly work comes at another time.
NIGHTLY = {"escalate": {"assessment", "standing"}}


class Firm:
    """The firm of `house`, which is made anew in a moment in a store of any sort.

    Args:
        folder: Where files are.
    """

    def __init__(self, folder: Path) -> None:
        self.acks, self.sent = folder / "acks", folder / "sent"
        self.house = House(self.sent)
        self._furnished, self._file = folder / "furnished.db", folder / "firm.db"
        self.house.found(f"sqlite:///{self._furnished}")
        self._sent = self.sent.read_bytes() if self.sent.exists() else b""
        with self.house.opened(f"sqlite:///{self._furnished}") as loop:
            rows: list[object] = []
            for cls in CLASSES:
                rows += loop.store.pages(cls, SPACE) if cls is not SpaceDue else ()
        self._unit = Unit(tuple(map(Insert, rows)))
        self._open: Store | None = None

    def anew(self, sort: str) -> Store:
        """The store of a sort with the firm as it was in the beginning; the one before is closed."""
        self.close()
        self.acks.unlink(missing_ok=True)
        self.sent.write_bytes(self._sent)
        self._open = STORES[sort](self)
        return self._open

    def close(self) -> None:
        """Close the store that is open."""
        if self._open is not None:
            self._open.close()

    def in_memory(self) -> Store:
        """In memory."""
        store = MemoryStore()
        store.commit(self._unit)
        return store

    def in_a_file(self) -> Store:
        """In a SQLite file."""
        for beside in ("", "-wal", "-shm"):
            Path(f"{self._file}{beside}").unlink(missing_ok=True)
        shutil.copyfile(self._furnished, self._file)
        return SqliteStore(self._file)


#: The sorts of stores.
STORES: Mapping[str, Callable[[Firm], Store]] = {"memory": Firm.in_memory, "sqlite": Firm.in_a_file}


class Landmarks(Acks):
    """Acknowledgements that note what a store holds after each call."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.states = {state_of(store)}

    def note(self, *records: object) -> None:
        """One more."""
        self.states.add(state_of(self._store))


@define
class Trials:
    """The trials of one use case on one sort of store."""

    firm: Firm
    sort: str
    name: str
    #: How many calls have failed.
    faults: int = 0
    #: How many messages were sent again, as is documented.
    repeats: int = 0
    #: How many calls there are when nothing fails; the first one opens the space.
    calls: Sequence[Call] = field(init=False)
    #: The states that the store goes through then.
    landmarks: set[int] = field(init=False)
    #: How many rows of each sort there are in the end.
    counts: Mapping[str, int] = field(init=False)
    _known: set[object] = field(factory=set, init=False)

    def __attrs_post_init__(self) -> None:
        """Do it without any disturbance, for comparison."""
        store, loop = self.begun()
        marks = Landmarks(store.store)
        if self.name in IN_PIECES:
            store.plan = lambda call: marks.note() if call.method in WRITES else None
        USE_CASES[self.name](loop, marks, 1)
        marks.note()
        self.calls, self.landmarks = tuple(store.calls), marks.states
        store, loop = self.begun()
        self._do(loop)
        self.counts = self._ended(loop)

    def points(self, *, all_of_them: bool) -> Iterator[tuple[int, Fault]]:
        """The calls that may fail, and how, the worst first: a call that writes, after it has written.

        Args:
            all_of_them: Whether calls also fail before, those too that only read; for a file that is as for memory.
        """
        yield from ((call.number, Fault.AFTER) for call in self.calls[1:] if call.method in WRITES)
        if all_of_them:
            yield from ((call.number, Fault.BEFORE) for call in self.calls[1:])
            yield from ((call.number, Fault.BUSY) for call in self.calls[1:] if call.method in WRITES)

    def fail(self, number: int, fault: Fault) -> None:
        """Let a call fail, and judge what that leaves; then do the use case again, and judge once more.

        Raises:
            AssertionError: Something is not as it must be.
        """
        store, loop = self.begun(fault_at(number, fault))
        told = self._try(loop)
        where = f"{self.name}: {store.calls[number - 1]}, {fault.value}"
        store.plan = no_faults
        self.faults += 1
        state = state_of(store.store)
        seen = (state, told, self._read(self.firm.acks), self._read(self.firm.sent))
        if seen in self._known:
            return  # what follows from here is known
        self._known.add(seen)
        self._judge(loop, where)
        if told:
            assert state in self.landmarks, f"{where}: a torn unit, or one that was there before its time"
        self._do_again(loop)
        counts = self._ended(loop)
        self._judge(loop, f"{where}, and done again")
        wrong = {name: (counts[name], wanted) for name, wanted in self.counts.items() if counts[name] != wanted}
        assert not wrong, f"{where}, and done again: {wrong}"

    def begun(self, plan: Plan = no_faults) -> tuple[FailingStore, ClientLoop]:
        """A new firm, and the view of one who works there, by whose plan calls fail."""
        store, loop = self.start(self.firm, self.sort)
        store.plan = plan
        return store, loop

    @staticmethod
    def start(firm: Firm, sort: str) -> tuple[FailingStore, ClientLoop]:
        """As `begun`, with a plan by which nothing fails."""
        store = FailingStore(firm.anew(sort))
        return store, firm.house.view(store, run=1)

    @staticmethod
    def advance(loop: ClientLoop) -> None:
        """Let all leases end."""
        assert isinstance(loop.clock, ManualClock)
        loop.clock.advance(AFTERWARDS)

    def _do(self, loop: ClientLoop) -> None:
        USE_CASES[self.name](loop, Acks(self.firm.acks), 1)

    def _do_again(self, loop: ClientLoop) -> None:
        """As a caller does it who was told of the failure: at once, or when what was claimed is free again."""
        assert isinstance(loop.clock, ManualClock)
        loop.clock.set(START)  # else the time that a use case lets pass would pass twice
        try:
            self._do(loop)
        except Conflict:
            self.advance(loop)
            self._do(loop)

    def _try(self, loop: ClientLoop) -> bool:
        """Do it; whether the caller was told that the store has failed."""
        try:
            self._do(loop)
        except StoreError:
            return True
        return False

    def _ended(self, loop: ClientLoop) -> Mapping[str, int]:
        """How many rows there are when all work is done."""
        for _ in range(RUNS):
            self.advance(loop)
            loop.run_due()
            tend(loop)
        left_out = NIGHTLY.get(self.name, set())
        return {name: number for name, number in counts_of(loop.store).items() if name not in left_out}

    def _judge(self, loop: ClientLoop, where: str) -> None:
        verdict = judge(loop, self.firm.acks, self.firm.sent)
        assert not verdict.faults, f"{where}: {verdict.faults}"
        self.repeats += verdict.repeats

    @staticmethod
    def _read(path: Path) -> bytes:
        with suppress(FileNotFoundError):
            return path.read_bytes()
        return b""
