"""The values of cells: read as they are meant, or refused with what is wrong."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.errors import InvalidValue, UnknownName
from clientloop.exchange.values import (
    amounts,
    currency,
    customer_class,
    person_of,
    person_readers,
    scale_named,
    times,
    whole_number,
)
from clientloop.model.customers import CustomerClass, IdentityKind, Trust
from clientloop.model.interactions import Precision
from clientloop.model.money import Money
from clientloop.rules.loop.receipt import channel_name

EXACT, DAY = Precision.EXACT, Precision.DAY


@pytest.mark.parametrize(
    ("formats", "text", "at", "precision"),
    [
        (["iso"], "2026-07-01T10:30", "2026-07-01T08:30", EXACT),
        (["iso"], "2026-07-01 10:30:15+00:00", "2026-07-01T10:30:15", EXACT),
        (["iso"], "2026-07-01", "2026-06-30T22:00", DAY),
        (["iso"], "20260701", "2026-06-30T22:00", DAY),
        (["%d-%m-%y %H:%M"], "01-06-23 7:29", "2023-06-01T05:29", EXACT),
        (["%d.%m.%Y", "iso"], "2026-01-01", "2025-12-31T23:00", DAY),
        (["%d.%m.%Y", "iso"], "1.1.2026", "2025-12-31T23:00", DAY),
        (["%m/%d/%Y %I:%M %p"], "07/01/2026 01:05 PM", "2026-07-01T11:05", EXACT),
        (["%Y-%m-%d %H:%M %z"], "2026-07-01 10:00 +0500", "2026-07-01T05:00", EXACT),
        # skipped by the clocks, and shown twice
        (["iso"], "2026-03-29T02:30", "2026-03-29T01:30", EXACT),
        (["iso"], "2026-10-25T02:30", "2026-10-25T00:30", EXACT),
    ],
)
def test_times_are_read_in_their_zone(formats: list[str], text: str, at: str, precision: Precision) -> None:
    """A time without a zone is one of the mapping's, a date is its midnight and known to the day."""
    read = times(formats, "Europe/Ljubljana")(text)
    assert (read.at, read.precision) == (datetime.fromisoformat(at).replace(tzinfo=UTC), precision)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "2026-02-30T10:00", "0001-01-01", "31.12.2026", "²"])
def test_what_is_no_time_is_refused(text: str) -> None:
    """The error shows the format that is wanted; a date before the first year is none in UTC."""
    with pytest.raises(InvalidValue, match="is no time: written like 'iso'"):
        times(["iso"], "Europe/Ljubljana")(text)


@pytest.mark.parametrize("form", ["%Q", "%", "day %d %d"])
def test_a_format_that_is_none_is_refused(form: str) -> None:
    """A wrong format is an error before any row, and not one of each row."""
    with pytest.raises(InvalidValue, match="is no format of times"):
        times([form], "UTC")


def test_an_unknown_zone_is_refused() -> None:
    """With the nearest names."""
    with pytest.raises(UnknownName, match="Europe/Ljubljana"):
        times(["iso"], "Europe/Ljubliana")


@pytest.mark.parametrize(
    ("decimal", "thousands", "text", "minor"),
    [
        (".", "", "11.77", 1177),
        (".", ",", "1,234,567.5", 123456750),
        (",", ".", "1.234,5", 123450),
        (",", "", "-3,20", -320),
        (",", " ", "1 000", 100000),
        (".", "'", "1'000.00", 100000),
        (".", ",", "1234567.5", 123456750),
        (".", ",", "12,34,567.89", 123456789),
        (".", ",", "-1,00,000", -10000000),
        (".", "'", "1\u2019000'000.5", 100000050),
        (",", " ", "1\u202f234\u00a0567,5", 123456750),
        (",", "\u00a0", "12 345", 1234500),
        (",", ".", "+999.999.999.999,", 99999999999900),
    ],
)
def test_amounts_are_read_by_their_marks(decimal: str, thousands: str, text: str, minor: int) -> None:
    """Marks of decimals and thousands are what the mapping says."""
    assert amounts(decimal, thousands)(text, "EUR") == Money(minor, "EUR")


