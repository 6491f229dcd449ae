"""Connections to one database: lent to one thread at a time, opened anew in a forked process, dropped when broken."""

import os
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Any, Self, TypeAlias, cast

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import ConnectionPool, PoolTimeout

from clientloop.errors import StoreError
from clientloop.sql.work import Cursor
from clientloop.stores.postgres.errors import UNREACHED

Connection: TypeAlias = psycopg.Connection[Any]  # Any: rows mix int, str, bytes and None

#: How a connection is made where its address does not say otherwise: one that has gone silent is given up.
DEFAULTS = {
    "connect_timeout": "5",
    "keepalives_idle": "30",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
    "application_name": "clientloop",
}

#: How many seconds a thread waits for a connection: as long as it takes to start a server again.
PATIENCE = 10.0

#: How many statements a connection keeps prepared: those of all records, with room for an application's conditions.
_PREPARED = 512

#: How many seconds it waits before it looks why there is none.
_LOOK = 0.5

#: Begins each unit, and each question in several parts.
BEGIN_WRITING = "BEGIN ISOLATION LEVEL READ COMMITTED"
BEGIN_READING = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"


class Preparing(psycopg.RawCursor[Any]):
    """Prepares each statement when it is first executed.

    By itself psycopg counts first; what it then prepares in a pipeline that is refused, it believes to be there.
    """

    def execute(self, query: Any, params: Any = None, *, prepare: bool | None = None, **options: Any) -> Self:
        """Execute a statement. Any: psycopg's own types, handed on."""
        return super().execute(query, params, prepare=prepare is not False, **options)


class Lost(psycopg.OperationalError):
    """The connection was lost: whatever the server said last, nobody knows what became of what was sent."""


@contextmanager
def lost_if_broken(connection: Connection) -> Generator[None]:
    """A block whose errors are `Lost` where they cost the connection: a server may say why it dies, as on a full disk.

    Args:
        connection: The connection that the block uses.

    Raises:
        Lost: In place of what psycopg raised, if the connection is broken.
    """
    try:
        yield
    except psycopg.Error as error:
        if connection.broken:
            raise Lost(error.diag.message_primary or str(error).strip()) from error
        raise


def _configure(connection: Connection) -> None:
    """Have statements see what was committed before they began, whatever the database's own default is."""
    connection.prepared_max = _PREPARED
    connection.execute("SET default_transaction_isolation = 'read committed'", prepare=False)


