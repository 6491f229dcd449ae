"""The SQLite store, judged by the suite for all stores, and what it promises beyond."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from clientloop.errors import Conflict, InvalidValue, StoreBusy, StoreError, UnknownName
from clientloop.model.customers import Customer
from clientloop.model.spaces import Space
from clientloop.model.units import Insert, Unit
from clientloop.model.where import one_of
from clientloop.stores.sqlite import SqliteStore
from clientloop.stores.sqlite.turnstile import Turnstile
from clientloop.testing import StoreSuite
from clientloop.testing.samples import sample

SPACE = Space(space="main")
ADDED = Unit((Insert(SPACE),))


class TestSqliteStore(StoreSuite):
    """The conformance suite."""

    @pytest.fixture
    def store(self, sqlite_store: SqliteStore) -> SqliteStore:
        """A fresh store."""
        return sqlite_store


@pytest.fixture
def writer(file: Path) -> Iterator[sqlite3.Connection]:
    """An application's own connection, in a transaction that has written something."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("CREATE TABLE shop_order (id INTEGER)")
        yield connection


@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("application_id", 0)]
)
def test_commits_are_durable_and_references_kept(sqlite_store: SqliteStore, pragma: str, value: object) -> None:
    """Every connection syncs the log at each commit (FULL is 2) and enforces foreign keys."""
    assert sqlite_store._fetch(f"PRAGMA {pragma}", ()) == [(value,)]


def test_a_writer_does_not_keep_readers_waiting(sqlite_store: SqliteStore, writer: sqlite3.Connection) -> None:
    """While a transaction writes, others read what was there before it."""
    assert sqlite_store.get(Space, ("main",)) is None
    assert sqlite_store.page(Space, "main").items == ()
    writer.commit()


def test_a_writer_of_another_kind_makes_the_store_busy(file: Path, writer: sqlite3.Connection) -> None:
    """A write waits as long as it was told to, fails with StoreBusy, and succeeds once the way is free."""
    with closing(SqliteStore(file, timeout=0.05)) as store:
        with pytest.raises(StoreBusy, match="locked"):
            store.commit(ADDED)
        writer.rollback()
        store.commit(ADDED)
        assert store.get(Space, ("main",)) == SPACE


def test_a_write_waits_for_a_writer_of_another_kind(file: Path, writer: sqlite3.Connection) -> None:
    """A transaction that ends within the timeout delays a write, no more."""
    with closing(SqliteStore(file)) as store:
        waiting = threading.Thread(target=store.commit, args=(ADDED,))
        waiting.start()
        writer.rollback()
        waiting.join(timeout=30)
        assert store.get(Space, ("main",)) == SPACE


def test_a_write_holds_the_database_from_its_start(sqlite_store: SqliteStore, file: Path) -> None:
    """A transaction that looks before it writes cannot be overtaken by a writer that does not queue."""
    with sqlite_store._writing(), closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as connection:
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            connection.execute("BEGIN IMMEDIATE")
        assert connection.execute("SELECT count(*) FROM clientloop_space").fetchall() == [(0,)]


def test_several_questions_see_one_state(sqlite_store: SqliteStore) -> None:
    """What is committed between two questions of one answer is not in it."""
    question = "SELECT count(*) FROM clientloop_space"
    with sqlite_store._reading() as cursor:
        cursor.execute(question)
        before = cursor.fetchall()
        sqlite_store.commit(ADDED)
        cursor.execute(question)
        assert cursor.fetchall() == before == [(0,)]


