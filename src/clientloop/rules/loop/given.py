"""What is given with a move: each field read as the rules use it, and what nobody declared refused."""

from collections.abc import Callable, Mapping
from uuid import UUID

from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.codec import Json
from clientloop.model.feedback import Priority, read_tag
from clientloop.model.names import named
from clientloop.model.process import Move
from clientloop.rules.loop.case import ALWAYS_GIVEN, Loop
from clientloop.rules.loop.draft import read_date


def read_given(row: Move, loop: Loop, given: Mapping[str, Json]) -> Mapping[str, Json]:
    """What was given with a move, as the rules use it; what nobody declared is refused, so that no typo loses a word.

    Args:
        row: The row of the move.
        loop: The process of the item.
        given: By name; ids, priorities and times may be text.

    Raises:
        UnknownName: The move takes no such field.
        InvalidValue: A value cannot be read.
    """
    required = [name for need in row.needs for name in need.fields]
    known = {*required, *loop.process.fields, *ALWAYS_GIVEN, "date"}
    for name in given:
        if name not in known:
            likeliest = dict.fromkeys([*required, *loop.process.fields, *sorted(known)])
            raise UnknownName.among(name, [*likeliest], what=f"field of the move {row.name!r}")
    return {name: _READERS.get(name, _as_it_is)(value) for name, value in given.items() if value is not None}


def _as_it_is(value: Json) -> Json:
    return value


def _read_id(value: Json) -> UUID:
    try:
        return value if isinstance(value, UUID) else UUID(str(getattr(value, "id", value)))
    except ValueError:
        raise InvalidValue(f"{value!r:.60} is no id", hint="give the record or its id") from None


def _read_priority(value: Json) -> Priority:
    return named(Priority, value, what="priority")


def _read_redress(value: Json) -> int:
    if type(value) is not int or value < 0:
        raise InvalidValue(f"{value!r:.40} is no redress", hint="give whole minor units, say 500 for 5 euros")
    return value


def _read_parts(value: Json) -> list[dict[str, str]]:
    parts = value if isinstance(value, list | tuple) else [value]
    for part in parts:
        if not (isinstance(part, Mapping) and set(part) == {"kind", "text"} and str(part["text"]).strip()):
            raise InvalidValue(f"{part!r:.60} is no part", hint='give parts=[{"kind": ..., "text": ...}]')
    return [{name: str(words) for name, words in part.items()} for part in parts]


def _read_names(value: Json) -> list[str]:
    """Names in a list, or in a text with commas between."""
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list | tuple) or not all(isinstance(part, str) for part in parts):
        raise InvalidValue(f"{value!r:.60} names nothing", hint="give a text with commas between, or a list")
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _read_tags(value: Json) -> list[str]:
    return list(dict.fromkeys(read_tag(name) for name in _read_names(value)))


#: How some fields are read; the others are taken as they are.
_READERS: Mapping[str, Callable[[Json], object]] = {
    "improvement": _read_id,
    "original": _read_id,
    "priority": _read_priority,
    "redress": _read_redress,
    "parts": _read_parts,
    "tags": _read_tags,
    "watchers": _read_names,
    "date": read_date,
}
