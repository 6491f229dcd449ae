"""How values of each type become int, text and bytes, and come back."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Annotated, Any, Optional
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.errors import InvalidValue
from clientloop.model.codec import (
    CODECS,
    FAR,
    Absent,
    Codec,
    Json,
    Kind,
    Maybe,
    Sometime,
    codec_of,
    instant,
    integer,
    microseconds,
    text,
)

TYPES = {Kind.INT: int, Kind.TEXT: str, Kind.BYTES: bytes}
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
VALUES: Mapping[object, st.SearchStrategy[Any]] = {
    str: TEXTS,
    int: st.integers(-(2**63), 2**63 - 1),
    bool: st.booleans(),
    bytes: st.binary(),
    UUID: st.uuids(),
    datetime: st.datetimes(timezones=st.just(UTC)),
    timedelta: st.integers(-(2**63), 2**63 - 1).map(lambda count: timedelta(microseconds=count)),
    date: st.dates(),
    Mapping: st.dictionaries(TEXTS, st.none() | st.booleans() | st.integers() | TEXTS | st.lists(TEXTS)),
    tuple: st.lists(TEXTS | st.integers()).map(tuple),
}


class Colour(StrEnum):
    """A declared enum."""

    RED = "red"
    BLUE = "blue"


def there_and_back(codec: Codec, value: object) -> object:
    """What a value is after it was stored."""
    stored = codec.encode(value)
    assert type(stored) is TYPES[codec.kind]
    return codec.decode(stored) if codec.decode else stored


def test_every_type_is_tried_here() -> None:
    """The round trips below leave no declared type out."""
    assert VALUES.keys() == CODECS.keys()


@pytest.mark.parametrize("base", CODECS)
@given(data=st.data())
def test_a_value_comes_back(base: object, data: st.DataObject) -> None:
    """Any value of a declared type is stored as the declared sort of database value and comes back equal."""
    value = data.draw(VALUES[base])
    found = there_and_back(CODECS[base], value)
    assert found == value
    assert type(found) is type(value)


@given(
    st.datetimes(timezones=st.timezones())
    | st.datetimes(timezones=st.just(timezone(timedelta(hours=-23, minutes=-59))))
)
def test_a_time_of_any_zone_is_stored_as_its_instant(value: datetime) -> None:
    """A time is kept to the microsecond as UTC, or refused if it lies outside the years 1 to 9999 there."""
    try:
        utc = value.astimezone(UTC)
    except OverflowError:
        with pytest.raises(InvalidValue, match="9999"):
            microseconds(value)
    else:
        assert instant(microseconds(value)) == utc
        assert microseconds(value) == microseconds(utc)


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_times_are_stored_in_their_order(first: datetime, second: datetime) -> None:
    """Of two times the later has the greater number, and every time is less than what stands for none."""
    assert (first < second) == (microseconds(first) < microseconds(second))
    assert microseconds(first) < FAR


def test_both_halves_of_a_fold_are_different_times() -> None:
    """An hour that the clocks show twice is stored as two instants, an hour apart."""
    at = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Ljubljana"))
    assert microseconds(at.replace(fold=1)) - microseconds(at) == 3_600_000_000


def test_the_first_and_the_last_microsecond_come_back() -> None:
    """The limits of datetime itself are stored and read."""
    for value in (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)):
        assert instant(microseconds(value)) == value


@pytest.mark.parametrize(
    ("base", "value"),
    [
        (str, None), (str, 5), (str, b"x"), (str, "a\0"), (str, "\ud800x"), (str, "č\udfff"),
        (int, None), (int, True), (int, 1.0), (int, "1"), (int, 2**63), (int, -(2**63) - 1),
        (bool, None), (bool, 0), (bool, "yes"),
        (bytes, 5), (bytes, "x"), (bytes, [1]), (bytes, bytearray(b"x")),
        (datetime, datetime(2026, 1, 1)), (datetime, date(2026, 1, 1)), (datetime, 0),  # noqa: DTZ001  # the fault
        (datetime, datetime.max.replace(tzinfo=timezone.min)), (datetime, datetime.min.replace(tzinfo=timezone.max)),
        (timedelta, timedelta.max), (timedelta, timedelta.min),
        (date, datetime(2026, 1, 1, tzinfo=UTC)), (date, "2026-01-01"),
        (Mapping, None), (Mapping, []), (Mapping, "text"), (Mapping, {"a": "\ud800"}),
        (tuple, None), (tuple, "text"), (tuple, {}), (tuple, {"a": 1}),
    ],
    ids=repr,
)  # fmt: skip
def test_what_does_not_fit_is_refused(base: object, value: object) -> None:
    """Values of another type, and those that some database or the type itself could not give back, are InvalidValue."""
    with pytest.raises(InvalidValue):
        CODECS[base].encode(value)


@pytest.mark.parametrize(
    "value",
    [{"a": object()}, {"a": float("nan")}, {"a": float("inf")}, {("a", "b"): 1}],
    ids=["an object", "nan", "infinity", "a pair for a name"],
)
def test_what_json_cannot_say_is_refused(value: object) -> None:
    """Structures with values that JSON has no word for are refused, not approximated."""
    with pytest.raises((TypeError, ValueError)):
        CODECS[Mapping].encode(value)


def test_structures_are_kept_compact_and_readable() -> None:
    """JSON has no blanks and no escapes for letters, and nothing is what it is known by."""
    assert CODECS[Mapping].encode({"č": [1, None]}) == '{"č":[1,null]}'
    assert (CODECS[Mapping].encode({}), CODECS[tuple].encode(())) == ("{}", "[]")


def test_a_member_of_an_enum_in_a_text_field_becomes_plain_text() -> None:
    """A database gives back plain text; so does what is kept in memory."""
    assert type(text(Colour.RED)) is str
    assert text(Colour.RED) == "red"


def test_an_enum_is_stored_by_its_value() -> None:
    """Members come back as themselves; bare strings and members of other enums are refused."""
    other = StrEnum("other", {"RED": "red"})
    codec = codec_of(Colour)
    assert [there_and_back(codec, each) for each in Colour] == list(Colour)
    assert codec.encode(Colour.RED) == "red"
    for wrong in ("red", other["RED"], None):
        with pytest.raises(InvalidValue, match="Colour"):
            codec.encode(wrong)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("red", "'red' is no Colour: give Colour.RED"),
        ("bleu", "no Colour 'bleu': did you mean 'blue'?"),
        (5, "no Colour '5': known are '"),
    ],
)
def test_what_is_no_member_of_an_enum_is_told_the_members(given: object, says: str) -> None:
    """The message names the member that the text means, or those that come near."""
    with pytest.raises(InvalidValue) as refused:
        codec_of(Colour).encode(given)
    assert str(refused.value).startswith(says)


@pytest.mark.parametrize("annotation", [int | None, None | int, Optional[int], Annotated[int | None, "a mark"]])  # noqa: UP045  # all spellings
def test_a_type_or_none_is_nullable(annotation: object) -> None:
    """None is stored as NULL where the type allows it, and everything else as without."""
    codec = codec_of(annotation)
    assert (codec.kind, codec.value_type, codec.nullable, codec.holds_none) == (Kind.INT, int, True, True)
    assert codec.encode(None) is None
    assert codec.encode(5) == 5
    with pytest.raises(InvalidValue):
        codec.encode("5")


def test_none_of_a_decoded_type_stays_none() -> None:
    """NULL is not handed to the type's own reading."""
    codec = codec_of(datetime | None)
    assert codec.decode is not None
    assert codec.decode(None) is None
    assert codec.decode(0) == datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(("annotation", "stand_in", "value"), [(Sometime, FAR, instant(5)), (Maybe, "", "anna")])
