"""Renders conditions and positions in an order as SQL, with the two-valued truth of `clientloop.model.where`.

A condition is first split into its shape, a nest of tuples without values, and its values in the order in which the
text will ask for them: a statement is compiled once for a shape, whatever the values.
"""

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy.sql.elements import Grouping

from clientloop.errors import InvalidValue
from clientloop.model.codec import FAR, Codec, Kind, text
from clientloop.model.record import Record
from clientloop.model.units import Row
from clientloop.model.where import AnyOf, Compare, Contains, Every, IsNone, Not, Operator, Where, ascii_lower
from clientloop.sql.words import empty_bytes, is_there, lower_ascii, place_in

#: A condition without its values: the class of a part, then what it speaks of. Any: classes, operators, names, shapes.
Shape: TypeAlias = tuple[Any, ...]
#: The parameters of a statement, in the order of its text. Any: each has the type of its column.
Parameters: TypeAlias = Iterator[sa.BindParameter[Any]]
Clause: TypeAlias = sa.ColumnElement[Any]  # Any: truth is a number on some databases

#: Constants that SQLAlchemy does not fold, for folding would lose parameters.
_TRUE: Clause = sa.literal_column("(1 = 1)")
_FALSE: Clause = sa.literal_column("(1 = 0)")

#: The shapes of the conditions that hold for every row, and for none.
ALWAYS: Shape = (Every,)
_NEVER: Shape = (AnyOf,)

#: How many clauses may stand side by side.
_FLAT = 64

#: Beyond SQLAlchemy's own precedences: what an operator of this one combines is put into parentheses.
_TIGHTEST = 100

#: What stands in for NULL where rows are compared, as a value and in SQL; compared with nothing but itself.
_NOTHING: Mapping[Kind, tuple[int | str | bytes, Clause]] = {
    Kind.INT: (0, sa.literal_column("0")),
    Kind.TEXT: ("", sa.literal_column("''")),
    Kind.BYTES: (b"", empty_bytes()),
}


def split(where: Where, record: Record) -> tuple[Shape, list[Any]]:
    """The shape of a condition and its encoded values. Any: int, str or bytes.

    Args:
        where: The condition.
        record: Whose rows.

    Raises:
        UnknownName: The record has no such field.
        InvalidValue: A value does not fit its field.
    """
    values: list[Any] = []
    return _shape(where, record, values), values


def _shape(part: Where, record: Record, values: list[Any]) -> Shape:
    match part:
        case Compare(field, how, value):
            stored, absent = record.encode_value(field, value), record.columns[field].codec.absent
            if how is Operator.EQ:
                return _NEVER if stored == absent else _taking(values, stored, shape=(Compare, how, field))
            # what stands for None compares with nothing
            return _taking(values, stored, *_known(_told_from(absent, how)), shape=(Compare, how, field))
        case IsNone(field):
            absent = record.column(field).codec.absent
            return (IsNone, field) if absent is None else _taking(values, absent, shape=(Compare, Operator.EQ, field))
        case Contains(field, wanted):
            codec = record.column(field).codec
            if codec.kind is not Kind.TEXT:
                raise InvalidValue(f"{record.name}.{field} holds no text")
            return _taking(values, ascii_lower(text(wanted)), *_known(codec.absent), shape=(Contains, field))
        case Every(parts) | AnyOf(parts):
            return (type(part), *[_shape(inner, record, values) for inner in parts])
        case Not(inner):
            return (Not, _shape(inner, record, values))
        case _:
            raise TypeError(f"{part!r} is no condition")


def _taking(values: list[Any], *taken: object, shape: Shape) -> Shape:
    values.extend(taken)
    return shape


def _told_from(absent: object, how: Operator) -> object:
    """What stands for None, where it has to be told from what compares: the greatest value is below none."""
    return None if how is Operator.EQ or (absent == FAR and how in _BELOW) else absent


_BELOW = frozenset({Operator.LT, Operator.LE})


def _known(absent: object) -> tuple[object, ...]:
    return () if absent is None else (absent,)