class Links:
    """The connections of one process to one database.

    Args:
        conninfo: A libpq connection string or URL.
        place: What the database is called in messages, without a password.
        most: How many are open at most; more threads than that wait for one another.
    """

    def __init__(self, conninfo: str, place: str, *, most: int) -> None:
        """Connect to nothing yet."""
        self._most = most
        self.conninfo, self._place = make_conninfo(**_with_defaults(conninfo)), place
        self._lock = threading.Lock()
        self._pool: ConnectionPool[Connection] | None = None
        self._process = os.getpid()
        self._parents: list[ConnectionPool[Connection]] = []
        self._closed = False
        self._failure: psycopg.Error | None = None
        self._has_been_there = False

    @contextmanager
    def lent(self) -> Generator[Connection]:
        """A block that has a connection to itself, in no transaction.

        Raises:
            StoreError: The store is closed, the server cannot be reached, or all connections are in use.
            Lost: The connection was lost in the block.
        """
        pool = self._opened()
        connection = self._taken(pool)
        try:
            with lost_if_broken(connection):
                yield connection
        finally:
            pool.putconn(connection)

    @contextmanager
    def begun(self, begin: str) -> Generator[Cursor]:
        """A block that is committed at its end, or rolled back; a connection that is lost has done that itself.

        Args:
            begin: The statement that begins it.

        Raises:
            StoreError: As of `lent`.
            Lost: The connection was lost, at the end perhaps after the transaction was committed.
            psycopg.Error: The transaction was not committed.
        """
        pool = self._opened()
        connection = self._begun(pool, begin)
        try:
            with lost_if_broken(connection):
                # a cast, for psycopg asks for statements that stand in the code, and ours are compiled
                yield cast("Cursor", connection.cursor())
                connection.execute("COMMIT", prepare=False)
        except BaseException:
            with suppress(psycopg.Error):  # with a lost connection the transaction ends by itself
                connection.execute("ROLLBACK", prepare=False)
            raise
        finally:
            pool.putconn(connection)

    def forget_broken(self) -> None:
        """Drop the connections that were lost while nobody used them."""
        self._opened().check()

    def close(self) -> None:
        """Close all connections, those that are lent when they are given back."""
        self._leave_the_parents()
        with self._lock:
            self._closed = True
            if self._pool is not None:
                self._pool.close()
                self._pool = None

    def connect(self) -> Connection:
        """A connection that belongs to the caller."""
        return psycopg.Connection.connect(self.conninfo, autocommit=True, cursor_factory=psycopg.RawCursor)

    def _opened(self) -> "ConnectionPool[Connection]":
        self._leave_the_parents()
        with self._lock:
            if self._closed:
                raise StoreError(f"{self._place}: the store is closed", hint="open it again")
            if self._pool is None:
                self._pool = self._made()
            return self._pool

    def _leave_the_parents(self) -> None:
        """What came by a fork is the parent's, and perhaps locked: even to close it would end the parent's session."""
        if self._process != os.getpid():
            self._lock = threading.Lock()
            self._parents += [self._pool] if self._pool is not None else []
            self._pool, self._process = None, os.getpid()

    def _made(self) -> "ConnectionPool[Connection]":
        links = self

        class Noting(psycopg.Connection[Any]):
            """A connection whose failure to come about is noted, which the pool keeps to itself."""

            @classmethod
            def connect(cls, *args: Any, **kwargs: Any) -> Any:  # Any: psycopg's own arguments, handed on
                try:
                    made = super().connect(*args, **kwargs)
                except psycopg.Error as error:
                    links._failure = error
                    raise
                links._failure = None
                return made

        return ConnectionPool(
            self.conninfo,
            connection_class=Noting,
            kwargs={"autocommit": True, "cursor_factory": Preparing},
            configure=_configure,
            min_size=0,
            max_size=self._most,
            num_workers=1,
            reconnect_timeout=0,  # whoever needs a connection tries: no pause grows with the length of an outage
            open=True,
            name="clientloop",
        )

    def _begun(self, pool: "ConnectionPool[Connection]", begin: str) -> Connection:
        """A connection in a transaction: nothing is lost with one that turns out to be dead before it began."""
        try:
            return self._begun_once(pool, begin)
        except Lost:
            pool.check()
            return self._begun_once(pool, begin)

    def _begun_once(self, pool: "ConnectionPool[Connection]", begin: str) -> Connection:
        connection = self._taken(pool)
        try:
            with lost_if_broken(connection):
                connection.execute(begin.encode(), prepare=False)
        except BaseException:
            pool.putconn(connection)
            raise
        return connection

    def _taken(self, pool: "ConnectionPool[Connection]") -> Connection:
        """A connection, or why there is none: at once where there never was one, for then the address may be wrong."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                connection = pool.getconn(timeout=_LOOK)
            except PoolTimeout:
                hopeless = self._failure is not None and not self._has_been_there
                if time.monotonic() < until and not hopeless:
                    continue
                raise self._why() from self._failure
            self._has_been_there = True
            return connection

    def _why(self) -> StoreError:
        """Why there is no connection."""
        if self._failure is not None:
            return StoreError(f"{self._place}: {' '.join(str(self._failure).split())}", hint=UNREACHED)
        message = f"{self._place}: all {self._most} connections are in use"
        return StoreError(message, hint="use fewer threads, or let it have more: ?connections=32")


def _with_defaults(conninfo: str) -> dict[str, Any]:  # Any: as libpq has them
    return {**DEFAULTS, **conninfo_to_dict(conninfo)}
