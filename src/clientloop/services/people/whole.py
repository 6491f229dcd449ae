"""The whole person: a customer together with all that were merged into it.

A merge moves no rows, so whoever reads the rows of a person asks here for its ids. For a customer that was never merged
there is one, and whoever has loaded the customer has asked for nothing more.
"""

from collections.abc import Iterable, Iterator
from typing import TypeVar
from uuid import UUID

from clientloop.errors import NotFound
from clientloop.model.customers import Customer
from clientloop.model.where import ALL, Where, eq
from clientloop.services.context import Context
from clientloop.services.ids import id_of

R = TypeVar("R")


def shown_as(context: Context, customer: Customer) -> Customer:
    """The customer that one is shown as: itself, unless it was merged into another."""
    passed: set[UUID] = set()
    while customer.merged_into is not None and customer.id not in passed:
        passed.add(customer.id)
        above = context.store.get(Customer, (customer.space, customer.merged_into))
        customer = above or customer
    return customer


def ids_of(context: Context, customer: UUID) -> tuple[UUID, ...]:
    """The ids under which the rows of a person are kept, the one that it is shown as first.

    Args:
        context: The space.
        customer: Any id of the person.
    """
    found = context.store.get(Customer, (context.space.space, customer))
    return (customer,) if found is None else shown_as(context, found).ids


def rows_of(
    context: Context,
    cls: type[R],
    ids: Iterable[UUID],
    *,
    field: str = "customer",
    where: Where = ALL,
    order: str = "key",
    size: int = 500,
) -> Iterator[R]:
    """The rows of a person, id by id.

    Args:
        context: The space.
        cls: The records' class.
        ids: The ids of the person.
        field: The field that holds such an id; the order begins with it.
        where: Which of the rows.
        order: Name of an index of the record, or `key`.
        size: How many are read at once; 1, if only the first counts.
    """
    for one in ids:
        yield from context.store.pages(cls, context.space.space, where=eq(field, one) & where, order=order, size=size)


class Whole:
    """What the parts of `loop.customers` have in common: a customer is found as the person is shown."""

    def __init__(self, context: Context) -> None:
        """Work in one space."""
        self._context = context

    def get(self, customer: UUID | str | Customer) -> Customer:
        """The customer with this id as it is now; if it was merged into another, that one.

        Raises:
            NotFound: There is none in this space.
        """
        return shown_as(self._context, self._own(id_of(customer)))

    def shown(self, customer: UUID | str | Customer) -> Customer:
        """As `get`, but one that is loaded and was not merged then is taken as it is, without a question.

        Raises:
            NotFound: There is none in this space.
        """
        if isinstance(customer, Customer):
            return shown_as(self._context, self._context.own(customer))
        return self.get(customer)

    def _own(self, customer: UUID) -> Customer:
        """The customer with this id, merged or not."""
        found = self._context.store.get(Customer, (self._context.space.space, customer))
        if found is None:
            raise NotFound(f"no customer {customer}", hint="look for one by customers.find(email=...)")
        return found