@frozen
class Renderer:
    """Renders the shapes of conditions over one record."""

    #: Whose rows.
    record: Record
    #: The record's table.
    table: sa.FromClause
    #: Where the values come from.
    parameters: Parameters

    def condition(self, shape: Shape) -> Clause:
        """A condition as SQL."""
        sort, *parts = shape
        return _RENDER[sort](self, *parts)

    def compared(self, how: Operator, field: str) -> Clause:
        """A column against a value."""
        clause: Clause = _COMPARE[how](self.table.c[field], next(self.parameters))
        absent = _told_from(self.record.columns[field].codec.absent, how)
        return clause if absent is None else sa.and_(clause, self.table.c[field] != next(self.parameters))

    def contains(self, field: str) -> Clause:
        """A part of a text."""
        column = lower_ascii(self.table.c[field])
        return self._present(field, place_in(column, next(self.parameters)) > sa.literal_column("0"))

    def every(self, *parts: Shape) -> Clause:
        """All of several."""
        return _combined("AND", [self.condition(part) for part in parts]) if parts else _TRUE

    def any_of(self, *parts: Shape) -> Clause:
        """One of several; a list of values for one column stays flat, however long."""
        if len(parts) > 1 and len(set(parts)) == 1 and parts[0][:2] == (Compare, Operator.EQ):
            return self.table.c[parts[0][2]].in_([next(self.parameters) for _ in parts])
        return _combined("OR", [self.condition(part) for part in parts]) if parts else _FALSE

    def negated(self, part: Shape) -> Clause:
        """What is not known to be true is false."""
        return self.condition(part).is_not(sa.true())

    def _present(self, field: str, clause: Clause) -> Clause:
        absent = self.record.columns[field].codec.absent
        return clause if absent is None else sa.and_(clause, self.table.c[field] != next(self.parameters))

    def beyond(self, columns: Sequence[str], *, descending: bool) -> Clause:
        """Rows that come after a position in an order; its values are those of `position`."""
        compared = [part for name in columns for part in self._comparands(name)]
        at = sa.tuple_(*[next(self.parameters) for _ in compared])
        return sa.tuple_(*compared) < at if descending else sa.tuple_(*compared) > at

    def _comparands(self, name: str) -> Iterator[Clause]:
        column, codec = self.table.c[name], self.record.columns[name].codec
        if codec.nullable:
            yield is_there(column)
            yield sa.func.coalesce(column, _NOTHING[codec.kind][1])
        else:
            yield column


def lowest(codec: Codec) -> Clause:
    """What no value of a column is less than."""
    return sa.literal_column(str(-(2**63))) if codec.kind is Kind.INT else _NOTHING[codec.kind][1]


def _combined(word: str, clauses: Sequence[Clause]) -> Clause:
    """Many clauses as a tree of parentheses, for SQLite takes a flat list as one that is as deep as it is long.

    SQLAlchemy would take the parentheses out of its own `and_` and `or_`.
    """
    if len(clauses) <= _FLAT:
        return sa.and_(*clauses) if word == "AND" else sa.or_(*clauses)
    middle = len(clauses) // 2
    tightly = _combined(word, clauses[:middle]).op(word, precedence=_TIGHTEST)
    return Grouping(tightly(_combined(word, clauses[middle:])))


def position(values: Row, codecs: Sequence[Codec]) -> Iterator[Any]:
    """What `Renderer.beyond` compares with: None comes first. Any: int, str or bytes.

    Args:
        values: The encoded values of the order's columns.
        codecs: How these columns are stored.
    """
    for value, codec in zip(values, codecs, strict=True):
        if codec.nullable:
            yield int(value is not None)
            yield _NOTHING[codec.kind][0] if value is None else value
        else:
            yield value


_RENDER: Mapping[type, Callable[..., Clause]] = {
    Compare: Renderer.compared,
    IsNone: lambda renderer, field: renderer.table.c[field].is_(None),
    Contains: Renderer.contains,
    Every: Renderer.every,
    AnyOf: Renderer.any_of,
    Not: Renderer.negated,
}

_COMPARE: Mapping[Operator, Callable[[Any, Any], Any]] = {
    Operator.EQ: operator.eq,
    Operator.NE: operator.ne,
    Operator.LT: operator.lt,
    Operator.LE: operator.le,
    Operator.GT: operator.gt,
    Operator.GE: operator.ge,
}