def test_a_stand_in_is_stored_for_none(annotation: object, stand_in: object, value: object) -> None:
    """None is stored as its stand-in, which sorts among the others; the column holds no NULL."""
    codec = codec_of(annotation)
    assert (codec.nullable, codec.holds_none, codec.absent) == (False, True, stand_in)
    assert codec.encode(None) == stand_in
    assert there_and_back(codec, None) is None
    assert there_and_back(codec, value) == value


def test_a_codec_of_its_own_goes_before_the_type() -> None:
    """A field may say how it is stored; other marks change nothing."""
    own = Codec(Kind.INT, len, lambda stored: "x" * stored)
    assert codec_of(Annotated[str, "a mark", own]) is own
    assert codec_of(Annotated[str, "a mark"]) is CODECS[str]
    assert codec_of(Annotated[str | None, Absent("-"), "a mark"]).absent == "-"


@pytest.mark.parametrize("annotation", [float, complex, list[str], set, object, "text"])
def test_types_that_nobody_declared_are_refused(annotation: object) -> None:
    """A type without a codec is refused when the record is declared, and the message names it."""
    with pytest.raises(InvalidValue, match="cannot be stored"):
        codec_of(annotation)


def test_parametrised_types_are_stored_as_their_origin() -> None:
    """What a mapping or a tuple holds does not change how it is stored."""
    assert codec_of(Mapping[str, Json]) is CODECS[Mapping]
    assert codec_of(tuple[str, ...]) is CODECS[tuple]


@given(st.integers())
def test_integers_fit_64_bits_or_are_refused(value: int) -> None:
    """Exactly the integers of 64 bits with a sign are taken."""
    if (value + 2**63) >> 64 == 0:
        assert integer(value) == value
    else:
        with pytest.raises(InvalidValue, match="64 bits"):
            integer(value)
