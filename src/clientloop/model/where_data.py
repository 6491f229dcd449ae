"""Conditions as plain data, and back: what JSON and TOML can say, in words that a person would write.

| data | holds where |
|---|---|
| `{"kind": "complaint"}` | the field equals the value |
| `{"kind": ["complaint", "idea"]}` | it equals one of them |
| `{"words": {"contains": "refund"}}` | its text contains that, in either case of ASCII letters; a list: one of these |
| `{"rating": {"at most": 2}}` | it is at most so much; also `at least`, `less than`, `more than`, `is not` |
| `{"employee": {"given": false}}` | it holds nothing; with `true`: something |
| `{"kind": "idea", "channel": "form"}` | all of these |
| `{"all": [...]}`, `{"any": [...]}`, `{"not": {...}}` | all, at least one, not |

An empty table holds always. A comparison with a field that holds nothing is false, `is not` as well; `{"not": ...}` of
it is true. Members of enums go by their values, times are as in ISO 8601 with their offset from UTC, lengths of time
are in seconds.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.codec import Json
from clientloop.model.record import Record, record_of
from clientloop.model.where import AnyOf, Compare, Contains, Every, IsNone, Not, Operator, Where, eq, ne

_WORDS: Mapping[Operator, str] = {
    Operator.NE: "is not",
    Operator.LT: "less than",
    Operator.LE: "at most",
    Operator.GT: "more than",
    Operator.GE: "at least",
}
_OPERATORS = {word: operator for operator, word in _WORDS.items()}
_CONTAINS, _GIVEN = "contains", "given"
_KNOWN_WORDS = (*_OPERATORS, _CONTAINS, _GIVEN)


def read_where(data: Json, cls: type, path: str = "") -> Where:
    """The condition that plain data say.

    Args:
        data: What JSON or TOML gave.
        cls: The record class whose fields it speaks of.
        path: What the data are called, for messages; of a part, its steps are added.

    Raises:
        UnknownName: It speaks of a field, a member of an enum or an operator that nobody declared.
        InvalidValue: The data are no condition, or a value does not fit its field; the message names its path.

    >>> from clientloop.model.feedback import Feedback
    >>> read_where({"kind": ["complaint", "idea"], "rating": {"at most": 2}}, Feedback) == (
    ...     AnyOf((eq("kind", "complaint"), eq("kind", "idea"))) & Compare("rating", Operator.LE, 2)
    ... )
    True
    >>> read_where({"any": [{"kind": "idea"}, {"ratng": {"at most": 2}}]}, Feedback)
    Traceback (most recent call last):
        ...
    clientloop.errors.UnknownName: any[1]: no field of feedback 'ratng': did you mean 'rating'?
    """
    if not isinstance(data, Mapping):
        raise _at(path, InvalidValue(f"{data!r:.80} is no condition", hint='write it like {"kind": "complaint"}'))
    return _every([_part(name, value, record_of(cls), path) for name, value in data.items()])


def write_where(where: Where, cls: type) -> Mapping[str, Json]:
    """A condition as plain data: `read_where` gives the same condition back.

    Args:
        where: The condition.
        cls: The record class whose fields it speaks of.

    Raises:
        UnknownName: The record has no such field.
        InvalidValue: A field cannot be compared in data, or this is no condition.

    >>> from clientloop.model.feedback import Feedback
    >>> from clientloop.model.where import contains, one_of
    >>> write_where(one_of("kind", ["idea", "praise"]) & ~contains("title", "chair"), Feedback)
    {'kind': ['idea', 'praise'], 'not': {'title': {'contains': 'chair'}}}
    """
    return _written(where, record_of(cls))


def _every(parts: list[Where]) -> Where:
    return parts[0] if len(parts) == 1 else Every(tuple(parts))


# Reading


def _at(path: str, error: InvalidValue) -> InvalidValue:
    """The same error, with where in the data it is."""
    return type(error)(f"{path}: {error.message}", hint=error.hint) if path else error


def _part(name: str, value: Json, record: Record, path: str) -> Where:
    step = f"{path}.{name}" if path else name
    read = _GROUPS.get(name)
    if read is not None:
        return read(value, record, step)
    try:
        record.column(name)
    except UnknownName as error:
        raise _at(path, error) from None
    return _compared(name, value, record, step)


def _parts(data: Json, record: Record, path: str) -> tuple[Where, ...]:
    if not isinstance(data, list | tuple):
        raise _at(path, InvalidValue(f"{data!r:.80} is no list of conditions", hint="write them in brackets"))
    return tuple(read_where(part, record.cls, f"{path}[{number}]") for number, part in enumerate(data))


#: The words that join conditions, and so are no names of fields.
_GROUPS: Mapping[str, Callable[[Json, Record, str], Where]] = {
    "all": lambda data, record, path: Every(_parts(data, record, path)),
    "any": lambda data, record, path: AnyOf(_parts(data, record, path)),
    "not": lambda data, record, path: Not(read_where(data, record.cls, path)),
}


def _compared(name: str, value: Json, record: Record, path: str) -> Where:
    if isinstance(value, Mapping):
        return _every([_operated(name, word, operand, record, path) for word, operand in value.items()])
    if isinstance(value, list | tuple):
        return AnyOf(tuple(eq(name, _value(name, each, record, f"{path}[{i}]")) for i, each in enumerate(value)))
    return eq(name, _value(name, value, record, path))


def _operated(name: str, word: str, operand: Json, record: Record, path: str) -> Where:
    if word == _GIVEN and isinstance(operand, bool):
        return ne(name, None) if operand else eq(name, None)
    if word == _CONTAINS and isinstance(operand, list | tuple):
        return AnyOf(tuple(Contains(name, _text(each, f"{path}[{i}]")) for i, each in enumerate(operand)))
    if word == _CONTAINS:
        return Contains(name, _text(operand, path))
    if word in _OPERATORS:
        return Compare(name, _OPERATORS[word], _value(name, operand, record, path))
    raise _at(path, UnknownName.among(word, _KNOWN_WORDS, what="comparison"))


def _text(value: Json, path: str) -> str:
    if not isinstance(value, str):
        raise _at(path, InvalidValue(f"{value!r:.80} is no text"))
    return value


def _value(name: str, data: Json, record: Record, path: str) -> object:
    """A value as the field holds it."""
    declared = record.column(name).codec.value_type
    try:
        value = _read_value(data, declared)
        record.encode_value(name, value)
    except InvalidValue as error:
        raise _at(path, error) from None
    if value is None:
        raise _at(path, InvalidValue("no value", hint='write {"given": false} where it is to hold nothing'))
    return value


def _read_value(data: Json, declared: type) -> object:
    if issubclass(declared, StrEnum) and isinstance(data, str):
        try:
            return declared(data)
        except ValueError:
            raise UnknownName.among(data, list(declared), what=declared.__name__.lower()) from None
    read = _READERS.get(declared)
    if read is None or isinstance(data, declared):
        return data
    try:
        return read(data)
    except (TypeError, ValueError, AttributeError, OverflowError):
        raise InvalidValue(f"{data!r:.80} is no {_CALLED[declared]}") from None


def _read_length(data: float) -> timedelta:
    return timedelta(seconds=data)


#: Types that JSON cannot say, and how they are read.
_READERS: Mapping[type, Callable[[Any], object]] = {  # Any: data that anybody wrote
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    UUID: UUID,
    timedelta: _read_length,
}
_CALLED: Mapping[type, str] = {
    datetime: "time in ISO 8601",
    date: "date in ISO 8601",
    UUID: "id",
    timedelta: "number of seconds",
}


# Writing


def _written(where: Where, record: Record) -> dict[str, Json]:
    match where:
        case Every(parts):
            return _joined([_written(part, record) for part in parts])
        case AnyOf(parts):
            return _listed(parts, record) or {"any": [_written(part, record) for part in parts]}
        case Not(IsNone(name)):
            return {name: {_GIVEN: True}}
        case Not(part):
            return {"not": _written(part, record)}
        case _:
            return _written_of_field(where, record)


def _written_of_field(where: Where, record: Record) -> dict[str, Json]:
    match where:
        case IsNone(name):
            return {name: {_GIVEN: False}}
        case Contains(name, text):
            return {name: {_CONTAINS: text}}
        case Compare(name, Operator.EQ, value):
            return {name: _plain(name, value, record)}
        case Compare(name, operator, value):
            return {name: {_WORDS[operator]: _plain(name, value, record)}}
        case _:
            raise InvalidValue(f"{where!r:.80} is no condition", hint="make one with eq, lt, contains and the like")


def _joined(parts: list[dict[str, Json]]) -> dict[str, Json]:
    """Conditions of one key each, all different, stand in one table; others in a list."""
    merged = {name: value for part in parts for name, value in part.items()}
    plain = len(parts) != 1 and len(merged) == len(parts) and all(len(part) == 1 for part in parts)
    return merged if plain else {"all": parts}


def _listed(parts: tuple[Where, ...], record: Record) -> dict[str, Json] | None:
    """Several values of one field as a list of them, where that says it."""
    pairs = list(_same_field(parts))
    if not parts or len(pairs) != len(parts):
        return None
    name = pairs[0][0]
    if isinstance(parts[0], Contains):
        return {name: {_CONTAINS: [value for _, value in pairs]}}
    return {name: [_plain(name, value, record) for _, value in pairs]}


def _same_field(parts: tuple[Where, ...]) -> Iterator[tuple[str, Any]]:  # Any: values of any field
    for part in parts:
        match part, parts[0]:
            case (Compare(name, Operator.EQ, value), Compare(first)) if name == first:
                yield name, value
            case (Contains(name, value), Contains(first)) if name == first:
                yield name, value
            case _:
                pass


def _plain(name: str, value: object, record: Record) -> Json:
    record.encode_value(name, value)
    match value:
        case datetime() | date():
            return value.isoformat()
        case UUID() | StrEnum():
            return str(value)
        case timedelta():
            return value.total_seconds()
        case str() | int():
            return value
        case _:
            raise InvalidValue(f"{record.name}.{name} cannot be compared in data")
