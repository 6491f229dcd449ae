"""Units as part of a transaction that is the caller's."""

import sqlite3
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from clientloop.errors import InvalidValue, NotSupported
from clientloop.sql.work import Cursor
from clientloop.stores.sqlite.errors import Work
from clientloop.stores.sqlite.search import SearchingStore

_PLACE = "the caller's database"


class Caller(Protocol):
    """The application's connection."""

    @property
    def cursor(self) -> Cursor:
        """Executes statements on it."""
        ...

    @property
    def driver(self) -> sqlite3.Connection:
        """The driver's own connection."""
        ...

    def check(self) -> None:
        """Refuse a connection that is in no transaction and begins none.

        Raises:
            InvalidValue: It commits each statement by itself.
        """
        ...

    def begin(self) -> None:
        """Make sure that the database is in the caller's transaction; checked before."""
        ...


class DriverCaller:
    """A connection of the module `sqlite3` that is in a transaction, such as Django's.

    Args:
        connection: The connection.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Take a cursor of our own, so that rows are plain whatever the caller makes of his."""
        self.driver = connection
        self.cursor = connection.cursor()
        self.cursor.row_factory = None

    def check(self) -> None:
        """Refuse a connection that is in no transaction."""
        if not self.driver.in_transaction:
            raise InvalidValue(
                "the connection is in no transaction that could be joined",
                hint="execute BEGIN IMMEDIATE on it first; with Django, join within transaction.atomic()",
            )

    def begin(self) -> None:
        """Nothing to do: the transaction is there already."""


class AlchemyCaller:
    """A connection of SQLAlchemy's: all goes through it, so that it knows that there is something to commit.

    Args:
        connection: The connection.
    """

    def __init__(self, connection: sa.Connection) -> None:
        """Note the connection."""
        self._connection = connection
        self._result: sa.CursorResult[Any] | None = None  # Any: rows mix int, str, bytes and None

    @property
    def cursor(self) -> Cursor:
        """Executes statements: this object itself."""
        return self

    @property
    def driver(self) -> Any:  # Any: sqlite3's connection, or one of another driver that has the same attributes
        """The driver's own connection."""
        return self._connection.connection.driver_connection

    def check(self) -> None:
        """Have SQLAlchemy begin; its transaction need not have reached the database yet."""
        if not self._connection.in_transaction():
            self._connection.exec_driver_sql("SELECT 1").close()
        if not self.driver.in_transaction and self.driver.isolation_level is None:
            raise InvalidValue(
                "the connection commits each statement by itself, so there is no transaction to join",
                hint="take one that is not in AUTOCOMMIT, or send BEGIN on SQLAlchemy's event `begin`",
            )

    def begin(self) -> None:
        """Begin before our savepoint, which sqlite3 would not do, and SQLite would commit the savepoint alone."""
        if not self.driver.in_transaction:
            self.execute("BEGIN IMMEDIATE")

    @property
    def rowcount(self) -> int:
        """How many rows the last statement changed."""
        assert self._result is not None, "there was a statement"
        return self._result.rowcount

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> None:
        """Execute a statement."""
        self._result = self._connection.exec_driver_sql(sql, tuple(parameters))

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]], /) -> None:
        """Execute a statement for one row of parameters after another."""
        for row in rows:
            self.execute(sql, row)

    def fetchall(self) -> list[Any]:
        """All rows of the answer."""
        assert self._result is not None, "there was a statement"
        return [tuple(row) for row in self._result]


class JoinedStore(SearchingStore):
    """Reads and writes within the caller's transaction; each unit is a savepoint of it.

    There is no turnstile, no retry and no migration here: when to begin, commit and try again is the caller's business.

    Args:
        caller: The caller's connection.
    """

    dialect = sqlite.dialect(paramstyle="qmark")

    def __init__(self, caller: Caller) -> None:
        """Refuse a connection on which a unit would not be what it is elsewhere."""
        self._caller = caller
        with Work(_PLACE):
            caller.check()
        if not self._fetch("PRAGMA foreign_keys", ())[0][0]:
            raise NotSupported(
                "the connection does not enforce foreign keys, so a unit could point nowhere",
                hint="execute PRAGMA foreign_keys = ON on it right after connecting",
            )

    def migrate(self) -> None:
        """Refuse: tables are not made within the caller's transaction."""
        raise NotSupported("a joined store cannot be migrated", hint="call migrate() on the store itself, beforehand")

    def close(self) -> None:
        """Nothing to let go of: the connection is the caller's."""

    def _fetch(self, sql: str, parameters: Sequence[Any]) -> list[Any]:
        with self._reading() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchall()

    @contextmanager
    def _reading(self) -> Generator[Cursor]:
        with Work(_PLACE), _plain_text(self._caller.driver):
            yield self._caller.cursor

    @contextmanager
    def _writing(self) -> Generator[Work]:
        with Work(_PLACE) as work, _plain_text(self._caller.driver):
            self._caller.check()
            self._caller.begin()
            work.cursor = self._caller.cursor
            work.cursor.execute("SAVEPOINT clientloop")
            try:
                yield work
            except BaseException:
                if self._caller.driver.in_transaction:  # some errors have rolled all back already
                    work.cursor.execute("ROLLBACK TO clientloop")
                    work.cursor.execute("RELEASE clientloop")
                raise
            work.cursor.execute("RELEASE clientloop")


@contextmanager
def _plain_text(driver: sqlite3.Connection) -> Generator[None]:
    """A block in which texts come as `str`, whatever the caller makes of his."""
    theirs, driver.text_factory = driver.text_factory, str
    try:
        yield
    finally:
        driver.text_factory = theirs


def join(connection: object) -> JoinedStore:
    """A store in the transaction of a connection.

    Args:
        connection: SQLAlchemy's `Connection` on SQLite, or a `sqlite3.Connection` that is in a transaction.

    Raises:
        InvalidValue: It is neither, or in no transaction.
        NotSupported: It does not enforce foreign keys.
    """
    if isinstance(connection, sqlite3.Connection):
        return JoinedStore(DriverCaller(connection))
    if isinstance(connection, sa.Connection) and connection.dialect.name == "sqlite":
        return JoinedStore(AlchemyCaller(connection))
    raise InvalidValue(
        f"{type(connection).__module__}.{type(connection).__qualname__} is no connection to a SQLite database",
        hint="give a SQLAlchemy Connection (of a Session: session.connection()) or a sqlite3.Connection "
        "(of Django: connection.connection)",
    )
