"""What the sources of customers bring: campaigns, pages, adverts."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from operator import itemgetter
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

#: Where an interaction came from, as the field says.
_Source = Mapping[str, Json]
#: When a customer came from where.
_Touched = tuple[datetime, str]
#: Who bought, by which source, when, and in which currency, as the plan declares.
_Bought = tuple[UUID | None, _Source, datetime | None, str | None]


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

    def add(self, person: UUID | None, currency: str | None, values: Sequence[int | None]) -> None:
        """Count what was bought or given back, the values of a group of the plan."""
        rows, sales, amount = values
        self.rows += rows or 0
        self.sales += sales or 0
        if sales and person is not None:
            self.customers.add(person)
        if amount is not None and currency is not None:
            self.revenue[currency] += amount


@frozen(kw_only=True)
class Sources(Metric):
    """Customers, sales and revenue by the source that they are credited to; by None, those without a known source.

    A touch is an interaction of a known customer whose source names the dimension: a visit, a message, the sale itself.
    Each sale is credited to one touch of its customer that is not later: to the earliest of all, or to the latest. So
    is each return, for nobody knows which sale it takes back. Where the customer or the time is not known, the source
    of the sale itself counts. All scores together are the sums of the period.

    Scores have the keys `(source, "customers")`, `(source, "sales")` and `(source, "revenue", currency)`; revenue is in
    minor units, exact, net of returns, each currency by itself. Customers are those who are known.

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
        """When each customer came from each source, and what was bought when by whom."""
        named, bought = contains("source", f"{write_json(self.dimension)}:"), eq("kind", InteractionKind.PURCHASE)
        return {
            "touches": Plan(
                cls=Interaction,
                where=named & ne("customer", None) & ne("occurred_at", None),
                keys=(Key("customer"), Key("source"), Key("occurred_at")),
            ),
            "purchases": Plan(
                cls=Interaction,
                where=one_of("kind", PURCHASES),
                keys=(Key("customer"), Key("source"), Key("occurred_at"), Key("currency")),
                aggregates=(Aggregate(How.COUNT), Aggregate(How.COUNT, where=bought), Aggregate(How.SUM, "amount")),
                at="occurred_at",
            ),
            "merged": MERGED,
        }

    def finalise(self, state: State) -> Sequence[Score]:
        """Three kinds of scores for each source."""
        shown = shown_as(state["merged"])
        touches = self._touches(state["touches"], shown)
        earned = defaultdict[str | None, _Earned](_Earned)
        for group in state["purchases"]:
            customer, source, at, currency = cast(_Bought, group.keys)
            person = None if customer is None else shown.get(customer, customer)
            if person is None or at is None:
                credited = earned[self._named(source)]
            else:
                credited = earned[self._credited(touches.get(person, ()), at)]
            credited.add(person, currency, group.values)
        return [score for source in in_order(earned) for score in _scores(source, earned[source])]

    def _touches(self, groups: Sequence[Group], shown: Mapping[UUID, UUID]) -> Mapping[UUID, Sequence[_Touched]]:
        """The touches of each person, the earliest first; those at the same time by name."""
        found = defaultdict[UUID, list[_Touched]](list)
        for group in groups:
            customer, source, at = cast("tuple[UUID, _Source, datetime]", group.keys)  # as the plan declares
            if (name := self._named(source)) is not None:
                found[shown.get(customer, customer)].append((at, name))
        return {person: sorted(each) for person, each in found.items()}

    def _named(self, source: _Source) -> str | None:
        name = source.get(self.dimension)
        return None if name is None else str(name)

    def _credited(self, touches: Sequence[_Touched], at: datetime) -> str | None:
        """The source of the touch that counts, of those that were not later than a sale."""
        before = bisect_right(touches, at, key=itemgetter(0))
        if not before:
            return None
        return touches[0 if self.touch is Touch.FIRST else before - 1][1]


def _scores(source: str | None, earned: _Earned) -> Iterator[Score]:
    yield Score(value=len(earned.customers), count=earned.rows, scale=CUSTOMERS, keys=(source, "customers"))
    yield Score(value=earned.sales, count=earned.rows, scale=SALES, keys=(source, "sales"))
    for currency in sorted(earned.revenue):
        revenue, unit = earned.revenue[currency], Scale(unit=currency, minor=True)
        yield Score(value=revenue, count=earned.rows, scale=unit, keys=(source, "revenue", currency))
