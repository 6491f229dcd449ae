"""How the values of one column become int, text or bytes, and come back."""

import json
import typing
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any
from uuid import UUID, SafeUUID

from attrs import evolve, frozen

from clientloop.errors import InvalidValue
from clientloop.model.names import named

#: What JSON can say. Any: a recursive alias would make every reader of `extra` cast.
Json = Any

#: The start of the count of microseconds.
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

#: Later than any time that can be meant: what None is stored as in columns ordered by time.
FAR = 2**62

_MICROSECOND = timedelta(microseconds=1)
_FIRST = (datetime.min.replace(tzinfo=UTC) - EPOCH) // _MICROSECOND
_LAST = (datetime.max.replace(tzinfo=UTC) - EPOCH) // _MICROSECOND


class Kind(StrEnum):
    """What a column holds in the database."""

    INT = "int"
    TEXT = "text"
    BYTES = "bytes"


@frozen(eq=False)
class Codec:
    """How the values of one column are stored."""

    #: What the database holds.
    kind: Kind
    #: From the field's value. Any: each column has a value type of its own.
    encode: Callable[[Any], Any]
    #: Back to the field's value; None where both are the same. Any: as above.
    decode: Callable[[Any], Any] | None
    #: The type of the field's values, None aside.
    value_type: type = object
    #: Whether the database may hold NULL.
    nullable: bool = False
    #: What the database holds for None, where it holds no NULL.
    absent: int | str | None = None
    #: `encode` as an expression over `{v}` that calls it, as `{f}`, for all but the common values; `{t}` is the type.
    encode_inline: str = "{f}({v})"
    #: `decode` likewise.
    decode_inline: str = "{f}({v})"

    @property
    def holds_none(self) -> bool:
        """Whether the field may hold None, stored as NULL or as what stands for it."""
        return self.nullable or self.absent is not None


@frozen
class Absent:
    """Stores None as a value that sorts, so that an index over the column holds every row."""

    #: The stored stand-in for None.
    stored: int | str


#: A time that may be missing and then sorts last.
Sometime = Annotated[datetime | None, Absent(FAR)]

#: A name that may be missing and then sorts first; the empty name counts as missing.
Maybe = Annotated[str | None, Absent("")]


def microseconds(value: datetime) -> int:
    """Microseconds since 1970 in UTC.

    Args:
        value: An aware datetime.

    Raises:
        InvalidValue: The datetime names no zone, or lies outside the years 1 to 9999 in UTC.

    >>> microseconds(datetime(1970, 1, 2, tzinfo=UTC))
    86400000000
    """
    try:
        stored = (value - EPOCH) // _MICROSECOND
    except TypeError:
        raise InvalidValue(f"{value!r} names no zone", hint="give an aware datetime, say datetime.now(UTC)") from None
    if not _FIRST <= stored <= _LAST:
        raise InvalidValue(f"{value!r} lies outside the years 1 to 9999 in UTC")
    return stored


def instant(value: int) -> datetime:
    """The time that many microseconds after 1970, in UTC.

    >>> instant(86400000000).isoformat()
    '1970-01-02T00:00:00+00:00'
    """
    return EPOCH + value * _MICROSECOND


def text(value: str) -> str:
    """Text that every database takes: no NUL, no lone surrogate.

    Raises:
        InvalidValue: The value is no such text.
    """
    if type(value) is not str:
        if not isinstance(value, str):
            raise InvalidValue(f"{value!r:.80} is no text")
        value = str.__str__(value)  # a member of an enum becomes the plain text that a database would give back
    if "\0" in value:
        raise InvalidValue("the text holds a NUL character", hint="remove it: PostgreSQL cannot store it")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            hint = "decode the source with its own charset"
            raise InvalidValue("the text holds a lone surrogate", hint=hint) from None
    return value


