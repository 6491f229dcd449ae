"""Turns the changes of a unit into statements; whatever can be refused without a look at the rows is refused here."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from clientloop.errors import InvalidValue
from clientloop.model.codec import FAR, integer
from clientloop.model.record import Record, record_of
from clientloop.model.schema import RECORDS
from clientloop.model.units import Add, Change, Delete, Insert, Row, Update
from clientloop.sql import due, statements


class Guard(NamedTuple):
    """The row that a statement must find."""

    #: Its encoded key.
    key: Row
    #: The version it must have, if that matters.
    version: int | None


class Step(NamedTuple):
    """One statement, for one row or several."""

    #: What it is about.
    record: Record
    #: The statement.
    sql: str
    #: Its parameters, row by row.
    rows: list[Row]
    #: What it must find, if it does not make it.
    guard: Guard | None = None
    #: Whether it removes that.
    removes: bool = False

    def label(self, row: Row) -> str:
        """Names what it does with a row of its parameters, without personal data."""
        return self.record.label(self.guard.key if self.guard else self.record.key_of(row))


def steps_of(changes: Sequence[Change], dialect: sa.Dialect) -> list[Step]:
    """The statements that make some changes in order; consecutive inserts of one class are one statement.

    Args:
        changes: The changes.
        dialect: The database's dialect.

    Raises:
        UnknownName: A record has no such field.
        InvalidValue: A value fits no field, or something is no change or no record.
    """
    steps: list[Step] = []
    wakes: dict[str, int] = {}
    inserting: Record | None = None
    rows: list[Row] = []
    for change in changes:
        if type(change) is not Insert:
            inserting = None
            steps.append(_planner(change)(change, dialect, wakes))
            continue
        record = record_of(change.record.__class__)
        sql, wake_at = _inserting(record, dialect)
        row = record.encode(change.record)
        if record is not inserting:
            inserting, rows = record, []
            steps.append(Step(record, sql, rows))
        rows.append(row)
        if wake_at is not None:
            _note(wakes, row[0], row[wake_at])
    if wakes:
        steps.append(Step(RECORDS["space_due"], due.hasten(dialect), list(wakes.items())))
    return steps


@lru_cache(maxsize=256)
def _inserting(record: Record, dialect: sa.Dialect) -> tuple[str, int | None]:
    """The statement that inserts, and where in a row stands when it wants to be claimed, if it ever does."""
    wake_at = list(record.columns).index("wake_at") if record.wakes else None
    return statements.insert(dialect, record), wake_at


def _note(wakes: dict[str, int], space: str, wake_at: int) -> None:
    """Keep the earliest time of a space; what waits for a person never wakes."""
    if wake_at < wakes.get(space, FAR):
        wakes[space] = wake_at


def _update(change: Update, dialect: sa.Dialect, wakes: dict[str, int]) -> Step:
    record = record_of(change.cls)
    guard, fixed = _guard(record, change)
    changes = record.encode_changes(change.changes)
    if record.wakes and "wake_at" in changes:
        _note(wakes, guard.key[0], changes["wake_at"])
    sql = statements.update(dialect, record, tuple(changes), guarded=change.version is not None)
    return Step(record, sql, [(*changes.values(), *fixed)], guard)


def _delete(change: Delete, dialect: sa.Dialect, _: dict[str, int]) -> Step:
    record = record_of(change.cls)
    guard, fixed = _guard(record, change)
    sql = statements.delete(dialect, record, guarded=change.version is not None)
    return Step(record, sql, [fixed], guard, removes=True)


def _guard(record: Record, change: Update | Delete) -> tuple[Guard, Row]:
    """What a change must find, and the parameters that say so."""
    key = record.encode_key(change.key)
    if change.version is None:
        return Guard(key, None), key
    if not record.versioned:
        raise InvalidValue(f"{record.name} has no version to guard by", hint="leave the argument `version` out")
    return Guard(key, change.version), (*key, record.encode_value("version", change.version))


def _add(change: Add, dialect: sa.Dialect, wakes: dict[str, int]) -> Step:
    record = record_of(type(change.zero))
    made = dict(zip(record.columns, record.encode(change.zero), strict=True))
    deltas = record.encode_deltas(change.deltas)
    made |= {name: integer((made[name] or 0) + delta) for name, delta in deltas.items()}
    if record.wakes:
        _note(wakes, made["space"], made["wake_at"])
    return Step(record, statements.add(dialect, record, tuple(deltas)), [(*made.values(), *deltas.values())])


def _planner(change: Change) -> Callable[[Any, sa.Dialect, dict[str, int]], Step]:  # Any: each takes its own sort
    planner = _PLANNERS.get(type(change))
    if planner is None:
        raise InvalidValue(f"{type(change).__name__} is no change", hint="give Insert, Update, Delete or Add")
    return planner


_PLANNERS: Mapping[type, Callable[[Any, sa.Dialect, dict[str, int]], Step]] = {
    Update: _update,
    Delete: _delete,
    Add: _add,
}
