"""The funnel: of the deals that were opened in a time, how many came how far, and how long each stage took."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from uuid import UUID

from attrs import frozen

from clientloop.model.deals import Deal, DealOutcome, DealStep
from clientloop.model.where import eq
from clientloop.reports.keys import between
from clientloop.reports.tables import Table
from clientloop.rules.measures.intervals import Interval, wilson
from clientloop.rules.measures.rates import Share
from clientloop.rules.measures.revenue import Rates, Revenue, add_up
from clientloop.rules.measures.survival import quantiles
from clientloop.rules.relationship.paths import Path, path
from clientloop.services.batches import in_batches
from clientloop.services.context import Context
from clientloop.services.deals.stages import stages_of
from clientloop.services.relationships.subjects import customers_of

#: The last row: what was bought.
WON = DealOutcome.WON.value

#: Steps that one question brings: deals with more are asked for one by one.
_STEPS = 5_000

_QUANTILES = (Fraction(1, 2), Fraction(9, 10))


@frozen(kw_only=True)
class Conversion:
    """Which share of the customers who reached one stage reached another."""

    #: How many of how many.
    customers: Share
    #: How far so few can be trusted; None where there are none.
    interval: Interval | None


@frozen(kw_only=True)
class FunnelRow:
    """One stage of a funnel, or its end: that something was bought."""

    #: The stage; "won" in the last row.
    stage: str
    #: How many deals of the cohort reached it, those that left it out on their way further included.
    deals: int
    #: With how many customers, each once; a company with which a deal is without a person counts as one.
    customers: int
    #: Of the customers who reached the stage before; None in the first row.
    from_before: Conversion | None
    #: Of the customers who reached the first stage; None in the first row.
    from_first: Conversion | None
    #: How many deals are in it now.
    open: int
    #: How many were lost in it.
    lost: int
    #: The time in which half of the deals have left it, however they did; None where too few have, and in the last row.
    median: timedelta | None
    #: The same of nine in ten.
    p90: timedelta | None
    #: What the deals that reached it are worth.
    worth: Revenue


@frozen
class _Followed:
    deal: Deal
    way: Path
    customer: UUID | None


def funnel_report(
    context: Context, *, funnel: str, since: datetime | None, until: datetime | None, rates: Rates
) -> Table[FunnelRow]:
    """Make the report; the arguments are those of `Reports.funnel`."""
    stages = stages_of(context, funnel)
    followed = list(_followed(context, funnel, stages, since, until))
    rows: list[FunnelRow] = []
    for place, stage in enumerate((*stages, WON)):
        reached = [each for each in followed if each.way.reached >= place]
        customers = len({each.customer for each in reached})
        median, p90 = _times(stage, followed)
        rows.append(
            FunnelRow(
                stage=stage,
                deals=len(reached),
                customers=customers,
                from_before=_conversion(customers, rows[-1].customers) if rows else None,
                from_first=_conversion(customers, rows[0].customers) if rows else None,
                open=sum(each.way.stays_in == stage for each in followed),
                lost=sum(each.deal.outcome is DealOutcome.LOST and each.deal.stage == stage for each in followed),
                median=median,
                p90=p90,
                worth=add_up((each.deal.money for each in reached if each.deal.money), context.space.currency, rates),
            )
        )
    return Table("funnel", FunnelRow, rows, remarks=tuple(_remarks(stages, followed, rows)))


def _followed(
    context: Context, funnel: str, stages: Sequence[str], since: datetime | None, until: datetime | None
) -> Iterator[_Followed]:
    """The deals of the cohort, each with its way until now."""
    where = eq("funnel", funnel) & between("opened_at", since, until)
    deals = {deal.id: deal for deal in context.store.pages(Deal, context.space.space, where=where, order="by_time")}
    shown, now = customers_of(context).shown, context.now()
    steps: dict[UUID, list[DealStep]] = {}
    for asked, page in in_batches(context, DealStep, "deal", deals, limit=_STEPS):
        found = page if page.next is None else _one_by_one(context, asked)
        for step in found:
            steps.setdefault(step.deal, []).append(step)
    for deal in deals.values():
        subject = deal.customer or deal.account
        customer = None if subject is None else shown.get(subject, subject)
        yield _Followed(deal, path(deal, steps.get(deal.id, []), stages, now), customer)


def _one_by_one(context: Context, deals: Sequence[UUID]) -> Iterator[DealStep]:
    for deal in deals:
        yield from context.store.pages(DealStep, context.space.space, where=eq("deal", deal))


def _conversion(part: int, whole: int) -> Conversion:
    share = Share(part, whole)
    return Conversion(customers=share, interval=wilson(share) if whole else None)


def _times(stage: str, followed: Sequence[_Followed]) -> tuple[timedelta | None, timedelta | None]:
    """The median and the ninth decile of the time in a stage; what is in it still is followed to the present."""
    left: Counter[timedelta] = Counter()
    stays: Counter[timedelta] = Counter()
    for each in followed:
        if stage in each.way.spent:
            (stays if each.way.stays_in == stage else left)[each.way.spent[stage]] += 1
    median, p90 = quantiles(left, stays, _QUANTILES)
    return median, p90


def _remarks(stages: Sequence[str], followed: Sequence[_Followed], rows: Sequence[FunnelRow]) -> Iterator[str]:
    for currency in sorted({money.currency for row in rows for money in row.worth.left_out}):
        yield f"amounts in {currency} are left out: nobody gave a rate"
    unknown = sorted({each.deal.stage for each in followed} - {*stages})
    if unknown:
        yield f"deals are in stages that the funnel no longer has: {', '.join(unknown)}"
