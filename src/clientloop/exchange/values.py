"""The values that cells hold: times, money, whole numbers, ratings, persons."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from typing import Any

from attrs import evolve

from clientloop.errors import InvalidValue
from clientloop.exchange.fields import REMEMBERED, Reader
from clientloop.model.codec import integer
from clientloop.model.customers import CustomerClass, IdentityKind, Trust
from clientloop.model.interactions import Precision
from clientloop.model.money import Money
from clientloop.model.names import named
from clientloop.model.scales import Scale
from clientloop.model.zones import zone_named
from clientloop.rules.loop.imported import Stated
from clientloop.rules.people.contacts import normal
from clientloop.services.bulk.entries import Address, Person

#: Directives of `strptime` that name a time of day.
_OF_DAY = ("%H", "%I", "%M", "%S", "%f", "%X", "%c")

#: Marks of thousands that look the same, so that whoever declares one means all: blanks, narrow and not breaking ones
#: among them, and apostrophes.
_ALIKE = (" \u00a0\u2009\u202f", "'\u2019")

_WHOLE = re.compile(r"([+-]?[0-9]{1,18})(?:\.0*)?")


def times(formats: Sequence[str], zone: str) -> Callable[[str], Stated]:
    """What reads times.

    A time that the zone's clocks skipped counts by the offset before the change; one that they showed twice is the
    first.

    Args:
        formats: Formats of `strptime`, tried in order; `iso` is ISO 8601.
        zone: IANA name of the zone of times that name none.

    Raises:
        InvalidValue: A format or the zone is none.

    >>> times(["%d.%m.%Y"], "Europe/Ljubljana")("1.7.2026")
    Stated(at=datetime.datetime(2026, 6, 30, 22, 0, tzinfo=datetime.timezone.utc), precision=<Precision.DAY: 'day'>)
    """
    local = zone_named(zone)
    parsers = [_parser(form) for form in formats]

    def read(text: str) -> Stated:
        for parse in parsers:
            try:
                value, precision = parse(text)
                return Stated((value if value.tzinfo else value.replace(tzinfo=local)).astimezone(UTC), precision)
            except (ValueError, OverflowError):
                continue
        raise InvalidValue(f"{text!r:.40} is no time", hint=f"written like {' or '.join(map(repr, formats))}")

    return read


def _parser(form: str) -> Callable[[str], tuple[datetime, Precision]]:
    if form == "iso":
        return _parse_iso
    try:
        datetime.strptime(datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC).strftime(form), form)  # noqa: DTZ007  # only tried
    except (ValueError, re.error) as error:
        raise InvalidValue(f"{form!r:.40} is no format of times: {error}", hint="write it like '%d.%m.%Y'") from None
    precision = Precision.EXACT if any(directive in form for directive in _OF_DAY) else Precision.DAY
    return lambda text: (datetime.strptime(text, form), precision)  # noqa: DTZ007  # `times` adds the zone


def _parse_iso(text: str) -> tuple[datetime, Precision]:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return datetime.fromisoformat(text), Precision.EXACT
    return datetime(day.year, day.month, day.day), Precision.DAY  # noqa: DTZ001  # `times` adds the zone


def amounts(decimal: str, thousands: str) -> Callable[[str, str], Money]:
    """What reads money, from its text and its currency.

    Thousands are grouped everywhere before the decimal mark, or nowhere: by threes, or as in India, where twos stand
    before the last three. A mark in any other place is more likely one of decimals, so such a text is no amount.

    Args:
        decimal: The decimal mark.
        thousands: What groups thousands, or another mark that looks like it; empty where nothing does.

    >>> amounts(",", ".")("1.234,50", "EUR"), amounts(".", ",")("12,34,567", "INR")
    (Money(minor=123450, currency='EUR'), Money(minor=123456700, currency='INR'))
    >>> amounts(",", ".")("12.50", "EUR")
    Traceback (most recent call last):
    clientloop.errors.InvalidValue: '12.50' is no amount of money: its decimal mark is ',', and '.' groups thousands
    """
    alike = next((marks for marks in _ALIKE if thousands and thousands in marks), thousands)
    form = _amount_form(decimal, alike)
    ungrouped = str.maketrans("", "", alike)
    hint = f"its decimal mark is {decimal!r}" + (f", and {thousands!r} groups thousands" if thousands else "")

    @lru_cache(REMEMBERED)
    def read(text: str, currency: str) -> Money:
        found = form.fullmatch(text)
        if found is None:
            raise InvalidValue(f"{text!r:.40} is no amount of money", hint=hint)
        return Money.parse(f"{found['whole'].translate(ungrouped)}.{found['decimals'] or ''}", currency)

    return read


def _amount_form(decimal: str, thousands: str) -> re.Pattern[str]:
    """How an amount is written, by its decimal mark and all marks that group thousands."""
    whole = "[0-9]+"
    if thousands:
        mark = f"[{re.escape(thousands)}]"
        whole += f"|[1-9][0-9]{{0,2}}(?:{mark}[0-9]{{3}})+|[1-9][0-9]?(?:{mark}[0-9]{{2}})+{mark}[0-9]{{3}}"
    return re.compile(f"(?P<whole>[+-]?(?:{whole}))(?:{re.escape(decimal)}(?P<decimals>[0-9]*))?")


def currency(text: str) -> str:
    """An ISO 4217 code.

    Raises:
        InvalidValue: It has not the form of one.
    """
    if not re.fullmatch("[A-Za-z]{3}", text):
        raise InvalidValue(f"{text!r:.40} is no currency", hint="give the three letters of ISO 4217, say 'EUR'")
    return text.upper()


def whole_number(text: str) -> int:
    """A whole number, which may be written with zeros after its point.

    Raises:
        InvalidValue: It is none.

    >>> whole_number("3"), whole_number("-2.00")
    (3, -2)
    """
    found = _WHOLE.fullmatch(text)
    if found is None:
        raise InvalidValue(f"{text!r:.40} is no whole number")
    return integer(int(found[1]))


def scale_named(text: str) -> str:
    """A scale of ratings: its least and its greatest value.

    Raises:
        InvalidValue: It is no scale.

    >>> scale_named("1-5")
    '1-5'
    """
    Scale.parse(text)
    return text


def customer_class(text: str) -> CustomerClass:
    """The class of a customer.

    Raises:
        InvalidValue: There is no such class.
    """
    try:
        return CustomerClass(text.upper())
    except ValueError:
        raise InvalidValue(f"no class {text!r:.40}", hint="classes are A, B and C") from None


def person_name(text: str) -> str:
    """The name of a person, its parts one blank apart."""
    return " ".join(text.split())


#: The addresses of a person by field; the id in the source goes first, as it names the person itself.
_ADDRESSES = {
    "customer": IdentityKind.EXTERNAL,
    "email": IdentityKind.EMAIL,
    "phone": IdentityKind.PHONE,
    "handle": IdentityKind.HANDLE,
}


#: The fields that say how far an address is proved, by the field of the address.
_TRUSTS = {field: f"{field}_trust" for field in ("email", "phone", "handle")}


def person_readers(*, source: str, region: str | None, trust: Trust) -> dict[str, Reader]:
    """What reads the fields of the person that a row is about.

    Args:
        source: Name of the system whose ids customers have in it.
        region: ISO 3166 code where phone numbers without a country code are read.
        trust: How far addresses are proved where the row does not say; an id in the source always is.
    """

    def address(kind: IdentityKind, text: str) -> Address:
        if kind is IdentityKind.EXTERNAL:
            return Address(kind, f"{source}:{text}", text, Trust.VOUCHED)
        return Address(kind, normal(kind, text, region), text, trust)

    proof = partial(named, Trust, what="trust")
    return {
        "name": person_name,
        **{field: partial(address, kind) for field, kind in _ADDRESSES.items()},
        **dict.fromkeys(_TRUSTS.values(), proof),
    }


def person_of(values: Mapping[str, Any]) -> Person:  # Any: each field has a type of its own
    """The person that a row is about; equal persons are mostly one object."""
    addresses = tuple([_proved(values, field) for field in _ADDRESSES if field in values])
    return _person(values.get("name", ""), values.get("locale"), addresses)


def _proved(values: Mapping[str, Any], field: str) -> Address:  # Any: as above
    """An address with the trust that its row says."""
    address: Address = values[field]
    trust = values.get(_TRUSTS.get(field, ""))
    return address if trust is None else evolve(address, trust=trust)


@lru_cache(REMEMBERED)
def _person(name: str, locale: str | None, addresses: tuple[Address, ...]) -> Person:
    return Person(name=name, locale=locale, addresses=addresses)
