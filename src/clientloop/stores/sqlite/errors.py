"""What SQLite's errors mean, in one table, and the one place where they are translated."""

import errno
import sqlite3
from collections.abc import Mapping

from clientloop.errors import (
    ClientLoopError,
    Duplicate,
    InvalidValue,
    MissingReference,
    NotSupported,
    SchemaOutdated,
    StoreBusy,
    StoreCorrupt,
    StoreError,
    StoreFull,
)
from clientloop.sql import work
from clientloop.sql.changes import Step
from clientloop.sql.plans import Overflow
from clientloop.sql.tables import PREFIX
from clientloop.sql.work import Meaning

_BUSY = Meaning(StoreBusy, "try again; another process keeps the file locked")
_DAMAGED = Meaning(
    StoreCorrupt,
    "restore a backup, or give the path of a clientloop store; `clientloop check` tells what is damaged",
)
_FULL = Meaning(StoreFull, "free some space: nothing was written")
_NO_ACCESS = Meaning(StoreError, "check the path and the rights on the file and its folder")
_REFUSED = Meaning(InvalidValue, "the value fits no column")
_BROKEN = Meaning(StoreError, "this is likely a fault of clientloop: report it")

#: Codes of https://www.sqlite.org/rescode.html; an extended code that is not listed means what its primary one means.
MEANINGS: Mapping[int, Meaning] = {
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_BUSY_SNAPSHOT: Meaning(
        StoreBusy, "roll back and try again; a transaction that begins with BEGIN IMMEDIATE is spared this"
    ),
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_PROTOCOL: _BUSY,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_FORMAT: _DAMAGED,
    sqlite3.SQLITE_CANTOPEN: _NO_ACCESS,
    sqlite3.SQLITE_READONLY: _NO_ACCESS,
    sqlite3.SQLITE_PERM: _NO_ACCESS,
    sqlite3.SQLITE_AUTH: _NO_ACCESS,
    sqlite3.SQLITE_IOERR: Meaning(StoreError, "check the disk"),
    sqlite3.SQLITE_NOMEM: Meaning(StoreError, "the machine is out of memory"),
    sqlite3.SQLITE_NOLFS: Meaning(StoreError, "the file system holds no files of this size"),
    sqlite3.SQLITE_ERROR: _BROKEN,
    sqlite3.SQLITE_SCHEMA: Meaning(StoreError, "try again; another process changes the tables"),
    sqlite3.SQLITE_INTERRUPT: Meaning(StoreError, "try again; the statement was interrupted"),
    sqlite3.SQLITE_ABORT: Meaning(StoreError, "try again; the statement was interrupted"),
    sqlite3.SQLITE_CONSTRAINT: _REFUSED,
    sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY: Meaning(Duplicate, "update it, or insert under another key"),
    sqlite3.SQLITE_CONSTRAINT_UNIQUE: Meaning(Duplicate, "load that one instead"),
    sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY: Meaning(
        MissingReference, "insert what others point to first and delete it last, in the same unit"
    ),
    sqlite3.SQLITE_TOOBIG: _REFUSED,
    sqlite3.SQLITE_MISMATCH: _REFUSED,
    sqlite3.SQLITE_RANGE: _BROKEN,
    sqlite3.SQLITE_MISUSE: _BROKEN,
    sqlite3.SQLITE_INTERNAL: _BROKEN,
    sqlite3.SQLITE_NOTFOUND: _BROKEN,
    sqlite3.SQLITE_EMPTY: _BROKEN,
}

_NOT_READY = Meaning(SchemaOutdated, "make the store ready first, by its method migrate()")
_NO_SEARCH = Meaning(NotSupported, "install a SQLite with FTS5, on which the search over words is built")
_TOO_LARGE = Meaning(InvalidValue, "the condition is too large for SQLite: ask in several parts")

#: What SQLite has one code for, by how its message begins.
SAID: Mapping[str, Meaning] = {
    "no such table": _NOT_READY,
    "no such column": _NOT_READY,
    "no such module: fts5": _NO_SEARCH,
    "too many SQL variables": _TOO_LARGE,
    "Expression tree is too large": _TOO_LARGE,
    "parser stack overflow": _TOO_LARGE,
    "integer overflow": Meaning(Overflow),
    "Could not decode to UTF-8": _DAMAGED,
    "unsupported file format": _DAMAGED,
}

#: The codes of which it says so little.
_VAGUE = frozenset({sqlite3.SQLITE_ERROR, sqlite3.SQLITE_MISUSE})


def meaning_of(error: sqlite3.Error) -> Meaning:
    """What an error of the driver means."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_MISUSE)  # what the driver itself refuses has no code
    if code in _VAGUE:
        said = str(error)
        return next((meaning for begin, meaning in SAID.items() if said.startswith(begin)), MEANINGS[code])
    return MEANINGS.get(code) or MEANINGS.get(code & 0xFF, _BROKEN)


class Work(work.Work):
    """A block of work, in which SQLite's errors become clientloop's."""

    __slots__ = ()

    def _meant(self, cause: BaseException) -> ClientLoopError | None:
        match cause:
            case sqlite3.Error():
                said = str(cause)
                return self._error(meaning_of(cause), said, lambda step: (self.row, _fault(step, said)))
            case OverflowError():
                return InvalidValue(f"{self._place}: {cause}", hint="whole numbers have at most 64 bits")
            case UnicodeDecodeError():  # the driver reads what SQLite says of a damaged file
                return StoreCorrupt(f"{self._place}: the names of its tables are no text", hint=_DAMAGED.hint)
            case OSError():  # of the turnstile's file
                meaning = _FULL if cause.errno in {errno.ENOSPC, errno.EDQUOT} else _NO_ACCESS
                return meaning.error(f"{self._place}: {cause.strerror or cause}", hint=meaning.hint)
            case _:
                return None


def _fault(step: Step, said: str) -> str:
    """What is wrong with the row of a step."""
    kind, _, columns = said.partition(": ")
    if kind != "UNIQUE constraint failed":
        return "is still pointed to" if step.removes else "points to a record that does not exist"
    table = f"{PREFIX}{step.record.name}"
    for index in step.record.indexes:
        if index.unique and columns == ", ".join(f"{table}.{name}" for name in ("space", *index.columns)):
            return f"has the {' and '.join(index.columns)} of another one (index {index.name})"
    return "exists already"
