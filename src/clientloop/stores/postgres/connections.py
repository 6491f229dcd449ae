"""Connections to one database: lent to one thread at a time, opened anew in a forked process, dropped when broken."""

import os
from types import TracebackType
from typing import Any

import psycopg

from clientloop.errors import StoreError
from clientloop.sql.store import Cursor


class Link:
    """A connection that begins and ends its transactions by statements, and the one cursor that all of them use.

    Args:
        conninfo: A libpq connection string or URL.
    """

    def __init__(self, conninfo: str) -> None:
        """Connect."""
        # Any: rows mix int, str, bytes and None
        self.connection: psycopg.Connection[Any] = psycopg.connect(conninfo, autocommit=True)
        self.cursor: Cursor = psycopg.RawCursor(self.connection)

    @property
    def is_usable(self) -> bool:
        """Whether it is open and in no transaction."""
        return self.connection.info.transaction_status is psycopg.pq.TransactionStatus.IDLE

    def close(self) -> None:
        """Let go of the connection."""
        self.connection.close()


class Transaction:
    """A block on a link that is committed at its end, or rolled back.

    Args:
        link: The link.
        begin: The statement that begins it.
    """

    __slots__ = ("_begin", "_link")

    def __init__(self, link: Link, begin: str) -> None:
        """Begin nothing yet."""
        self._link, self._begin = link, begin

    def __enter__(self) -> Cursor:
        """Begin."""
        self._link.cursor.execute(self._begin)
        return self._link.cursor

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End; a connection that is lost has ended its transaction with it."""
        if error is None:
            self._link.cursor.execute("COMMIT")
        elif not self._link.connection.broken:
            self._link.cursor.execute("ROLLBACK")


class Links:
    """The links of one process to one database, lent to one thread at a time.

    Args:
        conninfo: As of `Link`.
        place: What the database is called in messages, without a password.
    """

    def __init__(self, conninfo: str, place: str) -> None:
        """Connect to nothing yet."""
        self._conninfo, self._place = conninfo, place
        self._idle: list[Link] = []  # taken and given back at the end: the last one used is the warmest
        self._process = os.getpid()
        self._parents: list[Link] = []
        self._closed = False

    def take(self) -> Link:
        """An idle link, or a new one."""
        if self._process != os.getpid():
            # what came by a fork is the parent's: even to close it would end the parent's session
            self._parents += self._idle
            self._idle, self._process = [], os.getpid()
        if self._closed:
            raise StoreError(f"{self._place}: the store is closed", hint="open it again")
        try:
            return self._idle.pop()
        except IndexError:
            return Link(self._conninfo)

    def give(self, link: Link) -> None:
        """Take a link back; one that broke is dropped."""
        if link.is_usable:
            self._idle.append(link)
        else:
            link.close()
        if self._closed:
            self.close()

    def close(self) -> None:
        """Close all idle links, and the others when they are given back."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()
