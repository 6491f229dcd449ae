"""Addresses in their normal form: what is the same address, and what is none."""

from collections.abc import Callable

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given
from hypothesis import strategies as st

from clientloop.errors import InvalidValue
from clientloop.model.customers import IdentityKind
from clientloop.rules.people.contacts import email_address, normal, phone_number, read_address
from tests.growth import LIMIT, growth


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("040 123 456", "SI", "+38640123456"),
        ("(01) 477 80 00", "SI", "+38614778000"),
        ("+386 40 123 456", None, "+38640123456"),
        ("00386 40 123 456", "AT", "+38640123456"),
        ("011 386 40 123 456", "US", "+38640123456"),
        ("030 901820", "DE", "+4930901820"),
        ("(212) 555-0123", "US", "+12125550123"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("090-1234-5678", "JP", "+819012345678"),
        ("+39 06 698 12345", "SI", "+390669812345"),
        ("٠٤٠ ١٢٣ ٤٥٦", "SI", "+38640123456"),
        ("tel:+386-40-123-456", None, "+38640123456"),
    ],
)
def test_one_number_has_one_form(text: str, region: str | None, number: str) -> None:
    """However people of a region write a number, it becomes the same E.164 text."""
    assert phone_number(text, region) == number


@given(st.text(alphabet=" ()-./", max_size=3), st.sampled_from(["040123456", "031987654"]), st.integers(1, 8))
def test_the_way_of_writing_does_not_matter(between: str, digits: str, at: int) -> None:
    """Spaces, brackets and dashes between the digits change nothing."""
    assert phone_number(digits[:at] + between + digits[at:], "SI") == phone_number(digits, "SI")


@pytest.mark.parametrize(
    ("text", "region", "says"),
    [
        ("040 123 456", None, "give the region, or write it with \\+"),
        ("040 123 456", "Slovenia", "no region 'Slovenia': did you mean 'SI'"),
        ("040 123 456", "Atlantis", "no region 'Atlantis': give the two letters of ISO 3166"),
        ("040 123 456", "si", "no region 'si'"),
        ("12", "SI", "too few or too many digits for a phone number in SI"),
        ("+386 40 123 456 789 012", None, "too few or too many digits for a phone number in its country"),
        ("+999 123 456", None, "is no phone number"),
        ("call me", "SI", "'call me' is no phone number"),
        ("", "SI", "'' is no phone number"),
        ("0" * 300, "SI", "is no phone number"),
    ],
)
def test_what_is_no_number_is_refused(text: str, region: str | None, says: str) -> None:
    """The refusal shows the text, cut short, and says what to do."""
    with pytest.raises(InvalidValue, match=says) as refusal:
        phone_number(text, region)
    assert len(str(refusal.value)) < 200


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" First.Customer@Example.COM ", "first.customer@example.com"),
        ("first+shop@example.com", "first+shop@example.com"),
        ("info@BÜCHER.example.com", "info@bücher.example.com"),
        ("info@xn--bcher-kva.example.com", "info@bücher.example.com"),
        ("mařka@example.com", "mařka@example.com"),
        ("mar\u030cka@example.com", "mařka@example.com"),
        ("user@\uff45xample.com", "user@example.com"),
    ],
)
def test_one_mailbox_has_one_form(text: str, address: str) -> None:
    """Case, Punycode and the two ways of writing an accent are no difference; a tag after a plus is one."""
    assert email_address(text) == address
    assert email_address(address) == address


@pytest.mark.parametrize(
    "text",
    ["", "ana", "ana@", "@example.com", "ana@example", "a na@example.com", "Ana <ana@example.com>", "ana@exa mple.com",
     "ana@@example.com", "ana.@example.com", "ana@-example.com", "ana@example..com",
     "ana@" + "a" * 250 + ".com", "ana@127.0.0.1", "ana@localhost", "ana\n@example.com", "ana@example.com\x00"],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    """The refusal shows the text, cut short, and what is wrong with it."""
    with pytest.raises(InvalidValue, match="is no e-mail address: ") as refusal:
        email_address(text)
    assert len(str(refusal.value)) < 400


def test_a_domain_is_never_looked_up() -> None:
    """A domain that cannot exist is fine: only the form is judged."""
    assert email_address("ana@no-such-domain-anywhere.org") == "ana@no-such-domain-anywhere.org"


def test_an_address_of_unknown_sort_is_told_by_its_at_sign() -> None:
    """What has an @ is e-mail, everything else a phone number."""
    assert read_address("Ana@Example.com", None) == (IdentityKind.EMAIL, "ana@example.com")
    assert read_address("040 123 456", "SI") == (IdentityKind.PHONE, "+38640123456")
    with pytest.raises(InvalidValue, match="no e-mail address"):
        read_address("@ana", "SI")


def test_other_addresses_are_stripped_and_not_empty() -> None:
    """A handle or a foreign id is kept as it is written, without spaces around it, and is something."""
    assert normal(IdentityKind.HANDLE, " @Ana ", None) == "@Ana"
    with pytest.raises(InvalidValue, match="an empty external"):
        normal(IdentityKind.EXTERNAL, " ", None)


HOSTILE = [
    "a",
    "@",
    "a.",
    ".",
    "é",
    "e\u0301",
    "\u0301",
    "xn--",
    "1",
    "+",
    "(",
    " ",
    "ext",
    "\u200d",
    "\ud7ff",
    "<",
    '"a" ',
]


@pytest.mark.parametrize("piece", HOSTILE, ids=ascii)
@pytest.mark.parametrize("text", ["{}", "ana@{}", "{}@example.com", "+386{}"])
def test_hostile_text_costs_no_more_than_its_length(text: str, piece: str) -> None:
    """What strangers type is refused in time that grows with its length: four times the text, less than eight times."""

    def reading(count: int) -> Callable[[], None]:
        hostile = text.format(piece * count)

        def work() -> None:
            with pytest.raises(InvalidValue):
                email_address.__wrapped__(hostile) if "@" in hostile else phone_number.__wrapped__(hostile, "SI")

        return work

    assert growth(reading, 5_000) < LIMIT


@example("a" * 64 + "@example.com")
@example("a" * 65 + "@example.com")
@example("a@" + "b" * 63 + ".com")
@example("a@" + "b" * 64 + ".com")
@example("a@b--c.com")
@example("a@x.local")
@example("a@home.arpa")
@given(st.from_regex(r"\A[a-cA-C0-9_+.-]{1,4}@([a-c0-9-]{1,3}\.){1,3}(com|test|a|Local|invalid)\Z"))
def test_plain_addresses_are_read_as_the_validator_reads_them(text: str) -> None:
    """What is taken for an address without asking the validator is one to it, in the same form."""
    try:
        judged = validate_email(text, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        judged = None
    try:
        ours = email_address.__wrapped__(text)
    except InvalidValue:
        ours = None
    assert ours == judged
