"""At which stage and in which class a customer was at the time of an answer."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from attrs import field, frozen

from clientloop.model.customers import CustomerClass
from clientloop.model.relationships import Assessment
from clientloop.model.where import one_of
from clientloop.services.batches import rows_with
from clientloop.services.context import Context

#: The models that answers are broken down by.
STAGES, CLASSES = "purchases", "abc"

_CLASS = {each.value: each for each in CustomerClass}


@frozen
class Standings:
    """How some customers came to their stages and classes."""

    #: By customer and model, the earliest assessment first.
    histories: Mapping[tuple[UUID, str], Sequence[Assessment]] = field(factory=dict)

    @classmethod
    def of(cls, context: Context, customers: Iterable[UUID]) -> "Standings":
        """Those of some customers, as persons are shown.

        Args:
            context: The space.
            customers: Their ids.
        """
        found: dict[tuple[UUID, str], list[Assessment]] = defaultdict(list)
        for assessment in rows_with(
            context, Assessment, "subject", customers, where=one_of("model", (STAGES, CLASSES))
        ):
            found[assessment.subject, assessment.model].append(assessment)
        return cls(found)

    def stage(self, customer: UUID, at: datetime) -> str | None:
        """The stage of a customer at a time."""
        return self._stood(customer, STAGES, at)

    def customer_class(self, customer: UUID, at: datetime) -> CustomerClass | None:
        """The class of a customer at a time; None also where the customer was in none of the three."""
        return _CLASS.get(self._stood(customer, CLASSES, at) or "")

    def _stood(self, customer: UUID, model: str, at: datetime) -> str | None:
        """What stood at a time: the last assessment that is no later."""
        past = [each.stage for each in self.histories.get((customer, model), ()) if each.as_of <= at]
        return past[-1] if past else None
