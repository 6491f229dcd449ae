"""The addresses of customers: who has one, what a person has, and what is learnt or was wrong about it."""

from uuid import UUID

from clientloop.errors import InvalidValue, NotFound
from clientloop.model.customers import Customer, Identity, IdentityKind, Suggestion, Trust
from clientloop.model.facts import Fact, FactName
from clientloop.model.names import named
from clientloop.model.page import Page
from clientloop.model.units import Change, Delete, Insert, Unit, Update
from clientloop.model.where import eq
from clientloop.model.work import Actor
from clientloop.rules.people.contacts import normal
from clientloop.rules.people.identity import Candidate, suggestions
from clientloop.services.people.merging import decider
from clientloop.services.people.whole import Whole, rows_of, shown_as


class Identities(Whole):
    """The part of `loop.customers` that knows addresses."""

    def find(
        self,
        *,
        email: str | None = None,
        phone: str | None = None,
        handle: str | None = None,
        external: str | None = None,
        region: str | None = None,
    ) -> tuple[Customer, ...]:
        """The customers who have one of these addresses, whatever its trust; each person once, as it is shown.

        Args:
            email: An e-mail address.
            phone: A phone number; without `+` it is read in the region.
            handle: A name on a messenger.
            external: The id in another system of the firm, such as "shop:42".
            region: ISO 3166 code where the phone number is read; the space's if not given.

        Raises:
            InvalidValue: An address cannot be one.
        """
        asked = self._normal(email=email, phone=phone, handle=handle, external=external, region=region)
        ids = {identity.customer: None for kind, value, _ in asked for identity in self._with_address(kind, value)}
        found = map(self.get, ids)
        return tuple({customer.id: customer for customer in found}.values())

    def identities(self, customer: UUID | str | Customer) -> tuple[Identity, ...]:
        """All addresses of a person.

        Raises:
            NotFound: There is no such customer.
        """
        return tuple(rows_of(self._context, Identity, self.get(customer).ids, order="by_customer"))

    def address(self, customer: Customer, channel: str) -> str | None:
        """The address of a person that a channel answers to, the best proved one; None if there is none.

        Args:
            customer: The person, as loaded: nothing is loaded anew.
            channel: Name of the channel.
        """
        sort = self._context.plugins.address_kind(channel)
        if sort is None:
            return None
        ids = self.shown(customer).ids
        found = rows_of(self._context, Identity, ids, where=eq("kind", sort), order="by_customer", size=20)
        best = min(found, key=lambda identity: _ORDER[identity.trust], default=None)
        return None if best is None else best.value

    def add_identities(
        self,
        customer: UUID | str | Customer,
        *,
        email: str | None = None,
        phone: str | None = None,
        handle: str | None = None,
        external: str | None = None,
        region: str | None = None,
        trust: Trust | str = Trust.ASSERTED,
    ) -> tuple[Identity, ...]:
        """Write down addresses of a known customer, or that they are proved better than before.

        Trust only ever rises: whoever has proved an address has proved it. Anybody else who has one of the addresses is
        suggested to be the same person, for a person to decide.

        Args:
            customer: The person.
            email: An e-mail address.
            phone: A phone number; without `+` it is read in the region.
            handle: A name on a messenger.
            external: The id in another system of the firm, such as "shop:42".
            region: ISO 3166 code where the phone number is read; the space's if not given.
            trust: How far the addresses are proved; by default, somebody of the firm wrote down what the customer said.

        Returns:
            All addresses of the person.

        Raises:
            NotFound: There is no such customer.
            UnknownName: There is no such trust.
            InvalidValue: An address cannot be one, or none is given.

        >>> from clientloop import ClientLoop
        >>> with ClientLoop.open("memory:") as loop:
        ...     ana = loop.customers.add(name="Ana", email="ana@example.com")
        ...     [(one.kind.value, one.trust.value) for one in loop.customers.add_identities(ana, handle="@ana")]
        [('email', 'vouched'), ('handle', 'asserted')]
        """
        asked = self._normal(email=email, phone=phone, handle=handle, external=external, region=region)
        if not asked:
            raise InvalidValue("no address is given", hint="give email, phone, handle or external")
        context, person, proof = self._context, self.get(customer), named(Trust, trust, what="trust")
        known = {(one.kind, one.value): one for one in rows_of(context, Identity, person.ids, order="by_customer")}
        changes: list[Change] = []
        new: list[Identity] = []
        for kind, value, given in asked:
            held = known.get((kind, value))
            if held is None:
                new.append(
                    Identity(
                        space=person.space, kind=kind, value=value, customer=person.id, trust=proof, given=given,
                        created_at=context.now(),
                    )
                )  # fmt: skip
            elif _ORDER[proof] < _ORDER[held.trust]:
                changes.append(Update(Identity, _key(held), {"trust": proof}))
        changes += map(Insert, new)
        suggested = self._suggested(person, new)
        facts = (Fact(FactName.CUSTOMER_SUGGESTED, person.space, person.id, context.now()),) if suggested else ()
        context.commit(Unit((*changes, *suggested), facts))
        return self.identities(person)

    def remove_identity(self, customer: UUID | str | Customer, identity: Identity, *, by: str | Actor) -> None:
        """Take an address from a customer whose it is not.

        What was said from it stays where it is: `split` gives that to somebody else. An address that is the customer's
        and must not be written to is left alone by `loop.consent.suppress`.

        Args:
            customer: The person.
            identity: The address, one of `identities`.
            by: Who says so.

        Raises:
            NotFound: There is no such customer, or it has no such address.
            NotAllowed: The actor is not of the firm.
        """
        decider(by, "take an address from a customer")
        person = self.get(customer)
        if identity not in self.identities(person):
            raise NotFound(f"customer {person.id} has no such {identity.kind.value}", hint="identities() lists them")
        self._context.commit(Unit((Delete(Identity, _key(identity)),)))

    def _normal(self, *, region: str | None, **addresses: str | None) -> list[tuple[IdentityKind, str, str]]:
        """The sort, the normal form and the given form of each address."""
        region = region or self._context.settings.region
        given = {IdentityKind(name): address for name, address in addresses.items() if address}
        return [(kind, normal(kind, address, region), address) for kind, address in given.items()]

    def _with_address(self, kind: IdentityKind, value: str) -> Page[Identity]:
        where = eq("kind", kind) & eq("value", value)
        return self._context.store.page(Identity, self._context.space.space, where=where)

    def _candidate(self, identity: Identity) -> Candidate:
        own = self._own(identity.customer)
        return Candidate(shown_as(self._context, own), identity, own.name)

    def _suggested(self, person: Customer, new: list[Identity]) -> list[Change]:
        """Suggestions that others with these addresses are the same person, but for those that are made already."""
        found = [self._candidate(each) for one in new for each in self._with_address(one.kind, one.value)]
        others = [one for one in found if one.customer.id != person.id and not self._is_suggested(person, one.customer)]
        return list(suggestions(person, new, others, now=self._context.now()))

    def _is_suggested(self, one: Customer, other: Customer) -> bool:
        pairs = [(first, second) for first in one.ids for second in other.ids]
        keys = [(one.space, *pair) for first, second in pairs for pair in ((first, second), (second, first))]
        return any(self._context.store.get(Suggestion, key) is not None for key in keys)


#: The best proved first.
_ORDER = {trust: place for place, trust in enumerate(Trust)}


def _key(identity: Identity) -> tuple[str, IdentityKind, str, UUID]:
    return identity.space, identity.kind, identity.value, identity.customer
