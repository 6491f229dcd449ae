"""What the sources of customers bring: campaigns, pages, adverts."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import ClassVar, cast
from uuid import UUID

from attrs import define, field, frozen

from clientloop.model.codec import Json, write_json
from clientloop.model.interactions import Interaction, InteractionKind
from clientloop.model.plan import Aggregate, Group, How, Key, Plan
from clientloop.model.where import contains, eq, ne, one_of
from clientloop.ports.metric import Metric, Scale, Score, State
from clientloop.ports.scoring import MERGED, in_order, shown_as

CUSTOMERS, SALES = Scale(unit="customers", low=0), Scale(unit="sales", low=0)
#: What changes the revenue: returns have negative amounts.
PURCHASES = (InteractionKind.PURCHASE, InteractionKind.RETURN)


class Touch(StrEnum):
    """To which of the sources that a customer came from a sale is credited."""

    #: To that of the earliest touch.
    FIRST = "first"
    #: To that of the latest touch before the sale.
    LAST = "last"


@define
class _Earned:
    """What a source has brought."""

    customers: set[UUID] = field(factory=set)
    sales: int = 0
    rows: int = 0
    revenue: defaultdict[str, int] = field(factory=lambda: defaultdict(int))


@frozen(kw_only=True)
class Sources(Metric):
    """Customers, sales and revenue by the source that they are credited to; by None, those without a known source.

    A touch is an interaction of a known customer whose source names the dimension. All that a customer buys in the
    period is credited together, as of the customer's last purchase in it: to the earliest touch of all, or to the
    latest that is not later than that purchase. Of each source the customer's first and last touch are known; where
    the last is later than that purchase, the first stands for all that were before. The shorter the period, the less
    either matters. Whatever is credited to None is in no source's score: all together are the sums of the period.

    Scores have the keys `(source, "customers")`, `(source, "sales")` and `(source, "revenue", currency)`; revenue is in
    minor units, exact, net of returns, each currency by itself.

    >>> Sources(touch=Touch.LAST).plans().keys() == {"touches", "purchases", "merged"}
    True
    """

    #: Sales are of one kind and returns of another, and touches of any.
    not_by: ClassVar[frozenset[str]] = frozenset({"kind"})

    #: To which touch a sale is credited.
    touch: Touch
    #: What sources are told apart by, as they name it: "campaign", "page", "advert".
    dimension: str = "campaign"

    def plans(self) -> Mapping[str, Plan]:
        """When each customer came from each source, and what each customer bought."""
        dated = ne("customer", None) & ne("occurred_at", None)
        bought = eq("kind", InteractionKind.PURCHASE)
        return {
            "touches": Plan(
                cls=Interaction,
                where=dated & contains("source", f"{write_json(self.dimension)}:"),
                keys=(Key("customer"), Key("source")),
                aggregates=(Aggregate(How.MIN, "occurred_at"), Aggregate(How.MAX, "occurred_at")),
            ),
            "purchases": Plan(
                cls=Interaction,
                where=dated & one_of("kind", PURCHASES),
                keys=(Key("customer"), Key("currency")),
                aggregates=(
                    Aggregate(How.COUNT),
                    Aggregate(How.COUNT, where=bought),
                    Aggregate(How.SUM, "amount"),
                    Aggregate(How.MAX, "occurred_at"),
                ),
                at="occurred_at",
            ),
            "merged": MERGED,
        }

    def finalise(self, state: State) -> Sequence[Score]:
        """Three kinds of scores for each source."""
        shown = shown_as(state["merged"])
        purchases, touches = _by_person(state["purchases"], shown), _by_person(state["touches"], shown)
        earned = defaultdict[str | None, _Earned](_Earned)
        for person, groups in purchases.items():
            until = max(group.values[3] or 0 for group in groups)
            credited = earned[self._credited(touches.get(person, ()), until)]
            for group in groups:
                rows, sales, amount, _ = group.values
                credited.rows += rows or 0
                credited.sales += sales or 0
                if sales:
                    credited.customers.add(person)
                if amount is not None and group.keys[1] is not None:
                    credited.revenue[str(group.keys[1])] += amount
        return [score for source in in_order(earned) for score in _scores(source, earned[source])]

    def _credited(self, touches: Sequence[Group], until: int) -> str | None:
        """The source of the touch that counts, of those that were not later than a time; equal ones go by name."""
        times = [
            (time, str(source[self.dimension]))
            for group in touches
            # a mapping, as the field of `Interaction`
            if (source := cast(Mapping[str, Json], group.keys[1])).get(self.dimension) is not None
            for time in group.values
            if time is not None and time <= until
        ]
        if not times:
            return None
        return (min(times) if self.touch is Touch.FIRST else max(times))[1]


def _by_person(groups: Sequence[Group], shown: Mapping[UUID, UUID]) -> Mapping[UUID, list[Group]]:
    found = defaultdict[UUID, list[Group]](list)
    for group in groups:
        customer = cast(UUID, group.keys[0])  # as the plans declare
        found[shown.get(customer, customer)].append(group)
    return found


def _scores(source: str | None, earned: _Earned) -> Iterator[Score]:
    yield Score(value=len(earned.customers), count=earned.rows, scale=CUSTOMERS, keys=(source, "customers"))
    yield Score(value=earned.sales, count=earned.rows, scale=SALES, keys=(source, "sales"))
    for currency in sorted(earned.revenue):
        revenue, unit = earned.revenue[currency], Scale(unit=currency)
        yield Score(value=revenue, count=earned.rows, scale=unit, keys=(source, "revenue", currency))
