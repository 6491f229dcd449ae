"""What reports return: typed rows, and the columns in which people and other programs see them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Generic, Self, TypeVar, Union, get_args, get_origin, get_type_hints, overload
from uuid import UUID

import attrs
from attrs import frozen

from clientloop.errors import InvalidValue, UnknownName
from clientloop.reports.arrow import Value, stream

R = TypeVar("R")

#: Types that a cell holds as they are.
_PLAIN: tuple[type, ...] = (bool, int, float, str, datetime, date, timedelta)


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
    """The columns of a class of rows: its fields, and for a field that has fields itself, these.

    Ids and enums become texts, other things that are no plain value are left out.

    Args:
        cls: An attrs class.

    Raises:
        InvalidValue: It is none.

    >>> @attrs.frozen
    ... class Part:
    ...     count: int
    ...     value: float | None
    >>> @attrs.frozen
    ... class Row:
    ...     channel: str
    ...     score: Part
    >>> [(column.name, column.type.__name__) for column in columns_of(Row)]
    [('channel', 'str'), ('score.count', 'int'), ('score.value', 'float')]
    """
    if not attrs.has(cls):
        raise InvalidValue(f"{cls.__name__} is no attrs class, so nobody knows its columns")
    hints = get_type_hints(cls)
    return tuple(
        column for field in attrs.fields(cls) for column in _columns(field.name, _plain_type(hints[field.name]))
    )


def _columns(name: str, cls: Any) -> Iterator[Column[Any]]:  # Any: an annotation may be anything
    if not isinstance(cls, type):
        return
    if issubclass(cls, (Enum, UUID)):
        yield Column(name, str, _reader(name, _as_text))
    elif cls in _PLAIN:
        yield Column(name, cls, _reader(name, lambda value: value))
    elif attrs.has(cls):
        for part in columns_of(cls):
            yield Column(f"{name}.{part.name}", part.type, _reader(name, part.of))


def _reader(name: str, read: Callable[[Any], Value]) -> Callable[[Any], Value]:
    def value(row: Any) -> Value:
        found = getattr(row, name)
        return None if found is None else read(found)

    return value


def _as_text(value: Any) -> str:
    return str(value.value) if isinstance(value, Enum) else str(value)


def _plain_type(hint: Any) -> Any:
    """What an annotation says besides None."""
    if get_origin(hint) in {Union, UnionType}:
        parts = [part for part in get_args(hint) if part is not NoneType]
        return parts[0] if len(parts) == 1 else None
    return hint


class Table(Generic[R]):
    """Rows of one class, with the columns that are to be seen.

    It has a length, places and an order like a list of its rows, but is none: programs would take that for the data.
    They take its columns: polars and DuckDB by `__arrow_c_stream__` (with the extra `arrow`), pandas by
    `pandas.DataFrame(table.to_dict())`.

    Args:
        name: What it is a table of.
        cls: The class of its rows.
        rows: The rows.
        columns: The columns that are to be seen; all if not given.

    >>> from clientloop.rules.relationship.rfm import Rfm
    >>> table = Table("rfm", Rfm, [Rfm(days_since=3, frequency=2, monetary=500)])
    >>> table.header, list(table.select("monetary", "frequency").cells())
    (('days_since', 'frequency', 'monetary'), [(500, 2)])
    """

    def __init__(
        self, name: str, cls: type[R], rows: Iterable[R], *, columns: Sequence[Column[R]] | None = None
    ) -> None:
        """Take all columns of the class if none are given."""
        self.name = name
        self._cls = cls
        self._rows = tuple(rows)
        #: The columns that are to be seen.
        self.columns = columns_of(cls) if columns is None else tuple(columns)

    @overload
    def __getitem__(self, place: int) -> R: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[R]: ...
    def __getitem__(self, place: int | slice) -> R | Sequence[R]:
        """The row at a place, or some of them."""
        return self._rows[place]

    def __iter__(self) -> Iterator[R]:
        """Over the rows."""
        return iter(self._rows)

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    def __repr__(self) -> str:
        """Its name and size: rows may hold personal data."""
        return f"<Table {self.name}: {len(self)} rows of {', '.join(self.header)}>"

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)

    def select(self, *names: str) -> Self:
        """The same rows seen in these columns, in this order.

        Args:
            names: Names of columns; of one that has parts, the beginning stands for all of them.

        Raises:
            UnknownName: There is no such column; the nearest names are in the hint.
        """
        chosen = [column for name in names for column in self._named(name)]
        return type(self)(self.name, self._cls, self._rows, columns=chosen)

    def _named(self, name: str) -> list[Column[R]]:
        known = columns_of(self._cls)
        found = [column for column in known if f"{column.name}.".startswith(f"{name}.")]
        if not found:
            raise UnknownName.among(name, [column.name for column in known], what=f"column of {self.name}")
        return found

    def cells(self) -> Iterator[tuple[Value, ...]]:
        """The values of each row, column by column."""
        readers = [column.of for column in self.columns]
        return (tuple([read(row) for read in readers]) for row in self._rows)

    def to_dict(self) -> dict[str, list[Value]]:
        """The values of each column, row by row."""
        return {column.name: [column.of(row) for row in self._rows] for column in self.columns}

    # Any: a capsule of Python's C interface, which has no type of its own.
    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """The columns in Apache Arrow's C interface, as a stream of one batch.

        Args:
            requested_schema: What the receiver would like; nothing is converted.

        Raises:
            MissingExtra: It needs the extra `arrow`.
            InvalidValue: A number has more than 64 bits.
        """
        values = self.to_dict()
        columns = {column.name: (column.type, values[column.name]) for column in self.columns}
        return stream(columns).__arrow_c_stream__(requested_schema)
