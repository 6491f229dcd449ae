"""Declarations as plain data: the form in which processes and settings are stored, and in which a firm writes its own.

Lengths of time are written as text ("3 working days"), opening hours as "09:00-17:30", dates as in ISO 8601, members of
enums by their values, and a cause by what it does: `{"tell": "received"}`, `{"start": "solution"}`,
`{"open": "executor", "title": "Remove the fault"}`, `{"do": "reopen"}`. What has its default value is left out, so that
a stored declaration stays what it was when a later version declares a further field; therefore the default of a
declared field never changes. `docs/explanation/declarations.md` shows the form.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from functools import cache
from types import GenericAlias
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, get_args, get_origin

from attrs import fields, has

from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.calendar import Calendar, Hours, Span
from clientloop.model.codec import Json
from clientloop.model.process import Do, Open, Process, Start, Tell
from clientloop.model.spaces import Space
from clientloop.rules.settings import Settings
from clientloop.services.texts import check_overrides

if TYPE_CHECKING:
    from cattrs import Converter

T = TypeVar("T")

#: Makes plain data of a value, as cattrs asks for it. Any: values of all types.
Writer = Callable[[Any], Any]
#: Makes a value of plain data and the declared type, as cattrs asks for it. Any: as above.
Reader = Callable[[Any, Any], Any]


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
_TEXTS: Mapping[object, Callable[[str], object]] = {Span: Span.parse, Hours: Hours.parse}

#: What collections are in data, and how they are made of that.
_COLLECTIONS: Mapping[object, tuple[type, Callable[[Any], object]]] = {  # Any: what was read of the data
    Mapping: (dict, dict),
    tuple: (list, tuple),
    frozenset: (list, frozenset),
}

#: What data of a type are called.
_WORDS: Mapping[type, str] = {str: "text", int: "whole number", bool: "true or false", dict: "table", list: "list"}

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


def process_to_data(process: Process) -> Mapping[str, Json]:
    """A declared process as plain data.

    Args:
        process: The declaration.

    Returns:
        Text, whole numbers, booleans, lists and mappings alone; equal processes give equal data.

    >>> from clientloop.model.process import *
    >>> row = move("new", "thank", "closed", OWNER, tell("thanks"))
    >>> process = Process(kind="note", title="Note", working="new", solved=("closed",), ends={}, moves=(row,))
    >>> process_to_data(process)["moves"]
    [{'sources': ['new'], 'name': 'thank', 'target': 'closed', 'who': ['owner'], 'causes': [{'tell': 'thanks'}]}]
    """
    data: dict[str, Json] = _written(process, Process)
    return data


def process_from_data(data: Json) -> Process:
    """Read a process in the form that `process_to_data` writes.

    Args:
        data: What JSON or TOML gave; what has a default may be left out.

    Raises:
        InvalidValue: The data declares no process; the message names the path of each fault, and near matches.
    """
    process: Process = _read(data, Process, "process")
    return process


def settings_from_data(stored: Mapping[str, Mapping[str, Json]], space: Space) -> Settings:
    """What a firm has set, with the defaults of its space for the rest.

    Args:
        stored: The value of each `Setting` by its name: `{"redress_limit": {"value": 5000}}`.
        space: Whose zone and region are the defaults.

    Raises:
        UnknownName: No such setting is declared.
        InvalidValue: A value is not what its setting declares.

    >>> settings_from_data({"redress_limit": {"value": 5000}}, Space(space="shop", region="SI")).redress_limit
    5000
    """
    # Any: each setting has a type of its own
    settings: dict[str, Any] = {"calendar": Calendar.standard(space.zone), "region": space.region}
    settings |= {name: _read(value.get("value"), _type_of_setting(name), name) for name, value in stored.items()}
    check_overrides(settings.get("texts", {}))
    return Settings(**settings)


def setting_to_data(name: str, value: object) -> Mapping[str, Json]:
    """The value of one setting as a `Setting` holds it.

    Args:
        name: A field of `Settings`.
        value: A value of that field.

    Returns:
        The value as plain data, under "value": a setting may be a bare number, a record holds mappings alone.

    Raises:
        UnknownName: No such setting is declared.
        InvalidValue: The value is not what the setting declares.

    >>> setting_to_data("offers", {"chair": "cushion"})
    {'value': {'chair': 'cushion'}}
    """
    declared = _type_of_setting(name)
    try:
        data = _written(value, declared)
    except (AttributeError, TypeError, ValueError):
        raise InvalidValue(f"{name}: {value!r:.80} is not what this setting holds") from None
    _read(data, declared, name)
    return {"value": data}


def config_from_data(table: Mapping[str, Json], declared: type[T], path: str) -> T:
    """The settings of a plugin, from a table of a configuration file.

    Args:
        table: Values by the names of the fields; what has a default may be left out.
        declared: attrs class of the settings.
        path: What the table is called, for messages.

    Raises:
        InvalidValue: The table does not fit; the message names each fault, and near matches.

    >>> from clientloop.ports.effects import MailServer
    >>> config_from_data({"host": "mail.example.com", "port": 465}, MailServer, "channels.mail").port
    465
    """
    settings: T = _read(table, declared, path)
    return settings


def read_table(table: Mapping[str, Json], cls: type[T], path: str) -> T:
    """Read a table of a configuration file as an attrs class.

    Args:
        table: The table.
        cls: The class.
        path: What errors call the table.

    Raises:
        InvalidValue: The table does not fit; the message names the path of each fault, and near matches.
    """
    read: T = _read(table, cls, path)
    return read


def _type_of_setting(name: str) -> Any:  # Any: a declared type, which may be a union or generic
    types = {setting.name: setting.type for setting in fields(Settings)}
    if name not in types:
        raise UnknownName.among(name, types, what="setting")
    return types[name]


def _written(value: object, declared: Any) -> Any:  # Any: plain data, and a declared type
    return _converter().unstructure(value, unstructure_as=declared)


def _read(data: Json, declared: Any, path: str) -> Any:  # Any: a value of the declared type
    try:
        return _converter().structure(data, declared)
    except (InvalidValue, ExceptionGroup) as error:
        faults = list(_faults(error, path))
        kind = UnknownName if all(isinstance(fault, UnknownName) for _, fault in faults) else InvalidValue
        raise kind("; ".join(f"{where}: {fault}" for where, fault in faults)) from None


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
        raise error


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
    return converter


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


def _reader_of_text(parse: Callable[[str], object]) -> Reader:
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


def _collection_reader(declared: Any, converter: "Converter") -> Reader:  # Any: a generic type
    raw, made = _COLLECTIONS[get_origin(declared)]
    plain = GenericAlias(raw, tuple(arg for arg in get_args(declared) if arg is not ...))
    read: Reader = converter.get_structure_hook(plain)
    return lambda data, _: made(read(_checked(data, raw), plain))


def _class_reader(cls: type, converter: "Converter") -> Reader:
    from cattrs.gen import make_dict_structure_fn

    read: Reader = make_dict_structure_fn(cls, converter, **_renamed(cls))
    known = [_key(cls, declared.name) for declared in fields(cls)]

    def read_known(data: Any, _: Any) -> Any:  # Any: see Reader
        unknown = [UnknownName.among(key, known, what="field") for key in _checked(data, dict) if key not in known]
        if unknown:
            raise ExceptionGroup("unknown fields", unknown)
        return read(data, cls)

    return read_known


def _class_writer(cls: type, converter: "Converter") -> Writer:
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
