"""Declarations as plain data: the form in which processes and settings are stored, and in which a firm writes its own.

`docs/explanation/declarations.md` shows the form; `plain.py` beside this module makes it.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import evolve, fields, has, resolve_types

from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.calendar import Calendar
from clientloop.model.codec import Json
from clientloop.model.process import Process
from clientloop.model.spaces import Space
from clientloop.rules.loop.settings import Settings
from clientloop.services.setup.misfits import misfit
from clientloop.services.setup.plain import read, written
from clientloop.services.setup.secrets import hider
from clientloop.services.setup.texts import check_overrides

T = TypeVar("T")


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
    data: dict[str, Json] = written(process, Process)
    return data


def process_from_data(data: Json) -> Process:
    """Read a process in the form that `process_to_data` writes.

    Args:
        data: What JSON or TOML gave; what has a default may be left out.

    Raises:
        InvalidValue: The data declares no process; the message names the path of each fault, and near matches.
    """
    process: Process = read(data, Process, "process")
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
    settings |= {name: read(value.get("value"), _type_of_setting(name), name) for name, value in stored.items()}
    check_overrides(settings.get("texts", {}))
    return Settings(**settings)


def setting_from_data(name: str, data: Json) -> Any:  # Any: each setting has a type of its own
    """The value of one setting, read from plain data.

    Args:
        name: A field of `Settings`.
        data: What JSON or TOML gave.

    Raises:
        UnknownName: No such setting is declared.
        InvalidValue: The data are not what the setting declares; the message names the path of each fault.

    >>> setting_from_data("calendar", {"name": "shop", "zone": "UTC", "week": {"monday": ["09:00-12:00"]}}).name
    'shop'
    """
    return read(data, _type_of_setting(name), name)


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
        data = written(value, declared)
    except (AttributeError, TypeError, ValueError):
        raise InvalidValue(f"{name}: {value!r:.80} is not what this setting holds") from None
    read(data, declared, name)
    return {"value": data}


def config_from_data(table: Mapping[str, Json], declared: type[T], path: str) -> T:
    """The settings of a plugin, from a table of a configuration file.

    Args:
        table: Values by the names of the fields; what has a default may be left out.
        declared: attrs class of the settings.
        path: What the table is called, for messages.

    Raises:
        InvalidValue: The table does not fit; the message names each fault, and near matches, and no secret.

    >>> from clientloop.ports.effects import MailServer
    >>> config_from_data({"host": "mail.example.com", "port": 465}, MailServer, "channels.mail").port
    465
    """
    settings: T = read(table, declared, path, hide=hider(table, declared))
    return settings


def with_parameters(instance: T, table: Mapping[str, Json], path: str) -> T:
    """An instance of a plugin with some of its fields as a table says.

    Args:
        instance: Of an attrs class.
        table: Values by the names of the fields; what is left out stays as the instance has it.
        path: What the table is called, for messages.

    Raises:
        UnknownName: There is no such field.
        InvalidValue: A value does not fit; the message names where.

    >>> from clientloop.ports.effects import MailServer
    >>> with_parameters(MailServer(host="mail.example.com", port=25), {"port": 465}, "channels.mail").port
    465
    """
    cls = type(instance)
    if not has(cls):
        raise InvalidValue(f"{path}: {cls.__name__} has no parameters", hint="leave its table out")
    declared = {each.name: each for each in fields(resolve_types(cls)) if each.init}
    for name in table:
        if name not in declared:
            raise UnknownName.among(name, declared, what=f"parameter of {path}")
    # Any: each field has a type of its own
    values: dict[str, Any] = {
        declared[name].alias: read(value, declared[name].type, f"{path}.{name}") for name, value in table.items()
    }
    try:
        return evolve(instance, **values)  # type: ignore[misc]  # `has` said that it is of an attrs class
    except (ValueError, TypeError) as error:
        fault = error if isinstance(error, InvalidValue) else misfit(error)
        raise type(fault)(f"{path}: {fault.message}", hint=fault.hint) from None


def _type_of_setting(name: str) -> Any:  # Any: a declared type, which may be a union or generic
    types = {setting.name: setting.type for setting in fields(Settings)}
    if name not in types:
        raise UnknownName.among(name, types, what="setting")
    return types[name]
