"""The persons with whom the firm talks about a deal: a large sale needs several."""

from datetime import datetime
from uuid import UUID

from attrs import evolve, frozen

from clientloop.errors import NotFound
from clientloop.model.customers import Customer
from clientloop.model.deals import Deal, DealPerson
from clientloop.model.units import Delete, Insert, Unit, Update
from clientloop.model.where import eq
from clientloop.rules.relationship.deals import involved
from clientloop.services.context import Context
from clientloop.services.ids import id_of
from clientloop.services.people.accounts import Accounts
from clientloop.services.people.customers import Customers


@frozen(kw_only=True)
class Involved:
    """A person with whom the firm talks about a deal."""

    #: The person, as shown.
    customer: Customer
    #: What the person has to do with it.
    part: str
    #: Since when the firm talks with the person, UTC.
    since: datetime


class DealPersons:
    """The part of `loop.deals` that knows persons."""

    def __init__(self, context: Context, customers: Customers, accounts: Accounts) -> None:
        """Work in one space."""
        self._context = context
        self._customers = customers
        self._accounts = accounts

    def get(self, deal: Deal | UUID | str) -> Deal:
        """The deal as it is now.

        Raises:
            NotFound: There is none in this space.
        """
        found = self._context.store.get(Deal, (self._context.space.space, id_of(deal)))
        if found is None:
            raise NotFound(f"no deal {id_of(deal)}", hint="deals.agenda() lists the open ones")
        return found

    def add_person(self, deal: Deal | UUID | str, customer: Customer | UUID | str, *, part: str = "") -> DealPerson:
        """Note that the firm talks with a person about a deal; of one who is known, the part is set anew.

        Args:
            deal: The deal.
            customer: The person.
            part: What the person has to do with it: decides, pays, uses.

        Raises:
            NotFound: There is no such deal or customer.
            Conflict: Somebody else noted it at the same time.
        """
        context, found = self._context, self.get(deal)
        known = self._noted(found, customer)
        if not known:
            person = involved(found, self._existing(customer), part, context.now())
            context.commit(Unit((Insert(person),)))
            return person
        context.commit(Unit((Update(DealPerson, _key(known[0]), {"part": part}, known[0].version),)))
        return evolve(known[0], part=part, version=known[0].version + 1)

    def remove_person(self, deal: Deal | UUID | str, customer: Customer | UUID | str) -> None:
        """Note that the firm no longer talks with a person about a deal.

        Raises:
            NotFound: There is no such deal or customer, or the person is none of the deal's.
            Conflict: Somebody else changed it at the same time.
        """
        known = self._noted(self.get(deal), customer)
        if not known:
            raise NotFound(f"customer {id_of(customer)} is no person of this deal", hint="persons() lists them")
        self._context.commit(Unit(tuple(Delete(DealPerson, _key(person), person.version) for person in known)))

    def persons(self, deal: Deal | UUID | str) -> tuple[Involved, ...]:
        """The persons of a deal, each once, in the order in which the firm began to talk with them.

        Raises:
            NotFound: There is no such deal.
        """
        where = eq("deal", self.get(deal).id)
        noted = sorted(
            self._context.store.pages(DealPerson, self._context.space.space, where=where),
            key=lambda person: (person.since, person.customer),
        )
        persons: dict[UUID, Involved] = {}
        for each in noted:
            shown = self._customers.get(each.customer)
            first = persons.setdefault(shown.id, Involved(customer=shown, part=each.part, since=each.since))
            persons[shown.id] = first if first.part else evolve(first, part=each.part)
        return tuple(persons.values())

    def persons_missing(self, deal: Deal | UUID | str) -> int:
        """With how many more persons the firm should talk: a large account wants as many as `contacts_wanted` says.

        Raises:
            NotFound: There is no such deal.
        """
        found = self.get(deal)
        if found.account is None or not self._accounts.get(found.account).large:
            return 0
        return max(0, self._context.settings.contacts_wanted - len(self.persons(found)))

    def _noted(self, deal: Deal, customer: Customer | UUID | str) -> list[DealPerson]:
        """What is noted of a person, under whichever id."""
        store, ids = self._context.store, self._customers.get(customer).ids
        found = (store.get(DealPerson, (deal.space, deal.id, one)) for one in ids)
        return [person for person in found if person is not None]

    def _existing(self, customer: Customer | UUID | str) -> UUID:
        """The id as it was given, of a customer that there is."""
        self._customers.get(customer)
        return id_of(customer)


def _key(person: DealPerson) -> tuple[object, ...]:
    return person.space, person.deal, person.customer
