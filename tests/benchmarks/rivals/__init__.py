"""The rivals, one module each.

A store is made with the path of a new SQLite file; a state machine is made with nothing and offers ``move`` alone.
All stores write with ``journal_mode=WAL`` and ``synchronous=FULL``, one transaction an operation, as we do:
`require_durable` asks the connection that they really use. Each begins empty, which favours it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from tests.benchmarks.timing import Run
from tests.benchmarks.words import Message, message

Key = TypeVar("Key")

_DURABLE = {"journal_mode": "wal", "synchronous": 2}


class RivalStore(ABC, Generic[Key]):
    """A rival that receives messages and moves items; which items wait for their move is not part of what is timed."""

    def __init__(self) -> None:
        self._received = 0
        self._unmoved: deque[Key] = deque()

    def receive(self, count: int, /) -> Run:
        """Prepare to receive the next `count` messages."""
        said = [message(number) for number in range(self._received, self._received + count)]
        self._received += count

        def run() -> None:
            for words in said:
                self._unmoved.append(self.receive_one(words))

        return run

    def move(self, count: int, /) -> Run:
        """Prepare to move the `count` items that have waited longest."""
        keys = [self._unmoved.popleft() for _ in range(count)]

        def run() -> None:
            for key in keys:
                self.move_one(key)

        return run

    @abstractmethod
    def receive_one(self, words: Message) -> Key:
        """Store what a customer says, committed; returns what the item is found by."""

    @abstractmethod
    def move_one(self, key: Key) -> None:
        """Load the item and move it to its next state, committed."""

    @abstractmethod
    def close(self) -> None:
        """Close the file."""


def require_durable(pragma: Callable[[str], object]) -> None:
    """Refuse a connection that could lose an acknowledged commit.

    Args:
        pragma: Gives the value of one pragma on the connection that will be timed.

    Raises:
        RuntimeError: A setting differs.
    """
    found = {name: pragma(name) for name in _DURABLE}
    if found != _DURABLE:
        raise RuntimeError(f"this connection does not write as durably as ours: {found}, expected {_DURABLE}")
