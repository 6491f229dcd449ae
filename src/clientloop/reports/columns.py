"""The columns in which people and other programs see rows of a class."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Generic, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import attrs
from attrs import frozen

from clientloop.errors import InvalidValue
from clientloop.reports.arrow import Value

R = TypeVar("R")

#: Types that a cell holds as they are.
_PLAIN: tuple[type, ...] = (bool, int, float, str, datetime, date, timedelta)

#: Types that a cell holds as text.
_WRITTEN = (Enum, UUID)


@frozen
class Column(Generic[R]):
    """One column."""

    #: Its name; parts of a part are separated by dots.
    name: str
    #: What it holds, besides None.
    type: type
    #: Reads its value off a row.
    of: Callable[[R], Value]


def columns_of(cls: type[R]) -> tuple[Column[R], ...]:
    """The columns of a class of rows: its fields, then its properties; for one that has fields itself, these.

    Ids and enums become texts, and so does what may be of several plain types, such as a name or a day. Several texts
    are joined by commas. What else is no plain value is left out.

    Args:
        cls: An attrs class.

    Raises:
        InvalidValue: It is none.

    >>> from clientloop.rules.measures.rates import Share
    >>> @attrs.frozen
    ... class Row:
    ...     channel: str
    ...     closed: Share
    >>> [(column.name, column.type.__name__) for column in columns_of(Row)]
    [('channel', 'str'), ('closed.part', 'int'), ('closed.whole', 'int'), ('closed.ratio', 'float')]
    """
    if not attrs.has(cls):
        raise InvalidValue(f"{cls.__name__} is no attrs class, so nobody knows its columns")
    return tuple(column for name, hint in _hints(cls).items() for column in _columns(name, _types(hint)))


def _hints(cls: type) -> Mapping[str, Any]:  # Any: an annotation may be anything
    """What fields and properties of a class are declared to be, in this order."""
    declared = get_type_hints(cls)
    fields = {field.name: declared[field.name] for field in attrs.fields(cls)}
    properties = {
        name: get_type_hints(member.fget)["return"]
        for name, member in vars(cls).items()
        if isinstance(member, property) and not name.startswith("_")
    }
    return fields | properties


def _columns(name: str, types: Sequence[Any]) -> Iterator[Column[Any]]:  # Any: as above
    """The columns of something that may be of some types, besides None."""
    if types == [tuple[str, ...]]:
        yield Column(name, str, _reader(name, ", ".join))
    elif not all(isinstance(cls, type) for cls in types):
        return
    elif len(types) == 1 and types[0] in _PLAIN:
        yield Column(name, types[0], _reader(name, lambda value: value))
    elif len(types) == 1 and attrs.has(types[0]):
        for part in columns_of(types[0]):
            yield Column(f"{name}.{part.name}", part.type, _reader(name, part.of))
    elif all(issubclass(cls, (*_PLAIN, *_WRITTEN)) for cls in types):
        yield Column(name, str, _reader(name, _as_text))


def _reader(name: str, read: Callable[[Any], Value]) -> Callable[[Any], Value]:
    def value(row: Any) -> Value:
        found = getattr(row, name)
        return None if found is None else read(found)

    return value


def _as_text(value: Any) -> str:
    return str(value.value) if isinstance(value, Enum) else str(value)


def _types(hint: Any) -> Sequence[Any]:
    """The types that an annotation allows, besides None."""
    allowed = get_args(hint) if get_origin(hint) in {Union, UnionType} else (hint,)
    return [each for each in allowed if each is not NoneType]
