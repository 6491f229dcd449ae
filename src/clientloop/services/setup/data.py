"""Records as data for programs."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import attrs

from clientloop.model.codec import Json


def as_data(value: object) -> Json:
    """A record, or what stands in its fields, as JSON knows it.

    Times become ISO 8601 in UTC, spans of time seconds, ids and names text, bytes base 64, records mappings.

    >>> from clientloop.model.money import Money
    >>> as_data([Money(500, "EUR"), timedelta(minutes=2), b"abc"])
    [{'minor': 500, 'currency': 'EUR'}, 120.0, 'YWJj']
    """
    cls: type = type(value)
    if attrs.has(cls):
        return {field.name: as_data(getattr(value, field.name)) for field in attrs.fields(cls)}
    write = next((write for sorts, write in _WRITERS if isinstance(value, sorts)), str)
    return write(value)


def _mapping(value: Mapping[object, object]) -> Json:
    return {str(as_data(key)): as_data(each) for key, each in value.items()}


#: What becomes of values that are no text; members of enums are text. Any: each writer takes its own type.
_WRITERS: tuple[tuple[tuple[type, ...], Callable[[Any], Json]], ...] = (
    ((bool, int, float, type(None)), lambda value: value),
    ((timedelta,), timedelta.total_seconds),
    ((date,), lambda value: value.isoformat()),
    ((bytes,), lambda value: b64encode(value).decode()),
    ((Mapping,), _mapping),
    ((list, tuple, set, frozenset), lambda value: [as_data(each) for each in value]),
)
