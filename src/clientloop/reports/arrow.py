"""Columns of values as Apache Arrow has them, handed on by its C interface: polars and DuckDB take them as they are."""

from array import array
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias

from attrs import frozen

from clientloop.errors import InvalidValue, MissingExtra
from clientloop.model.codec import microseconds

#: What a cell of a table may hold; times are aware.
Value: TypeAlias = str | int | float | bool | datetime | date | timedelta | None

_EPOCH_DAY = date(1970, 1, 1)


# Any: the library says nothing of types; a value is what its column is declared to hold.
@frozen
class _Sort:
    """How values of one type become a column."""

    #: The type of Arrow, made by nanoarrow.
    schema: Callable[[Any], Any]
    #: The type code of an array of its numbers.
    code: str
    #: From a value to its number.
    number: Callable[[Any], float]


_SORTS: Mapping[type, _Sort] = {
    int: _Sort(lambda na: na.int64(), "q", int),
    float: _Sort(lambda na: na.float64(), "d", float),
    datetime: _Sort(lambda na: na.timestamp("us", "UTC"), "q", microseconds),
    date: _Sort(lambda na: na.date32(), "i", lambda day: (day - _EPOCH_DAY).days),
    timedelta: _Sort(lambda na: na.duration("us"), "q", lambda span: span // timedelta(microseconds=1)),
}


def stream(columns: Mapping[str, tuple[type, Sequence[Value]]]) -> Any:  # Any: as above
    """A stream of one batch, as an object with `__arrow_c_stream__`.

    Args:
        columns: The type and the values of each column, all equally many.

    Raises:
        MissingExtra: It needs the extra `arrow`.
        InvalidValue: A number has more than 64 bits.
    """
    try:
        import nanoarrow as na  # type: ignore[import-untyped]  # it tells no types
    except ImportError:
        raise MissingExtra.of("arrow", "nanoarrow") from None
    arrays = {name: _array(na, name, sort, values) for name, (sort, values) in columns.items()}
    length = max((len(values) for _, values in columns.values()), default=0)
    batch = na.c_array_from_buffers(
        na.struct({name: column.schema for name, column in arrays.items()}),
        length,
        [None],
        children=list(arrays.values()),
    )
    return na.c_array_stream(batch)


def _array(na: Any, name: str, sort: type, values: Sequence[Any]) -> Any:
    nulls = sum(value is None for value in values)
    if sort is str:
        schema, buffers = na.large_string(), _texts(values)
    elif sort is bool:
        schema, buffers = na.bool_(), [_bits([bool(value) for value in values])]
    else:
        how = _SORTS[sort]
        try:
            numbers = array(how.code, [0 if value is None else how.number(value) for value in values])
        except OverflowError:
            raise InvalidValue(
                f"{name} holds numbers of more than 64 bits", hint="leave the column out by select(...)"
            ) from None
        schema, buffers = how.schema(na), [numbers.tobytes()]
    known = _bits([value is not None for value in values])
    return na.c_array_from_buffers(schema, len(values), [known, *buffers], null_count=nulls)


def _texts(values: Sequence[str | None]) -> list[bytes]:
    ends, content = array("q", [0]), bytearray()
    for value in values:
        content += (value or "").encode()
        ends.append(len(content))
    return [ends.tobytes(), bytes(content)]


def _bits(flags: Sequence[bool]) -> bytes:
    bits = bytearray((len(flags) + 7) // 8)
    for place, flag in enumerate(flags):
        if flag:
            bits[place // 8] |= 1 << place % 8
    return bytes(bits)
