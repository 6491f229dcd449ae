"""Records the SQL that a store executes, so that `rivals.raw_sqlite` can execute the same."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple, Self
from unittest.mock import patch

# sqlite3 takes a sequence or a mapping of whatever it can adapt: there is no narrower type.
Parameters = Any

_BOUNDARIES = frozenset({"BEGIN", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE"})


class Statement(NamedTuple):
    """One statement with its parameters; with `many`, a list of the parameters of each repetition."""

    sql: str
    parameters: Parameters = ()
    many: bool = False


#: The statements of one transaction, without BEGIN and COMMIT; reads just before it belong to it.
Unit = tuple[Statement, ...]


class Recorder:
    """What was executed on the connections that were opened while it was attached."""

    def __init__(self) -> None:
        #: The settings of the connections, in order.
        self.pragmas: list[Statement] = []
        self._units: list[Unit] = []
        self._open: list[Statement] = []

    @contextmanager
    def attached(self) -> Iterator[None]:
        """Record the connections that ``sqlite3.connect`` opens inside this block, for as long as they live."""
        factory = _recorded_by(self)
        connect = sqlite3.connect

        def connect_recorded(*arguments: Any, **named: Any) -> sqlite3.Connection:
            # Any: passes on whatever the store asks for.
            connection: sqlite3.Connection = connect(*arguments, **{**named, "factory": factory})
            return connection

        with patch("sqlite3.connect", connect_recorded), patch("sqlite3.dbapi2.connect", connect_recorded):
            yield

    def add(self, statement: Statement) -> None:
        """Note one statement: COMMIT closes a unit, ROLLBACK drops it."""
        verb = statement.sql.split(maxsplit=1)[0].upper().rstrip(";")
        if verb == "PRAGMA":
            self.pragmas.append(statement)
        elif verb not in _BOUNDARIES:
            self._open.append(statement)
        elif verb in ("COMMIT", "END"):
            self.close_unit()
        elif verb == "ROLLBACK" and " TO " not in statement.sql.upper():
            self._open.clear()

    def close_unit(self) -> None:
        """Close the unit that is open, if there is anything in it."""
        if self._open:
            self._units.append(tuple(self._open))
            self._open.clear()

    def take(self) -> list[Unit]:
        """The units since the last call; reads after the last COMMIT are a unit of their own."""
        self.close_unit()
        units, self._units = self._units, []
        return units


def _recorded_by(recorder: Recorder) -> type[sqlite3.Connection]:
    class Cursor(sqlite3.Cursor):
        def execute(self, sql: str, parameters: Parameters = (), /) -> Self:
            recorder.add(Statement(sql, _frozen(parameters)))
            return super().execute(sql, parameters)

        def executemany(self, sql: str, parameters: Iterable[Parameters], /) -> Self:
            repeated = [_frozen(each) for each in parameters]
            recorder.add(Statement(sql, repeated, many=True))
            return super().executemany(sql, repeated)

    class Connection(sqlite3.Connection):
        # The stubs overload `cursor` by its factory; a recorded connection has one kind of cursor.
        def cursor(self, factory: object = None) -> Cursor:  # type: ignore[override]
            return super().cursor(Cursor)

        def execute(self, sql: str, parameters: Parameters = (), /) -> Cursor:
            return self.cursor().execute(sql, parameters)

        def executemany(self, sql: str, parameters: Iterable[Parameters], /) -> Cursor:
            return self.cursor().executemany(sql, parameters)

        def commit(self) -> None:
            recorder.close_unit()
            super().commit()

        def rollback(self) -> None:
            recorder.add(Statement("ROLLBACK"))
            super().rollback()

    return Connection


def _frozen(parameters: Parameters) -> Parameters:
    """A copy that the store cannot change when it uses its own again."""
    return dict(parameters) if isinstance(parameters, Mapping) else tuple(parameters)
