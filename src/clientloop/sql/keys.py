"""Renders what rows are grouped by: columns, and the calendar spans that times fall in."""

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa

from clientloop.model.codec import FAR
from clientloop.model.plan import Key
from clientloop.model.record import Record
from clientloop.sql.conditions import Clause
from clientloop.sql.words import first_day
from clientloop.sql.zones import BEFORE_EPOCH, STRETCH, Calendar


def held(record: Record, table: sa.FromClause, field: str) -> Clause:
    """A column, NULL also where something stands for None."""
    absent = record.columns[field].codec.absent
    return table.c[field] if absent is None else sa.func.nullif(table.c[field], sa.literal_column(repr(absent)))


def key_clause(record: Record, table: sa.FromClause, key: Key, calendar: Calendar) -> Clause:
    """What rows are grouped by; of a span, what `day_of` reads.

    Args:
        record: Whose rows.
        table: The record's table.
        key: The declared key.
        calendar: Of its zone: the spans that are asked for, or else the offsets at all times of the rows.
    """
    if key.bucket is None:
        return table.c[key.field]
    at = held(record, table, key.field)
    if calendar.spans is not None:
        # what stands for None is later than all spans, and NULL is compared as if it were: neither falls in any
        column = table.c[key.field] if record.columns[key.field].codec.absent == FAR else at
        return _found(column, calendar.spans)
    return first_day(at + _found(at, calendar.offsets), key.bucket)


def day_of(stored: int | str | None) -> date | None:
    """The day that `key_clause` gave."""
    match stored:
        case None:
            return None
        case int():
            return date.fromordinal(stored)
        case str():
            return date.fromisoformat(stored)


def stretch_clause(record: Record, table: sa.FromClause, field: str) -> Clause:
    """The number of the stretch of time, as of `offsets`, that a column falls in."""
    return (held(record, table, field) + literal(BEFORE_EPOCH)) // literal(STRETCH)


def _found(at: Clause, table: Sequence[tuple[int, int | None]]) -> Clause:
    """What a table says of a time, in as many comparisons as the number of its rows has digits in base 2."""
    if len(table) == 1:
        value = table[0][1]
        return sa.null() if value is None else literal(value)
    middle = len(table) // 2
    return sa.case((at < literal(table[middle][0]), _found(at, table[:middle])), else_=_found(at, table[middle:]))


def literal(value: int) -> Clause:
    """A number that stands in the statement itself."""
    return sa.literal_column(str(value), sa.Integer)
