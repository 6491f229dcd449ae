"""Two libraries of state machines: one move of a machine in memory, no storage.

Both machines are the same: five states in a ring, so that every move is legal, and on every transition one guard and
one callback. They are built once; building one for each item loaded, as an application does, costs extra and is not
counted.
"""

from __future__ import annotations

from itertools import pairwise

from statemachine import State, StateMachine
from transitions import Machine

from tests.benchmarks.timing import Run

_STATES = ("new", "assigned", "working", "resolved", "informed")
_RING = tuple(pairwise((*_STATES, _STATES[0])))


class _Item:
    """What the machines move."""

    def __init__(self) -> None:
        self.owner = "agent-7"
        self.moves = 0

    def has_owner(self) -> bool:
        return bool(self.owner)

    def count_move(self) -> None:
        self.moves += 1


class Transitions:
    """The library `transitions`."""

    def __init__(self) -> None:
        self._item = _Item()
        Machine(
            self._item,
            states=list(_STATES),
            initial=_STATES[0],
            auto_transitions=False,
            transitions=[
                {
                    "trigger": "proceed",
                    "source": source,
                    "dest": target,
                    "conditions": "has_owner",
                    "after": "count_move",
                }
                for source, target in _RING
            ],
        )

    def move(self, count: int, /) -> Run:
        """Prepare to make `count` moves round the ring."""
        # The machine adds the trigger to its model at run time.
        proceed = self._item.proceed  # type: ignore[attr-defined]

        def run() -> None:
            for _ in range(count):
                proceed()

        return run


class _Ring(StateMachine):
    new = State(initial=True)
    assigned = State()
    working = State()
    resolved = State()
    informed = State()

    proceed = (
        new.to(assigned, cond="has_owner", after="count_move")
        | assigned.to(working, cond="has_owner", after="count_move")
        | working.to(resolved, cond="has_owner", after="count_move")
        | resolved.to(informed, cond="has_owner", after="count_move")
        | informed.to(new, cond="has_owner", after="count_move")
    )


class PythonStateMachine:
    """The library `python-statemachine`."""

    def __init__(self) -> None:
        self._machine = _Ring(_Item())

    def move(self, count: int, /) -> Run:
        """Prepare to make `count` moves round the ring."""
        proceed = self._machine.proceed

        def run() -> None:
            for _ in range(count):
                proceed()

        return run
