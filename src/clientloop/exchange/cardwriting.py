"""A customer as a card of an address book: what is known here, and the lines that other cards have said."""

from collections.abc import Iterable, Iterator, Sequence

from clientloop.exchange.cards import HANDLE, KEPT, NOT_KEPT, OURS, SOURCE
from clientloop.exchange.contentlines import Property, escaped, folded, parsed
from clientloop.model.customers import Customer, Identity, IdentityKind


def uid_of(customer: Customer, identities: Iterable[Identity]) -> str:
    """The UID of a customer's card: the one that it came with, or else its id.

    Of several, the first one of the customer's own leads, before those of customers who were merged into it.
    """
    prefix = f"{SOURCE}:"
    cards = [one for one in identities if one.kind is IdentityKind.EXTERNAL and one.value.startswith(prefix)]
    first = min(cards, key=lambda one: (one.customer != customer.id, one.created_at, one.value), default=None)
    return _id_of(customer) if first is None else first.value.removeprefix(prefix)


def customer_id(uid: str) -> str | None:
    """The id of the customer that a UID of ours is of."""
    return uid.removeprefix(OURS) if uid.startswith(OURS) else None


def _id_of(customer: Customer) -> str:
    return f"{OURS}{customer.id}"


def card(customer: Customer, identities: Sequence[Identity], lines: Iterable[str] = ()) -> str:
    """A customer as a card of vCard 4.0.

    Args:
        customer: The customer.
        identities: The customer's addresses.
        lines: What else it says, as `together` gives it.
    """
    return "".join(folded(line) for line in _lines(customer, identities, lines))


def _lines(customer: Customer, identities: Sequence[Identity], lines: Iterable[str]) -> Iterator[str]:
    yield "BEGIN:VCARD"
    yield "VERSION:4.0"
    yield f"UID:{escaped(uid_of(customer, identities))}"
    told = [one for one in identities if one.kind in _WRITTEN]
    # a card has a name (RFC 6350, section 6.2.1); an address or an id in its place is read as none
    yield f"FN:{escaped(customer.name or next((one.value for one in told), _id_of(customer)))}"
    for identity in told:
        yield f"{_WRITTEN[identity.kind]}{escaped(identity.value)}"
    if customer.locale:
        yield f"LANG:{customer.locale}"
    if customer.zone:
        yield f"TZ:{customer.zone}"
    yield from lines
    yield "END:VCARD"


def company_lines(name: str, post: str) -> Iterator[str]:
    """A company that a person belongs to, with the post there."""
    yield f"ORG:{escaped(name)}"
    if post:
        yield f"TITLE:{escaped(post)}"


def kept_by(customer: Customer) -> list[str]:
    """The lines that are kept of a customer and may stand on a card."""
    return [line for line in customer.extra.get(KEPT, []) if _is_line(line)]


def together(*parts: Iterable[str]) -> list[str]:
    """Lines of several origins on one card: each once, and of what a card says once (RFC 6350), the first.

    >>> together(["BDAY:1980-05-06", "NOTE:tea"], ["BDAY:1981-05-06", "NOTE:tea", "NOTE:late"])
    ['BDAY:1980-05-06', 'NOTE:tea', 'NOTE:late']
    """
    lines: dict[str, None] = {}
    said: set[str] = set()
    for part in parts:
        new = [line for line in part if (name := _name_of(line)) not in _ONCE or name not in said]
        said |= {_name_of(line) for line in new}
        lines |= dict.fromkeys(new)
    return list(lines)


#: What a card says once at most.
_ONCE = frozenset({"BDAY", "ANNIVERSARY", "GENDER"})


_WRITTEN = {
    IdentityKind.EMAIL: "EMAIL:",
    IdentityKind.PHONE: "TEL;VALUE=uri:tel:",
    IdentityKind.HANDLE: f"{HANDLE}:",
}


def _is_line(line: object) -> bool:
    """Whether what stands in `extra` is a line that a card may have: applications write there as well."""
    return isinstance(line, str) and "\n" not in line and "\r" not in line and _name_of(line) not in {"", *NOT_KEPT}


def _name_of(line: str) -> str:
    found = parsed(line.encode(errors="replace"))
    return found.name if isinstance(found, Property) else ""
