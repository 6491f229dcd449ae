"""Several stores that do the same at once: the base of state machines that compare them."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import count
from typing import Any, ClassVar
from uuid import UUID

from attrs import evolve
from hypothesis.stateful import RuleBasedStateMachine, invariant

from clientloop.app import ClientLoop
from clientloop.errors import ClientLoopError
from clientloop.model.messages import OutboundMessage, Receipt
from clientloop.model.schema import CLASSES
from clientloop.model.spaces import Space, SpaceDue
from clientloop.model.units import Insert, Unit
from clientloop.plugins.registry import Registry
from clientloop.ports.clock import ManualClock
from clientloop.services.context import Parts
from clientloop.services.setup.channels import Channels
from clientloop.testing.fakes import FakeChannels
from clientloop.testing.invariants import broken_invariants

#: Where the clock of every run starts: a Monday.
START = datetime(2026, 3, 2, 9, tzinfo=UTC)


class TwinMachine(RuleBasedStateMachine):
    """Does the same to several stores and compares every answer, and at the end every record; subclasses add rules."""

    #: How many rules were run, by all runs so far.
    steps: ClassVar[int] = 0
    _spaces: ClassVar["count[int]"] = count()
    _bases: ClassVar[dict[type, Sequence[ClientLoop]]] = {}

    @classmethod
    def open_stores(cls) -> Sequence[ClientLoop]:
        """The stores to compare, each opened once for all runs; every run has a space of its own."""
        raise NotImplementedError

    def __init__(self) -> None:
        """Give every store a fresh space, one clock, and the same ids."""
        super().__init__()
        cls = type(self)
        if cls not in TwinMachine._bases:
            TwinMachine._bases[cls] = cls.open_stores()
        self.clock = ManualClock(START)
        self.posts = [FakeChannels("email") for _ in TwinMachine._bases[cls]]
        self.answer: Receipt = Receipt()
        for post in self.posts:
            post.answer = self._answer
        space = f"run-{next(TwinMachine._spaces)}"
        self.loops = [
            self._open(base, post, space) for base, post in zip(TwinMachine._bases[cls], self.posts, strict=True)
        ]

    def _answer(self, message: OutboundMessage) -> Receipt:
        return self.answer

    def _open(self, base: ClientLoop, post: FakeChannels, space: str) -> ClientLoop:
        ids, refs = count(1), count(1)
        base.store.commit(Unit((Insert(Space(space=space, region="SI")),)))
        parts: Parts = evolve(
            base.context.parts,
            clock=self.clock,
            plugins=Channels(Registry(plugins=[post], entry_points=False)),
            ids=lambda _: UUID(int=next(ids)),
            refs=lambda: f"{next(refs):08}",
            suppression_key=b"the same in every store",
        )
        found = base.store.get(Space, (space,))
        assert found is not None
        loop = ClientLoop(base.store, found, parts, registry=base.registry)
        loop.context.store_definitions()
        return loop

    def both(self, do: Callable[[ClientLoop], Any]) -> Any:  # Any: whatever the verb returns
        """Do it to every store; the answers, or the errors, are the same."""
        answers = [_answer_of(do, loop) for loop in self.loops]
        for loop, answer in zip(self.loops[1:], answers[1:], strict=True):
            assert answer == answers[0], f"{type(loop.store).__name__} answers otherwise"
        return answers[0]

    @invariant()
    def count_steps(self) -> None:
        """Every rule that was run is counted."""
        type(self).steps += 1

    def teardown(self) -> None:
        """At the end every record of every store is the same, and no invariant is broken."""
        for cls in CLASSES:
            if cls is not SpaceDue:
                self.both(partial(_all, cls=cls))
        for loop in self.loops:
            faults = broken_invariants(loop)
            assert not faults, "; ".join(faults)


def _all(loop: ClientLoop, *, cls: type) -> tuple[object, ...]:
    return tuple(loop.store.pages(cls, loop.space.space))


def _answer_of(do: Callable[[ClientLoop], Any], loop: ClientLoop) -> Any:  # Any: whatever the verb returns
    try:
        return do(loop)
    except ClientLoopError as error:
        return type(error).__name__, error.code
