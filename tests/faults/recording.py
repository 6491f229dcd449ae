"""SQLite that tells what it asks of the disk: apsw's copy of the library, with a file system that records.

The store is run as it is; only the module `sqlite3`, by which it opens files, is another one: what the store uses of
it, over apsw. What has been recorded is opened afterwards by the real module, which has a copy of the library of its
own.
"""

import os
import sqlite3
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from itertools import count
from typing import Any, Self

import apsw

from tests.faults.power import Event, Name, Sync, SyncFolder, Truncate, Write

#: Pages of the log after which it is folded into the file: few, so that a short run sees that often.
_LOG_PAGES = 60

#: The files whose first sync also syncs the folder that they are in, as SQLite does it on Unix.
_LOGS = apsw.SQLITE_OPEN_MAIN_JOURNAL | apsw.SQLITE_OPEN_WAL | apsw.SQLITE_OPEN_SUPER_JOURNAL


class Recorder(apsw.VFS):
    """A file system that notes what is asked of it, but for what does not outlive a process: shared memory and locks.

    Args:
        name: By which connections ask for it.
    """

    def __init__(self, name: str) -> None:
        """Record nothing yet."""
        super().__init__(name, "")
        self.name = name
        #: What was asked for.
        self.events: list[Event] = []
        self._files: dict[str, int] = {}
        self._numbers = count()

    def xOpen(self, name: Any, flags: list[int]) -> "RecordedFile":  # noqa: N802  # as SQLite calls it
        """Open a file, and note it if that makes it."""
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        if path not in self._files:
            assert not os.path.exists(path), f"{path} was not made here"  # noqa: PTH110
            self._files[path] = next(self._numbers)
            self.events.append(Name(os.path.basename(path), self._files[path]))  # noqa: PTH119
        return RecordedFile(name, flags, self.events, self._files[path])

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        """Delete a file, and note it."""
        super().xDelete(filename, syncdir)
        del self._files[filename]
        self.events.append(Name(os.path.basename(filename), None))  # noqa: PTH119
        if syncdir:
            self.events.append(SyncFolder())


class RecordedFile(apsw.VFSFile):
    """A file of a recorder's.

    Args:
        name: As SQLite passes it.
        flags: As SQLite passes them.
        events: Where to note what is asked for.
        number: The file's.
    """

    def __init__(self, name: Any, flags: list[int], events: list[Event], number: int) -> None:
        """Open it."""
        super().__init__("", name, flags)
        self._events, self._number = events, number
        self._syncs_folder = bool(flags[0] & _LOGS)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        """Write, and note it."""
        super().xWrite(data, offset)
        self._events.append(Write(self._number, offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        """Truncate, and note it."""
        super().xTruncate(newsize)
        self._events.append(Truncate(self._number, newsize))

    def xSync(self, flags: int) -> None:  # noqa: N802
        """Sync, and note it; no disk is troubled, for none will fail."""
        self._events.append(Sync(self._number))
        if self._syncs_folder:
            self._events.append(SyncFolder())
            self._syncs_folder = False


class Driver:
    """What the store uses of the module `sqlite3`.

    Args:
        recorder: The file system.
    """

    def __init__(self, recorder: Recorder) -> None:
        """Open nothing yet."""
        self._recorder = recorder

    def connect(self, database: str, *, timeout: float, **_: object) -> "Connection":
        """Open a file."""
        flags = apsw.SQLITE_OPEN_URI | apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
        with _errors_of_sqlite3():
            connection = Connection(database, flags=flags, vfs=self._recorder.name)
        connection.set_busy_timeout(int(timeout * 1000))
        connection.wal_autocheckpoint(_LOG_PAGES)
        return connection


class Connection(apsw.Connection):
    """A connection as the store, and SQLAlchemy when it migrates, use it."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Open the file."""
        super().__init__(*arguments, **options)
        self.cursor_factory: Callable[[Any], Any] = Cursor

    def create_function(self, name: str, arguments: int, function: Callable[..., Any], **options: bool) -> None:
        """Add a function to SQL."""
        self.create_scalar_function(name, function, arguments, **options)

    def commit(self) -> None:
        """Commit, if there is something to."""
        if self.in_transaction:
            self.cursor().execute("COMMIT")

    def rollback(self) -> None:
        """Roll back, if there is something to."""
        if self.in_transaction:
            self.cursor().execute("ROLLBACK")


class Cursor(apsw.Cursor):
    """A cursor as the store, and SQLAlchemy when it migrates, use it."""

    arraysize, lastrowid = 1, None
    #: How many rows the last statement changed.
    rowcount = -1
    #: The columns of the answer; apsw itself forgets them with its last row.
    description: Any = None

    def __init__(self, connection: Connection) -> None:
        """Execute nothing yet."""
        super().__init__(connection)
        self.set_exec_trace(Cursor._describe)

    def execute(self, statements: str, bindings: Any = (), **_: Any) -> Self:
        """Execute a statement."""
        return self._run(super().execute, statements, bindings)

    def executemany(self, statements: str, sequenceofbindings: Iterable[Any], **_: Any) -> Self:
        """Execute a statement for one row of parameters after another."""
        return self._run(super().executemany, statements, sequenceofbindings)

    def _run(self, execute: Callable[[str, Any], Any], sql: str, parameters: Any) -> Self:
        before = self.connection.total_changes()
        with _errors_of_sqlite3():
            execute(sql, parameters)
        self.rowcount = self.connection.changes() if self.connection.total_changes() != before else 0
        return self

    def _describe(self: Any, _sql: str, _parameters: object) -> bool:
        self.description = [(name, *[None] * 6) for name, _ in self.get_description()] or None
        return True

    def fetchall(self) -> list[Any]:
        """All rows of the answer."""
        with _errors_of_sqlite3():
            return list(super().fetchall())


@contextmanager
def _errors_of_sqlite3() -> Generator[None]:
    """A block in which apsw's errors become those of the module `sqlite3`."""
    try:
        yield
    except apsw.Error as error:
        kind = sqlite3.IntegrityError if isinstance(error, apsw.ConstraintError) else sqlite3.OperationalError
        meant = kind(str(error))
        meant.sqlite_errorcode = getattr(error, "extendedresult", sqlite3.SQLITE_MISUSE)
        raise meant from error
