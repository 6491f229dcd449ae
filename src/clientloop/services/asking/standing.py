"""At which stage and in which class a customer was at the time of an answer."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from attrs import field, frozen

from clientloop.model.customers import Customer, CustomerClass
from clientloop.model.relationships import Assessment
from clientloop.model.where import one_of
from clientloop.rules.relationship.standing import company_at, counted_for, stage_at
from clientloop.services.batches import rows_with
from clientloop.services.context import Context

#: The models that answers are broken down by.
STAGES, CLASSES = "purchases", "abc"

_CLASS = {each.value: each for each in CustomerClass}


@frozen
class Standings:
    """How some customers, and the companies that they counted for, came to their stages and classes."""

    #: By subject and model, the earliest assessment first.
    histories: Mapping[tuple[UUID, str], Sequence[Assessment]] = field(factory=dict)

    @classmethod
    def of(cls, context: Context, customers: Iterable[UUID]) -> "Standings":
        """Those of some customers, as persons are shown, and of the companies that they counted for.

        Args:
            context: The space.
            customers: Their ids.
        """
        found = _histories(context, customers)
        whom = {counted_for(each.explanation) for history in found.values() for each in history}
        known = {subject for subject, _ in found}
        others = sorted(one for one in whom if one is not None and one not in known)
        return cls({**found, **_histories(context, others)})

    def stage(self, customer: Customer, at: datetime) -> str | None:
        """The stage of a customer at a time."""
        return self._stood(customer.id, STAGES, at)

    def customer_class(self, customer: Customer, at: datetime) -> CustomerClass | None:
        """The class of a customer at a time; None also where the customer was in none of the three.

        Of somebody whose class was never assessed nor said, there is no history: the class that was given stands.
        """
        if (customer.id, CLASSES) not in self.histories:
            return customer.customer_class
        return _CLASS.get(self._stood(customer.id, CLASSES, at) or "")

    def _stood(self, customer: UUID, model: str, at: datetime) -> str | None:
        """What stood at a time, of the company where the customer counted for one."""
        last = self._last(customer, model, at)
        company = None if last is None else company_at(last, at)
        if company is not None:
            last = self._last(company, model, at)
        return None if last is None else stage_at(last, at)

    def _last(self, subject: UUID, model: str, at: datetime) -> Assessment | None:
        """The last assessment that is no later."""
        past = [each for each in self.histories.get((subject, model), ()) if each.as_of <= at]
        return past[-1] if past else None


def _histories(context: Context, subjects: Iterable[UUID]) -> Mapping[tuple[UUID, str], Sequence[Assessment]]:
    found: dict[tuple[UUID, str], list[Assessment]] = defaultdict(list)
    for each in rows_with(context, Assessment, "subject", subjects, where=one_of("model", (STAGES, CLASSES))):
        found[each.subject, each.model].append(each)
    return found
