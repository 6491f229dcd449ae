"""Stores of older versions: how they are made, and what can be compared of two."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from attrs import frozen

from clientloop.ports.store import Store
from clientloop.sql.tables import PREFIX, VERSION_TABLE
from clientloop.stores.sqlite import SqliteStore

#: A value of each type; the same everywhere, so that rows point to one another.
VALUES: dict[type, object] = {int: 1, str: "{}", bytes: bytes(16)}

#: What is to be asked for all that a schema consists of.
_SCHEMA = {
    "sqlite": ("SELECT type, name, tbl_name, sql FROM sqlite_master",),
    "postgresql": (
        """
        SELECT table_name, column_name, ordinal_position, data_type, collation_name, is_nullable, column_default
        FROM information_schema.columns WHERE table_schema = current_schema()
        """,
        "SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema()",
        """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = current_schema()::regnamespace
        """,
        "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
        "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = current_schema()::regnamespace",
    ),
}


@frozen(kw_only=True)
class Database:
    """A database."""

    #: What kind of database it is.
    kind: str
    #: Opens the store there.
    store: Callable[[], Store]
    #: Connects to it as something else than the library.
    engine: sa.Engine

    @classmethod
    def in_file(cls, path: Path) -> "Database":
        """A SQLite file."""
        engine = sa.create_engine(f"sqlite:///{path}", poolclass=sa.NullPool)
        return cls(kind="sqlite", store=lambda: SqliteStore(path), engine=engine)

    @classmethod
    def on_server(cls, url: str) -> "Database":
        """A database of PostgreSQL's."""
        import psycopg  # may not be installed

        from clientloop.stores.postgres import PostgresStore

        dialect = "postgresql+psycopg://"
        engine = sa.create_engine(dialect, creator=lambda: psycopg.connect(url), poolclass=sa.NullPool)
        return cls(kind="postgresql", store=lambda: PostgresStore(url), engine=engine)

    def migrate_to(self, revision: str) -> None:
        """Make the tables as they were at a revision, with a row in each."""
        config = Config()
        config.set_main_option("script_location", "clientloop.sql:migrations")
        with self.engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
            for table in _tables(connection):
                row = {column.name: VALUES[column.type.python_type] for column in table.columns}
                connection.execute(table.insert().values(row))

    def version(self) -> str | None:
        """The version of the tables, if there are any."""
        with self.engine.begin() as connection:
            if not sa.inspect(connection).has_table(VERSION_TABLE):
                return None
            return str(connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalar_one())

    def schema(self) -> list[str]:
        """All that its tables consist of."""
        with self.engine.begin() as connection:
            asked = _SCHEMA[self.kind]
            return sorted(repr(tuple(row)) for question in asked for row in connection.exec_driver_sql(question))

    def rows(self) -> dict[str, list[Any]]:
        """What its tables hold, but for those that hold nothing."""
        with self.engine.begin() as connection:
            names = [name for name in sa.inspect(connection).get_table_names() if _is_ours(name)]
            held = {name: list(connection.exec_driver_sql(f"SELECT * FROM {name}")) for name in names}
        return {name: rows for name, rows in held.items() if rows}

    def state(self) -> tuple[str | None, list[str], dict[str, list[Any]]]:
        """All of that."""
        return self.version(), self.schema(), self.rows()


def _tables(connection: sa.Connection) -> list[sa.Table]:
    """The tables of records, those that are pointed to first."""
    known = sa.MetaData()
    known.reflect(connection, only=lambda name, _: _is_ours(name))
    return known.sorted_tables


def _is_ours(table: str) -> bool:
    """Whether a table is one of records: neither the application's, nor of the index of words, nor that of versions."""
    return table.startswith(PREFIX) and "search" not in table and table != VERSION_TABLE
