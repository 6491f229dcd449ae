"""Valid instances of every record, made from the schema: what tests store where they do not care for the details."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Any, TypeVar, cast
from uuid import UUID

import attrs

from clientloop.model.calendar import Clock
from clientloop.model.codec import Codec, Ids, codec_of
from clientloop.model.feedback import Deadline, Deadlines
from clientloop.model.record import Column, Record, record_of
from clientloop.model.schema import RECORDS
from clientloop.model.units import Insert, Unit

R = TypeVar("R")

#: Values by field, to be passed on as keyword arguments. Any: fields of all types.
Fields = dict[str, Any]

#: When samples happen, if nothing else is said.
SAMPLE_TIME = datetime(2026, 3, 2, 9, tzinfo=UTC)


def sample_id(number: int) -> UUID:
    """The id of the samples with this number, of every record: so they refer to each other.

    >>> sample_id(1) < sample_id(2)
    True
    """
    return UUID(int=number + 1)


def sample(cls: type[R], number: int = 0, /, *, space: str = "main", full: bool = False, **fields: object) -> R:
    """A valid instance of a record; equal arguments give equal instances.

    What a field holds follows from its type, its name and the number, so that instances with different numbers differ
    in all keys and unique indexes. References lead to the samples with the same number.

    Args:
        cls: The record's class.
        number: Which one, from 0.
        space: The space it belongs to.
        full: Whether to fill also the fields that have defaults; those of the key always are.
        **fields: Values of fields that matter.

    >>> from clientloop.model.customers import Customer
    >>> sample(Customer, 7, name="First Customer").id == sample_id(7)
    True
    """
    record = record_of(cls)
    fields_with_default = {field.name for field in attrs.fields(cast(Any, cls)) if field.default is not attrs.NOTHING}
    left_out = {"space", "version"} | (set() if full else fields_with_default - set(record.key))
    values = {name: _value(column, number) for name, column in record.columns.items() if name not in left_out}
    return cls(**{"space": space, **values, **fields})


def inserts(*instances: object) -> Unit:
    """A unit that inserts records and, before them, samples of all that they point to.

    Args:
        *instances: The records; what they point to is inserted once, and not if it is among them.

    >>> from clientloop.model.interactions import Text
    >>> [type(change.record).__name__ for change in inserts(sample(Text)).changes]
    ['Interaction', 'Text']
    """
    found: dict[tuple[Any, ...], object] = {}  # Any: encoded keys mix int, str and bytes
    given = {_identity(instance): instance for instance in instances}
    for instance in instances:
        _collect(instance, found, given)
    return Unit(tuple(Insert(instance) for instance in found.values()))


def _collect(instance: object, found: dict[tuple[Any, ...], object], given: Mapping[tuple[Any, ...], object]) -> None:
    record = record_of(type(instance))
    for column, target in record.references.items():
        key = getattr(instance, column)
        if key is not None:
            pointed = _pointed(RECORDS[target], instance, key)
            _collect(given.get(_identity(pointed), pointed), found, given)
    found.setdefault(_identity(instance), instance)


def _pointed(record: Record, instance: Any, key: UUID) -> object:  # Any: a record of any class
    fields: Fields = {record.key[1]: key}
    return cast(object, sample(record.cls, key.int - 1, space=instance.space, **fields))


def _identity(instance: object) -> tuple[Any, ...]:  # Any: as above
    record = record_of(type(instance))
    return (record.name, *record.key_of(record.encode(instance)))


def _value(column: Column, number: int) -> object:
    own = _OWN.get(column.codec)
    if own is not None:
        return own(number)
    value_type = column.codec.value_type
    if issubclass(value_type, Enum):
        return list(value_type)[number % len(value_type)]
    return _VALUES[value_type](column.name, number)


#: Values of the types that columns have, by the name of the column and the number of the sample.
_VALUES: Mapping[type, Callable[[str, int], object]] = {
    str: lambda name, number: f"{name} {number}",
    int: lambda _, number: number + 1,
    bool: lambda _, number: number % 2 == 0,
    bytes: lambda name, number: f"{name} {number}".encode(),
    UUID: lambda _, number: sample_id(number),
    datetime: lambda _, number: SAMPLE_TIME + timedelta(hours=number),
    timedelta: lambda _, number: timedelta(minutes=number),
    date: lambda _, number: SAMPLE_TIME.date() + timedelta(days=number),
    dict: lambda name, number: {name: number},
    tuple: lambda name, number: (f"{name} {number}",),
}


def _deadlines(number: int) -> tuple[Deadline, ...]:
    return (Deadline(name="solution", clock=Clock.ELAPSED, started=0, due=number, step=0, wake=None, left=-number),)


#: Values of columns that are stored in a way of their own.
_OWN: Mapping[Codec, Callable[[int], object]] = {
    codec_of(Deadlines): _deadlines,
    codec_of(Ids): lambda number: (sample_id(number),),
}
