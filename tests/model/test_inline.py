"""The straight-line conversions of a record against the codecs that they are written out from."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

import pytest
from attrs import evolve, fields, frozen

from clientloop.errors import InvalidValue
from clientloop.model.codec import Json, Maybe, Sometime
from clientloop.model.feedback import Deadlines
from clientloop.model.record import record, record_of


class Colour(StrEnum):
    """A declared enum."""

    RED = "red"


class Shade(StrEnum):
    """Another with the same value."""

    RED = "red"


SOME_ID = uuid4()


@record("everything", key=())
@frozen(kw_only=True)
class Everything:
    """A field of each type."""

    space: str = ""
    whole: int = 0
    flag: bool = False
    raw: bytes = b""
    id: UUID = SOME_ID
    at: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    span: timedelta = timedelta(0)
    day: date = date(2026, 1, 1)
    data: Mapping[str, Json] = {}
    names: tuple[str, ...] = ()
    colour: Colour = Colour.RED
    deadlines: Deadlines = ()
    maybe_text: str | None = None
    maybe_whole: int | None = None
    maybe_id: UUID | None = None
    maybe_at: datetime | None = None
    maybe_colour: Colour | None = None
    someone: Maybe = None
    sometime: Sometime = None


RECORD = record_of(Everything)
FIELDS = [field.name for field in fields(Everything)]
VALUES: list[Any] = [
    *("", "ascii", "čšž", "\0", "a\0b", "\ud800", Colour.RED, Shade.RED),
    *(0, 1, -1, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, True, False, 1.0, None),
    *(b"", b"\0", bytearray(b"x"), UUID(int=2**128 - 1), uuid4(), uuid4().hex),
    *(datetime(2026, 3, 4, 5, 6, 7, 8, tzinfo=UTC), datetime(2026, 3, 4), datetime.min.replace(tzinfo=UTC)),  # noqa: DTZ001
    *(datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))), datetime(1969, 7, 20, tzinfo=timezone.min)),
    *(date(2026, 3, 4), timedelta(days=-1, microseconds=1), timedelta.max, {}, {"a": [1, None]}, {1: 2}, {"a": "\0"}),
    *((), [], ("a", "b"), [1], (float("nan"),), object()),
]


def outcome(encode: Callable[[], Any]) -> object:
    """What was encoded and its type, or the refusal."""
    try:
        stored = encode()
    except InvalidValue as refusal:
        return str(refusal)
    return stored, type(stored)


@pytest.mark.parametrize("name", FIELDS)
def test_encoding_is_what_the_codec_says(name: str) -> None:
    """A record is encoded to what the codec of each field gives, and refused where and as the codec refuses."""
    position = FIELDS.index(name)
    for value in VALUES:
        instance = evolve(Everything(), **{name: value})
        stored = outcome(lambda: RECORD.encode(instance)[position])  # noqa: B023  # called at once
        assert stored == outcome(lambda: RECORD.encode_value(name, value)), value  # noqa: B023


@pytest.mark.parametrize("name", FIELDS)
def test_decoding_is_what_the_codec_says(name: str) -> None:
    """A row decodes to what the codec of each field gives, in an object equal to one made by its class."""
    row, codec = RECORD.encode(Everything()), RECORD.columns[name].codec
    for value in VALUES:
        try:
            stored = codec.encode(value)
        except Exception:  # noqa: BLE001  # whatever is refused is tried above
            continue
        position = FIELDS.index(name)
        decoded = RECORD.decode((*row[:position], stored, *row[position + 1 :]))
        expected = codec.decode(stored) if codec.decode else stored
        assert decoded == evolve(Everything(), **{name: expected})
        assert type(getattr(decoded, name)) is type(expected)


def test_a_decoded_id_is_whole() -> None:
    """An id read from its bytes does all that one made by its class does."""
    made = uuid4()
    read = RECORD.decode(RECORD.encode(Everything(id=made))).id
    assert (read, hash(read), repr(read), read.is_safe) == (made, hash(made), repr(made), made.is_safe)
