"""Who wrote: matched by what proves an address, or kept apart until somebody decides."""

from collections.abc import Mapping
from uuid import UUID

from attrs import evolve, field, frozen

from clientloop.errors import InvalidValue
from clientloop.model.customers import MATCHING, Claimant, Customer, Identity, IdentityKind, Trust
from clientloop.model.facts import Fact, FactName
from clientloop.model.units import Change, Insert, Unit, Update
from clientloop.ports.events import LONGEST_KEY, Address
from clientloop.rules.intake.arrival import clean
from clientloop.rules.intake.extra import LONGEST_NAME
from clientloop.rules.intake.senders import is_anonymous, weaker
from clientloop.rules.people.contacts import normal
from clientloop.rules.people.identity import Match, suggestions
from clientloop.services.context import Context
from clientloop.services.people.customers import Customers
from clientloop.services.people.whole import rows_of, shown_as


@frozen(kw_only=True)
class Sender:
    """Who wrote, as far as it is known."""

    #: What sort of address it came from.
    kind: IdentityKind
    #: The address in its normal form; None where it is none, or a device's.
    value: str | None
    #: How far it is proved.
    trust: Trust
    #: What its holder is called there; empty where that is not known.
    name: str
    #: The id that what was said is kept under; None while nobody is known.
    customer: UUID | None = None
    #: The customer as shown.
    person: Customer | None = None
    #: What is to be written before the words are: a new customer, or what was learnt of a known one.
    unit: Unit = field(factory=Unit)

    @property
    def proved(self) -> bool:
        """Whether the address is proved well enough to speak for a customer."""
        return self.trust in MATCHING


def read_sender(context: Context, address: Address, *, trust: Trust) -> Sender:
    """The address that a message came from; nobody is looked for yet.

    Args:
        context: The space.
        address: As the channel gives it.
        trust: How far the message is proved; its address counts as proved no further.
    """
    trust = weaker(trust, address.trust)
    value = None if is_anonymous(address.kind, trust) else address_of(context, address.kind, address.value)
    return Sender(kind=address.kind, value=value, trust=trust, name=clean(address.name).strip()[:LONGEST_NAME])


def address_of(context: Context, kind: IdentityKind, text: str) -> str | None:
    """An address in its normal form; None where it is none, or too long to stand in an index."""
    try:
        value = normal(kind, clean(text), context.settings.region)
    except InvalidValue:
        return None
    return value if len(value) <= LONGEST_KEY else None


def known(context: Context, sender: Sender) -> Sender:
    """The sender with the customer who it is, or who stands for all that claim the address, if there is one.

    Args:
        context: The space.
        sender: As it was read.
    """
    if sender.value is None:
        return sender
    return _known(context, sender, _match(context, sender, ()))


def known_or_new(
    context: Context, sender: Sender, *, contacts: Mapping[IdentityKind, str], trust: Trust, locale: str | None
) -> Sender:
    """The sender with the customer who it is: one who is known, or else a new one, with whom it may be suggested.

    Args:
        context: The space.
        sender: As it was read.
        contacts: Further addresses of the sender, by kind.
        trust: How far these are proved at most.
        locale: BCP 47 tag of the language that a new customer is written to in.
    """
    if sender.value is None:
        return sender
    further = _further(context, contacts, weaker(sender.trust, trust), besides=sender)
    match = _match(context, sender, further)
    found = _known(context, sender, match)
    if found.customer is not None:
        return evolve(found, unit=_learnt(context, found, further))
    return _added(context, sender, further, match, locale)


def _match(context: Context, sender: Sender, further: tuple[Identity, ...]) -> Match:
    return Customers(context).match(sender.name, [_identity(context, sender), *further])


def _known(context: Context, sender: Sender, match: Match) -> Sender:
    space = context.space.space
    if match.customer is not None:
        return evolve(sender, customer=match.customer.id, person=match.customer)
    claimant = None if sender.proved else context.store.get(Claimant, (space, sender.kind, sender.value))
    own = None if claimant is None else context.store.get(Customer, (space, claimant.customer))
    return sender if own is None else evolve(sender, customer=own.id, person=shown_as(context, own))


def _added(context: Context, sender: Sender, further: tuple[Identity, ...], match: Match, locale: str | None) -> Sender:
    customer = Customer(
        space=context.space.space, id=context.new_id(), name=sender.name, locale=locale, created_at=context.now()
    )
    claimed = [evolve(one, customer=customer.id) for one in (_identity(context, sender), *further)]
    written: list[Change] = [Insert(customer), *map(Insert, claimed)]
    if not sender.proved:
        # of two who claim the address at the same time, the second is refused here and finds the first
        claimant = Claimant(space=customer.space, kind=sender.kind, value=claimed[0].value, customer=customer.id)
        written.append(Insert(claimant))
    written += suggestions(customer, claimed, match.maybe, now=customer.created_at)
    names = (FactName.CUSTOMER_ADDED, *((FactName.CUSTOMER_SUGGESTED,) if match.maybe else ()))
    facts = tuple(Fact(name, customer.space, customer.id, customer.created_at) for name in names)
    return evolve(sender, customer=customer.id, person=customer, unit=Unit(tuple(written), facts))


def _learnt(context: Context, sender: Sender, further: tuple[Identity, ...]) -> Unit:
    """The name of somebody whose name nobody knew, and addresses that are new."""
    person = sender.person
    if person is None or sender.customer is None:
        return Unit()
    changes: list[Change] = []
    if not person.name and sender.name and person.id == sender.customer:
        key = (person.space, person.id)
        changes.append(Update(Customer, key, {"name": sender.name}, person.version))
    if further:
        theirs = rows_of(context, Identity, person.ids, order="by_customer")
        held = {(identity.kind, identity.value) for identity in theirs}
        new = (one for one in further if (one.kind, one.value) not in held)
        changes += [Insert(evolve(one, customer=sender.customer)) for one in new]
    return Unit(tuple(changes))


def _further(
    context: Context, contacts: Mapping[IdentityKind, str], trust: Trust, *, besides: Sender
) -> tuple[Identity, ...]:
    """Further addresses that can be some."""
    normalised = ((kind, text, address_of(context, kind, text)) for kind, text in contacts.items())
    return tuple(
        _an_identity(context, kind, value, text, trust)
        for kind, text, value in normalised
        if value is not None and (kind, value) != (besides.kind, besides.value)
    )


def _identity(context: Context, sender: Sender) -> Identity:
    value = str(sender.value)
    return _an_identity(context, sender.kind, value, value, sender.trust)


#: Whose addresses are until it is known whose they are.
_NOBODY = UUID(int=0)


def _an_identity(context: Context, kind: IdentityKind, value: str, given: str, trust: Trust) -> Identity:
    return Identity(
        space=context.space.space, kind=kind, value=value, customer=_NOBODY, trust=trust, given=clean(given),
        created_at=context.now(),
    )  # fmt: skip
