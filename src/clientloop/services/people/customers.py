"""Customers: added, matched and found by their identities."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from attrs import evolve

from clientloop.errors import InvalidValue
from clientloop.model.codec import Json
from clientloop.model.customers import (
    Customer,
    CustomerClass,
    Identity,
    IdentityKind,
    Opinion,
    Suggestion,
    Trust,
)
from clientloop.model.facts import Fact, FactName
from clientloop.model.languages import check_language
from clientloop.model.names import named
from clientloop.model.page import Page
from clientloop.model.relationships import Subject
from clientloop.model.units import Change, Insert, Unit, Update
from clientloop.model.where import eq
from clientloop.model.work import Actor
from clientloop.model.zones import zone_named
from clientloop.rules.people.contacts import normal
from clientloop.rules.people.identity import Match, match, suggestions
from clientloop.services.people.identities import Identities
from clientloop.services.people.lookalikes import Lookalikes, suggest_lookalikes
from clientloop.services.people.splitting import Splitting
from clientloop.services.people.story import Story
from clientloop.services.people.whole import rows_of
from clientloop.services.relationships.classes import CLASS_MODEL
from clientloop.services.relationships.manual import Named, say, unsay


class Customers(Identities, Splitting, Story):
    """`loop.customers`: who speaks. Customers who are one person are read and found as one."""

    def add(
        self,
        *,
        name: str = "",
        email: str | None = None,
        phone: str | None = None,
        handle: str | None = None,
        external: str | None = None,
        region: str | None = None,
        trust: Trust | str = Trust.VOUCHED,
        customer_class: CustomerClass | str | None = None,
        locale: str | None = None,
        zone: str | None = None,
        extra: Mapping[str, Json] | None = None,
    ) -> Customer:
        """Add a customer, or find the one that it certainly is.

        It is certainly one with the same name and the same address, if both addresses are verified or vouched for.
        Anybody else with that address is suggested to be the same person, for a person to decide.

        Args:
            name: What the person is called.
            email: An e-mail address.
            phone: A phone number; without `+` it is read in the region.
            handle: A name on a messenger.
            external: The id in another system of the firm, such as "shop:42".
            region: ISO 3166 code where the phone number is read; the space's if not given.
            trust: How far the addresses are proved.
            customer_class: Attractiveness, which may set priority and deadlines.
            locale: BCP 47 tag of the language to write in.
            zone: IANA name of the zone the person lives in.
            extra: Whatever else the application keeps.

        Returns:
            The customer, added or found.

        Raises:
            InvalidValue: An address cannot be one, or the locale has not the form of a tag.
            UnknownName: There is no such zone, class or trust.
        """
        _check_whereabouts(locale, zone)
        proof = named(Trust, trust, what="trust")
        given = {
            IdentityKind.EMAIL: email,
            IdentityKind.PHONE: phone,
            IdentityKind.HANDLE: handle,
            IdentityKind.EXTERNAL: external,
        }
        context = self._context
        customer = Customer(
            space=context.space.space, id=context.new_id(), name=name.strip(),
            customer_class=None if customer_class is None else named(CustomerClass, customer_class, what="class"),
            locale=locale, zone=zone, created_at=context.now(), extra=extra or {},
        )  # fmt: skip
        identities = [
            self._identity(customer, kind, address, region, proof) for kind, address in given.items() if address
        ]
        found = self.match(name, identities)
        if found.customer is not None:
            self._learn(found.customer, identities)
            return found.customer
        written: list[Change] = [Insert(customer), *(Insert(identity) for identity in identities)]
        written += suggestions(customer, identities, found.maybe, now=customer.created_at)
        context.commit(Unit(tuple(written), _added(customer, found)))
        return customer

    def _identity(
        self, customer: Customer, kind: IdentityKind, address: str, region: str | None, trust: Trust
    ) -> Identity:
        return Identity(
            space=customer.space,
            kind=kind,
            value=normal(kind, address, region or self._context.settings.region),
            customer=customer.id,
            trust=trust,
            given=address,
            created_at=customer.created_at,
        )

    def _learn(self, customer: Customer, identities: Sequence[Identity]) -> None:
        """Keep the addresses of a known customer that are new."""
        theirs = rows_of(self._context, Identity, customer.ids, order="by_customer")
        known = {(identity.kind, identity.value) for identity in theirs}
        new = [
            Insert(_of(identity, customer)) for identity in identities if (identity.kind, identity.value) not in known
        ]
        if new:
            self._context.commit(Unit(tuple(new)))

    def match(self, name: str, claimed: Sequence[Identity]) -> Match:
        """Judge who a person with these addresses is.

        Args:
            name: The person's name; empty where it is not known.
            claimed: The addresses, each with its trust.
        """
        found = [self._candidate(each) for one in claimed for each in self._with_address(one.kind, one.value)]
        return match(name, claimed, found)

    def list(self, *, after: str | None = None, limit: int = 50) -> Page[Customer]:
        """A page of all customers by name, each person once."""
        return self._context.store.page(
            Customer, self._context.space.space, where=eq("merged_into", None), order="by_name", after=after,
            limit=limit,
        )  # fmt: skip

    def suggestions(self, *, after: str | None = None, limit: int = 50) -> Page[Suggestion]:
        """Pairs of customers that may be one person and that nobody has decided on, oldest first."""
        where = eq("opinion", Opinion.OPEN)
        return self._context.store.page(
            Suggestion, self._context.space.space, where=where, order="by_opinion", after=after, limit=limit
        )

    def suggest(self) -> Lookalikes:
        """Look over all customers, and suggest the pairs that are alike and that nobody has suggested before.

        Nobody is merged by it. It reads every customer, so call it now and then, not for each.

        Returns:
            What was compared and suggested, and what was too crowded to be compared in full.

        Raises:
            Conflict: Others write the same at the same time, again and again.
        """
        return suggest_lookalikes(self._context)

    def change(
        self,
        customer: UUID | str | Customer,
        *,
        name: str | None = None,
        locale: str | None = None,
        zone: str | None = None,
    ) -> Customer:
        """Change what a person is called, which language to write in, or where the person lives; the rest stays.

        Args:
            customer: The person.
            name: As of `add`.
            locale: As of `add`.
            zone: As of `add`.

        Raises:
            NotFound: There is no such customer.
            InvalidValue: The name is empty, or the locale has not the form of a tag.
            UnknownName: There is no such zone.
            Conflict: Somebody else changed the customer first.
        """
        if name is not None and not name.strip():
            raise InvalidValue("a customer without a name", hint="give the name, or leave it out")
        _check_whereabouts(locale, zone)
        found = self.shown(customer)
        given = {"name": None if name is None else name.strip(), "locale": locale, "zone": zone}
        changes: dict[str, Any] = {
            field: value for field, value in given.items() if value is not None
        }  # Any: as evolve
        after = evolve(found, **changes)
        self._context.commit(Unit((Update(Customer, (found.space, found.id), changes, found.version),)))
        return evolve(after, version=found.version + 1)

    def set_class(
        self,
        customer: UUID | str | Customer,
        customer_class: CustomerClass | str | None,
        *,
        by: str | Actor = "somebody",
        reason: str = "set by hand",
    ) -> Customer:
        """Set the class of a person by hand: `loop.relationships.set(customer, "abc", ...)` in short.

        It stands beside the class that the model tells, and survives every reassessment.

        Args:
            customer: The person.
            customer_class: The class; None takes back what was set, and the class that the model tells stands.
            by: Who says so.
            reason: Why.

        Raises:
            NotFound: There is no such customer.
            UnknownName: There is no such class.
            Conflict: Somebody else changed the customer first.
        """
        found, name = self.shown(customer), Actor.of(by).name
        person = Named(found.id, Subject.CUSTOMER, found)
        if customer_class is None:
            unsay(self._context, person, CLASS_MODEL, by=name, reason=reason)
        else:
            said = named(CustomerClass, customer_class, what="class")
            say(self._context, person, CLASS_MODEL, said.value, by=name, reason=reason)
        return self.get(found.id)


def _check_whereabouts(locale: str | None, zone: str | None) -> None:
    if locale is not None:
        check_language(locale)
    if zone is not None:
        zone_named(zone)


def _of(identity: Identity, customer: Customer) -> Identity:
    return evolve(identity, customer=customer.id)


def _added(customer: Customer, found: Match) -> tuple[Fact, ...]:
    facts = [Fact(FactName.CUSTOMER_ADDED, customer.space, customer.id, customer.created_at)]
    if found.maybe:
        facts.append(Fact(FactName.CUSTOMER_SUGGESTED, customer.space, customer.id, customer.created_at))
    return tuple(facts)
