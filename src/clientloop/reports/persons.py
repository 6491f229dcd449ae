"""Who the customers of some rows are, as they are shown."""

from collections.abc import Iterable
from uuid import UUID

from clientloop.model.customers import Customer
from clientloop.services.batches import in_batches
from clientloop.services.context import Context


class Shown:
    """The persons of some rows, asked for together.

    Args:
        context: The space.
        customers: The ids under which the rows are kept; None where nobody is known.
    """

    def __init__(self, context: Context, customers: Iterable[UUID | None]) -> None:
        """Read them, and whoever they were merged into."""
        self._found: dict[UUID, Customer] = {}
        asked = {customer for customer in customers if customer is not None}
        while asked:
            self._found |= {one.id: one for _, page in in_batches(context, Customer, "id", asked) for one in page}
            above = {one.merged_into for one in self._found.values() if one.merged_into is not None}
            asked = above - self._found.keys()

    def of(self, customer: UUID | None) -> tuple[UUID | None, str | None]:
        """The id and the name of the person that a customer is shown as; nothing of nobody.

        Args:
            customer: One of the ids.
        """
        if customer is None:
            return None, None
        person = self._found[customer]
        while person.merged_into is not None:
            person = self._found[person.merged_into]
        return person.id, person.name