def test_an_error_within_the_driver_rolls_back(sqlite_store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is raised in the middle of a unit, also an interrupt, nothing stays and the connection is usable."""
    make = SqliteStore._make

    def interrupted(self: SqliteStore, *arguments: object) -> None:
        make(self, *arguments)  # type: ignore[arg-type]  # passes on what it gets
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(SqliteStore, "_make", interrupted)
        with pytest.raises(KeyboardInterrupt):
            sqlite_store.commit(ADDED)
    sqlite_store.commit(ADDED)
    assert sqlite_store.get(Space, ("main",)) == SPACE


def test_a_row_among_many_is_named(sqlite_store: SqliteStore) -> None:
    """Of many rows inserted by one statement, the error names the one that was refused."""
    first, again = sample(Customer, 1), sample(Customer, 2)
    with pytest.raises(Conflict, match=str(again.id)):
        sqlite_store.commit(Unit(tuple(map(Insert, [first, again, sample(Customer, 3), again]))))


@pytest.mark.parametrize("limit", [2**63 - 1, 2**70])
def test_a_limit_beyond_all_numbers_is_refused(sqlite_store: SqliteStore, limit: int) -> None:
    """A limit that SQLite cannot take is an InvalidValue."""
    with pytest.raises(InvalidValue, match="64 bits"):
        sqlite_store.page(Space, "main", limit=limit)


def test_a_condition_that_is_too_large_is_refused(sqlite_store: SqliteStore) -> None:
    """More values than SQLite takes are an InvalidValue that says to ask in parts."""
    link = sqlite_store._links.take()
    link.connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 100)
    sqlite_store._links.give(link)
    with pytest.raises(InvalidValue, match="several parts"):
        sqlite_store.page(Space, "main", where=one_of("zone", map(str, range(100))))


def test_a_closed_store_says_so(sqlite_store: SqliteStore) -> None:
    """Closing twice is harmless; what is asked of it later is a StoreError."""
    sqlite_store.commit(ADDED)
    sqlite_store.close()
    sqlite_store.close()
    with pytest.raises(StoreError, match="closed"):
        sqlite_store.get(Space, ("main",))


@pytest.mark.filterwarnings("error")
def test_closing_lets_go_of_all_connections(file: Path) -> None:
    """Connections that other threads have used are closed too, and the log is folded into the file."""
    store = SqliteStore(file)
    threads = [threading.Thread(target=store.commit, args=(Unit((Insert(Space(space=name)),)),)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    store.close()
    assert not Path(f"{file}-wal").exists()


def test_a_url_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three slashes lead to a file from the working folder, four to one from the root."""
    monkeypatch.chdir(tmp_path)
    for url, path in (("sqlite:///one.db", "one.db"), (f"sqlite:///{tmp_path}/a b%20#.db", "a b%20#.db")):
        with closing(SqliteStore.open(url)) as store:
            store.migrate()
        assert (tmp_path / path).is_file()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:", "sqlite:///", "sqlite:///:memory:", "sqlite://host/shop.db"])
def test_a_url_without_a_file_is_refused(url: str) -> None:
    """A store in memory has another scheme, and there is no host."""
    with pytest.raises(InvalidValue):
        SqliteStore.open(url)


def test_a_url_may_say_how_long_a_write_waits(tmp_path: Path) -> None:
    """The timeout of the URL is that of the store: a write has given up long before the application is done."""
    file = tmp_path / "shop.db"
    other = sqlite3.connect(file, check_same_thread=False)
    with closing(SqliteStore.open(f"sqlite:///{file}?timeout=0.01")) as store, closing(other):
        store.migrate()
        other.execute("BEGIN IMMEDIATE")
        done = threading.Timer(3, other.rollback)
        done.start()
        with pytest.raises(StoreBusy):
            store.commit(Unit((Insert(SPACE),)))
        done.cancel()
        done.join()
    assert not [path for path in tmp_path.iterdir() if "timeout" in path.name]


@pytest.mark.parametrize(
    ("query", "error", "message"),
    [
        ("timeout=soon", InvalidValue, "no number of seconds"),
        ("timeout=-1", InvalidValue, "no number of seconds"),
        ("timeout", InvalidValue, "no number of seconds"),
        ("tmeout=3", UnknownName, "no option of a SQLite file 'tmeout': did you mean 'timeout'"),
        ("timeout=3&mode=ro", UnknownName, "'mode'"),
    ],
)
def test_a_url_says_nothing_else(tmp_path: Path, query: str, error: type[InvalidValue], message: str) -> None:
    """What is no option is refused, and no file is made."""
    with pytest.raises(error, match=message):
        SqliteStore.open(f"sqlite:///{tmp_path}/shop.db?{query}")
    assert not list(tmp_path.iterdir())


def test_writers_queue_at_the_turnstile(sqlite_store: SqliteStore, file: Path) -> None:
    """A write waits for whoever is in the turnstile before it touches the database, and reads do not."""
    turnstile = Turnstile(file)
    with turnstile:
        waiting = threading.Thread(target=sqlite_store.commit, args=(ADDED,))
        waiting.start()
        waiting.join(timeout=0.2)
        assert waiting.is_alive()
        assert sqlite_store.get(Space, ("main",)) is None
        with closing(sqlite3.connect(file, timeout=0)) as connection:
            connection.execute("BEGIN IMMEDIATE")
    waiting.join(timeout=30)
    turnstile.close()
    assert sqlite_store.get(Space, ("main",)) == SPACE
