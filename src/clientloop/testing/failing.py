"""A store that fails when it is told to: before a call, after it, or by standing still in it.

What surrounds a store is easily right while the store works. What it does where the store does not, a test sees by a
`FailingStore` around any other. The worst of its faults is the error after a commit: it *was* written, and whoever
called has been told that it was not. Nobody may then simply do it again; what has a key is looked up by that.
"""

import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from enum import StrEnum
from functools import wraps
from inspect import getattr_static, isfunction, isgeneratorfunction, unwrap
from random import Random
from typing import TYPE_CHECKING, Any, TypeAlias

from attrs import frozen

from clientloop.app import ClientLoop
from clientloop.errors import StoreBusy, StoreError
from clientloop.ports.store import Store


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


#: Makes a method of the port into one that may go wrong. Any: the methods of a port have signatures of their own.
_Maker: TypeAlias = Callable[[str, Callable[..., Any]], Callable[..., Any]]


def _plain(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method, updated=())
    def call(self: "FailingStore", *args: Any, **given: Any) -> Any:
        with self.calling(name):
            return getattr(self.store, name)(*args, **given)

    return call


def _stepwise(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    """One that brings things one by one; it has been done when all were brought."""

    @wraps(method, updated=())
    def call(self: "FailingStore", *args: Any, **given: Any) -> Generator[Any]:
        with self.calling(name):
            yield from getattr(self.store, name)(*args, **given)

    return call


def _lending(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    """One that lends another store; what is done with that may go wrong too."""

    @wraps(method, updated=())
    @contextmanager
    def call(self: "FailingStore", *args: Any, **given: Any) -> Generator[Any]:
        with self.calling(name), getattr(self.store, name)(*args, **given) as lent:
            yield self.around(lent) if isinstance(lent, Store) else lent

    return call


def _maker(method: Callable[..., Any]) -> _Maker:
    if hasattr(method, "__wrapped__") and isgeneratorfunction(unwrap(method)):
        return _lending
    return _stepwise if isgeneratorfunction(method) else _plain


def port_methods() -> Mapping[str, Callable[..., Any]]:
    """The public methods of the store port by name, as they stand there."""
    found = {name: getattr_static(Store, name) for name in dir(Store) if not name.startswith("_")}
    return {name: method for name, method in found.items() if isfunction(method)}


if TYPE_CHECKING:  # as if it were a store with every method written out
    from clientloop.stores.memory import MemoryStore as _AnyStore
else:
    _AnyStore = type(
        "_AnyStore", (Store,), {name: _maker(method)(name, method) for name, method in port_methods().items()}
    )


class FailingStore(_AnyStore):
    """A store around another, every method of which may go wrong as a plan says.

    Its methods are made from those of the port, so that none is forgotten.

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
        #: What goes wrong.
        self.plan = plan
        #: The calls so far, those that went wrong included.
        self.calls: list[Call] = []
        #: Set while or once a call has stood still.
        self.hanging = threading.Event()
        #: Set it to let calls go that stand still.
        self.let_go = threading.Event()
        #: The store that does the work.
        self.store = store
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

    def around(self, store: Store) -> "FailingStore":
        """The same around another store: one plan, and one count of calls.

        Args:
            store: The other store, such as one that joins a transaction.
        """
        other = copy(self)
        other.store = store
        return other
