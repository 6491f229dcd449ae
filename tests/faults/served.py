"""A PostgreSQL database where the firm is tried."""

import time
from pathlib import Path

import psycopg

from clientloop.sql.tables import METADATA
from tests.faults.forks import HANGS
from tests.faults.places import Place
from tests.postgres import Server

_TABLES = [table.name for table in METADATA.sorted_tables]

#: A schema that keeps what the tables held when the firm was furnished.
_KEPT = "furnished"

#: Its name.
_DATABASE = "killed"

#: How many others still have a session there.
_LEFT = (
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)


class PostgresPlace(Place):
    """A database on a server of the tests' own."""

    def __init__(self, folder: Path, server: Server) -> None:
        super().__init__(folder)
        server.drop_database(_DATABASE)
        self.url = server.new_database(_DATABASE)
        self._tests = psycopg.connect(self.url, autocommit=True)
        self._found(self.url)
        self.settle()
        keep = [f"CREATE TABLE {_KEPT}.{table} AS TABLE {table}" for table in _TABLES]
        self._execute(f"CREATE SCHEMA {_KEPT}", *keep)

    def settle(self) -> None:
        """A server goes on for a moment with what it was sent."""
        ends = time.monotonic() + HANGS
        while self._tests.execute(_LEFT).fetchone() != (0,):
            assert time.monotonic() < ends, "a session outlives its process"
            time.sleep(0.001)

    def _put_back(self) -> None:
        empty = [f"DELETE FROM {table}" for table in reversed(_TABLES)]
        fill = [f"INSERT INTO {table} SELECT * FROM {_KEPT}.{table}" for table in _TABLES]
        self._execute("BEGIN", *empty, *fill, "COMMIT")

    def _execute(self, *statements: str) -> None:
        self._tests.execute("; ".join(statements).encode())

    def close(self) -> None:
        """Leave the server."""
        self._tests.close()
