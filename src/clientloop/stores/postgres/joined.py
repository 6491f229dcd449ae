"""Units as part of a transaction that is the caller's."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import psycopg
import sqlalchemy as sa
from psycopg.pq import TransactionStatus
from psycopg.rows import tuple_row

from clientloop.errors import InvalidValue, NotSupported
from clientloop.sql.work import Cursor
from clientloop.stores.postgres.connections import Connection
from clientloop.stores.postgres.errors import Work
from clientloop.stores.postgres.speaking import PostgresSpeaker

_PLACE = "the caller's database"


class JoinedStore(PostgresSpeaker):
    """Reads and writes within the caller's transaction; each unit is a savepoint of it.

    There is no retry and no migration here: when to begin, commit and try again is the caller's business.

    Args:
        connection: The driver's connection.
    """

    def __init__(self, connection: Connection) -> None:
        """Take a cursor of our own, so that rows are plain whatever the caller makes of his."""
        self._connection = connection
        self._check()
        # a cast, for psycopg asks for statements that stand in the code, and ours are compiled
        self._cursor = cast("Cursor", psycopg.RawCursor(connection, row_factory=tuple_row))

    def migrate(self) -> None:
        """Refuse: tables are not made within the caller's transaction."""
        raise NotSupported("a joined store cannot be migrated", hint="call migrate() on the store itself, beforehand")

    def close(self) -> None:
        """Nothing to let go of: the connection is the caller's."""

    def _recount(self, cursor: Cursor, space: str) -> None:
        """Leave it to workers: the caller's transaction may see an older state, and would keep the lock."""

    def _check(self) -> None:
        """Refuse a connection that commits each statement by itself."""
        if self._connection.autocommit and self._connection.info.transaction_status is TransactionStatus.IDLE:
            raise InvalidValue(
                "the connection commits each statement by itself, so there is no transaction to join",
                hint="join within connection.transaction(), or within transaction.atomic() with Django",
            )

    def _fetch(self, sql: str, parameters: Sequence[Any]) -> list[Any]:
        with self._reading() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchall()

    @contextmanager
    def _reading(self) -> Generator[Cursor]:
        """A savepoint too: an error would leave the caller's transaction without a way on."""
        with self._savepoint() as work:
            yield work.cursor

    @contextmanager
    def _writing(self) -> Generator[Work]:
        with self._savepoint() as work:
            yield work

    @contextmanager
    def _savepoint(self) -> Generator[Work]:
        with Work(_PLACE) as work:
            self._check()
            work.cursor = self._cursor
            work.cursor.execute("SAVEPOINT clientloop")
            try:
                yield work
            except BaseException:
                if not self._connection.broken:
                    work.cursor.execute("ROLLBACK TO clientloop")
                    work.cursor.execute("RELEASE clientloop")
                raise
            work.cursor.execute("RELEASE clientloop")


def join(connection: object) -> JoinedStore:
    """A store in the transaction of a connection.

    Args:
        connection: SQLAlchemy's `Connection` by psycopg, or a `psycopg.Connection`.

    Raises:
        InvalidValue: It is neither, or commits each statement by itself.
    """
    if isinstance(connection, psycopg.Connection):
        return JoinedStore(connection)
    if isinstance(connection, sa.Connection) and connection.dialect.driver == "psycopg":
        if not connection.in_transaction():
            connection.exec_driver_sql("SELECT 1").close()  # has SQLAlchemy begin, so that it knows what to commit
        return JoinedStore(cast("Connection", connection.connection.driver_connection))
    raise InvalidValue(
        f"{type(connection).__module__}.{type(connection).__qualname__} is no connection to PostgreSQL by psycopg",
        hint="give a SQLAlchemy Connection of an engine postgresql+psycopg:// (of a Session: session.connection()) or "
        "a psycopg.Connection (of Django: connection.connection)",
    )
