"""Making, opening and refusing SQLite files."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from clientloop.errors import SchemaOutdated, StoreBusy, StoreCorrupt, StoreError
from clientloop.model.customers import Customer
from clientloop.model.interactions import Text
from clientloop.model.spaces import Space
from clientloop.model.units import Insert, Unit
from clientloop.sql.migrations import HEAD
from clientloop.stores.sqlite import SqliteStore, migration
from clientloop.testing.samples import inserts, sample

ADDED = Unit((Insert(Space(space="main")),))


def migrated(path: Path) -> None:
    """Make a file ready and close it."""
    with closing(SqliteStore(path)) as store:
        store.migrate()


def execute(path: Path, *statements: str) -> list[tuple[object, ...]]:
    """Execute statements on a file, as another application would."""
    with closing(sqlite3.connect(path)) as connection:
        rows = [connection.execute(statement).fetchall() for statement in statements]
        connection.commit()
        return rows[-1]


def test_migrating_makes_the_file_and_is_harmless_again(tmp_path: Path) -> None:
    """A new file is made ready once; data stay when it is made ready again, by the same object or another."""
    with closing(SqliteStore(tmp_path / "new.db")) as store:
        store.migrate()
        store.commit(ADDED)
        store.migrate()
    with closing(SqliteStore(str(tmp_path / "new.db"))) as store:
        store.migrate()
        assert store.get(Space, ("main",)) == Space(space="main")


def test_a_file_that_is_ready_needs_no_alembic(file: Path) -> None:
    """Opening a file of this version loads no library that only migrations need."""
    code = f"""
import sys
from clientloop.stores.sqlite import SqliteStore
SqliteStore({str(file)!r}).migrate()
print([name for name in ("alembic", "mako") if name in sys.modules])
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], env=environment, capture_output=True, check=True
    )
    assert done.stdout.strip() == b"[]"


def test_nothing_is_made_by_looking(tmp_path: Path) -> None:
    """A file that is not there is a StoreError with its path, and is still not there."""
    path = tmp_path / "none.db"
    with closing(SqliteStore(path)) as store, pytest.raises(StoreError, match=str(path)):
        store.get(Space, ("main",))
    assert not path.exists()


def test_a_file_without_tables_says_what_to_do(tmp_path: Path) -> None:
    """An empty database is a StoreError whose hint names migrate."""
    execute(tmp_path / "empty.db", "CREATE TABLE shop_order (id INTEGER)")
    with closing(SqliteStore(tmp_path / "empty.db")) as store, pytest.raises(StoreError, match=r"migrate\(\)"):
        store.commit(ADDED)


@pytest.mark.parametrize("path", ["no-folder/shop.db", "."])
def test_a_path_that_cannot_hold_a_file_is_named(tmp_path: Path, path: str) -> None:
    """A missing folder, or a folder in the place of the file, is a StoreError with the path."""
    with closing(SqliteStore(tmp_path / path)) as store, pytest.raises(StoreError, match=str(tmp_path)):
        store.migrate()


def test_a_folder_that_may_not_be_written_is_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the file for the queue of writers cannot be made, the StoreError names the store."""

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with closing(SqliteStore(file)) as store, pytest.raises(StoreError, match=r"Permission denied.*rights"):
        store.get(Space, ("main",))


def test_what_is_no_database_is_left_alone(tmp_path: Path) -> None:
    """A file of another kind is StoreCorrupt, and is not changed."""
    path = tmp_path / "letter.txt"
    path.write_text("Dear customer, " * 1_000, encoding="utf-8")
    with closing(SqliteStore(path)) as store:
        for work in (store.migrate, lambda: store.commit(ADDED)):
            with pytest.raises(StoreCorrupt, match=r"letter\.txt"):
                work()
    assert path.read_text(encoding="utf-8") == "Dear customer, " * 1_000


def test_the_document_of_another_application_is_left_alone(tmp_path: Path) -> None:
    """A SQLite file that another application has marked as its own is StoreCorrupt, and gets no tables."""
    path = tmp_path / "map.gpkg"
    execute(path, "PRAGMA application_id = 1196444487", "CREATE TABLE layer (id INTEGER)")
    with closing(SqliteStore(path)) as store, pytest.raises(StoreCorrupt, match="another application"):
        store.migrate()
    assert execute(path, "SELECT name FROM sqlite_master") == [("layer",)]


def test_tables_of_the_application_stay_as_they_are(tmp_path: Path) -> None:
    """A file that holds an application's tables gets ours beside them, whatever they are called."""
    path = tmp_path / "shop.db"
    execute(path, "CREATE TABLE customer (id INTEGER PRIMARY KEY)", "INSERT INTO customer VALUES (7)")
    with closing(SqliteStore(path)) as store:
        store.migrate()
        store.commit(Unit((Insert(sample(Customer)),)))
    assert execute(path, "SELECT * FROM customer") == [(7,)]


def test_rows_of_the_application_that_point_nowhere_are_not_our_business(tmp_path: Path) -> None:
    """Broken references among an application's own tables do not keep us from making ours."""
    path = tmp_path / "shop.db"
    execute(path, "CREATE TABLE line (item REFERENCES product (id))", "INSERT INTO line VALUES (7)")
    migrated(path)


