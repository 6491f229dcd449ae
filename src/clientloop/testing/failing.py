"""A store that fails when it is told to: before a call, after it, or by standing still in it.

What surrounds a store is easily right while the store works. What it does where the store does not, a test sees by a
`FailingStore` around any other. The worst of its faults is the error after a commit: it *was* written, and whoever
called has been told that it was not. Nobody may then simply do it again; what has a key is looked up by that.
"""

import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from random import Random
from typing import TypeAlias

from attrs import frozen

from clientloop.app import ClientLoop
from clientloop.errors import StoreBusy, StoreError
from clientloop.ports.store import Store
from clientloop.ports.wrapping import WrappedStore


class Fault(StrEnum):
    """What may go wrong with one call of a store."""

    #: Nothing is done: another writer holds the store (`StoreBusy`).
    BUSY = "busy"
    #: Nothing is done: the storage fails (`StoreError`).
    BEFORE = "before"
    #: It is done, and then the storage fails (`StoreError`): whoever called cannot know.
    AFTER = "after"
    #: It is done late: the call stands still until the test lets it go.
    HANG = "hang"


@frozen(kw_only=True)
class Call:
    """One call of a store."""

    #: Which it is, counted from 1.
    number: int
    #: The method of the port that is called, such as `commit`.
    method: str


#: Says what goes wrong with a call; None: nothing does.
Plan: TypeAlias = Callable[[Call], Fault | None]


def no_faults(_: Call) -> Fault | None:
    """The plan by which nothing goes wrong."""
    return None


def fault_at(number: int, fault: Fault) -> Plan:
    """The plan by which one call goes wrong.

    Args:
        number: Which call, counted from 1.
        fault: What goes wrong with it.
    """
    return lambda call: fault if call.number == number else None


def faults_by_seed(
    seed: int, *, share: float, faults: Sequence[Fault] = (Fault.BUSY, Fault.BEFORE, Fault.AFTER)
) -> Plan:
    """The plan by which calls go wrong at random, the same ones each time.

    Args:
        seed: Which plan of this sort.
        share: How many calls of all go wrong, from 0 to 1.
        faults: What goes wrong with them.
    """

    def plan(call: Call) -> Fault | None:
        # not one chance for all calls, for threads make theirs in any order
        chance = Random(f"{seed} {call.number}")  # noqa: S311  # no secret
        return chance.choice(faults) if chance.random() < share else None

    return plan


class FailingStore(WrappedStore):
    """A store around another, every method of which may go wrong as a plan says.

    Args:
        store: The store that does the work.
        plan: What goes wrong; may be replaced between calls.
        patience: How many seconds a call stands still at most, so that no test waits for ever.

    >>> from clientloop.model.spaces import Space
    >>> from clientloop.model.units import Insert, Unit
    >>> from clientloop.stores.memory import MemoryStore
    >>> store = FailingStore(MemoryStore(), fault_at(1, Fault.AFTER))
    >>> store.commit(Unit((Insert(Space(space="main", region="SI")),)))
    Traceback (most recent call last):
    clientloop.errors.StoreError: call 1 of the store, commit, was done and then failed
    >>> store.get(Space, ("main",)).region, [call.method for call in store.calls]
    ('SI', ['commit', 'get'])
    """

    def __init__(self, store: Store, plan: Plan = no_faults, *, patience: float = 10) -> None:
        """Begin with no call made."""
        super().__init__(store)
        #: What goes wrong.
        self.plan = plan
        #: The calls so far, those that went wrong included.
        self.calls: list[Call] = []
        #: Set while or once a call has stood still.
        self.hanging = threading.Event()
        #: Set it to let calls go that stand still.
        self.let_go = threading.Event()
        self._patience = patience
        self._lock = threading.Lock()

    def view(self, loop: ClientLoop) -> ClientLoop:
        """The space of a loop, seen through this store.

        Args:
            loop: A loop on the store that does the work.

        >>> with ClientLoop.open("memory:") as loop:
        ...     store = FailingStore(loop.store, lambda call: Fault.BUSY if call.method == "commit" else None)
        ...     try:
        ...         store.view(loop).feedback.receive(kind="idea", channel="form", text="Deliver on Saturdays")
        ...     except StoreBusy:
        ...         list(loop.inbox())
        []
        """
        return ClientLoop(self, loop.space, loop.context.parts, registry=loop.registry)

    @contextmanager
    def calling(self, method: str) -> Generator[None]:
        """Count a call, and let it go wrong if that is planned: what it does belongs into the block.

        Args:
            method: The method of the port that is called.
        """
        with self._lock:
            call = Call(number=len(self.calls) + 1, method=method)
            self.calls.append(call)
        fault, name = self.plan(call), f"call {call.number} of the store, {method},"
        if fault is Fault.BUSY:
            raise StoreBusy(f"{name} was refused", hint="another writer holds the store")
        if fault is Fault.BEFORE:
            raise StoreError(f"{name} failed before it was done")
        if fault is Fault.HANG:
            self.hanging.set()
            self.let_go.wait(self._patience)
        yield
        if fault is Fault.AFTER:
            raise StoreError(f"{name} was done and then failed")