@pytest.mark.parametrize(("decimal", "text"), [(",", "1.50"), (",", "1.234"), (".", "1,50"), (",", "1,2,3"), (".", "")])
def test_an_amount_with_other_marks_is_refused(decimal: str, text: str) -> None:
    """Nothing is guessed: what might be a thousandth or a thousand is no amount."""
    with pytest.raises(InvalidValue, match="no amount of money"):
        amounts(decimal, "")(text, "EUR")


@pytest.mark.parametrize(
    ("decimal", "thousands", "text"),
    [
        (",", ".", "12.50"),
        (".", ",", "12,50"),
        (".", ",", "1,2,3.5"),
        (".", ",", "1,234.567,8"),
        (".", ",", "1234,567"),
        (".", ",", "1,2345,678"),
        (".", ",", "1,23,45"),
        (".", ",", ",500"),
        (".", ",", "0,500"),
        (".", ",", "1,,234"),
        (".", ",", "1,234,"),
        (",", " ", "1  234"),
        (",", ".", "1.234.56"),
    ],
)
def test_a_mark_of_thousands_in_another_place_is_refused(decimal: str, thousands: str, text: str) -> None:
    """It is more likely one of decimals: left out, it would make ten or a hundred times the amount."""
    with pytest.raises(InvalidValue, match=r"no amount of money: its decimal mark is .*groups thousands"):
        amounts(decimal, thousands)(text, "EUR")


@given(st.integers(-(10**14), 10**14), st.sampled_from([(".", ","), (",", "."), (",", " "), (".", "'")]))
def test_amounts_come_back(minor: int, marks: tuple[str, str]) -> None:
    """What Python groups by threes reads as that amount, by whichever marks."""
    decimal, thousands = marks
    text = f"{'-' if minor < 0 else ''}{abs(minor) // 100:,}.{abs(minor) % 100:02}"
    assert amounts(decimal, thousands)(text.translate(str.maketrans(",.", thousands + decimal)), "EUR").minor == minor


@given(st.integers(-(10**12), 10**12))
def test_whole_numbers_come_back(number: int) -> None:
    """What a number is written as reads as that number, also with zeros after its point."""
    assert whole_number(str(number)) == whole_number(f"{number}.00") == number


@pytest.mark.parametrize("text", ["", "1.5", "1_000", "one", "²", "٣", "9" * 19, "--1"])
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    """Other digits than ours and parts of numbers are no whole number."""
    with pytest.raises(InvalidValue, match="no whole number"):
        whole_number(text)


@pytest.mark.parametrize("scale", ["5", "5-1", "1-", "1-5-9", "a-b", "1 - 5"])
def test_a_scale_names_two_numbers(scale: str) -> None:
    """Anything else is refused."""
    with pytest.raises(InvalidValue, match="is no scale"):
        scale_named(scale)


@pytest.mark.parametrize(
    ("reader", "text", "value"),
    [
        (currency, "usd", "USD"),
        (customer_class, "a", CustomerClass.A),
        (channel_name, "social_media", "social_media"),
    ],
)
def test_names_are_read(reader: Callable[[str], object], text: str, value: object) -> None:
    """As words give them, in lower case."""
    assert reader(text) == value


@pytest.mark.parametrize(
    ("reader", "text"),
    [(currency, "euro"), (currency, "€"), (customer_class, "d"), (channel_name, "E-Mail"), (channel_name, "_")],
)
def test_what_is_no_name_is_refused(reader: Callable[[str], object], text: str) -> None:
    """With what it should be in the hint."""
    with pytest.raises(InvalidValue) as refused:
        reader(text)
    assert refused.value.hint


def test_a_person_has_the_addresses_of_the_row() -> None:
    """The id in the source goes first and is vouched for; the others have the trust that the mapping says."""
    readers = person_readers(source="shop", region="SI", trust=Trust.CLAIMED)
    texts = {"name": " Ana   Novak ", "phone": "040 123 456", "email": "ANA@example.com", "customer": "7"}
    person = person_of({field: readers[field](text) for field, text in texts.items()})
    assert person.name == "Ana Novak"
    assert [(one.kind, one.value, one.trust) for one in person.addresses] == [
        (IdentityKind.EXTERNAL, "shop:7", Trust.VOUCHED),
        (IdentityKind.EMAIL, "ana@example.com", Trust.CLAIMED),
        (IdentityKind.PHONE, "+38640123456", Trust.CLAIMED),
    ]
    assert person.unplaced == {}
    assert person_of({"name": "Ana"}).unplaced == {"name": "Ana"}
