from __future__ import annotations

import sqlite3
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from tests.benchmarks.recording import Recorder, Statement
from tests.benchmarks.rivals.raw_sqlite import RawSqlite, Replay
from tests.benchmarks.timing import Run

_KEYS = count(1)


class KeyStore:
    """A store that inserts keys which no file has seen before, and moves them by a guarded update."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA cache_size = -1234")
        self._keys: list[int] = []

    def receive(self, number: int, /) -> Run:
        """Insert new keys."""

        def run() -> None:
            for _ in range(number):
                key = next(_KEYS)
                self._transaction("INSERT INTO item VALUES (?, 'new')", [key])
                self._keys.append(key)

        return run

    def move(self, number: int, /) -> Run:
        """Update the last keys."""
        keys = [self._keys.pop() for _ in range(number)]

        def run() -> None:
            for key in keys:
                self._transaction("UPDATE item SET state = 'moved' WHERE id = ? AND state = 'new'", [key])

        return run

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _transaction(self, sql: str, parameters: list[int]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.execute("SELECT count(*) FROM item WHERE id = ?", parameters).fetchone()
        self._connection.execute(sql, parameters)
        self._connection.execute("COMMIT")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with an empty table."""
    path = tmp_path / "store.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE item (id INTEGER PRIMARY KEY, state TEXT)")
    return path


def rows(path: Path) -> list[tuple[int, str]]:
    """What the file holds."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT * FROM item ORDER BY id").fetchall()


def test_units_are_split_at_commits(path: Path) -> None:
    """A unit is what ran before a COMMIT, without the transaction's own words; settings are kept apart."""
    recorder = Recorder()
    with recorder.attached():
        store = KeyStore(path)

    store.receive(2)()
    store.close()
    units = recorder.take()

    assert recorder.pragmas == [Statement("PRAGMA cache_size = -1234")]
    assert [[statement.sql.split()[0] for statement in unit] for unit in units] == [["SELECT", "INSERT"]] * 2
    assert units[0][1].parameters != units[1][1].parameters
    assert recorder.take() == []


def test_what_is_rolled_back_is_not_recorded(path: Path) -> None:
    """A replay would otherwise do work that the store took back."""
    recorder = Recorder()
    with recorder.attached():
        connection = sqlite3.connect(path, isolation_level=None)

    for end in ("ROLLBACK", "COMMIT"):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO item VALUES (?, ?)", [(1, end)])
        connection.execute(end)
    connection.close()

    assert recorder.take() == [(Statement("INSERT INTO item VALUES (?, ?)", [(1, "COMMIT")], many=True),)]


def test_connections_opened_elsewhere_are_not_recorded(path: Path) -> None:
    """The store that is timed must not pay for the record."""
    recorder = Recorder()
    with recorder.attached():
        pass

    KeyStore(path).receive(1)()

    assert recorder.take() == []


def test_replay_repeats_the_store_on_its_own_file(path: Path) -> None:
    """Every replayed statement hits: the replayed file holds what the recorded store wrote."""
    replay = Replay(path, KeyStore)

    replay.receive(3)()
    replay.move(2)()
    replay.close()

    assert [state for _, state in rows(path)] == ["new", "moved", "moved"]
    assert rows(path) == rows(path.with_suffix(".recorded.db"))


def test_preparing_a_replay_writes_nothing_yet(path: Path) -> None:
    """Only the run that is timed executes the record."""
    replay = Replay(path, KeyStore)

    run = replay.receive(3)

    assert rows(path) == []
    run()
    assert len(rows(path)) == 3
    replay.close()


def test_a_replay_that_differs_is_refused(path: Path) -> None:
    """A replay that was not run leaves fewer rows than were recorded, and its times would mean nothing."""
    replay = Replay(path, KeyStore)
    replay.receive(1)

    with pytest.raises(RuntimeError, match="not what was recorded"):
        replay.close()


def test_a_store_that_cannot_be_recorded_is_refused(path: Path) -> None:
    """An empty record is an error, not a very fast rival."""

    class Silent(KeyStore):
        def receive(self, number: int, /) -> Run:
            """Do nothing."""
            return lambda: None

    with pytest.raises(RuntimeError, match="nothing was recorded"):
        Replay(path, Silent).receive(1)


def test_raw_sqlite_is_durable_whatever_it_is_told(path: Path) -> None:
    """The settings recorded from a store cannot make the baseline faster than the disk."""
    raw = RawSqlite(path, pragmas=[Statement("PRAGMA synchronous = OFF")])

    raw.run(lambda number: (Statement("INSERT INTO item VALUES (?, 'new')", (number,)),), 2)

    assert raw.sizes() == {"item": 2}
    raw.close()
