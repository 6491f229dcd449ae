"""A card of an address book as it is read, and what a customer is made of by it.

What clientloop has no field for is kept as lines of vCard 4.0 under the key `vcard` of the customer's `extra`, and
written again: a card that goes through clientloop loses its pictures, sounds and keys, and how its addresses were
labelled, and nothing else that people see.
"""

import re
from collections.abc import Callable, Mapping, Sequence, Set
from hashlib import blake2b

from attrs import frozen

from clientloop.errors import InvalidValue
from clientloop.exchange.components import Component
from clientloop.exchange.contentlines import Property, divided, quoted, unescaped
from clientloop.exchange.entries import REJECTED
from clientloop.exchange.timezones import iana_named
from clientloop.model.customers import Customer, IdentityKind, Trust
from clientloop.rules.people.contacts import normal
from clientloop.services.bulk.entries import Address

#: Under which name an address book knows a customer: `vcard:` and the UID of the card.
SOURCE = "vcard"

#: The key of `extra` with the lines that clientloop has no field for.
KEPT = "vcard"

#: What an id of a customer begins with, as the UID of a card or in the place of a name.
OURS = "urn:uuid:"

#: Characters of a UID.
LONGEST_UID = 500

#: Characters of the lines that are kept.
LONGEST_KEPT = 65_536

#: What is read, or is nothing of the person: neither kept nor written again.
NOT_KEPT = frozenset(
    (
        "VERSION", "PRODID", "REV", "UID", "FN", "N", "KIND", "SOURCE", "PHOTO", "LOGO", "SOUND", "KEY", "AGENT",
        "BEGIN", "END", REJECTED,
    )
)  # fmt: skip

#: Kinds of cards that are of no person (RFC 6350, section 6.1.4).
_NO_PERSONS = {"group": "a group", "org": "an organization", "location": "a place"}


@frozen(kw_only=True)
class Card:
    """What a card says."""

    #: Its id: the UID, or one of its content where it has none.
    uid: str
    #: What the person is called; empty where the card says no more than an address or an id.
    name: str
    #: The addresses, the id of the card first.
    addresses: tuple[Address, ...]
    #: BCP 47 tag of the language to write in.
    locale: str | None = None
    #: IANA name of the zone where the person lives.
    zone: str | None = None
    #: The lines that clientloop has no field for.
    kept: tuple[str, ...] = ()

    def changes(self, customer: Customer) -> Mapping[str, object]:
        """What of a customer is to be changed so that it is as the card says; what it does not say stays."""
        return {**self.fields(customer), **self.lines(customer)}

    def fields(self, customer: Customer) -> dict[str, object]:
        """The part of it that clientloop has fields for."""
        said: dict[str, object] = {"name": self.name, "locale": self.locale, "zone": self.zone}
        return {field: value for field, value in said.items() if value and value != getattr(customer, field)}

    def lines(self, customer: Customer, elsewhere: Set[str] = frozenset()) -> dict[str, object]:
        """The part of it that is kept as lines.

        Args:
            customer: Of whom.
            elsewhere: Lines that the customer's card has from what else the firm knows: kept here as well, they would
                outlive it.
        """
        before = customer.extra.get(KEPT, [])
        kept = [line for line in self.kept if line in before or line.rstrip(";") not in elsewhere]
        if kept == list(before):
            return {}
        others = {key: value for key, value in customer.extra.items() if key != KEPT}
        return {"extra": {**others, KEPT: kept} if kept else others}


def card_of(entry: Component, *, region: str | None, trust: Trust) -> Card:
    """Read a card.

    A phone number or an e-mail address that can be none, as the short numbers of services, is kept as a line.

    Args:
        entry: The card, vCard 2.1, 3.0 or 4.0.
        region: ISO 3166 code where phone numbers without a country code are read.
        trust: How far the card proves its addresses.

    Raises:
        InvalidValue: It is of no person, or says neither a name nor an address.
    """
    kind = _text(entry, "KIND").lower()
    if kind in _NO_PERSONS:
        raise InvalidValue(f"{_NO_PERSONS[kind]} is no person")
    reading = _Reading(region, trust, is_old=_text(entry, "VERSION") == "2.1")
    for line in entry.properties:
        reading.take(line)
    said, uid = _name(entry), _text(entry, "UID")
    if not said and not reading.addresses:
        raise InvalidValue("neither a name nor an address")
    name = "" if _is_in_its_place(said, uid, reading.addresses) else said
    if sum(map(len, reading.kept)) > LONGEST_KEPT:
        raise InvalidValue(f"it says more than {LONGEST_KEPT:,} characters besides name and addresses")
    uid = uid or _digest(name, reading)
    if len(uid) > LONGEST_UID:
        raise InvalidValue(f"its UID has more than {LONGEST_UID} characters")
    itself = Address(IdentityKind.EXTERNAL, f"{SOURCE}:{uid}", uid, Trust.VOUCHED)
    return Card(
        uid=uid, name=name, addresses=(itself, *dict.fromkeys(reading.addresses)), locale=reading.locale,
        zone=reading.zone, kept=tuple(reading.kept),
    )  # fmt: skip


