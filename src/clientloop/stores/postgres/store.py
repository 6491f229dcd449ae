"""The store in a PostgreSQL database."""

import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any, Self

import psycopg
from sqlalchemy.dialects.postgresql.base import PGDialect

from clientloop.errors import InvalidValue, StoreBusy
from clientloop.model.record import Record
from clientloop.model.units import Row, Unit
from clientloop.ports.store import StoreCapabilities
from clientloop.sql import statements
from clientloop.sql.conditions import Shape
from clientloop.sql.plans import Overflow
from clientloop.sql.store import Cursor, SqlStore
from clientloop.stores.postgres.connections import Link, Links, Transaction
from clientloop.stores.postgres.errors import TRIES, Work
from clientloop.stores.postgres.migration import migrate

#: How many seconds to wait before a unit is tried anew, times the number of the try.
_PAUSE = 0.002


class PostgresStore(SqlStore):
    """Keeps records in a PostgreSQL database, which any number of machines may share.

    The database may also hold an application's own tables: those of clientloop begin with `clientloop_`, and lie where
    the user's `search_path` puts them.

    Args:
        conninfo: A connection string of libpq, or a URL.
    """

    dialect = PGDialect(paramstyle="numeric_dollar")

    def __init__(self, conninfo: str) -> None:
        """Note where the database is; a connection is made when it is needed."""
        try:
            known = psycopg.conninfo.conninfo_to_dict(conninfo)
        except psycopg.Error as error:
            raise InvalidValue(
                f"this is no address of a PostgreSQL database: {str(error).strip()}",
                hint="write it like postgresql://user@host/database",
            ) from None
        self._conninfo = conninfo
        self._place = f"database {known.get('dbname') or known.get('user') or ''} on {known.get('host') or 'localhost'}"
        self._links = Links(conninfo, self._place)

    @classmethod
    def open(cls, url: str) -> Self:
        """The store in the database that a URL names.

        Args:
            url: `postgresql://user:password@host:port/database?options`, as libpq reads it.

        Raises:
            InvalidValue: It names no database.
        """
        return cls(url)

    def migrate(self) -> None:
        """Make an empty database ready, or bring one of an older version up to date; harmless when that is done."""
        with self._lent() as link:
            migrate(link, self._conninfo, self._place)

    def close(self) -> None:
        """Close all connections; closing twice is harmless."""
        self._links.close()

    def capabilities(self) -> StoreCapabilities:
        """What the store can do beyond the obligatory."""
        return StoreCapabilities(durable=True, shared=True)

    def commit(self, unit: Unit) -> None:
        """Make all changes of a unit, in order, or none of them.

        A unit that the server rolled back because it met another one (a deadlock, a serialization failure) is tried
        anew: it is plain data, and nothing of it has happened.
        """
        for number in range(1, TRIES + 1):
            try:
                return super().commit(unit)
            except StoreBusy:
                if number == TRIES:
                    raise
                time.sleep(_PAUSE * number)
        return None

    def _take(self, cursor: Cursor, record: Record, shape: Shape, wanted: Row, until: int) -> list[Row]:
        """In one statement, past the rows that others are just claiming."""
        cursor.execute(statements.take(self.dialect, record, shape), (until, *wanted))
        rows = sorted(cursor.fetchall(), key=lambda row: (row[-1], record.key_of(row)))
        return [row[:-1] for row in rows]

    def _recount(self, cursor: Cursor, space: str) -> None:
        """After a lock, for a statement sees what was committed before it began, and not what it waits for."""
        cursor.execute(statements.lock_space(self.dialect), (space,))
        super()._recount(cursor, space)

    @contextmanager
    def _lent(self) -> Generator[Link]:
        with Work(self._place):
            link = self._links.take()
            try:
                yield link
            finally:
                self._links.give(link)

    def _fetch(self, sql: str, parameters: Sequence[Any]) -> list[Any]:
        with self._lent() as link:
            link.cursor.execute(sql, parameters)
            return link.cursor.fetchall()

    @contextmanager
    def _reading(self) -> Generator[Cursor]:
        try:
            with self._lent() as link, Transaction(link, "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY") as cursor:
                yield cursor
        except InvalidValue as error:
            if isinstance(error.__cause__, psycopg.errors.NumericValueOutOfRange):
                raise Overflow(*error.args) from error.__cause__
            raise

    @contextmanager
    def _writing(self) -> Generator[Work]:
        with Work(self._place) as work:
            link = self._links.take()
            try:
                with Transaction(link, "BEGIN") as work.cursor:
                    yield work
            finally:
                self._links.give(link)
