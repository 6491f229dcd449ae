"""Renders plans as SQL; the databases do the adding up, and what they return is put together exactly.

Sums are asked for as the database adds up, in 64 bits; where that overflows, it says so, and they are asked for once
more in a wide form that cannot, which takes longer and leaves the fold to be made here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import islice
from typing import Any

import sqlalchemy as sa
from attrs import frozen

from clientloop.errors import StoreError
from clientloop.model.plan import Aggregate, Fold, Groups, How, Key, Plan
from clientloop.model.record import Record
from clientloop.model.units import Row
from clientloop.rules.measures.narrowing import narrowing
from clientloop.sql.conditions import ALWAYS, Clause, Renderer, Shape, split
from clientloop.sql.keys import day_of, held, literal
from clientloop.sql.words import sum_64
from clientloop.sql.zones import Calendar


class Overflow(StoreError):
    """A sum does not fit the 64 bits in which the database adds up; no caller ever meets it."""


class Way(StrEnum):
    """How rows are read, where a database that has not counted them would take any index that the space leads.

    To go from an index to one row after another all over the file takes many times as long as to read it in order.
    """

    #: Along an index that holds all that is asked for; the database sees that.
    HELD = "held"
    #: By an index that finds them; one that has them in the order of the groups shall not look better.
    FOUND = "found"
    #: In the order of their keys, which is about that in which they were written.
    IN_ORDER = "in order"


@frozen
class Term:
    """An aggregate without the values of its condition."""

    #: How it adds up.
    how: How
    #: Over which field; None counts rows.
    field: str | None
    #: Which rows it takes.
    shape: Shape


def terms_of(aggregates: Iterable[Aggregate], record: Record) -> tuple[tuple[Term, ...], list[Any]]:
    """The terms of a plan, and the values of their conditions in order. Any: int, str or bytes."""
    values: list[Any] = []
    terms = []
    for part in aggregates:
        shape, taken = split(part.where, record)
        terms.append(Term(part.how, part.field, shape))
        values += taken
    return tuple(terms), values


@frozen(kw_only=True)
class Form:
    """A plan without the values of its conditions: what a statement is compiled for."""

    #: Whose rows.
    record: Record
    #: Which rows.
    shape: Shape
    #: Grouped by.
    keys: tuple[Key, ...]
    #: The calendar of each key.
    calendars: tuple[Calendar, ...]
    #: What is added up.
    terms: tuple[Term, ...]
    #: How the groups are added up once more.
    fold: Fold | None
    #: Whether sums are exact beyond 64 bits; there is no fold then.
    wide: bool
    #: How rows are read.
    way: Way


def way(record: Record, plan: Plan) -> Way:
    """How the rows of a plan are best read."""
    if narrowing(record, plan.where):
        return Way.FOUND
    named = [part.field for part in plan.aggregates if part.field is not None]
    asked = plan.where.fields().union(named, *(part.where.fields() for part in plan.aggregates))
    asked |= {key.field for key in plan.keys}
    held_by = [{"space", *record.key, *index.columns, *index.holds} for index in record.indexes]
    return Way.HELD if any(asked <= columns for columns in held_by) else Way.IN_ORDER


def value_clause(record: Record, table: sa.FromClause, term: Term, renderer: Renderer) -> Clause:
    """What a row counts as in one number; NULL where it does not count."""
    value = literal(1) if term.field is None else held(record, table, term.field)
    return value if term.shape == ALWAYS else sa.case((renderer.condition(term.shape), value))


@frozen
class _Number:
    """How a kind of number is asked for, and told from the columns of the answer."""

    #: The columns, of the values.
    columns: Callable[[Clause], Sequence[Clause]]
    #: How many they are.
    width: int = 1
    #: The number, of columns that are not NULL; None where the column is the number.
    value: Callable[..., int] | None = None


def _halves(value: Clause) -> Sequence[Clause]:
    """A sum in two halves, neither of which can overflow."""
    return sum_64(value.bitwise_rshift(literal(32))), sum_64(value.bitwise_and(literal(2**32 - 1)))


def _limbs(value: Clause) -> Sequence[Clause]:
    """The squares of values in two limbs, whose products fit as long as the values are below 2^55."""
    high, low = value.bitwise_rshift(literal(_LIMB)), value.bitwise_and(literal(2**_LIMB - 1))
    return sum_64(high * high), sum_64(high * low), sum_64(low * low)


def _of_limbs(high: int | float, middle: int | float, low: int | float) -> int:
    """A sum of squares; SQLite turns a product that does not fit into a floating number."""
    if not isinstance(high, int) or not isinstance(middle, int) or not isinstance(low, int):
        raise Overflow
    return (high << 2 * _LIMB) + (middle << _LIMB + 1) + low


def _plain(function: Callable[[Clause], Clause]) -> _Number:
    return _Number(lambda value: (function(value),))


_LIMB = 24

_NUMBERS: Mapping[How, _Number] = {
    How.COUNT: _plain(sa.func.count),
    How.SUM: _plain(sum_64),
    How.MIN: _plain(sa.func.min),
    How.MAX: _plain(sa.func.max),
    How.SQUARES: _Number(_limbs, 3, _of_limbs),
}

#: In the form that is exact however large.
_WIDE: Mapping[How, _Number] = {
    **_NUMBERS,
    How.SUM: _Number(_halves, 2, lambda high, low: (high << 32) + low),
}


def number_clauses(how: How, value: Clause, *, wide: bool = False) -> Sequence[Clause]:
    """The columns from which `groups` takes a number."""
    return (_WIDE if wide else _NUMBERS)[how].columns(value)


def groups(form: Form, rows: Sequence[Row]) -> Groups:
    """The groups that the rows of an answer stand for, in the same order.

    Args:
        form: What was asked for.
        rows: The keys, then the columns of `number_clauses`.

    Raises:
        Overflow: A number does not fit the form.
    """
    if not rows:
        return Groups((), ())
    columns = zip(*rows, strict=True)
    keys, hows = form.keys, [term.how for term in form.terms]
    if form.fold is not None:
        keys, hows = keys[: form.fold.keys], [part.how for part in form.fold.aggregates]
    decoders = [_key_decoder(form.record, key) for key in keys]
    if len(keys) > 1:  # a key comes again in every group with it
        decoders = [_Decoded(decode).__getitem__ for decode in decoders]
    decoded = [map(decode, next(columns)) for decode in decoders]
    numbers = [_values((_WIDE if form.wide else _NUMBERS)[how], columns) for how in hows]
    return Groups(_across(decoded, len(rows)), _across(numbers, len(rows)))


def _values(number: _Number, columns: Iterator[Sequence[Any]]) -> Iterable[int | None]:  # Any: int, float or None
    value = number.value
    if value is None:
        return next(columns)
    parts = zip(*islice(columns, number.width), strict=True)
    return [None if part[0] is None else value(*part) for part in parts]


class _Decoded(dict[Any, object]):  # Any: int, str, bytes or None
    """What the values of a column decode to, each decoded once."""

    def __init__(self, decode: Callable[[Any], object]) -> None:
        """Begin with nothing decoded."""
        self._decode = decode

    def __missing__(self, stored: Any) -> object:
        """Decode another value."""
        value = self[stored] = self._decode(stored)
        return value


def _across(columns: Sequence[Iterable[Any]], count: int) -> Sequence[tuple[Any, ...]]:  # Any: as above
    """The rows of some columns; empty ones if there are none."""
    return list(zip(*columns, strict=True)) if columns else [()] * count


def _key_decoder(record: Record, key: Key) -> Callable[[Any], object]:  # Any: int, str, bytes or None
    if key.bucket is None:
        return record.columns[key.field].codec.decode or (lambda stored: stored)
    return day_of
