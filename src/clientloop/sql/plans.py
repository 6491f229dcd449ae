"""Renders plans as SQL; the databases do the adding up, and what they return is put together exactly."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from clientloop.model.plan import Aggregate, Bucket, Group, How, Key
from clientloop.model.record import Record
from clientloop.model.units import Row
from clientloop.sql.conditions import Clause
from clientloop.sql.zones import BEFORE_EPOCH, SECOND, STRETCH, Offsets

#: What takes SQLite's `date` to the first day of a span; of a quarter, as far as words can.
_TO_FIRST_DAY: Mapping[Bucket, Sequence[str]] = {
    Bucket.DAY: (),
    Bucket.WEEK: ("-6 days", "weekday 1"),
    Bucket.MONTH: ("start of month",),
    Bucket.QUARTER: ("start of month",),
    Bucket.YEAR: ("start of year",),
}


def held(record: Record, table: sa.FromClause, field: str) -> Clause:
    """A column, NULL also where something stands for None."""
    absent = record.columns[field].codec.absent
    return table.c[field] if absent is None else sa.func.nullif(table.c[field], sa.literal_column(repr(absent)))


def key_clause(record: Record, table: sa.FromClause, key: Key, offsets: Offsets) -> Clause:
    """What rows are grouped by.

    Args:
        record: Whose rows.
        table: The record's table.
        key: The declared key.
        offsets: Of its zone, at all times of the rows.
    """
    if key.bucket is None:
        return table.c[key.field]
    at = held(record, table, key.field)
    seconds = (at + _offset(at, offsets) + _number(BEFORE_EPOCH)) // _number(SECOND) - _number(BEFORE_EPOCH // SECOND)
    modifiers = [_text(name) for name in ("unixepoch", *_TO_FIRST_DAY[key.bucket])]
    if key.bucket is Bucket.QUARTER:
        month = sa.cast(sa.func.strftime(_text("%m"), seconds, _text("unixepoch")), sa.Integer)
        modifiers.append(sa.func.printf(_text("-%d months"), (month - _number(1)) % _number(3)))
    return sa.func.date(seconds, *modifiers)


def stretch_clause(record: Record, table: sa.FromClause, field: str) -> Clause:
    """The number of the stretch of time, as of `offsets`, that a column falls in."""
    return (held(record, table, field) + _number(BEFORE_EPOCH)) // _number(STRETCH)


def _offset(at: Clause, offsets: Offsets) -> Clause:
    """The offset at a time, found in as many comparisons as the number of offsets has digits in base 2."""
    if len(offsets) == 1:
        return _number(offsets[0].offset)
    middle = len(offsets) // 2
    earlier, later = _offset(at, offsets[:middle]), _offset(at, offsets[middle:])
    return sa.case((at < _number(offsets[middle].since), earlier), else_=later)


def value_clauses(record: Record, table: sa.FromClause, part: Aggregate) -> list[Clause]:
    """The columns from which `groups` takes an aggregate; a sum in two halves, for one would overflow."""
    if part.field is None:
        return [sa.func.count()]
    column = held(record, table, part.field)
    if part.how is How.SUM:
        high, low = column.bitwise_rshift(_number(32)), column.bitwise_and(_number(2**32 - 1))
        return [sa.func.sum(high), sa.func.sum(low)]
    return [_FUNCTIONS[part.how](column)]


_FUNCTIONS: Mapping[How, Callable[[Clause], Clause]] = {
    How.COUNT: sa.func.count,
    How.MIN: sa.func.min,
    How.MAX: sa.func.max,
}


def groups(record: Record, keys: Sequence[Key], aggregates: Sequence[Aggregate], rows: Sequence[Row]) -> list[Group]:
    """The groups that the rows of an answer stand for, in the same order.

    Args:
        record: Whose rows were added up.
        keys: The keys of the plan.
        aggregates: The aggregates of the plan.
        rows: The keys, then the columns of `value_clauses`.
    """
    if not rows:
        return []
    columns = zip(*rows, strict=True)
    decoded = [map(_Decoded(_key_decoder(record, key)).__getitem__, next(columns)) for key in keys]
    numbers = [map(_sum, next(columns), next(columns)) if part.how is How.SUM else next(columns) for part in aggregates]
    return list(map(Group, _across(decoded, len(rows)), _across(numbers, len(rows))))


class _Decoded(dict[Any, object]):  # Any: int, str, bytes or None
    """What the values of a column decode to, each decoded once: a key comes again in every group with it."""

    def __init__(self, decode: Callable[[Any], object]) -> None:
        """Begin with nothing decoded."""
        self._decode = decode

    def __missing__(self, stored: Any) -> object:
        """Decode another value."""
        value = self[stored] = self._decode(stored)
        return value


def _across(columns: Sequence[Iterable[Any]], count: int) -> Iterable[tuple[Any, ...]]:  # Any: as above
    """The rows of some columns; empty ones if there are none."""
    return zip(*columns, strict=True) if columns else [()] * count


def _sum(high: int | None, low: int | None) -> int | None:
    return None if high is None or low is None else (high << 32) + low


def _key_decoder(record: Record, key: Key) -> Callable[[Any], object]:  # Any: int, str, bytes or None
    if key.bucket is None:
        return record.columns[key.field].codec.decode or (lambda stored: stored)
    return lambda stored: None if stored is None else date.fromisoformat(stored)


def _text(value: str) -> Clause:
    return sa.literal_column(f"'{value}'", sa.Text)


def _number(value: int) -> Clause:
    return sa.literal_column(str(value), sa.Integer)
