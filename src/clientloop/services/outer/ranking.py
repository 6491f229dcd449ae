"""The open improvements by urgency, from sums that the store makes: no item is loaded."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from fractions import Fraction
from typing import cast
from uuid import UUID

from attrs import define, field, frozen

from clientloop.model.codec import instant
from clientloop.model.customers import CustomerClass
from clientloop.model.feedback import Feedback
from clientloop.model.improvements import Improvement, ImprovementState
from clientloop.model.money import Money
from clientloop.model.plan import Aggregate, Group, How, Key, Plan
from clientloop.model.where import Where, eq, ne, one_of
from clientloop.rules.measures.revenue import Rates, add_up
from clientloop.rules.measures.urgency import Explained, Touched, urgency
from clientloop.services.batches import batches, padded
from clientloop.services.context import Context
from clientloop.services.outer.spending import Persons, spent


@frozen(kw_only=True)
class Ranked:
    """An improvement with its urgency."""

    #: The improvement.
    improvement: Improvement
    #: How many items point to it, and how many of them are open; whom they touch.
    touched: Touched
    #: Its score, and what that is made of.
    urgency: Explained

    @property
    def score(self) -> Fraction:
        """How urgent it is."""
        return self.urgency.score


def ranked(context: Context, *, limit: int, rates: Rates | None) -> tuple[Ranked, ...]:
    """Rank the open improvements; the arguments are those of `Improvements.ranking`."""
    where = eq("state", ImprovementState.OPEN)
    found = tuple(context.store.pages(Improvement, context.space.space, where=where, order="by_state"))
    persons = Persons(context)
    tallies = _tallies(context, persons, [improvement.id for improvement in found])
    money = spent(context, persons, {person for tally in tallies.values() for person in tally.classes})
    weights, rows = context.settings.urgency, []
    for improvement in found:
        touched = tallies[improvement.id].touched(context, money, rates)
        rows.append(Ranked(improvement=improvement, touched=touched, urgency=urgency(touched, weights)))
    # of equal ones the older first, as `found` has them
    return tuple(sorted(rows, key=lambda row: -row.score)[:limit])


@define
class _Tally:
    """What is added up for one improvement."""

    items: int = 0
    open: int = 0
    #: The best class of each person.
    classes: dict[UUID, CustomerClass | None] = field(factory=dict)
    oldest: datetime | None = None
    ratings: Counter[tuple[str, int]] = field(factory=Counter)

    def take(self, group: Group, persons: Persons) -> None:
        """Take the items of one customer in."""
        _, customer, customer_class, is_open = cast(tuple[UUID, UUID | None, CustomerClass | None, bool], group.keys)
        count, first = cast(tuple[int, int], group.values)
        self.items += count
        if is_open:
            self.open += count
            self.oldest = min(instant(first), self.oldest or instant(first))
        if customer is not None:
            person = persons.person(customer)
            self.classes[person] = min(self.classes.get(person), customer_class, key=_worst_last)

    def touched(self, context: Context, money: Mapping[UUID, tuple[Money, ...]], rates: Rates | None) -> Touched:
        """What it comes to."""
        amounts = (amount for person in self.classes for amount in money.get(person, ()))
        return Touched(
            items=self.items,
            open=self.open,
            customers=Counter(self.classes.values()),
            revenue=add_up(amounts, context.space.currency, rates),
            oldest=None if self.oldest is None else context.now() - self.oldest,
            ratings=self.ratings,
        )


def _worst_last(customer_class: CustomerClass | None) -> str:
    return "~" if customer_class is None else customer_class.value


def _tallies(context: Context, persons: Persons, improvements: Iterable[UUID]) -> Mapping[UUID, _Tally]:
    tallies: defaultdict[UUID, _Tally] = defaultdict(_Tally)
    for batch in batches(improvements):
        items = one_of("improvement", padded(batch))
        for group in _groups(context, items, "customer", "customer_class", "is_open"):
            tallies[cast(UUID, group.keys[0])].take(group, persons)
        for group in _groups(context, items & ne("rating", None), "scale", "rating"):
            improvement, scale, rating = cast(tuple[UUID, str, int], group.keys)
            tallies[improvement].ratings[scale, rating] += group.values[0] or 0
    return tallies


def _groups(context: Context, where: Where, *fields: str) -> Iterable[Group]:
    """How many items each improvement has for each combination of some fields, and when the first was recorded."""
    keys = tuple(Key(name) for name in ("improvement", *fields))
    aggregates = (Aggregate(How.COUNT), Aggregate(How.MIN, "recorded_at"))
    return context.store.aggregate(
        context.space.space, Plan(cls=Feedback, where=where, keys=keys, aggregates=aggregates)
    )
