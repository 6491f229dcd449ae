"""The sqlite3 module executing the very SQL that our store executes: the floor under any store on SQLite.

To be honest, a replay does the same work on the same data. Three copies of one file take part: our store on the first;
the same store, recorded and not timed, on the second; the replay of the record on the third. So the parameters of each
statement are new to its file, reads find the rows that they found and are fetched, guarded updates hit, indexes split
as often, and the connection has the same settings. At the end the recorded file and the replayed one must hold the
same number of rows in every table.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from tests.benchmarks.recording import Recorder, Statement, Unit
from tests.benchmarks.rivals import require_durable
from tests.benchmarks.sides import Store, copy_database
from tests.benchmarks.timing import Operation, Run


class RawSqlite:
    """Executes units, one ``BEGIN IMMEDIATE ... COMMIT`` each, and does nothing else."""

    def __init__(self, path: Path, *, pragmas: Sequence[Statement] = ()) -> None:
        """Open a file.

        Args:
            path: A SQLite file, made when it does not exist.
            pragmas: The settings of the connection beside WAL and full syncs.
        """
        self._connection = sqlite3.connect(path, isolation_level=None)
        for sql, parameters, _ in pragmas:
            self._connection.execute(sql, parameters).fetchall()
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        require_durable(lambda name: self._connection.execute(f"PRAGMA {name}").fetchone()[0])

    def run(self, make: Callable[[int], Unit], count: int) -> None:
        """Execute the units ``make(0)`` to ``make(count - 1)``, a transaction each, and fetch what they return."""
        cursor = self._connection.cursor()
        execute, executemany, fetchall = cursor.execute, cursor.executemany, cursor.fetchall
        for number in range(count):
            unit = make(number)
            execute("BEGIN IMMEDIATE")
            for sql, parameters, many in unit:
                if many:
                    executemany(sql, parameters)
                else:
                    execute(sql, parameters)
                    if cursor.description is not None:
                        fetchall()
            execute("COMMIT")

    def sizes(self) -> dict[str, int]:
        """The number of rows of each table."""
        return _sizes(self._connection)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


class Closable(Protocol):
    """A store as far as it is the same for all contests."""

    def close(self) -> None:
        """Close the file."""
        ...


S = TypeVar("S", bound=Closable)


class Repeated(Generic[S]):
    """Our store's statements, executed by `RawSqlite` on a copy of our store's file."""

    def __init__(self, path: Path, store: Callable[[Path], S]) -> None:
        """Open a copy of the file on which our store is timed, made before it is.

        Args:
            path: The copy; it is copied once more, for the recorded store.
            store: Opens our store on a file, by ``sqlite3.connect``.
        """
        self._recorded_path = copy_database(path, path.with_suffix(".recorded.db"))
        self._recorder = Recorder()
        with self._recorder.attached():
            self._recorded = store(self._recorded_path)
        opening = self._recorder.take()
        self._raw = RawSqlite(path, pragmas=self._recorder.pragmas)
        self._raw.run(opening.__getitem__, len(opening))

    def close(self) -> None:
        """Close both files.

        Raises:
            RuntimeError: The replay did not do what was recorded.
        """
        self._recorded.close()
        replayed = self._raw.sizes()
        self._raw.close()
        with closing(sqlite3.connect(self._recorded_path)) as connection:
            recorded = _sizes(connection)
        if recorded != replayed:
            raise RuntimeError(f"the replay is not what was recorded: rows {replayed}, expected {recorded}")

    def _repeat(self, operation: Operation, count: int) -> Run:
        with self._recorder.attached():
            run = operation(count)
            preparing = self._recorder.take()
            run()
            units = [self._what(unit) for unit in self._recorder.take()]
        if not units:
            raise RuntimeError("nothing was recorded: the store opened no connection by sqlite3.connect")
        self._raw.run(preparing.__getitem__, len(preparing))
        return partial(self._raw.run, units.__getitem__, len(units))

    def _what(self, unit: Unit) -> Unit:
        """What is repeated of one transaction: all of it, unless a contest says otherwise."""
        return unit


class Replay(Repeated[Store]):
    """Receipts and moves, repeated whole."""

    def receive(self, count: int, /) -> Run:
        """Record `count` receipts, and prepare to replay them."""
        return self._repeat(self._recorded.receive, count)

    def move(self, count: int, /) -> Run:
        """Record `count` moves, and prepare to replay them."""
        return self._repeat(self._recorded.move, count)


def _sizes(connection: sqlite3.Connection) -> dict[str, int]:
    tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").fetchall()
    return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for (name,) in tables}
