"""The store in a SQLite file."""

import os
import re
import sqlite3
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from sqlalchemy.dialects import sqlite

from clientloop.errors import InvalidValue, StoreCorrupt, UnknownName
from clientloop.model.record import Record
from clientloop.model.units import Row
from clientloop.ports.store import Store, StoreCapabilities
from clientloop.sql import statements
from clientloop.sql.work import Cursor
from clientloop.stores.sqlite.backup import back_up, faults_of
from clientloop.stores.sqlite.connections import Links, Transaction
from clientloop.stores.sqlite.errors import Work, meaning_of
from clientloop.stores.sqlite.joined import join
from clientloop.stores.sqlite.migration import migrate
from clientloop.stores.sqlite.search import SearchingStore


class SqliteStore(SearchingStore):
    """Keeps records in a SQLite file, which several threads and processes may share.

    What a commit has acknowledged survives a power cut. The file may also hold an application's own tables: those of
    clientloop begin with `clientloop_`.

    Args:
        path: The file; made by `migrate`, its folder is not.
        timeout: How many seconds a write waits for an application's own transaction before it gives up with
            `StoreBusy`. Writes of clientloop itself queue, over all processes, and wait their turn.

    >>> from tempfile import mkdtemp
    >>> from clientloop.model.spaces import Space
    >>> from clientloop.model.units import Insert, Unit
    >>> store = SqliteStore(Path(mkdtemp(), "shop.db"))
    >>> store.migrate()
    >>> store.commit(Unit((Insert(Space(space="main", region="SI")),)))
    >>> store.get(Space, ("main",)).region
    'SI'
    >>> store.close()
    """

    dialect = sqlite.dialect(paramstyle="qmark")

    def __init__(self, path: str | os.PathLike[str], *, timeout: float = 10) -> None:
        """Note where the file is; it is opened when it is needed."""
        if str(path) in {"", ":memory:"}:
            raise InvalidValue(f"{str(path)!r} is no path of a file", hint="a store in memory has the URL memory:")
        self._path = Path(path).absolute()
        self._links = Links(self._path, timeout=timeout)

    @classmethod
    def open(cls, url: str) -> Self:
        """The store in the file that a URL names.

        Args:
            url: `sqlite:///shop.db`, relative to the working folder, or `sqlite:////srv/shop.db`; `?timeout=3` behind
                it is the argument of the same name, in seconds.

        Raises:
            InvalidValue: It names no file, or the timeout is no number of seconds.
            UnknownName: It has an option that there is not.
        """
        scheme, found, rest = url.partition(":///")
        if scheme != "sqlite" or not found:
            raise InvalidValue(f"{url!r:.80} names no SQLite file", hint="write it like sqlite:///shop.db")
        path, _, query = rest.partition("?")
        return cls(path, **_options(query))

    def migrate(self) -> None:
        """Make an empty file ready, or bring one of an older version up to date; harmless when that is done."""
        with self._work():
            link = self._links.take(create=True)
            try:
                migrate(link, self._path)
            finally:
                self._links.give(link)

    def close(self) -> None:
        """Close all connections; closing twice is harmless."""
        self._links.close()

    def backup(self, target: Path) -> None:
        """Write a copy of the file, as it is at one moment, while others go on writing.

        The copy is a store of its own, whole and synced before it gets its name; an application's own tables in the
        file are in it too.

        Args:
            target: The file to write, which must not exist yet.

        Raises:
            InvalidValue: There is such a file.
            StoreFull: The disk is.
            StoreCorrupt: What was copied is damaged.
            StoreError: The copy cannot be written there.
        """
        with Work(f"{self._path} to {target}"):
            link = self._links.take()
            try:
                back_up(link.connection, target)
            finally:
                self._links.give(link)

    def damage(self) -> Sequence[str]:
        """What SQLite finds wrong with the file; it reads all of it, if the tables are of this version."""
        if faults := super().damage():
            return faults
        with self._work():
            link = self._links.take()
            try:
                return faults_of(link.connection)
            finally:
                self._links.give(link)

    def capabilities(self) -> StoreCapabilities:
        """What the store can do beyond the obligatory."""
        return StoreCapabilities(joins=True, durable=True, shared=True)

    @contextmanager
    def joined(self, connection: object) -> Generator[Store]:
        """A store whose units become part of the caller's transaction; what they write is seen there at once.

        Each unit is a savepoint: one that is refused leaves the transaction as it was. The transaction is the caller's
        to begin (best with BEGIN IMMEDIATE), to commit and to try again.

        Args:
            connection: SQLAlchemy's `Connection` on this file, or a `sqlite3.Connection` on it that is in a
                transaction; foreign keys must be enforced on it.

        Raises:
            InvalidValue: It is neither, or in no transaction.
            NotSupported: It does not enforce foreign keys.
        """
        yield join(connection)

    def _work(self) -> Work:
        return Work(str(self._path))

    def _fetch(self, sql: str, parameters: Sequence[Any]) -> list[Any]:
        with self._work():
            link = self._links.take()
            try:
                return link.cursor.execute(sql, parameters).fetchall()
            finally:
                self._links.give(link)

    @contextmanager
    def _reading(self) -> Generator[Cursor]:
        with self._work():
            link = self._links.take()
            try:
                with Transaction(link, "BEGIN") as cursor:
                    yield cursor
            finally:
                self._links.give(link)

    @contextmanager
    def _writing(self) -> Generator[Work]:
        with self._work() as work:
            link = self._links.take()
            try:
                with link.turnstile, Transaction(link, "BEGIN IMMEDIATE") as work.cursor:
                    yield work
            finally:
                self._links.give(link)

    def _taken(self, cursor: Cursor, record: Record, keys: Iterable[Row]) -> list[Row]:
        """One by one where a text among them is none: the driver then reads no row that comes after it."""
        rows = _read(cursor)
        if rows is not None:
            return rows
        rows = []
        for key in keys:
            cursor.execute(statements.get(self.dialect, record), key)
            rows += _read(cursor) or [key]
        return rows


def _options(query: str) -> dict[str, float]:
    """What stands behind the question mark of a URL, by its names."""
    options = {}
    for option in filter(None, query.split("&")):
        name, _, value = option.partition("=")
        if name != "timeout":  # the value is not shown: in URLs of other stores it may be a password
            raise UnknownName.among(name, ["timeout"], what="option of a SQLite file")
        if not _SECONDS.fullmatch(value):
            raise InvalidValue(f"timeout={value:.20} is no number of seconds", hint="write it like timeout=2.5")
        options[name] = float(value)
    return options


_SECONDS = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?")


def _read(cursor: Cursor) -> list[Row] | None:
    """All rows of an answer; None if a text among them is none."""
    try:
        return cursor.fetchall()
    except sqlite3.OperationalError as error:
        if meaning_of(error).error is StoreCorrupt:
            return None
        raise
