"""The index of words in a SQLite file: in step with the tables, whoever writes."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from clientloop.model.feedback import Feedback
from clientloop.model.interactions import Text
from clientloop.model.units import Delete, Unit
from clientloop.stores.sqlite import SqliteStore
from clientloop.testing import inserts, sample, sample_id


def said(number: int, body: str, *, space: str = "main") -> tuple[Feedback, Text]:
    """An item with its words."""
    return sample(Feedback, number, space=space), sample(Text, number, space=space, body=body)


def gone(number: int, *, space: str = "main") -> Unit:
    """An item and its words deleted."""
    key = (space, sample_id(number))
    return Unit((Delete(Text, key), Delete(Feedback, key)))


def found(store: SqliteStore, words: str, *, space: str = "main") -> list[int]:
    """The numbers of the samples that are found."""
    return [item.id.int - 1 for item in store.search(space, words)]


@pytest.fixture
def connection(sqlite_store: SqliteStore, file: Path) -> Iterator[sqlite3.Connection]:
    """A connection of somebody who knows nothing of clientloop; at the end the index must fit the tables."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        yield connection
        connection.execute("INSERT INTO clientloop_search (clientloop_search, rank) VALUES ('integrity-check', 1)")


def test_the_index_is_kept_in_step_whoever_writes(sqlite_store: SqliteStore, connection: sqlite3.Connection) -> None:
    """Rows that are changed or deleted by plain SQL are found by their new words, or not any more."""
    sqlite_store.commit(inserts(*said(1, "the parcel"), *said(2, "the parcel"), *said(3, "the parcel")))
    connection.execute("UPDATE clientloop_text SET body = 'a letter' WHERE id = ?", (sample_id(1).bytes,))
    connection.execute("DELETE FROM clientloop_text WHERE id = ?", (sample_id(2).bytes,))
    connection.execute("UPDATE clientloop_text SET subject = NULL")
    assert found(sqlite_store, "parcel") == [3]
    assert found(sqlite_store, "letter") == [1]
    connection.execute("DELETE FROM clientloop_feedback")
    assert found(sqlite_store, "letter") == []


def test_the_index_outlives_a_vacuum(sqlite_store: SqliteStore, connection: sqlite3.Connection) -> None:
    """VACUUM numbers the rows of other tables anew; what is found afterwards is what was found before."""
    sqlite_store.commit(inserts(*(record for number in range(9) for record in said(number, f"parcel {number}"))))
    sqlite_store.commit(gone(0))
    sqlite_store.commit(gone(4))
    connection.execute("VACUUM")
    assert found(sqlite_store, "parcel") == [8, 7, 6, 5, 3, 2, 1]
    assert found(sqlite_store, "7") == [7]
    sqlite_store.commit(gone(7))
    assert found(sqlite_store, "parcel") == [8, 6, 5, 3, 2, 1]


def test_spaces_may_be_emptied_and_filled_again(sqlite_store: SqliteStore, connection: sqlite3.Connection) -> None:
    """The numbers of a space begin anew, and meet those of no other, also where its old ones are taken."""
    spaces = ("a", "b", "c")
    for space in spaces:
        sqlite_store.commit(inserts(*said(1, "the parcel", space=space)))
    for space in ("a", "c"):
        sqlite_store.commit(gone(1, space=space))
    for space in ("d", "c", "a"):
        sqlite_store.commit(inserts(*said(2, "the parcel", space=space), *said(3, "the parcel", space=space)))
    assert {space: found(sqlite_store, "parcel", space=space) for space in (*spaces, "d")} == {
        "a": [3, 2],
        "b": [1],
        "c": [3, 2],
        "d": [3, 2],
    }


def test_a_write_counts_only_what_it_asked_for(sqlite_store: SqliteStore) -> None:
    """What triggers write besides is no row of the unit: an update of nothing is still a conflict."""
    sqlite_store.commit(inserts(*said(1, "the parcel")))
    with sqlite_store._writing() as transaction:
        transaction.cursor.execute("UPDATE clientloop_text SET body = 'x' WHERE id = x'00'")
        assert transaction.cursor.rowcount == 0
        transaction.cursor.execute("UPDATE clientloop_text SET body = 'a letter'")
        assert transaction.cursor.rowcount == 1
    assert found(sqlite_store, "letter") == [1]
