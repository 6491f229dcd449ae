"""Secrets of settings: left in the environment by those who write them, and never repeated to those who read errors."""

import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from clientloop.errors import InvalidValue, near_matches
from clientloop.model.codec import Json
from clientloop.services.setup.shapes import core, fields_of, inner

#: What a value begins with that stands in the environment.
ENVIRONMENT = "env:"

#: What is said in place of words that repeat a secret.
_UNSHOWN = "what is written there does not fit; it is not shown, as it may be secret"

#: Messages cut long texts short: so much of a secret gives it away.
_TELLING = 8


def with_secrets(value: Json, path: str) -> Json:
    """Plain data with what stands in the environment in place of `env:NAME`.

    Args:
        value: What JSON or TOML gave.
        path: What the data are called, for messages.

    Raises:
        InvalidValue: A variable is not set.

    >>> with_secrets({"token": "env:NO_SUCH"}, "sms")
    Traceback (most recent call last):
    clientloop.errors.InvalidValue: sms.token: the environment has no NO_SUCH: set it, say: export NO_SUCH=...
    """
    if isinstance(value, Mapping):
        return {key: with_secrets(each, f"{path}.{key}") for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [with_secrets(each, path) for each in value]
    if not isinstance(value, str) or not value.startswith(ENVIRONMENT):
        return value
    name = value.removeprefix(ENVIRONMENT)
    if name not in os.environ:
        near = near_matches(name, os.environ)
        hint = near if near.startswith("did you mean") else f"set it, say: export {name}=..."
        raise InvalidValue(f"{path}: the environment has no {name}", hint=hint)
    return os.environ[name]


def hider(table: Json, declared: type) -> Callable[[str], str]:
    """What keeps the secrets of a table out of messages.

    Args:
        table: The table.
        declared: attrs class that it is meant for; its secrets are fields with `repr=False`.

    Returns:
        A function of a message: the message, or other words if it repeats a secret or the beginning of one.
    """
    signs = {_sign(secret) for secret in _secrets(table, declared) if secret not in (None, "")}

    def hide(message: str) -> str:
        return _UNSHOWN if any(sign in message for sign in signs) else message

    return hide


def _sign(secret: Json) -> str:
    text = str(secret)
    return text[:_TELLING] if len(text) >= _TELLING else repr(secret)


def _secrets(data: Json, declared: Any) -> Iterator[Json]:  # Any: a declared type, which may be generic
    declared = core(declared)
    if known := fields_of(declared):
        for name, value in data.items() if isinstance(data, Mapping) else ():
            if name in known:
                yield from _secrets(value, known[name].type) if known[name].repr else _leaves(value)
    elif (within := inner(declared)) is not None:
        for value in _parts(data):
            yield from _secrets(value, within)


def _leaves(data: Json) -> Iterator[Json]:
    if not isinstance(data, Mapping | list | tuple):
        yield data
    for part in _parts(data):
        yield from _leaves(part)


def _parts(data: Json) -> Iterator[Json]:
    if isinstance(data, Mapping):
        yield from data.values()
    elif isinstance(data, list | tuple):
        yield from data
