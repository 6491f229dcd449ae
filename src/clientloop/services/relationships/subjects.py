"""Who is assessed: each person once, and a company in place of the persons who belong to it."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import cast
from uuid import UUID

from attrs import define, field

from clientloop.model.accounts import Account, Contact
from clientloop.model.customers import Customer
from clientloop.model.plan import Aggregate, How, Key, Plan
from clientloop.model.relationships import Subject
from clientloop.model.where import eq, ne
from clientloop.services.batches import rows_with
from clientloop.services.context import Context


@define(kw_only=True)
class Subjects:
    """Who is assessed, and under which ids what they did is kept."""

    #: Who is assessed, by id.
    ids: Sequence[UUID]
    #: Which of them are companies.
    accounts: frozenset[UUID] = frozenset()
    #: The company that a person counts for.
    companies: Mapping[UUID, UUID] = field(factory=dict)
    #: The customer that a merged one is shown as.
    shown: Mapping[UUID, UUID] = field(factory=dict)

    @cached_property
    def known(self) -> frozenset[UUID]:
        """All who are assessed."""
        return frozenset(self.ids)

    @cached_property
    def labels(self) -> Mapping[UUID, UUID]:
        """Who counts for somebody else, and for whom."""
        persons = {one: self.companies.get(shown, shown) for one, shown in self.shown.items()}
        return {**persons, **self.companies}

    @cached_property
    def others(self) -> Mapping[UUID, Sequence[UUID]]:
        """The ids of those who count for a subject besides itself; subjects without any are absent."""
        found: dict[UUID, list[UUID]] = {}
        for one, subject in self.labels.items():
            found.setdefault(subject, []).append(one)
        return found

    @cached_property
    def persons(self) -> Mapping[UUID, Sequence[UUID]]:
        """The persons who count for each company."""
        found: dict[UUID, list[UUID]] = {}
        for person, company in self.companies.items():
            found.setdefault(company, []).append(person)
        return found

    def sort(self, subject: UUID) -> Subject:
        """Whether a subject is a person or a company."""
        return Subject.ACCOUNT if subject in self.accounts else Subject.CUSTOMER


def customers_of(context: Context) -> Subjects:
    """All customers, each person once.

    Args:
        context: The space.
    """
    above = dict(_pairs(context, Plan(cls=Customer, where=ne("merged_into", None), keys=_keys("id", "merged_into"))))
    theirs = Plan(cls=Customer, where=eq("merged_into", None), keys=_keys("id"))
    return Subjects(ids=_ids(context, theirs), shown={one: _top(one, above) for one in above})


def with_accounts(context: Context, customers: Subjects) -> Subjects:
    """All companies in place of the persons who belong to them, and the persons who belong to none.

    A person of several companies counts for the one that the firm knew the person of first.

    Args:
        context: The space.
        customers: All customers.
    """
    accounts = _ids(context, Plan(cls=Account, keys=_keys("id")))
    first = Plan(cls=Contact, keys=_keys("customer", "account"), aggregates=(Aggregate(How.MIN, "created_at"),))
    earliest: dict[UUID, tuple[int, UUID]] = {}
    for group in context.store.aggregate(context.space.space, first):
        customer, account = cast(tuple[UUID, UUID], group.keys)
        person, since = customers.shown.get(customer, customer), (group.values[0] or 0, account)
        earliest[person] = min(earliest.get(person, since), since)
    companies = {person: account for person, (_, account) in earliest.items()}
    alone = (one for one in customers.ids if one not in companies)
    return Subjects(
        ids=sorted([*accounts, *alone]), accounts=frozenset(accounts), companies=companies, shown=customers.shown
    )


def company_of(context: Context, person: Customer) -> UUID | None:
    """The company that a person counts for; None, if it is of none.

    Args:
        context: The space.
        person: The customer that the person is shown as.
    """
    contacts = rows_with(context, Contact, "customer", person.ids, order="by_customer")
    earliest = min(contacts, key=lambda each: (each.created_at, each.account), default=None)
    return None if earliest is None else earliest.account


def _keys(*fields: str) -> tuple[Key, ...]:
    return tuple(Key(name) for name in fields)


def _ids(context: Context, plan: Plan) -> Sequence[UUID]:
    return [cast(UUID, group.keys[0]) for group in context.store.aggregate(context.space.space, plan)]


def _pairs(context: Context, plan: Plan) -> Sequence[tuple[UUID, UUID]]:
    return [cast(tuple[UUID, UUID], group.keys) for group in context.store.aggregate(context.space.space, plan)]


def _top(one: UUID, above: Mapping[UUID, UUID]) -> UUID:
    """The customer that one is shown as at last."""
    passed: set[UUID] = set()
    while one in above and one not in passed:
        passed.add(one)
        one = above[one]
    return one
