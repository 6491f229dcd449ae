"""What the sources of customers bring, and what customers bought before and after the firm turned to them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import cast
from uuid import UUID

from attrs import frozen

from clientloop.errors import InvalidValue
from clientloop.model.interactions import Interaction, InteractionKind
from clientloop.model.money import Money
from clientloop.model.plan import Aggregate, Group, How, Key, Plan
from clientloop.model.where import Where, eq, ne, one_of
from clientloop.reports.keys import between
from clientloop.reports.tables import Table
from clientloop.rules.measures.revenue import Rates, Revenue, add_up
from clientloop.services.context import Context
from clientloop.services.measures.making import make, read_parameters
from clientloop.services.measures.scoring import Asked, measure
from clientloop.services.relationships.subjects import Subjects, customers_of

#: The metric that credits sales to sources.
METRIC = "sources"

#: That the firm called somebody.
CALLED = eq("kind", InteractionKind.CALL)

#: The earliest time of all.
_FIRST = datetime.min.replace(tzinfo=UTC)

_BOUGHT = eq("kind", InteractionKind.PURCHASE)
_TRADED = one_of("kind", (InteractionKind.PURCHASE, InteractionKind.RETURN))


@frozen(kw_only=True)
class SourceRow:
    """What one source has brought."""

    #: The campaign, the page or the advert; None for sales that are credited to no source.
    source: str | None
    #: How many customers bought.
    customers: int
    #: How many purchases they made.
    sales: int
    #: What they paid, net of returns.
    revenue: Revenue


def sources_report(
    context: Context,
    *,
    touch: str,
    dimension: str,
    since: datetime | None,
    until: datetime | None,
    rates: Rates,
) -> Table[SourceRow]:
    """Make the report; the arguments are those of `Reports.sources`."""
    metric = make(context, METRIC, read_parameters(context, METRIC, {"touch": touch, "dimension": dimension}))
    asked = Asked(metric=METRIC, zone=context.space.zone, since=since, until=until)
    numbers = defaultdict[str | None, dict[str, int]](dict)
    amounts = defaultdict[str | None, list[Money]](list)
    for row in measure(context, metric, asked).rows:
        source, what, *currency = cast(tuple[str, ...], row.own)  # as the metric declares its keys
        if currency:
            amounts[source].append(Money.stored(int(row.score.value), currency[0]))
        else:
            numbers[source][what] = int(row.score.value)
    rows = [
        SourceRow(source=source, **counts, revenue=add_up(amounts[source], context.space.currency, rates))
        for source, counts in numbers.items()
    ]
    remarks = [f"credited to the {touch} {dimension} that a customer came by", *_left_out(row.revenue for row in rows)]
    return Table("sources", SourceRow, sorted(rows, key=lambda row: -row.revenue.total.minor), remarks=remarks)


class Turned(StrEnum):
    """Whom the firm turned to."""

    #: Those to whom it did.
    TO = "to"
    #: All others: what they bought tells what would have been anyway.
    NOT_TO = "not_to"


@frozen(kw_only=True)
class Sales:
    """What some customers bought in some time."""

    #: How many of them bought.
    customers: int
    #: How many purchases they made.
    purchases: int
    #: What they paid, net of returns.
    revenue: Revenue
    #: The same less what it had cost the firm; what names no cost had none.
    profit: Revenue


@frozen(kw_only=True)
class AroundRow:
    """What customers bought before and after, in as much time on each side."""

    #: Whom this is about.
    turned: Turned
    #: How many customers these are.
    customers: int
    #: In the time before.
    before: Sales
    #: In as long a time after.
    after: Sales

    @property
    def growth(self) -> float | None:
        """By which share of itself the revenue grew; None where there was none before."""
        before, after = self.before.revenue.total.minor, self.after.revenue.total.minor
        return None if before <= 0 else (after - before) / before


def around_report(
    context: Context, *, since: datetime, until: datetime, touches: Where, within: timedelta, rates: Rates
) -> Table[AroundRow]:
    """Make the report; the arguments are those of `Reports.sales_around`."""
    passed = context.now() - until
    length = _length(since, until, within=within, passed=passed)
    persons = customers_of(context)
    met = {person for person, _ in _groups(context, persons, touches & between("occurred_at", since, until))}
    whom: Mapping[Turned, Collection[UUID]] = {Turned.TO: met, Turned.NOT_TO: persons.known - met}
    spans = (since - length, since), (until, until + length)
    before, after = (list(_groups(context, persons, _TRADED & between("occurred_at", *span))) for span in spans)
    rows = [
        AroundRow(
            turned=turned,
            customers=len(each),
            before=_sales(context, [one for one in before if one[0] in each], rates),
            after=_sales(context, [one for one in after if one[0] in each], rates),
        )
        for turned, each in whom.items()
    ]
    left_out = _left_out(part.revenue for row in rows for part in (row.before, row.after))
    return Table("sales around", AroundRow, rows, remarks=(*_not_over(length, within), *left_out))


def _length(since: datetime, until: datetime, *, within: timedelta, passed: timedelta) -> timedelta:
    """How much time is compared on each side: no more than has passed since, or what is to come would count as none."""
    if within <= timedelta(0) or until < since:
        raise InvalidValue(
            "there is no time before and after", hint="give `since` before `until`, and `within` above 0"
        )
    if passed <= timedelta(0):
        raise InvalidValue(f"nothing comes after {until} yet", hint="give an `until` that has passed")
    length = min(within, passed)
    if length > since - _FIRST:
        raise InvalidValue(f"so much time before {since} is in no calendar", hint="give less `within`")
    return length


def _not_over(length: timedelta, within: timedelta) -> Iterator[str]:
    if length < within:
        shown, asked = (f"{each / timedelta(days=1):,.1f}" for each in (length, within))
        yield f"{shown} days on each side, not {asked}: no more have passed since"


def _groups(context: Context, persons: Subjects, where: Where) -> Iterator[tuple[UUID, Group]]:
    """What persons did: how often, how often they bought, what they paid and what that had cost, by currency."""
    plan = Plan(
        cls=Interaction,
        where=where & ne("customer", None),
        keys=(Key("customer"), Key("currency")),
        aggregates=(
            Aggregate(How.COUNT, where=_BOUGHT),
            Aggregate(How.SUM, "amount"),
            Aggregate(How.SUM, "cost"),
        ),
    )
    for group in context.store.aggregate(context.space.space, plan):
        customer = cast(UUID, group.keys[0])
        yield persons.shown.get(customer, customer), group


def _sales(context: Context, bought: Iterable[tuple[UUID, Group]], rates: Rates) -> Sales:
    buyers: set[UUID] = set()
    purchases, paid, cost = 0, list[Money](), list[Money]()
    for person, group in bought:
        number, amount, spent = (value or 0 for value in group.values)
        purchases += number
        if number:
            buyers.add(person)
        if group.keys[1] is not None:
            currency = str(group.keys[1])
            paid.append(Money.stored(amount, currency))
            cost.append(Money.stored(-spent, currency))
    own = context.space.currency
    return Sales(
        customers=len(buyers),
        purchases=purchases,
        revenue=add_up(paid, own, rates),
        profit=add_up([*paid, *cost], own, rates),
    )


def known_rates(context: Context, rates: Rates | None) -> Rates:
    """The rates that somebody gave, or else those that the firm has set.

    Args:
        context: The space.
        rates: What somebody gave.
    """
    return {name: Fraction(rate) for name, rate in context.settings.rates.items()} if rates is None else rates


def _left_out(revenues: Iterable[Revenue]) -> Iterator[str]:
    """Which amounts are in no total."""
    for currency in sorted({money.currency for revenue in revenues for money in revenue.left_out}):
        yield f"amounts in {currency} are left out: nobody gave a rate"
