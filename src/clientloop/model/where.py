"""The one condition language: inbox filters, segments, routing, branches, retention, metric and report filters.

A condition is data over the fields of one record. Its truth has two values, on every store alike: a comparison with a
field that is None is false, and its negation true.

>>> from clientloop.model.where import eq, lt, one_of
>>> condition = eq("kind", "complaint") & ~one_of("state", ["new", "assigned"])
>>> condition.fields() == {"kind", "state"}
True
"""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from attrs import frozen

from clientloop.errors import InvalidValue
from clientloop.model.codec import Kind, text
from clientloop.model.record import Record
from clientloop.model.units import Row


class Operator(StrEnum):
    """How a field is compared with a value."""

    EQ = "="
    NE = "<>"
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="


class Where:
    """A condition over the fields of a record; combine with `&`, `|` and `~`."""

    __slots__ = ()

    def __and__(self, other: "Where") -> "Where":
        """Both hold."""
        if ALL in (self, other):
            return other if self == ALL else self
        return Every((*_parts(self, Every), *_parts(other, Every)))

    def __or__(self, other: "Where") -> "Where":
        """At least one holds."""
        return AnyOf((*_parts(self, AnyOf), *_parts(other, AnyOf)))

    def __invert__(self) -> "Where":
        """It does not hold."""
        return Not(self)

    def fields(self) -> frozenset[str]:
        """Names of the fields it speaks of."""
        raise NotImplementedError


@frozen
class Compare(Where):
    """A field against a value; false where the field is None."""

    #: The field.
    field: str
    #: How.
    operator: Operator
    #: The value, as the field holds it; never None.
    value: object

    def __attrs_post_init__(self) -> None:
        """Refuse None, which nothing compares with."""
        if self.value is None:
            raise InvalidValue(f"{self.field!r} cannot be compared with None", hint="use eq, ne or IsNone")

    def fields(self) -> frozenset[str]:
        """Names of the fields it speaks of."""
        return frozenset({self.field})


@frozen
class IsNone(Where):
    """The field holds nothing."""

    #: The field.
    field: str

    def fields(self) -> frozenset[str]:
        """Names of the fields it speaks of."""
        return frozenset({self.field})


@frozen
class Contains(Where):
    """The text of a field contains another, ignoring the case of ASCII letters only."""

    #: The field.
    field: str
    #: What it contains.
    text: str

    def fields(self) -> frozenset[str]:
        """Names of the fields it speaks of."""
        return frozenset({self.field})


@frozen
class Every(Where):
    """All parts hold; with no parts, always."""

    #: The parts.
    parts: tuple[Where, ...] = ()

    def fields(self) -> frozenset[str]:
        """Names of the fields it speaks of."""
        return frozenset[str]().union(*(part.fields() for part in self.parts))


@frozen
class AnyOf(Where):
    """At least one part holds; with no parts, never."""

    #: The parts.
    parts: tuple[Where, ...] = ()

    def fields(self) -> frozenset[str]:
        """Names of the fields it speaks of."""
        return frozenset[str]().union(*(part.fields() for part in self.parts))


@frozen
class Not(Where):
    """The part does not hold."""

    #: The part.
    part: Where

    def fields(self) -> frozenset[str]:
        """Names of the fields it speaks of."""
        return self.part.fields()


#: Holds for every record.
ALL = Every()


def eq(field: str, value: object) -> Where:
    """The field equals the value; with None: it holds nothing.

    >>> eq("owner", None)
    IsNone(field='owner')
    """
    return IsNone(field) if value is None else Compare(field, Operator.EQ, value)


def ne(field: str, value: object) -> Where:
    """The field holds something else than the value, or nothing; with None: it holds something."""
    return Not(eq(field, value))


def lt(field: str, value: object) -> Where:
    """The field is less than the value."""
    return Compare(field, Operator.LT, value)


def le(field: str, value: object) -> Where:
    """The field is at most the value."""
    return Compare(field, Operator.LE, value)


def gt(field: str, value: object) -> Where:
    """The field is more than the value."""
    return Compare(field, Operator.GT, value)


def ge(field: str, value: object) -> Where:
    """The field is at least the value."""
    return Compare(field, Operator.GE, value)


def one_of(field: str, values: Iterable[object]) -> Where:
    """The field equals one of the values."""
    return AnyOf(tuple(eq(field, value) for value in values))