def integer(value: int) -> int:
    """A whole number of at most 64 bits.

    Raises:
        InvalidValue: The value is another type or does not fit.
    """
    if type(value) is not int:
        raise InvalidValue(f"{value!r:.80} is no whole number")
    if not -(2**63) <= value < 2**63:
        raise InvalidValue(f"{value} does not fit 64 bits")
    return value


#: Writes JSON as it is stored; made once, for `json.dumps` makes an encoder a call.
write_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def _json(value: Json) -> str:
    return text(write_json(value))


def _object(value: Mapping[str, Json]) -> str:
    if not isinstance(value, Mapping):
        raise InvalidValue(f"{value!r:.80} is no mapping")
    return _json(dict(value)) if value else "{}"


def _array(value: tuple[Json, ...]) -> str:
    if not isinstance(value, (tuple, list)):
        raise InvalidValue(f"{value!r:.80} is no tuple")
    return _json(value) if value else "[]"


def _boolean(value: bool) -> int:
    if type(value) is not bool:
        raise InvalidValue(f"{value!r:.80} is neither True nor False")
    return int(value)


def _bytes(value: bytes) -> bytes:
    if not isinstance(value, bytes):
        raise InvalidValue(f"{type(value).__name__} is not bytes")
    return value


def _id(value: UUID) -> bytes:
    return value.bytes


_set_int = UUID.__dict__["int"].__set__
_set_is_safe = UUID.__dict__["is_safe"].__set__
_UNKNOWN = SafeUUID.unknown  # asked for by its name each time, it costs as much as all the rest


def _read_id(stored: bytes) -> UUID:
    """As `UUID(bytes=stored)` in a third of the time: fills the slots as `UUID.__setstate__` does."""
    value = object.__new__(UUID)
    _set_int(value, int.from_bytes(stored))
    _set_is_safe(value, _UNKNOWN)
    return value


def _date(value: date) -> str:
    if type(value) is not date:
        raise InvalidValue(f"{value!r:.80} is no date")
    return value.isoformat()