def test_a_newer_version_is_not_touched(file: Path) -> None:
    """Tables of a newer clientloop are SchemaOutdated, with both versions and the way out."""
    execute(file, "UPDATE clientloop_version SET version_num = '9999'")
    with closing(SqliteStore(file)) as store, pytest.raises(SchemaOutdated, match=rf"9999.*{HEAD}.*upgrade"):
        store.migrate()


def test_tables_without_a_version_are_damaged(file: Path) -> None:
    """A file whose tables say no version is StoreCorrupt, rather than made anew over what is there."""
    execute(file, "DELETE FROM clientloop_version")
    with closing(SqliteStore(file)) as store, pytest.raises(StoreCorrupt, match=r"version.*backup"):
        store.migrate()


def test_a_migration_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When anything goes wrong halfway, no table stays, and the next attempt succeeds."""
    upgrade = migration.upgrade

    def failing(connection: sa.Connection) -> None:
        upgrade(connection)
        raise ZeroDivisionError

    with closing(SqliteStore(tmp_path / "new.db")) as store:
        with monkeypatch.context() as patched:
            patched.setattr(migration, "upgrade", failing)
            with pytest.raises(ZeroDivisionError):
                store.migrate()
        assert store._fetch("SELECT count(*) FROM sqlite_master", ()) == [(0,)]
        assert store._fetch("PRAGMA foreign_keys", ()) == [(1,)]
        store.migrate()
        store.commit(ADDED)


def test_rebuilding_a_table_does_not_take_its_child_rows(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While tables are migrated SQLite follows no references, so that a table can be replaced by another."""

    def rebuild(connection: sa.Connection) -> None:
        for statement in (
            "CREATE TABLE kept AS SELECT * FROM clientloop_interaction",
            "DELETE FROM clientloop_interaction",
            "INSERT INTO clientloop_interaction SELECT * FROM kept",
            "DROP TABLE kept",
            f"UPDATE clientloop_version SET version_num = '{HEAD}'",
        ):
            connection.exec_driver_sql(statement)

    text = sample(Text)
    monkeypatch.setattr(migration, "upgrade", rebuild)
    with closing(SqliteStore(file)) as store:
        store.commit(inserts(text))
        execute(file, "UPDATE clientloop_version SET version_num = '0000'")
        store.migrate()
        assert store.get(Text, ("main", text.id)) == text


def test_a_migration_that_breaks_references_is_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of ours that point nowhere after a migration are StoreCorrupt, and the migration is taken back."""
    upgrade = migration.upgrade

    def breaking(connection: sa.Connection) -> None:
        upgrade(connection)
        connection.exec_driver_sql("INSERT INTO clientloop_text VALUES ('main', x'00', NULL, 'words')")

    monkeypatch.setattr(migration, "upgrade", breaking)
    with closing(SqliteStore(tmp_path / "new.db")) as store:
        with pytest.raises(StoreCorrupt, match="clientloop_text"):
            store.migrate()
        assert store._fetch("SELECT count(*) FROM sqlite_master", ()) == [(0,)]


def test_an_application_that_reads_delays_the_first_migration(tmp_path: Path) -> None:
    """While an application reads a file in another journal mode, that cannot be changed: StoreBusy, then success."""
    path = tmp_path / "shop.db"
    execute(path, "CREATE TABLE shop_order (id INTEGER)")
    with (
        closing(sqlite3.connect(path, isolation_level=None)) as reader,
        closing(SqliteStore(path, timeout=0.05)) as store,
    ):
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM shop_order").fetchall()
        with pytest.raises(StoreBusy):
            store.migrate()
        reader.execute("COMMIT")
        store.migrate()


def test_a_file_system_without_a_log_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where SQLite cannot keep a write-ahead log, that is a StoreError and not a slower or less durable store."""
    monkeypatch.setattr(migration, "_value", lambda *_: "delete")
    with closing(SqliteStore(tmp_path / "new.db")) as store, pytest.raises(StoreError, match="local disk"):
        store.migrate()


def test_a_damaged_file_is_corrupt(file: Path) -> None:
    """Pages that make no sense are StoreCorrupt, with the path."""
    with closing(SqliteStore(file)) as store:
        store.commit(Unit(tuple(Insert(sample(Customer, number)) for number in range(500))))
    content = bytearray(file.read_bytes())
    content[8192:] = b"\xff" * (len(content) - 8192)
    file.write_bytes(content)
    with closing(SqliteStore(file)) as store, pytest.raises(StoreCorrupt, match=str(file)):
        list(store.pages(Customer, "main"))


def test_closing_lets_go_of_the_file_though_somebody_keeps_an_error(file: Path) -> None:
    """An error in the middle of an answer, with all that its traceback knows, does not keep the file open."""
    execute(file, "INSERT INTO clientloop_space VALUES ('main', CAST(x'ff' AS TEXT), 'UTC', 'en', 'EUR', 1)")
    with closing(SqliteStore(file)) as store, pytest.raises(StoreCorrupt) as kept:
        store.get(Space, ("main",))
    assert kept.value.__traceback__ is not None
    assert not Path(f"{file}-shm").exists()
