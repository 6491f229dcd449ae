"""The report on contacts: how each customer can be reached, what they allow, and when they were last heard of."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar, cast
from uuid import UUID

from attrs import frozen

from clientloop.model.accounts import Account, Contact
from clientloop.model.codec import instant
from clientloop.model.customers import Consent, Customer, CustomerClass, Identity, IdentityKind, Purpose, Trust
from clientloop.model.interactions import Interaction, InteractionKind
from clientloop.model.plan import Aggregate, How, Key, Plan
from clientloop.model.where import eq, ne, one_of
from clientloop.reports.tables import Listing
from clientloop.services.batches import batches, in_batches, padded
from clientloop.services.context import Context

R = TypeVar("R", Identity, Consent, Contact)

#: What counts as a contact: the firm and the customer spoke or wrote.
TALKS = (
    InteractionKind.FEEDBACK,
    InteractionKind.MESSAGE_IN,
    InteractionKind.MESSAGE_OUT,
    InteractionKind.CALL,
    InteractionKind.MEETING,
    InteractionKind.VISIT,
)

#: The sorts of addresses that have columns of their own.
_REACHED = (IdentityKind.EMAIL, IdentityKind.PHONE, IdentityKind.HANDLE)

_TRUSTS = list(Trust)


@frozen(kw_only=True)
class ContactRow:
    """How one customer can be reached. Columns that an import of customers knows are called as its fields."""

    #: The customer.
    customer: UUID
    #: What the person is called.
    name: str
    #: Attractiveness.
    customer_class: CustomerClass | None
    #: The companies that the person belongs to.
    accounts: tuple[str, ...]
    #: What the person does there, company by company.
    posts: tuple[str, ...]
    #: The e-mail address that is proved best, the first of several.
    email: str | None
    #: How far it is proved.
    email_trust: Trust | None
    #: Likewise the phone number (E.164).
    phone: str | None
    #: How far it is proved.
    phone_trust: Trust | None
    #: Likewise the name on a messenger.
    handle: str | None
    #: How far it is proved.
    handle_trust: Trust | None
    #: Further addresses, each with its sort and its trust.
    further: tuple[str, ...]
    #: BCP 47 tag of the language to write in.
    locale: str | None
    #: IANA name of the zone the person lives in.
    zone: str | None
    #: What the person allows: a purpose, or a purpose by a channel.
    allows: tuple[str, ...]
    #: What the person forbids.
    forbids: tuple[str, ...]
    #: When the person and the firm last spoke or wrote, UTC; None where nobody knows.
    last_contact: datetime | None
    #: When the firm first knew of the person, UTC.
    created_at: datetime


def contacts_report(context: Context) -> Listing[ContactRow]:
    """Make the report; `Reports.contacts` describes it."""
    return Listing("contacts", ContactRow, lambda: _rows(context))


def _rows(context: Context) -> Iterator[ContactRow]:
    everybody = context.store.pages(Customer, context.space.space, where=eq("merged_into", None), order="by_name")
    for persons in batches(everybody):
        known = _Known(context, persons)
        yield from map(known.row, persons)


class _Known:
    """What is known of some persons, under all their ids, in few questions."""

    def __init__(self, context: Context, persons: Sequence[Customer]) -> None:
        self._context = context
        self._person = {one: person.id for person in persons for one in person.ids}
        self._identities = self._rows_of(Identity, order="by_customer")
        self._consents = self._rows_of(Consent)
        self._contacts = self._rows_of(Contact, order="by_customer")
        self._names = self._accounts()
        self._last = self._last_contacts()

    def row(self, person: Customer) -> ContactRow:
        """What is known of one of them."""
        identities, posts = self._identities[person.id], _posts(self._contacts[person.id])
        best = [_best(identities, kind) for kind in _REACHED]
        email, phone, handle = best
        return ContactRow(
            customer=person.id,
            name=person.name,
            customer_class=person.customer_class,
            accounts=tuple([self._names[account] for account in posts]),
            posts=tuple(filter(None, posts.values())),
            email=email.value if email else None,
            email_trust=email.trust if email else None,
            phone=phone.value if phone else None,
            phone_trust=phone.trust if phone else None,
            handle=handle.value if handle else None,
            handle_trust=handle.trust if handle else None,
            further=tuple([_described(one) for one in identities if one not in best]),
            locale=person.locale,
            zone=person.zone,
            allows=_words(self._consents[person.id], allowed=True),
            forbids=_words(self._consents[person.id], allowed=False),
            last_contact=self._last.get(person.id),
            created_at=person.created_at,
        )

    def _rows_of(self, cls: type[R], *, order: str = "key") -> Mapping[UUID, list[R]]:
        """The rows of these persons, by the id that each is shown under."""
        found = defaultdict[UUID, list[R]](list)
        for batch in batches(self._person):
            where = one_of("customer", padded(batch))
            for row in self._context.store.pages(cls, self._context.space.space, where=where, order=order):
                found[self._person[row.customer]].append(row)
        return found

    def _accounts(self) -> Mapping[UUID, str]:
        ids = {contact.account for contacts in self._contacts.values() for contact in contacts}
        return {one.id: one.name for _, found in in_batches(self._context, Account, "id", ids) for one in found}

    def _last_contacts(self) -> Mapping[UUID, datetime]:
        found: dict[UUID, datetime] = {}
        for customer, at in self._last_times():
            person = self._person[customer]
            found[person] = max(at, found.get(person, at))
        return found

    def _last_times(self) -> Iterable[tuple[UUID, datetime]]:
        for batch in batches(self._person):
            plan = Plan(
                cls=Interaction,
                where=one_of("customer", padded(batch)) & one_of("kind", TALKS) & ne("occurred_at", None),
                keys=(Key("customer"),),
                aggregates=(Aggregate(How.MAX, "occurred_at"),),
            )
            for group in self._context.store.aggregate(self._context.space.space, plan):
                # that which has no time was left out
                yield cast(UUID, group.keys[0]), instant(cast(int, group.values[0]))


def _posts(contacts: Iterable[Contact]) -> Mapping[UUID, str]:
    """What somebody does at each company, as was said first of all that they are known as."""
    posts: dict[UUID, str] = {}
    for contact in sorted(contacts, key=lambda each: (each.created_at, each.customer)):
        posts[contact.account] = posts.get(contact.account) or contact.post
    return posts


def _best(identities: Iterable[Identity], kind: IdentityKind) -> Identity | None:
    """The address of a kind that is proved best, and known longest; whoever shares it may be somebody else."""
    theirs = [one for one in identities if one.kind is kind]
    return min(theirs, key=lambda one: (_TRUSTS.index(one.trust), one.created_at, one.value), default=None)


def _described(identity: Identity) -> str:
    return f"{identity.kind.value} {identity.value} ({identity.trust.value})"


def _words(consents: Iterable[Consent], *, allowed: bool) -> tuple[str, ...]:
    """What somebody allows or forbids: the last word of all that they are known as."""
    latest: dict[tuple[Purpose, str | None], Consent] = {}
    for consent in sorted(consents, key=lambda each: each.at):
        latest[consent.purpose, consent.channel] = consent
    return tuple(sorted(_word(consent) for consent in latest.values() if consent.allowed is allowed))


def _word(consent: Consent) -> str:
    return consent.purpose.value if consent.channel is None else f"{consent.purpose.value} by {consent.channel}"
