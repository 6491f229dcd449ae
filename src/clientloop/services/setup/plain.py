"""Values of declared classes as plain data, and back: what JSON and TOML can say, in words that a person would write.

Lengths of time are text ("3 working days"), opening hours "09:00-17:30", dates as in ISO 8601, weekdays and members of
enums go by their names, and a cause by what it does: `{"tell": "received"}`, `{"start": "solution"}`,
`{"open": "executor", "title": "Remove the fault"}`, `{"do": "reopen"}`. What has its default value is left out, so that
stored data stay as they are when a later version declares a further field; therefore the default of a declared field
never changes.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from functools import cache
from types import GenericAlias
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, get_args, get_origin

from attrs import NOTHING, fields, has

from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.calendar import Hours, Span
from clientloop.model.codec import Json
from clientloop.model.process import Do, Open, Start, Tell
from clientloop.model.where import Where
from clientloop.model.where_data import read_where, write_where
from clientloop.rules.relationship.windows import Window
from clientloop.services.setup.misfits import misfit

if TYPE_CHECKING:
    from cattrs import Converter

#: Makes plain data of a value, as cattrs asks for it. Any: values of all types.
_Writer = Callable[[Any], Any]
#: Makes a value of plain data and the declared type, as cattrs asks for it. Any: as above.
_Reader = Callable[[Any, Any], Any]


class _Tag(NamedTuple):
    """How a cause says in data what it does."""

    field: str
    key: str


_TAGS: Mapping[object, _Tag] = {
    Tell: _Tag("template", "tell"),
    Start: _Tag("deadline", "start"),
    Open: _Tag("kind", "open"),
    Do: _Tag("effect", "do"),
}

#: Types that are written as text, and how the text is read.
_TEXTS: Mapping[object, Callable[[str], object]] = {Span: Span.parse, Hours: Hours.parse, Window: Window.parse}

#: What collections are in data, and how they are made of that.
_COLLECTIONS: Mapping[object, tuple[type, Callable[[Any], object]]] = {  # Any: what was read of the data
    Mapping: (dict, dict),
    tuple: (list, tuple),
    frozenset: (list, frozenset),
}

#: What data of a type are called.
_WORDS: Mapping[type, str] = {
    str: "text",
    int: "whole number",
    bool: "true or false",
    float: "number",
    dict: "table",
    list: "list",
}

#: The one mapping by number: hours by weekday.
_WEEK = Mapping[int, tuple[Hours, ...]]


class _Weekday(StrEnum):
    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


_NAMED_WEEK: Any = Mapping[_Weekday, tuple[Hours, ...]]  # Any: mypy wants a class where cattrs takes any type


def written(value: object, declared: Any) -> Any:  # Any: plain data, and a declared type
    """A value as plain data.

    Args:
        value: A value of the declared type.
        declared: An attrs class, or the type of a field.

    >>> written((Span.parse("3 wd"),), tuple[Span, ...])
    ['3 working days']
    """
    return _converter().unstructure(value, unstructure_as=declared)


def read(
    data: Json, declared: Any, path: str, *, hide: Callable[[str], str] = str
) -> Any:  # Any: a value of the declared type
    """The value that plain data say.

    Args:
        data: What JSON or TOML gave.
        declared: An attrs class, or the type of a field.
        path: What the data are called, for messages.
        hide: Keeps out of messages what must not be shown.

    Raises:
        UnknownName: All that is wrong are names that nobody declared.
        InvalidValue: The data are no such value; the message names the path of every fault, and near matches.

    >>> read(["3 wd", "4 dayz"], tuple[Span, ...], "remind")
    Traceback (most recent call last):
        ...
    clientloop.errors.UnknownName: remind[1]: no unit of time 'dayz': did you mean 'day' or 'days'?
    """
    try:
        return _converter().structure(data, declared)
    except (InvalidValue, ExceptionGroup) as error:
        faults = list(_faults(error, path))
        kind = UnknownName if all(isinstance(fault, UnknownName) for _, fault in faults) else InvalidValue
        raise kind("; ".join(f"{where}: {hide(str(fault))}" for where, fault in faults)) from None


def _faults(error: Exception, path: str) -> Iterator[tuple[str, InvalidValue]]:
    """Every single fault, with where in the data it is."""
    if isinstance(error, ExceptionGroup):
        for inner in error.exceptions:
            yield from _faults(inner, path + _step(inner, getattr(error, "cl", None)))
    elif isinstance(error, InvalidValue):
        yield path, error
    elif isinstance(error, KeyError):
        yield path, InvalidValue("is missing")
    else:
        yield path, misfit(error)


def _step(error: Exception, within: object) -> str:
    """The step of the path that cattrs has noted on an error."""
    from cattrs.errors import AttributeValidationNote, IterableValidationNote

    for note in getattr(error, "__notes__", ()):
        if isinstance(note, IterableValidationNote):
            return f"[{note.index}]" if isinstance(note.index, int) else f".{note.index}"
        if isinstance(note, AttributeValidationNote):
            return f".{_key(within, note.name)}"
    return ""


def _key(declared: object, name: str) -> str:
    """What a field of a class is called in the data."""
    tag = _TAGS.get(declared)
    return tag.key if tag and tag.field == name else name


@cache
def _converter() -> "Converter":
    from cattrs import Converter

    converter = Converter(omit_if_default=True)
    converter.register_structure_hook(str, _read_text)
    converter.register_unstructure_hook(str, str.__str__)  # also of members of enums, which are text
    converter.register_structure_hook(int, _checked)
    converter.register_structure_hook(bool, _checked)
    converter.register_structure_hook(
        float, lambda data, _: float(data if type(data) is int else _checked(data, float))
    )
    for declared, parse in _TEXTS.items():
        converter.register_structure_hook(declared, _reader_of_text(parse))
        converter.register_unstructure_hook(declared, str)
    converter.register_structure_hook(date, _read_date)
    converter.register_unstructure_hook(date, date.isoformat)
    converter.register_structure_hook_factory(_is_collection, lambda declared: _collection_reader(declared, converter))
    converter.register_unstructure_hook_func(_is_set, lambda value: sorted(map(converter.unstructure, value)))
    converter.register_structure_hook_factory(_is_class, lambda declared: _class_reader(declared, converter))
    converter.register_unstructure_hook_factory(_is_class, lambda declared: _class_writer(declared, converter))
    converter.register_structure_hook_func(
        _is_union_of_causes, lambda data, union: converter.structure(data, _cause_in(data, union))
    )
    converter.register_structure_hook_func(_is_week, lambda data, _: _by_number(converter.structure(data, _NAMED_WEEK)))
    converter.register_unstructure_hook_func(
        _is_week, lambda week: converter.unstructure(_by_name(week), unstructure_as=_NAMED_WEEK)
    )
    converter.register_structure_hook_func(_is_where, lambda data, where: read_where(data, get_args(where)[1]))
    converter.register_unstructure_hook_factory(_is_where, lambda of: lambda where: write_where(where, get_args(of)[1]))
    return converter


def _is_where(declared: object) -> bool:
    """A condition, annotated with the record that it is about."""
    return get_origin(declared) is Annotated and get_args(declared)[0] is Where


def _is_collection(declared: object) -> bool:
    return get_origin(declared) in _COLLECTIONS


def _is_set(declared: object) -> bool:
    return get_origin(declared) is frozenset


def _is_class(declared: object) -> bool:
    return isinstance(declared, type) and has(declared) and declared not in _TEXTS


def _is_union_of_causes(declared: object) -> bool:
    arms = get_args(declared)
    return bool(arms) and all(arm in _TAGS for arm in arms)


def _is_week(declared: object) -> bool:
    return declared == _WEEK


def _checked(data: Any, declared: type) -> Any:  # Any: data that anybody wrote, returned if it is of the type
    if type(data) is not declared:
        raise InvalidValue(f"{data!r:.80} is no {_WORDS[declared]}")
    return data


def _reader_of_text(parse: Callable[[str], object]) -> _Reader:
    return lambda data, _: parse(_checked(data, str))


def _read_date(data: Any, _: Any) -> date:  # Any: TOML knows dates, JSON does not
    if type(data) is date:
        return data
    try:
        return date.fromisoformat(_checked(data, str))
    except ValueError:
        raise InvalidValue(f"{data!r:.80} is no date", hint='write it as "2026-12-24"') from None


def _read_text(data: Any, declared: type[str]) -> str:  # Any: data that anybody wrote
    """Read text, or a member of an enum, for these are text too and cattrs finds the same hook for both."""
    _checked(data, str)
    if not issubclass(declared, StrEnum):
        return data  # type: ignore[no-any-return]  # checked above
    try:
        return declared(data)
    except ValueError:
        what = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", declared.__name__.lstrip("_")).lower()
        raise UnknownName.among(data, [member.value for member in declared], what=what) from None


def _collection_reader(declared: Any, converter: "Converter") -> _Reader:  # Any: a generic type
    raw, made = _COLLECTIONS[get_origin(declared)]
    plain = GenericAlias(raw, tuple(arg for arg in get_args(declared) if arg is not ...))
    read: _Reader = converter.get_structure_hook(plain)
    return lambda data, _: made(read(_checked(data, raw), plain))


def _class_reader(cls: type, converter: "Converter") -> _Reader:
    from cattrs.gen import make_dict_structure_fn

    read: _Reader = make_dict_structure_fn(cls, converter, **_renamed(cls))
    required_first = sorted(fields(cls), key=lambda declared: declared.default is not NOTHING)
    known = [_key(cls, declared.name) for declared in required_first if declared.init]

    def read_known(data: Any, _: Any) -> Any:  # Any: see _Reader
        unknown = [UnknownName.among(key, known, what="field") for key in _checked(data, dict) if key not in known]
        if unknown:
            raise ExceptionGroup("unknown fields", unknown)
        return read(data, cls)

    return read_known


def _class_writer(cls: type, converter: "Converter") -> _Writer:
    from cattrs.gen import make_dict_unstructure_fn

    return make_dict_unstructure_fn(cls, converter, _cattrs_omit_if_default=True, **_renamed(cls))


def _renamed(cls: type) -> dict[str, Any]:  # Any: overrides, which cattrs does not let one name
    from cattrs.gen import override

    tag = _TAGS.get(cls)
    return {tag.field: override(rename=tag.key)} if tag else {}


def _cause_in(data: Any, union: object) -> Any:  # Any: data that anybody wrote; a class of the union
    causes = {_TAGS[arm].key: arm for arm in get_args(union)}
    named = [key for key in _checked(data, dict) if key in causes]
    if len(named) == 1:
        return causes[named[0]]
    if named:
        raise InvalidValue(
            f"{' and '.join(map(repr, named))} are several causes", hint="write each in a table of its own"
        )
    raise UnknownName.among(next(iter(data), ""), causes, what="cause")


def _by_number(week: Mapping[_Weekday, tuple[Hours, ...]]) -> Mapping[int, tuple[Hours, ...]]:
    return {number: week[day] for number, day in enumerate(_Weekday) if day in week}


def _by_name(week: Mapping[int, tuple[Hours, ...]]) -> Mapping[_Weekday, tuple[Hours, ...]]:
    return {day: week[number] for number, day in enumerate(_Weekday) if number in week}
