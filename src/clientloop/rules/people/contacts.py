"""Addresses in their normal form: phone numbers as E.164, e-mail addresses as they compare."""

import re
from functools import lru_cache

from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.customers import IdentityKind
from clientloop.model.zones import countries_called

#: The sort of address that channels of these names write to, where their adapters do not say (`Spec.address`).
CHANNEL_ADDRESSES = {
    "email": IdentityKind.EMAIL,
    "form": IdentityKind.EMAIL,
    "phone": IdentityKind.PHONE,
    "sms": IdentityKind.PHONE,
    "callback": IdentityKind.PHONE,
}


#: RFC 5321, 4.5.3.1, allows 256 octets; spaces around are forgiven. Longer text is not looked at: it costs too much.
LONGEST_EMAIL = 320


@lru_cache(maxsize=65_536)
def email_address(text: str) -> str:
    """An e-mail address in the form that identities compare by: NFC, all lower case.

    The domain is not looked up. That local parts ignore case is what practically every provider does, and what people
    who type their address rely on.

    Args:
        text: One address, without a name around it.

    Raises:
        InvalidValue: It is no address.

    >>> email_address(" First.Customer@Example.COM ")
    'first.customer@example.com'
    """
    plain = text.strip().lower()
    if _is_plain(plain):
        return plain
    from email_validator import EmailNotValidError, validate_email

    if len(text) > LONGEST_EMAIL:
        raise InvalidValue(f"{text!r:.80} is no e-mail address", hint=f"it is longer than {LONGEST_EMAIL} characters")
    try:
        return validate_email(text.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise InvalidValue(f"{text!r:.80} is no e-mail address", hint=str(error)) from None


#: Addresses that need no further judgement: letters, digits and the usual signs, under a domain of such labels.
_PLAIN = re.compile(r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?:[a-z0-9](?:-?[a-z0-9])*\.)+(?P<top>[a-z]{2,63})", re.ASCII)

#: Top domains of which some are no domains of the Internet: the validator tells which (RFC 6761).
_SPECIAL = frozenset({"arpa", "invalid", "local", "localhost", "onion", "test"})


def _is_plain(text: str) -> bool:
    """Whether an address in lower case is one without a doubt, as practically all are: the validator takes its time."""
    local, _, domain = text.partition("@")
    if len(local) > 64 or len(text) > 254 or any(len(label) > 63 for label in domain.split(".")):
        return False
    found = _PLAIN.fullmatch(text)
    return found is not None and found["top"] not in _SPECIAL


@lru_cache(maxsize=65_536)
def phone_number(text: str, region: str | None) -> str:
    """A phone number as E.164.

    Args:
        text: As people write it; without `+` it is read as a number of the region.
        region: ISO 3166 code such as "SI"; None reads international numbers only.

    Raises:
        InvalidValue: It cannot be a phone number, or the region is missing or unknown.

    >>> phone_number("040 123 456", "SI")
    '+38640123456'
    """
    import phonenumbers

    if region is not None:
        check_region(region)
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        hint = "give the region, or write it with + and the country code" if region is None else str(error)
        raise InvalidValue(f"{text!r:.40} is no phone number", hint=hint) from None
    if not phonenumbers.is_possible_number(number):
        where = region or "its country"
        raise InvalidValue(f"{text!r:.40} has too few or too many digits for a phone number in {where}")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def check_region(code: str) -> None:
    """Refuse a region of which no phone numbers are known.

    Args:
        code: ISO 3166 code such as "SI".

    Raises:
        UnknownName: There is no such region.

    >>> check_region("Slovenia")
    Traceback (most recent call last):
    clientloop.errors.UnknownName: no region 'Slovenia': did you mean 'SI'?
    """
    import phonenumbers

    known = phonenumbers.SUPPORTED_REGIONS
    if code not in known:
        upper = code.upper()
        meant = " or ".join(map(repr, (upper,) if upper in known else countries_called(code)[:3]))
        hint = f"did you mean {meant}?" if meant else "give the two letters of ISO 3166, say 'SI'"
        raise UnknownName(f"no region {code!r:.40}", hint=hint)


def country_of(number: str) -> str | None:
    """The country that a phone number belongs to; None where it belongs to none.

    Args:
        number: The number as E.164.

    Returns:
        ISO 3166 code.

    >>> country_of("+38640123456"), country_of("+80012345678")
    ('SI', None)
    """
    import phonenumbers

    try:
        region = phonenumbers.region_code_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return None
    return region if region and region.isalpha() else None


def read_address(text: str, region: str | None) -> tuple[IdentityKind, str]:
    """An address whose sort is not said: with an @ it is e-mail, else a phone number.

    Args:
        text: The address.
        region: As of `phone_number`.

    Raises:
        InvalidValue: It is neither.

    >>> read_address("friend@example.com", None)
    (<IdentityKind.EMAIL: 'email'>, 'friend@example.com')
    """
    if "@" in text:
        return IdentityKind.EMAIL, email_address(text)
    return IdentityKind.PHONE, phone_number(text, region)


def kind_of(text: str) -> IdentityKind | None:
    """The sort that an address seems to be of, where nobody said: e-mail or a phone number; None for anything else.

    >>> kind_of("friend@example.com"), kind_of("+38640123456"), kind_of("@handle")
    (<IdentityKind.EMAIL: 'email'>, <IdentityKind.PHONE: 'phone'>, None)
    """
    if "@" in text[1:]:
        return IdentityKind.EMAIL
    return IdentityKind.PHONE if _DIALLED.fullmatch(text) else None


_DIALLED = re.compile(r"\+?[0-9][0-9 ()/.-]{3,30}")


def normal(kind: IdentityKind, text: str, region: str | None) -> str:
    """An address of a known sort in its normal form.

    Args:
        kind: Its sort.
        text: The address.
        region: As of `phone_number`.

    Raises:
        InvalidValue: It is no such address.
    """
    if kind is IdentityKind.EMAIL:
        return email_address(text)
    if kind is IdentityKind.PHONE:
        return phone_number(text, region)
    stripped = text.strip()
    if not stripped:
        raise InvalidValue(f"an empty {kind.value}")
    return stripped
