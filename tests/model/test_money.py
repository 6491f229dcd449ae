"""Money."""

import decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.errors import InvalidValue
from clientloop.model.money import EXPONENTS, Money

CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD"])
AMOUNTS = st.integers(-(2**63), 2**63 - 1)


@given(AMOUNTS, CURRENCIES)
def test_an_amount_is_read_as_it_is_written(minor: int, currency: str) -> None:
    """What `str` writes, `parse` reads, to the last minor unit of 64 bits."""
    money = Money(minor, currency)
    written, code = str(money).split(" ")
    assert code == currency
    assert Money.parse(written, currency) == money


@given(AMOUNTS, CURRENCIES, st.integers(1, 50))
def test_the_applications_decimal_context_has_no_say(minor: int, currency: str, precision: int) -> None:
    """Amounts are exact whatever precision the host application has set."""
    with decimal.localcontext() as context:
        expected = str(Money(minor, currency))
        context.prec = precision
        assert str(Money(minor, currency)) == expected
        assert Money.parse(expected.split(" ", maxsplit=1)[0], currency).minor == minor


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("11.77", "USD", 1177),
        ("0.05", "EUR", 5),
        ("-0.05", "EUR", -5),
        ("+3", "EUR", 300),
        ("12.5", "EUR", 1250),
        ("12.", "EUR", 1200),
        ("12.5000", "EUR", 1250),
        (" 007 ", "EUR", 700),
        ("500", "JPY", 500),
        ("500.00", "JPY", 500),
        ("1.234", "KWD", 1234),
        ("92233720368547758.07", "EUR", 2**63 - 1),
    ],
)
def test_decimal_numbers_are_read_exactly(text: str, currency: str, minor: int) -> None:
    """Signs, missing and superfluous decimals are read; minor units follow the currency."""
    assert Money.parse(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        ".",
        ".5",
        "1,50",
        "1 000",
        "1_000",
        "1e3",
        "NaN",
        "Infinity",
        "0x10",
        "\u0661",
        "--1",
        "5 EUR",
        "9" * 5_000,
    ],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    """Other notations are refused rather than guessed, and quickly, however long they are."""
    with pytest.raises(InvalidValue, match="no amount of money"):
        Money.parse(text, "EUR")


@pytest.mark.parametrize(
    ("text", "currency", "why"),
    [
        ("1.234", "EUR", "2 decimal places of EUR"),
        ("0.5", "JPY", "0 decimal places of JPY"),
        ("1.2345", "KWD", "3 decimal places of KWD"),
        ("92233720368547758.08", "EUR", "64 bits"),
    ],
)
def test_what_would_lose_something_is_refused(text: str, currency: str, why: str) -> None:
    """More decimals than the currency has, and more than 64 bits, are refused and not rounded."""
    with pytest.raises(InvalidValue, match=why):
        Money.parse(text, currency)


@pytest.mark.parametrize(
    ("money", "written"),
    [
        (Money(-5, "EUR"), "-0.05 EUR"),
        (Money(-123456, "EUR"), "-1234.56 EUR"),
        (Money(0, "JPY"), "0 JPY"),
        (Money(-7, "KWD"), "-0.007 KWD"),
        (Money(1, "XYZ"), "0.01 XYZ"),
    ],
)
def test_amounts_are_written_with_all_their_decimals(money: Money, written: str) -> None:
    """Small and negative amounts keep their zeros and their sign; unknown currencies have two places."""
    assert str(money) == written


def test_equal_currencies_add_and_others_do_not() -> None:
    """Amounts of one currency have a sum; those of two have none, and the message names both."""
    assert Money(150, "EUR") + Money(-200, "EUR") == Money(-50, "EUR")
    with pytest.raises(InvalidValue, match=r"1\.50 EUR and 2 JPY are two currencies"):
        Money(150, "EUR") + Money(2, "JPY")


@pytest.mark.parametrize(
    ("currency", "hint"),
    [("eur", "did you mean 'EUR'"), ("€", "three letters"), ("euro", "three letters"), ("", "three letters")],
)
def test_a_currency_that_is_no_code_is_refused(currency: str, hint: str) -> None:
    """The form of ISO 4217 is asked for, three capital letters, where money is made and where it is read."""
    with pytest.raises(InvalidValue, match=f"is no currency: .*{hint}"):
        Money(1250, currency)
    with pytest.raises(InvalidValue, match=f"is no currency: .*{hint}"):
        Money.parse("12.50", currency)


@pytest.mark.parametrize("minor", [12.5, "12,50", None])
def test_minor_units_are_whole_numbers(minor: object) -> None:
    """What was meant for a decimal number is refused, with the way to read one."""
    with pytest.raises(InvalidValue, match=r"no number of minor units: .*Money\.parse"):
        Money(minor, "EUR")  # type: ignore[arg-type]  # this is what is tried


def test_what_was_stored_stays_readable() -> None:
    """Money of records is not refused for its currency, adds up, and equals what is made of the same."""
    assert str(Money.stored(1250, "eur") + Money.stored(50, "eur")) == "13.00 eur"
    assert Money.stored(1250, "EUR") == Money(1250, "EUR")


def test_no_currency_is_listed_that_has_two_places() -> None:
    """The table of exponents lists exceptions only, by codes of three capitals."""
    assert all(places != 2 and len(code) == 3 and code.isupper() for code, places in EXPONENTS.items())
