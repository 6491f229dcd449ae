"""The report on causes: what happens again and again, whom it touches, and what these customers spend."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from attrs import define, field, frozen

from clientloop.errors import InvalidValue
from clientloop.model.feedback import Feedback, Outcome
from clientloop.model.money import Money
from clientloop.model.plan import Key, Plan
from clientloop.model.where import ALL, Where, one_of
from clientloop.reports.keys import received
from clientloop.reports.sums import Sums
from clientloop.rules.measures.rates import Share
from clientloop.rules.measures.revenue import Rates, Revenue, add_up
from clientloop.services.batches import batches, padded
from clientloop.services.context import Context
from clientloop.services.outer.spending import Persons, spent

#: What happened once and was said twice, or was said to nobody, is no case of a cause.
COUNTED = ~one_of("outcome", [Outcome.DUPLICATE, Outcome.NOT_FEEDBACK])


@frozen(kw_only=True)
class CauseRow:
    """One cause."""

    #: The cause, as it was written; two ways to write it are two causes.
    cause: str
    #: Its items, of all items of the report: those without a cause too.
    items: Share
    #: How many of them are open.
    open: int
    #: How many persons said it.
    customers: int
    #: How many of its items nobody knows who said; they touch no revenue here.
    unknown: int
    #: What these persons bought less what they returned in the last 365 days, whatever it was.
    revenue: Revenue
    #: The part of it of persons with an open item of this cause.
    at_risk: Revenue


@frozen(kw_only=True)
class CausesReport:
    """The causes with the most items.

    A person who has said two causes counts, with all revenue, for both: rows do not add up to a total. What is known
    today counts: who is known to be one person, which causes are found, and what was recorded of purchases.
    """

    #: Items received at this time or later; None: from the first on.
    since: datetime | None
    #: Items received before this time; None: to the last.
    until: datetime | None
    #: When the report was made, UTC.
    at: datetime
    #: All items, but duplicates and what was no feedback.
    items: int
    #: How many of them have no cause, or none yet.
    unexplained: int
    #: How many causes there are.
    causes: int
    #: Those with the most items; of equal ones by name.
    rows: tuple[CauseRow, ...]


def causes_report(
    context: Context, *, since: datetime | None, until: datetime | None, limit: int, rates: Rates | None
) -> CausesReport:
    """Make the report; the arguments are those of `Reports.causes`.

    Raises:
        InvalidValue: The limit is less than 1, a time names no zone, or a rate is not exact.
    """
    if limit < 1:
        raise InvalidValue(f"{limit} causes are no report", hint="give a limit of 1 or more")
    counted = received(since, until) & COUNTED
    items = _items(context, counted)
    names = sorted((cause for cause in items if cause is not None), key=lambda cause: (-items[cause], cause))
    persons = Persons(context)
    tallies = _tallies(context, persons, counted, names[:limit])
    money = spent(context, persons, {person for tally in tallies.values() for person in tally.is_open})
    currency, total = context.space.currency, items.total()
    return CausesReport(
        since=since,
        until=until,
        at=context.now(),
        items=total,
        unexplained=items[None],
        causes=len(names),
        rows=tuple(
            CauseRow(
                cause=cause,
                items=Share(items[cause], total),
                open=tallies[cause].open,
                customers=len(tallies[cause].is_open),
                unknown=tallies[cause].unknown,
                revenue=add_up(_of(tallies[cause].is_open, money), currency, rates),
                at_risk=add_up(_of(tallies[cause].at_risk, money), currency, rates),
            )
            for cause in names[:limit]
        ),
    )


def _items(context: Context, counted: Where) -> Counter[str | None]:
    """How many items each cause has."""
    sums = Sums(context.store, context.space.space, key=Key("cause"), where=counted)
    return Counter({cast(str | None, cause): count for cause, _, count in sums.groups(ALL)})


def _of(persons: Iterable[UUID], money: Mapping[UUID, tuple[Money, ...]]) -> Iterable[Money]:
    return (amount for person in persons for amount in money.get(person, ()))


@define
class _Tally:
    """What is added up for one cause."""

    open: int = 0
    unknown: int = 0
    #: Whether each person has an open item.
    is_open: dict[UUID, bool] = field(factory=dict)

    @property
    def at_risk(self) -> Iterable[UUID]:
        """The persons with an open item."""
        return (person for person, is_open in self.is_open.items() if is_open)


def _tallies(context: Context, persons: Persons, counted: Where, causes: Sequence[str]) -> Mapping[str, _Tally]:
    tallies: defaultdict[str, _Tally] = defaultdict(_Tally)
    for batch in batches(causes):
        plan = Plan(
            cls=Feedback,
            where=counted & one_of("cause", padded(batch)),
            keys=(Key("cause"), Key("customer"), Key("is_open")),
        )
        for group in context.store.aggregate(context.space.space, plan):
            cause, customer, is_open = cast(tuple[str, UUID | None, bool], group.keys)
            tally, count = tallies[cause], group.values[0] or 0
            tally.open += count if is_open else 0
            if customer is None:
                tally.unknown += count
            else:
                person = persons.person(customer)
                tally.is_open[person] = tally.is_open.get(person, False) or is_open
    return tallies
