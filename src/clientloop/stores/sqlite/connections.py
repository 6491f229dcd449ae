"""Connections to one file: safe by default, lent to one thread at a time, opened anew in a forked process."""

import os
import sqlite3
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from clientloop.errors import StoreError
from clientloop.sql.work import Cursor
from clientloop.stores.sqlite.turnstile import Turnstile

#: Statements that a connection keeps prepared: those of all records, with room for an application's conditions.
_PREPARED = 512

_PRAGMAS = (
    "PRAGMA synchronous = FULL",  # in WAL mode NORMAL loses acknowledged commits in a power cut
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -16384",  # KiB
)


class Link:
    """A connection with the one cursor that all its statements use, and its place at the turnstile.

    Args:
        path: The database's file.
        timeout: How many seconds to wait for a writer that does not queue at the turnstile.
        create: Whether to make the file if it is not there.
    """

    def __init__(self, path: Path, *, timeout: float, create: bool = False) -> None:
        """Open the file."""
        mode = "rwc" if create else "rw"
        self.connection = sqlite3.connect(
            f"file:{quote(str(path))}?mode={mode}",
            uri=True,
            timeout=timeout,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=_PREPARED,
        )
        try:
            self.cursor = self.connection.cursor()
            for pragma in _PRAGMAS:
                self.cursor.execute(pragma)
            self.turnstile = Turnstile(path)
        except BaseException:
            self.connection.close()
            raise

    def close(self) -> None:
        """Let go of the files, also where an error that somebody keeps still knows the cursor."""
        self.cursor.close()  # a connection lives as long as a statement of its does
        self.connection.close()
        self.turnstile.close()


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
        """End; some errors have rolled back already, and a commit that failed has not."""
        try:
            if error is None:
                self._link.cursor.execute("COMMIT")
        finally:
            if self._link.connection.in_transaction:
                self._link.cursor.execute("ROLLBACK")


class Links:
    """The links of one process to one file, lent to one thread at a time.

    Args:
        path: The database's file.
        timeout: As of `Link`.
    """

    def __init__(self, path: Path, *, timeout: float) -> None:
        """Open nothing yet."""
        self._path, self._timeout = path, timeout
        self._idle: list[Link] = []  # taken and given back at the end: the last one used is the warmest
        self._process = os.getpid()
        self._parents: list[Link] = []
        self._closed = False

    def take(self, *, create: bool = False) -> Link:
        """An idle link, or a new one.

        Args:
            create: Whether to make the file if it is not there.
        """
        self._leave_inherited()
        if self._closed:
            raise StoreError(f"{self._path}: the store is closed", hint="open it again")
        try:
            return self._idle.pop()
        except IndexError:
            return Link(self._path, timeout=self._timeout, create=create)

    def give(self, link: Link) -> None:
        """Take a link back."""
        self._idle.append(link)
        if self._closed:
            self.close()

    def close(self) -> None:
        """Close all idle links, and the others when they are given back."""
        self._closed = True
        self._leave_inherited()
        while self._idle:
            self._idle.pop().close()

    def _leave_inherited(self) -> None:
        """Set links apart that came by a fork: SQLite forbids to use their connections, or even to close them."""
        if self._process != os.getpid():
            self._parents += self._idle
            self._idle, self._process = [], os.getpid()
