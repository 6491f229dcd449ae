"""Several processes that write one file at the same time."""

from __future__ import annotations

import multiprocessing
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import ClassVar

from tests.benchmarks.ours import FIRST, Store
from tests.benchmarks.timing import Run

#: Messages that one process numbers, before the numbers of the next begin.
APART = 1_000_000


@dataclass(frozen=True, slots=True)
class Told:
    """What a process says when it has written."""

    #: The longest time that one receipt took, in seconds.
    worst: float
    #: What went wrong, if anything did.
    error: str | None = None


class Writers:
    """Processes that receive messages, each by itself; they are started before the clock is."""

    processes: ClassVar[int]

    def __init__(self, path: Path) -> None:
        """Start the processes."""
        self._path = path
        self._expected = self._stored()
        spawn = multiprocessing.get_context("spawn")
        self._pipes: list[Connection] = []
        self._running = []
        for number in range(self.processes):
            ours, theirs = spawn.Pipe()
            process = spawn.Process(target=_write, args=(path, FIRST + APART * number, theirs), daemon=True)
            process.start()
            self._pipes.append(ours)
            self._running.append(process)

    def receive(self, count: int, /) -> Run:
        """Prepare all processes to receive so many messages together."""
        self._prepare(count)

        def run() -> None:
            self._all_write()

        return run

    def longest(self, count: int, /) -> Run:
        """As `receive`; the run returns the longest time that a receipt took, as if each had taken so long."""
        self._prepare(count)

        def run() -> float:
            return max(told.worst for told in self._all_write()) * count

        return run

    def close(self) -> None:
        """End the processes.

        Raises:
            RuntimeError: Something that was acknowledged is not in the file.
        """
        for pipe in self._pipes:
            pipe.send(0)
        for process in self._running:
            process.join()
        if self._stored() != self._expected:
            raise RuntimeError(f"{self._expected - self._stored()} of {self._expected} items are lost")

    def _prepare(self, count: int) -> None:
        share = count // self.processes
        for pipe in self._pipes:
            pipe.send(share)
        for pipe in self._pipes:
            pipe.recv()
        self._expected += share * self.processes

    def _all_write(self) -> list[Told]:
        for pipe in self._pipes:
            pipe.send("go")
        told: list[Told] = [pipe.recv() for pipe in self._pipes]
        if errors := [each.error for each in told if each.error]:
            raise RuntimeError("; ".join(errors))
        return told

    def _stored(self) -> int:
        with closing(sqlite3.connect(self._path)) as connection:
            [stored] = connection.execute("SELECT count(*) FROM clientloop_feedback").fetchone()
        return int(stored)


class Four(Writers):
    """Four of them."""

    processes = 4


class One(Writers):
    """One alone, so that only the number of processes differs."""

    processes = 1


def _write(path: Path, first: int, pipe: Connection) -> None:
    """What a process does: it waits for a number, prepares, waits for the word, writes; 0 ends it."""
    store = Store(path, first=first)
    while count := pipe.recv():
        receipts = [store.receive(1) for _ in range(count)]
        pipe.send("ready")
        pipe.recv()
        pipe.send(_timed(receipts))
    store.close()


def _timed(receipts: list[Run]) -> Told:
    worst = 0.0
    try:
        for receive in receipts:
            started = time.perf_counter()
            receive()
            worst = max(worst, time.perf_counter() - started)
    except Exception as error:  # noqa: BLE001  # whatever a process meets, the one that counts must hear of it
        return Told(worst, f"{type(error).__name__}: {error}")
    return Told(worst)