class _Reading:
    """What the lines of a card come to."""

    def __init__(self, region: str | None, trust: Trust, *, is_old: bool) -> None:
        self._region = region
        self._trust = trust
        self._is_old = is_old
        self.addresses: list[Address] = []
        self.locale: str | None = None
        self.zone: str | None = None
        self.kept: list[str] = []

    def take(self, line: Property) -> None:
        """Read a line, or keep it."""
        if line.name in NOT_KEPT or not line.value.strip():
            return
        read = _READERS.get(line.name)
        if read is None or not read(self, unescaped(line.value).strip()):
            self.kept.append(_line(line, is_old=self._is_old))

    def email(self, text: str) -> bool:
        """An e-mail address."""
        return self._address(IdentityKind.EMAIL, text.removeprefix("mailto:"))

    def phone(self, text: str) -> bool:
        """A phone number."""
        return self._address(IdentityKind.PHONE, text.removeprefix("tel:"))

    def handle(self, text: str) -> bool:
        """A name on a messenger, as clientloop writes it; lines of other programs say which messenger, and are kept."""
        return self._address(IdentityKind.HANDLE, text)

    def language(self, text: str) -> bool:
        """A language; the first one counts."""
        if self.locale is not None or not _TAG.fullmatch(text):
            return False
        self.locale = text
        return True

    def clocks(self, text: str) -> bool:
        """A zone."""
        zone = iana_named(text)
        if zone is not None:
            self.zone = zone.key
        return zone is not None

    def _address(self, kind: IdentityKind, text: str) -> bool:
        try:
            self.addresses.append(Address(kind, normal(kind, text, self._region), text, self._trust))
        except InvalidValue:
            return False
        return True


_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}")

#: The property that holds a name on a messenger.
HANDLE = "X-CLIENTLOOP-HANDLE"

_READERS: Mapping[str, Callable[[_Reading, str], bool]] = {
    "EMAIL": _Reading.email,
    "TEL": _Reading.phone,
    HANDLE: _Reading.handle,
    "LANG": _Reading.language,
    "TZ": _Reading.clocks,
}


def _text(entry: Component, name: str) -> str:
    found = entry.first(name)
    return "" if found is None else unescaped(found.value).strip()


def _name(entry: Component) -> str:
    """What the person is called: as the card says it, or put together from its parts."""
    parts = entry.first("N")
    family, given, middle, before, behind = [*(divided(parts.value) if parts else []), *[""] * 5][:5]
    composed = " ".join(part.strip() for part in (before, given, middle, family, behind) if part.strip())
    organization = entry.first("ORG")
    company = ", ".join(filter(None, divided(organization.value))) if organization else ""
    return _text(entry, "FN") or composed or _text(entry, "NICKNAME") or company


def _is_in_its_place(name: str, uid: str, addresses: Sequence[Address]) -> bool:
    """Whether it is no name, but what stands on a card of somebody whose name nobody knows: an address, or an id."""
    is_address = any(name in {address.given, address.value} for address in addresses)
    return is_address or name.startswith(OURS) or f"{OURS}{name}" == uid


def _digest(name: str, reading: _Reading) -> str:
    """The id of a card that has none: the same card is found again."""
    said = [name, *(f"{each.kind}:{each.value}" for each in reading.addresses), *reading.kept]
    return f"card:{blake2b(chr(0).join(said).encode(errors='surrogateescape'), digest_size=16).hexdigest()}"


def _line(line: Property, *, is_old: bool) -> str:
    """A line as vCard 4.0 has it; in 2.1 only semicolons part values, and breaks stand as they are."""
    value = line.value
    if is_old:
        value = value.replace("\r\n", "\n").replace("\n", "\\n").replace(",", "\\,")
    params = "".join(
        f";{name}={','.join(one if _PLAIN.fullmatch(one) else quoted(one) for one in values)}"
        for name, values in line.params.items()
        if values
    )
    return f"{line.group}{'.' if line.group else ''}{line.name}{params}:{value}"


_PLAIN = re.compile(r"[\w.+/@-]+")
