"""Accounts: companies, the persons who belong to them, and what is known of them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from attrs import evolve, frozen

from clientloop.errors import InvalidValue, NotFound
from clientloop.model.accounts import Account, Contact, Insight, Topic
from clientloop.model.codec import Json
from clientloop.model.customers import Customer, CustomerClass
from clientloop.model.names import named
from clientloop.model.page import Page
from clientloop.model.units import Delete, Insert, Unit, Update
from clientloop.model.where import contains, eq
from clientloop.model.work import Actor
from clientloop.rules.measures.remarks import Remark, remarks
from clientloop.services.context import Context
from clientloop.services.ids import id_of
from clientloop.services.people.customers import Customers
from clientloop.services.people.insights import about, learn
from clientloop.services.people.timeline import Event, learnt, timeline
from clientloop.services.people.whole import rows_of


@frozen(kw_only=True)
class Person:
    """A person who belongs to a company."""

    #: The person, as shown.
    customer: Customer
    #: What the person does there.
    post: str
    #: Since when the firm knows that, UTC.
    since: datetime


@frozen(kw_only=True)
class Card:
    """What is known of a company at a glance."""

    #: The company.
    account: Account
    #: What was learnt of it by topic, the latest first, each with source and date; topics without any are absent.
    known: Mapping[Topic, tuple[Insight, ...]]
    #: The persons there.
    persons: tuple[Person, ...]
    #: What is remarkable.
    remarks: tuple[Remark, ...]


class Accounts:
    """`loop.accounts`: companies that customers belong to.

    >>> from clientloop import ClientLoop
    >>> with ClientLoop.open("memory:", entry_points=False) as loop:
    ...     mill = loop.accounts.add("Mill & Sons", large=True)
    ...     eva = loop.customers.add(name="Eva", email="eva@example.com")
    ...     contact = loop.accounts.link(mill, eva, post="buyer")
    ...     aim = loop.accounts.learn(mill, Topic.AIM, "a second mill", source="talk", by="mia")
    ...     card = loop.accounts.card(mill)
    >>> card.persons[0].post, card.known[Topic.AIM][0].text, str(card.remarks[0])
    ('buyer', 'a second mill', 'few contacts: 1 of 5')
    """

    def __init__(self, context: Context, customers: Customers) -> None:
        """Work in one space."""
        self._context = context
        self._customers = customers

    def add(
        self,
        name: str,
        *,
        customer_class: CustomerClass | str | None = None,
        large: bool = False,
        extra: Mapping[str, Json] | None = None,
    ) -> Account:
        """Add a company.

        Args:
            name: What it is called; two companies may have one name.
            customer_class: Attractiveness of the company as a whole.
            large: Whether a large deal is at stake.
            extra: Whatever else the application keeps.

        Raises:
            InvalidValue: The name is empty.
            UnknownName: There is no such class.
        """
        if not name.strip():
            raise InvalidValue("an account without a name", hint="name the company")
        account = Account(
            space=self._context.space.space, id=self._context.new_id(), name=name.strip(),
            customer_class=None if customer_class is None else named(CustomerClass, customer_class, what="class"),
            large=large, created_at=self._context.now(), extra=extra or {},
        )  # fmt: skip
        self._context.commit(Unit((Insert(account),)))
        return account

    def get(self, account: Account | UUID | str) -> Account:
        """The account as it is now.

        Raises:
            NotFound: There is none in this space.
        """
        found = self._context.store.get(Account, (self._context.space.space, id_of(account)))
        if found is None:
            raise NotFound(f"no account {id_of(account)}", hint="look for one by accounts.find('part of its name')")
        return found

    def find(self, name: str, *, after: str | None = None, limit: int = 50) -> Page[Account]:
        """A page of the accounts whose name contains a text, by name; the case of ASCII letters does not matter."""
        return self._context.store.page(
            Account, self._context.space.space, where=contains("name", name), order="by_name", after=after, limit=limit
        )

    def list(self, *, after: str | None = None, limit: int = 50) -> Page[Account]:
        """A page of all accounts by name."""
        return self._context.store.page(Account, self._context.space.space, order="by_name", after=after, limit=limit)

    def link(self, account: Account | UUID | str, customer: Customer | UUID | str, *, post: str = "") -> Contact:
        """Note that a person belongs to a company; of one who does already, the post is set anew.

        Args:
            account: The company.
            customer: The person.
            post: What the person does there.

        Raises:
            NotFound: There is no such account or customer.
            Conflict: Somebody else noted it at the same time.
        """
        context, company, person = self._context, self.get(account), self._customers.get(customer)
        known = next(iter(self._contacts(company.id, person.ids)), None)
        if known is None:
            contact = Contact(
                space=company.space, account=company.id, customer=id_of(customer), post=post, created_at=context.now()
            )
            context.commit(Unit((Insert(contact),)))
            return contact
        context.commit(Unit((Update(Contact, _key(known), {"post": post}, known.version),)))
        return evolve(known, post=post, version=known.version + 1)

    def unlink(self, account: Account | UUID | str, customer: Customer | UUID | str) -> None:
        """Note that a person no longer belongs to a company.

        Raises:
            NotFound: There is no such account or customer, or the person does not belong to the company.
        """
        company, person = self.get(account), self._customers.get(customer)
        known = self._contacts(company.id, person.ids)
        if not known:
            raise NotFound(f"customer {person.id} does not belong to {company.id}", hint="contacts() lists who does")
        self._context.commit(Unit(tuple(Delete(Contact, _key(contact), contact.version) for contact in known)))

    def contacts(self, account: Account | UUID | str) -> tuple[Person, ...]:
        """The persons who belong to a company, each once, in the order in which the firm came to know that.

        Raises:
            NotFound: There is no such account.
        """
        where = eq("account", self.get(account).id)
        contacts = sorted(
            self._context.store.pages(Contact, self._context.space.space, where=where),
            key=lambda contact: (contact.created_at, contact.customer),
        )
        persons: dict[UUID, Person] = {}
        for contact in contacts:
            shown = self._customers.get(contact.customer)
            first = persons.setdefault(shown.id, Person(customer=shown, post=contact.post, since=contact.created_at))
            persons[shown.id] = first if first.post else evolve(first, post=contact.post)
        return tuple(persons.values())

    def of(self, customer: Customer | UUID | str) -> tuple[Account, ...]:
        """The companies that a person belongs to.

        Raises:
            NotFound: There is no such customer.
        """
        contacts = rows_of(self._context, Contact, self._customers.get(customer).ids, order="by_customer")
        return tuple(self.get(account) for account in dict.fromkeys(contact.account for contact in contacts))

    def card(self, account: Account | UUID | str) -> Card:
        """What is known of a company at a glance, for whoever prepares a talk.

        Raises:
            NotFound: There is no such account.
        """
        company = self.get(account)
        persons = self.contacts(company)
        known: dict[Topic, tuple[Insight, ...]] = {}
        for insight in rows_of(self._context, Insight, (company.id,), field="subject", order="of_subject"):
            known[insight.topic] = (insight, *known.get(insight.topic, ()))
        wanted = self._context.settings.contacts_wanted
        remarked = remarks(company, persons=len(persons), contacts_wanted=wanted)
        return Card(account=company, known=known, persons=persons, remarks=remarked)

    def learn(
        self,
        account: Account | UUID | str,
        topic: Topic | str,
        text: str,
        *,
        source: str,
        at: datetime | None = None,
        by: str | Actor,
    ) -> Insight:
        """Write down what the firm has learnt of a company; what was known before stays beside it.

        Args:
            account: The company.
            topic: What it is about.
            text: What was learnt.
            source: How the firm knows: a talk, the site, a report.
            at: Since when it is known, aware; the present if not given.
            by: Who writes it down.

        Raises:
            NotFound: There is no such account.
            UnknownName: There is no such topic.
            InvalidValue: The text or the source is empty.
        """
        return learn(self._context, self.get(account).id, topic, text, source=source, at=at, by=by)

    def insights(
        self,
        account: Account | UUID | str,
        topic: Topic | str | None = None,
        *,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[Insight]:
        """A page of what the firm has learnt of a company, the latest first.

        Args:
            account: The company.
            topic: On what; on everything if not given.
            after: The `next` of the page before.
            limit: How many at most.

        Raises:
            NotFound: There is no such account.
            UnknownName: There is no such topic.
        """
        return learnt(self._context, (self.get(account).id,), where=about(topic), after=after, limit=limit)

    def timeline(self, account: Account | UUID | str, *, after: str | None = None, limit: int = 50) -> Page[Event]:
        """A page of all that happened with the persons of a company and was learnt of it, the latest first.

        Args:
            account: The company.
            after: The `next` of the page before.
            limit: How many at most.

        Raises:
            NotFound: There is no such account.
        """
        company = self.get(account)
        ids = [one for person in self.contacts(company) for one in person.customer.ids]
        return timeline(self._context, ids, besides=(company.id,), after=after, limit=limit)

    def _contacts(self, account: UUID, ids: Iterable[UUID]) -> tuple[Contact, ...]:
        """What is kept of a person in a company."""
        store, space = self._context.store, self._context.space.space
        kept = (store.get(Contact, (space, account, one)) for one in ids)
        return tuple(contact for contact in kept if contact is not None)


def _key(contact: Contact) -> tuple[object, ...]:
    return (contact.space, contact.account, contact.customer)
