"""Persons and what they spent lately, added up by the store: every person once, whatever was merged into it."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import cast
from uuid import UUID

from clientloop.model.customers import Merge
from clientloop.model.interactions import Interaction, InteractionKind
from clientloop.model.money import Money
from clientloop.model.plan import Aggregate, How, Key, Plan
from clientloop.model.where import eq, ge, ne, one_of
from clientloop.services.batches import batches, padded
from clientloop.services.context import Context

#: What was spent so lately counts.
LATELY = timedelta(days=365)


class Persons:
    """Which customers are one person, as merges that were not undone say."""

    def __init__(self, context: Context) -> None:
        """Read the merges."""
        plan = Plan(cls=Merge, where=eq("undone_at", None), keys=(Key("absorbed"), Key("kept")))
        pairs = (group.keys for group in context.store.aggregate(context.space.space, plan))
        self._into: Mapping[UUID, UUID] = dict(cast(Iterable[tuple[UUID, UUID]], pairs))
        self._absorbed: dict[UUID, list[UUID]] = {}
        for customer in self._into:
            self._absorbed.setdefault(self.person(customer), []).append(customer)

    def person(self, customer: UUID) -> UUID:
        """The customer that one is shown as."""
        while customer in self._into:
            customer = self._into[customer]
        return customer

    def ids(self, person: UUID) -> tuple[UUID, ...]:
        """The ids under which rows of a person are kept."""
        return (person, *self._absorbed.get(person, ()))


def spent(context: Context, persons: Persons, asked: Iterable[UUID]) -> Mapping[UUID, tuple[Money, ...]]:
    """What persons bought less what they returned in the last 365 days, in each currency.

    Args:
        context: The space.
        persons: Which customers are one person.
        asked: The persons.
    """
    found: dict[UUID, list[Money]] = {}
    ids = (customer for person in asked for customer in persons.ids(person))
    for customer, money in _amounts(context, ids):
        found.setdefault(persons.person(customer), []).append(money)
    return {person: tuple(amounts) for person, amounts in found.items()}


def _amounts(context: Context, customers: Iterable[UUID]) -> Iterator[tuple[UUID, Money]]:
    lately = ge("occurred_at", context.now() - LATELY) & ne("amount", None) & ne("currency", None)
    bought = one_of("kind", [InteractionKind.PURCHASE, InteractionKind.RETURN]) & lately
    for batch in batches(customers):
        plan = Plan(
            cls=Interaction,
            where=one_of("customer", padded(batch)) & bought,
            keys=(Key("customer"), Key("currency")),
            aggregates=(Aggregate(How.SUM, "amount"),),
        )
        for group in context.store.aggregate(context.space.space, plan):
            customer, currency = cast(tuple[UUID, str], group.keys)
            yield customer, Money.stored(group.values[0] or 0, currency)