def contains(field: str, text: str) -> Where:
    """The text of the field contains another, ignoring the case of ASCII letters."""
    return Contains(field, text)


def _parts(where: Where, sort: type[Every] | type[AnyOf]) -> tuple[Where, ...]:
    return where.parts if isinstance(where, sort) else (where,)


def equalities(where: Where) -> Mapping[str, object]:
    """The fields that the condition pins to one value: what an index can start with.

    >>> equalities(eq("state", "new") & lt("due", 5))
    {'state': 'new'}
    """
    pinned = {}
    for part in _parts(where, Every):
        if isinstance(part, Compare) and part.operator is Operator.EQ:
            pinned[part.field] = part.value
        elif isinstance(part, IsNone):
            pinned[part.field] = None
    return pinned


def choices(where: Where) -> Mapping[str, tuple[object, ...]]:
    """The fields that the condition leaves some values to: where an index is read in several places.

    >>> choices(eq("kind", "email") & one_of("value", ["b", "a"]))
    {'value': ('b', 'a')}
    """
    left = {}
    for part in _parts(where, Every):
        if isinstance(part, AnyOf):
            equal = [inner for inner in part.parts if isinstance(inner, Compare) and inner.operator is Operator.EQ]
            fields = {inner.field for inner in equal}
            if len(equal) == len(part.parts) and len(fields) == 1:
                left[fields.pop()] = tuple([inner.value for inner in equal])
    return left


def compile_test(where: Where, record: Record) -> Callable[[Row], bool]:
    """The condition as a function over encoded rows of a record: what SQL does, in Python.

    Args:
        where: The condition.
        record: Whose rows.

    Raises:
        UnknownName: The record has no such field.
        InvalidValue: A value does not fit its field, or something is no condition.
    """
    positions = {name: position for position, name in enumerate(record.columns)}

    def absent_of(name: str) -> int | str | None:
        return record.column(name).codec.absent

    def compiled(part: Where) -> Callable[[Row], bool]:
        match part:
            case Compare(name, how, value):
                stored = record.encode_value(name, value)
                position, nothing, compare = positions[name], (None, absent_of(name)), _COMPARE[how]
                return lambda row: row[position] not in nothing and bool(compare(row[position], stored))
            case IsNone(name):
                absent, position = absent_of(name), positions[name]
                return lambda row: bool(row[position] == absent)
            case Contains(name, wanted):
                if record.column(name).codec.kind is not Kind.TEXT:
                    raise InvalidValue(f"{record.name}.{name} holds no text")
                position, nothing, sought = positions[name], (None, absent_of(name)), ascii_lower(text(wanted))
                return lambda row: row[position] not in nothing and sought in ascii_lower(row[position])
            case Every(parts):
                tests = [compiled(inner) for inner in parts]
                return lambda row: all(test(row) for test in tests)
            case AnyOf(parts):
                return _among(part, record) or _any([compiled(inner) for inner in parts])
            case Not(inner):
                test = compiled(inner)
                return lambda row: not test(row)
            case _:
                raise InvalidValue(f"{part!r:.80} is no condition", hint="make one with eq, lt, contains and the like")

    return compiled(where)


def _among(part: AnyOf, record: Record) -> Callable[[Row], bool] | None:
    """Whether a field has one of some values: a row is looked up among them once, however many they are."""
    for field, values in choices(part).items():
        wanted = {record.encode_value(field, value) for value in values} - {record.column(field).codec.absent}
        position = list(record.columns).index(field)
        return lambda row: row[position] in wanted
    return None


def _any(tests: Sequence[Callable[[Row], bool]]) -> Callable[[Row], bool]:
    return lambda row: any(test(row) for test in tests)


def ascii_lower(text: str) -> str:
    """Lower case of ASCII letters only, as every database folds it."""
    return text.translate(_ASCII_LOWER)


_ASCII_LOWER = {ord(letter): ord(letter.lower()) for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}

# Any: both sides are database values of one column, so they compare
_COMPARE: Mapping[Operator, Callable[[Any, Any], Any]] = {
    Operator.EQ: operator.eq,
    Operator.NE: operator.ne,
    Operator.LT: operator.lt,
    Operator.LE: operator.le,
    Operator.GT: operator.gt,
    Operator.GE: operator.ge,
}
