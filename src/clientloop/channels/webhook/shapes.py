"""The bodies that are understood, declared as data, and how they are read into events.

A body is `{"type": …, "timestamp": …, "data": {…}}`. Beside these, a sender may put whatever it likes; within `data`, a
name that nobody declared is refused, with the nearest that is known: a slip would else be lost without a word.
"""

import base64
import json
import math
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from attrs import frozen

from clientloop.errors import BadPayload, near_matches
from clientloop.model.codec import Json
from clientloop.model.customers import IdentityKind, Purpose, Trust
from clientloop.model.permission import SuppressionReason
from clientloop.ports.events import Address, ConsentEvent, Event, Media, MessageIn, Visit

E = TypeVar("E", bound=StrEnum)

#: How deep the objects and lists of a body may be nested.
DEEPEST = 32


@frozen
class Part:
    """One name of an object."""

    #: Reads its value, given the path to it for messages. Any: each part has a value of its own.
    read: Callable[[Json, str], Any]
    #: Whether it must be there.
    required: bool = False


Shape = Mapping[str, Part]


def _text(value: Json, path: str) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise BadPayload(f"{path} is no text")
    return value


def _filled(value: Json, path: str) -> str:
    if not _text(value, path).strip():
        raise BadPayload(f"{path} is empty")
    return str(value)


def _flag(value: Json, path: str) -> bool:
    if not isinstance(value, bool):
        raise BadPayload(f"{path} is neither true nor false")
    return value


def _object(value: Json, path: str) -> Mapping[str, Json]:
    if not isinstance(value, dict):
        raise BadPayload(f"{path} is no object")
    return value


def _choice(choices: type[E]) -> Callable[[Json, str], E]:
    def read(value: Json, path: str) -> E:
        text = _text(value, path)
        if text not in set(choices):
            raise BadPayload(f"{path}: no {text!r:.40}", hint=near_matches(text[:40], choices))
        return choices(text)

    return read


def _time(value: Json, path: str) -> datetime:
    try:
        found = datetime.fromisoformat(_text(value, path))
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise BadPayload(f"{path} is no time with a zone", hint="write it like '2026-03-02T09:00:00Z'")


def _content(value: Json, path: str) -> bytes:
    try:
        return base64.b64decode(_text(value, path), validate=True)
    except ValueError:
        raise BadPayload(f"{path} is no base64") from None


def _made(cls: Callable[..., Any], shape: Shape) -> Callable[[Json, str], Any]:
    """Reads an object of a shape and makes a record of it."""
    return lambda value, path: cls(**_read_parts(value, shape, path))


def _each(read: Callable[[Json, str], Any]) -> Callable[[Json, str], tuple[Any, ...]]:
    def read_all(value: Json, path: str) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise BadPayload(f"{path} is no list")
        return tuple(read(each, f"{path}[{number}]") for number, each in enumerate(value))

    return read_all


ADDRESS: Shape = {
    "kind": Part(_choice(IdentityKind), required=True),
    "value": Part(_filled, required=True),
    "name": Part(_text),
    "trust": Part(_choice(Trust)),
}

MEDIA: Shape = {
    "name": Part(_text, required=True),
    "media_type": Part(_text, required=True),
    "content": Part(_content, required=True),
}

_address = _made(Address, ADDRESS)

MESSAGE: Shape = {
    "sender": Part(_address, required=True),
    "text": Part(_text, required=True),
    "subject": Part(_text),
    "in_reply_to": Part(_text),
    "automatic": Part(_flag),
    "locale": Part(_text),
    "media": Part(_each(_made(Media, MEDIA))),
    "source": Part(_object),
    "extra": Part(_object),
}

VISIT: Shape = {
    "visitor": Part(_address, required=True),
    "page": Part(_filled, required=True),
    "source": Part(_object),
}

CONSENT: Shape = {
    "sender": Part(_address, required=True),
    "allowed": Part(_flag, required=True),
    "purpose": Part(_choice(Purpose)),
    "reason": Part(_choice(SuppressionReason)),
    "proof": Part(_text, required=True),
}


@frozen
class _Type:
    """What a body of one type holds, and the event that it is."""

    shape: Shape
    event: Callable[..., Event]


#: The types that are understood.
TYPES: Mapping[str, _Type] = {
    "message.received": _Type(MESSAGE, MessageIn),
    "page.visited": _Type(VISIT, Visit),
    "consent.changed": _Type(CONSENT, ConsentEvent),
}


def read_event(body: bytes, key: str) -> Event:
    """The event that a body tells.

    Args:
        body: The body.
        key: The id of the webhook, the same under redelivery.

    Raises:
        BadPayload: It is no JSON of a declared shape; the message says where, the hint what comes near.
    """
    said = _load(body)
    kind = _text(_part(said, "type"), "type")
    if kind not in TYPES:
        raise BadPayload(f"no type {kind!r:.40}", hint=near_matches(kind[:40], TYPES))
    data = _read_parts(_part(said, "data"), TYPES[kind].shape, "data")
    at = said.get("timestamp")
    return TYPES[kind].event(key=key, at=None if at is None else _time(at, "timestamp"), **data)


def _load(body: bytes) -> Mapping[str, Json]:
    try:
        said = json.loads(body.decode(), parse_constant=_refuse, parse_float=_finite)
        _check_depth(said)
        json.dumps(said, ensure_ascii=False).encode()  # half of a surrogate pair cannot be stored
    except (ValueError, RecursionError) as error:
        raise BadPayload("the body is no JSON", hint=type(error).__name__) from None
    return _object(said, "the body")


def _refuse(constant: str) -> float:
    raise ValueError(constant)


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse(text)


def _check_depth(said: Json) -> None:
    level: list[Json] = [said]
    for _ in range(DEEPEST):
        level = [child for each in level for child in _children(each)]
        if not level:
            return
    raise ValueError("nested too deep")


def _children(value: Json) -> Iterable[Json]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _part(said: Mapping[str, Json], name: str) -> Json:
    if name not in said:
        names = [given[:40] for given in list(said)[:20]]
        raise BadPayload(f"the body has no {name!r}", hint=near_matches(name, names))
    return said[name]


def _read_parts(value: Json, shape: Shape, path: str) -> dict[str, Any]:
    given = _object(value, path)
    for name in given:
        if name not in shape:
            raise BadPayload(
                f"{path} has a name {name!r:.40} that is not declared", hint=near_matches(name[:40], shape)
            )
    missing = [name for name, part in shape.items() if part.required and name not in given]
    if missing:
        raise BadPayload(
            f"{path} has no {', '.join(map(repr, missing))}", hint=f"it has {', '.join(given) or 'nothing'}"
        )
    # None says what leaving it out says
    return {
        name: part.read(given[name], f"{path}.{name}")
        for name, part in shape.items()
        if part.required or given.get(name) is not None
    }
