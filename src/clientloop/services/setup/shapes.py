"""What the settings of a plugin look like: their fields and types, with all that may stand around a type taken away."""

from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

import attrs

from clientloop.errors import UnknownName


def core(declared: Any) -> Any:  # Any: a declared type, which may be a union or generic
    """A type without None beside it.

    >>> core(int | None), core(tuple[str, ...])
    (<class 'int'>, tuple[str, ...])
    """
    if get_origin(declared) not in (Union, UnionType):
        return declared
    arms = [arm for arm in get_args(declared) if arm is not NoneType]
    return arms[0] if len(arms) == 1 else declared


def inner(declared: Any) -> Any:  # Any: as of `core`
    """The type of what a collection or a mapping holds; None of what holds nothing.

    >>> inner(tuple[int, ...]), inner(dict[str, bool]), inner(str)
    (<class 'int'>, <class 'bool'>, None)
    """
    arguments = get_args(declared)
    if not arguments or get_origin(declared) in (Union, UnionType):
        return None
    return core(arguments[-1] if is_mapping(declared) else arguments[0])


#: What mappings are declared as.
_MAPPINGS = (Mapping, dict)


def is_mapping(declared: Any) -> bool:  # Any: as of `core`
    """Whether a type is a mapping of any sort."""
    return get_origin(declared) in _MAPPINGS


def fields_of(cls: Any) -> Mapping[str, "attrs.Attribute[Any]"]:  # Any: a declared type; each has its own
    """The fields of an attrs class that can be given, with their types resolved; none of any other class."""
    if not (isinstance(cls, type) and attrs.has(cls)):
        return {}
    return {each.name: each for each in attrs.fields(attrs.resolve_types(cls)) if each.init}


def field_at(cls: type, path: str) -> tuple[Any, bool]:  # Any: as of `core`
    """The type of a field, nested ones by dots, and whether it is a secret.

    Args:
        cls: attrs class of the settings.
        path: Such as "smtp.host"; under a mapping, the key.

    Raises:
        UnknownName: There is no such field.

    >>> from clientloop.ports.effects import MailServer
    >>> field_at(MailServer, "port"), field_at(MailServer, "password")
    ((<class 'int'>, False), (<class 'str'>, True))
    """
    declared, secret = core(cls), False
    for name in path.split("."):
        if is_mapping(declared):
            declared = inner(declared)
            continue
        known = fields_of(declared)
        if name not in known:
            raise UnknownName.among(name, known, what="field")
        declared, secret = core(known[name].type), secret or not known[name].repr
    return declared, secret
