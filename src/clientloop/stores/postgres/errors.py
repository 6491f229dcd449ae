"""What PostgreSQL's errors mean, in one table, and the one place where they are translated."""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg

from clientloop.errors import (
    ClientLoopError,
    Duplicate,
    InvalidValue,
    MissingReference,
    SchemaOutdated,
    StoreBusy,
    StoreError,
    StoreFull,
)
from clientloop.model.units import Row
from clientloop.sql import work
from clientloop.sql.changes import Step
from clientloop.sql.tables import index_name
from clientloop.sql.work import Meaning


class ConnectionLost(StoreError):
    """The server went away; no caller tells it from other failures of the store."""


#: What to do where there is no server.
UNREACHED = "check the address, and that the server runs, then try again"

_LOST = Meaning(ConnectionLost, UNREACHED)
_AGAIN = Meaning(StoreBusy, "try again; another transaction came between")
_BROKEN = Meaning(StoreError, "this is likely a fault of clientloop: report it")
_NOT_READY = Meaning(SchemaOutdated, "make the store ready first, by its method migrate()")
_NO_ACCESS = Meaning(StoreError, "check the user, the password and the rights in the database")
_REFUSED = Meaning(InvalidValue, "the value fits no column")
_FULL = Meaning(StoreFull, "free some space: nothing was written")

#: Codes of https://www.postgresql.org/docs/current/errcodes-appendix.html, whole or by their class of two characters.
MEANINGS: Mapping[str, Meaning] = {
    "08": _LOST,
    "22": _REFUSED,
    "23": _REFUSED,
    "23503": Meaning(MissingReference, "insert what others point to first and delete it last, in the same unit"),
    "23505": Meaning(Duplicate, "load that one instead, or insert under another key"),
    "25": _BROKEN,
    "25006": Meaning(
        StoreError,
        "the server only reads: give the address of one that writes, or of several with "
        "target_session_attrs=read-write",
    ),
    "25P02": Meaning(StoreError, "roll the transaction back: an earlier statement in it has failed"),
    "25P03": _LOST,
    "26000": Meaning(StoreError, "let a PgBouncer in between pool sessions, or set its max_prepared_statements"),
    "28": _NO_ACCESS,
    "3D": Meaning(StoreError, "make the database first: createdb NAME"),
    "3F": Meaning(StoreError, "make the schema first, by CREATE SCHEMA NAME, or name another in search_path"),
    "40001": _AGAIN,
    "40003": _LOST,
    "40P01": _AGAIN,
    "42501": _NO_ACCESS,
    "42703": _NOT_READY,
    "42P01": _NOT_READY,
    "53": Meaning(StoreError, "the server has too little of something: see its log"),
    "53100": _FULL,
    "54": Meaning(InvalidValue, "the condition is too large: ask in several parts"),
    "55P03": _AGAIN,
    "57": _LOST,
    "57014": Meaning(StoreError, "try again; the statement was interrupted"),
    "58": Meaning(StoreError, "the server's machine failed: see its log"),
}


def meaning_of(error: psycopg.Error) -> Meaning:
    """What an error of the driver means; what the server did not say itself is that it was lost."""
    code = error.sqlstate
    if code is None:
        return _LOST if isinstance(error, psycopg.OperationalError) else _REFUSED
    return MEANINGS.get(code) or MEANINGS.get(code[:2], _BROKEN)


class Work(work.Work):
    """A block of work, in which PostgreSQL's errors become clientloop's."""

    __slots__ = ()

    def _meant(self, cause: BaseException) -> ClientLoopError | None:
        if not isinstance(cause, psycopg.Error):
            return None
        said = cause.diag.message_primary or str(cause).strip()
        return self._error(meaning_of(cause), said, lambda step: (_row(step, cause, self.row), _fault(step, cause)))


def _fault(step: Step, error: psycopg.Error) -> str:
    """What is wrong with the row of a step."""
    if error.sqlstate != "23505":
        return "is still pointed to" if step.removes else "points to a record that does not exist"
    for index in step.record.indexes:
        if index.unique and error.diag.constraint_name == index_name(step.record, index.name):
            return f"has the {' and '.join(index.columns)} of another one (index {index.name})"
    return "exists already"


def _row(step: Step, error: psycopg.Error, row: Row) -> Row:
    """The row that was refused: many go out before the first answer comes back, so it is found by what was said."""
    if len(step.rows) < 2:
        return row
    columns, _, values = (error.diag.message_detail or "").partition(")=(")
    names = columns.removeprefix("Key (").split(", ")
    places = [place for place, name in enumerate(step.record.columns) if name in names]
    return next((each for each in step.rows if values.startswith(_said(each, places))), row)


def _said(row: Sequence[Any], places: Sequence[int]) -> str:  # Any: int, str, bytes or None
    shown = (f"\\x{row[place].hex()}" if isinstance(row[place], bytes) else str(row[place]) for place in places)
    return ", ".join(shown) + ")"