def _span(value: timedelta) -> int:
    return integer(value // _MICROSECOND)


def _enum_codec(enum: type[StrEnum]) -> Codec:
    members = {member.value: member for member in enum}

    def encode(value: StrEnum) -> str:
        if value.__class__ is not enum:
            meant = named(enum, value, what=enum.__name__)
            raise InvalidValue(f"{value!r:.80} is no {enum.__name__}", hint=f"give {enum.__name__}.{meant.name}")
        return value._value_

    return Codec(Kind.TEXT, encode, members.__getitem__, enum, encode_inline=_INLINE_ENUM)


#: What the inline expressions may name.
INLINE_NAMES: Mapping[str, object] = {"EPOCH": EPOCH, "UTC": UTC, "MICROSECOND": _MICROSECOND}

_INLINE_TEXT = r"{v} if {v}.__class__ is {t} and {v}.isascii() and '\0' not in {v} else {f}({v})"
_INLINE_INTEGER = "{v} if {v}.__class__ is {t} and -0x8000000000000000 <= {v} <= 0x7FFFFFFFFFFFFFFF else {f}({v})"
_INLINE_TIME = "({v} - EPOCH) // MICROSECOND if {v}.__class__ is {t} and {v}.tzinfo is UTC else {f}({v})"
_INLINE_ENUM = "{v}._value_ if {v}.__class__ is {t} else {f}({v})"

#: How each type is stored.
CODECS: Mapping[object, Codec] = {
    str: Codec(Kind.TEXT, text, None, str, encode_inline=_INLINE_TEXT),
    int: Codec(Kind.INT, integer, None, int, encode_inline=_INLINE_INTEGER),
    bool: Codec(Kind.INT, _boolean, bool, bool, encode_inline="1 if {v} is True else 0 if {v} is False else {f}({v})"),
    bytes: Codec(Kind.BYTES, _bytes, None, bytes),
    UUID: Codec(
        Kind.BYTES, _id, _read_id, UUID, encode_inline="{v}.int.to_bytes(16) if {v}.__class__ is {t} else {f}({v})"
    ),
    datetime: Codec(
        Kind.INT, microseconds, instant, datetime, encode_inline=_INLINE_TIME, decode_inline="EPOCH + MICROSECOND * {v}"
    ),
    timedelta: Codec(Kind.INT, _span, lambda stored: timedelta(microseconds=stored), timedelta),
    date: Codec(Kind.TEXT, _date, date.fromisoformat, date),
    Mapping: Codec(Kind.TEXT, _object, json.loads, dict, decode_inline="{{}} if {v} == '{{}}' else {f}({v})"),
    tuple: Codec(
        Kind.TEXT,
        _array,
        lambda stored: tuple(json.loads(stored)),
        tuple,
        encode_inline="'[]' if {v} == () else {f}({v})",
        decode_inline="() if {v} == '[]' else {f}({v})",
    ),
}


def _ids(value: object) -> str:
    if not isinstance(value, tuple) or not all(isinstance(one, UUID) for one in value):
        raise InvalidValue(f"{value!r:.80} are no ids", hint="give a tuple of UUIDs")
    return write_json([str(one) for one in value])


#: Several ids in one column.
Ids = Annotated[
    tuple[UUID, ...],
    Codec(
        Kind.TEXT,
        _ids,
        lambda stored: tuple(map(UUID, json.loads(stored))),
        tuple,
        encode_inline="'[]' if {v} == () else {f}({v})",
        decode_inline="() if {v} == '[]' else {f}({v})",
    ),
]


def codec_of(annotation: object) -> Codec:
    """How values of an annotated type are stored.

    Args:
        annotation: A type of `CODECS`, a `StrEnum`, one of these or None, or one of these `Annotated` with a `Codec` of
            its own or with what stands for None.

    Raises:
        InvalidValue: No such type is declared.
    """
    marks = getattr(annotation, "__metadata__", ())
    own = next((mark for mark in marks if isinstance(mark, Codec)), None)
    if own is not None:
        return own
    base = annotation.__origin__ if marks else annotation  # type: ignore[attr-defined]  # Annotated has it
    codec = _codec_of_base(base)
    absent = next((mark for mark in marks if isinstance(mark, Absent)), None)
    return _standing_for_none(codec, absent.stored) if absent else codec


def _codec_of_base(base: object) -> Codec:
    origin = typing.get_origin(base)
    if origin in {UnionType, typing.Union}:
        inner = [arm for arm in typing.get_args(base) if arm is not NoneType]
        return _or_none(codec_of(inner[0]))
    if isinstance(base, type) and issubclass(base, StrEnum):
        return _enum_codec(base)
    found = CODECS.get(origin or base)
    if found is None:
        raise InvalidValue(f"{base} cannot be stored", hint="declare it in clientloop.model.codec.CODECS")
    return found


def _or_none(codec: Codec) -> Codec:
    encode, decode = codec.encode, codec.decode
    return evolve(
        codec,
        encode=lambda value: None if value is None else encode(value),
        decode=decode and (lambda stored: None if stored is None else decode(stored)),
        nullable=True,
        encode_inline=f"None if {{v}} is None else {codec.encode_inline}",
        decode_inline=f"None if {{v}} is None else {codec.decode_inline}",
    )


def _standing_for_none(codec: Codec, stand_in: int | str) -> Codec:
    encode, decode = codec.encode, codec.decode
    return evolve(
        codec,
        encode=lambda value: stand_in if value is None else encode(value),
        decode=lambda stored: None if stored == stand_in else decode(stored) if decode else stored,
        nullable=False,
        absent=stand_in,
        encode_inline=f"{stand_in!r} if {{v}} is None else {codec.encode_inline}",
        decode_inline=f"None if {{v}} == {stand_in!r} else {codec.decode_inline if decode else '{v}'}",
    )
