"""The persons who are asked and who answer: as they are shown, and with what is known of them at that time."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from attrs import define, field

from clientloop.errors import NotFound
from clientloop.model.asking import Answer, Invitation, Respondent
from clientloop.model.customers import Customer
from clientloop.model.record import record_of
from clientloop.model.units import Change, Insert, Update
from clientloop.services.asking.standing import Standings
from clientloop.services.batches import rows_with
from clientloop.services.context import Context

A = TypeVar("A", Answer, Invitation)


@define
class Persons:
    """Some persons, each as shown, with the rows that guard their answers."""

    #: By the ids under which rows are kept.
    shown: dict[UUID, Customer] = field(factory=dict)
    #: Of persons who were there before, by the id that each is shown as; None where there is no such row yet.
    respondents: dict[UUID, Respondent | None] = field(factory=dict)

    @classmethod
    def of(
        cls, context: Context, customers: Iterable[UUID | None], added: Mapping[UUID, Customer] | None = None
    ) -> "Persons":
        """Read some persons, the guards first.

        Args:
            context: The space.
            customers: Under which ids they are asked; None stands for nobody.
            added: The customers that the same unit adds, and that nobody else knows of yet.

        Raises:
            NotFound: There is no such customer.
        """
        new, wanted = added or {}, {one for one in customers if one is not None}
        persons = cls({one: new[one] for one in wanted if one in new})
        above = {one: one for one in wanted if one not in new}
        while above:
            asked = sorted(set(above.values()))
            respondents = {one.customer: one for one in rows_with(context, Respondent, "customer", asked)}
            found = {one.id: one for one in rows_with(context, Customer, "id", asked)}
            left = {}
            for one, shown in above.items():
                if shown not in found:
                    raise NotFound(f"no customer {shown}", hint="look for one by customers.find(email=...)")
                customer = found[shown]
                if customer.merged_into is not None:
                    left[one] = customer.merged_into
                else:
                    persons.shown[one] = customer
                    persons.respondents[shown] = respondents.get(shown)
            above = left
        return persons

    def guards(self, space: str) -> Iterator[Change]:
        """The changes by which whoever changes the answers of the same persons at the same time conflicts."""
        return (guard(space, customer, found) for customer, found in self.respondents.items())

    def describe(self, context: Context, asked: Iterable[tuple[A, datetime]]) -> list[A]:
        """Invitations or answers with the customer's language, and stage and class at that time, where none is given.

        Args:
            context: The space.
            asked: Each with its time.
        """
        standings = Standings.of(context, self.respondents)
        return [
            one if one.customer is None else _described(one, self.shown[one.customer], standings, at)
            for one, at in asked
        ]


def guard(space: str, customer: UUID, found: Respondent | None) -> Change:
    """The change by which whoever changes the answers of the same person at the same time conflicts.

    Args:
        space: The space.
        customer: The customer that the person is shown as.
        found: The person's row, as it was before anything else of the person was read.
    """
    if found is None:
        return Insert(Respondent(space=space, customer=customer))
    return Update(Respondent, (space, customer), {}, found.version)


def _described(asked: A, person: Customer, standings: Standings, at: datetime) -> A:
    found = {
        "locale": asked.locale or person.locale,
        "stage": asked.stage or standings.stage(person, at),
        "customer_class": asked.customer_class or standings.customer_class(person, at),
    }
    described: A = record_of(type(asked)).replace(asked, found)
    return described
