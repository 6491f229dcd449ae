"""The reports on what customers bring: ABC, XYZ, sources, sales before and after, the funnel."""

from collections.abc import Mapping
from datetime import timedelta

from clientloop.cli.options import HERE, Moment, OnScreen, Place, in_zone
from clientloop.cli.tabling import Shape
from clientloop.errors import InvalidValue
from clientloop.services.deals.stages import FUNNEL

#: A table as it is usually shown.
USUAL = Shape()

#: The columns of the ABC analysis that a person wants to see, each with its heading.
ABC: Mapping[str, str] = {
    "rank": "rank",
    "name": "name",
    "customer_class.automatic": "class",
    "customer_class.manual": "by hand",
    "customer_class.arrow": "went",
    "customer_class.previous": "from",
    "value": "brings",
    "share.ratio": "share",
    "cumulative.ratio": "together",
    "newcomer": "newcomer",
}

_XYZ = {
    "name": "name",
    "stage.stands": "stage",
    "stage.arrow": "went",
    "evenness.automatic": "class",
    "evenness.manual": "by hand",
    "evenness.arrow": "class went",
    "variation": "variation",
    "total": "bought",
    "spans": "spans",
}

_SOURCES = {"source": "source", "customers": "customers", "sales": "sales", "revenue.total.minor": "revenue"}

_AROUND = {
    "turned": "turned",
    "customers": "customers",
    "before.customers": "bought before",
    "after.customers": "and after",
    "before.revenue.total.minor": "revenue before",
    "after.revenue.total.minor": "revenue after",
    "growth": "growth",
    "before.profit.total.minor": "profit before",
    "after.profit.total.minor": "profit after",
}


_FUNNEL = {
    "stage": "stage",
    "deals": "deals",
    "customers": "customers",
    "from_before.customers.ratio": "of stage before",
    "from_first.customers.ratio": "of first",
    "open": "open",
    "lost": "lost",
    "median": "half by",
    "p90": "nine of ten by",
    "worth.total.minor": "worth",
}


def abc(*, as_of: Moment | None = None, shape: Shape = USUAL, place: Place = HERE, screen: OnScreen) -> None:
    """Report who brings which share of the whole, with the classes A, B and C, and where these went.

    The arrow tells where the class that stands went from the one before.

    Args:
        as_of: The time that the report is of, in the firm's zone; the present if not given.
        shape: What of it to show.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        at = None if as_of is None else in_zone(as_of, loop.space.zone)
        shape.show(loop, screen, loop.reports.abc(as_of=at), ABC)


def xyz(*, as_of: Moment | None = None, shape: Shape = USUAL, place: Place = HERE, screen: OnScreen) -> None:
    """Report the stage of buying of each customer, and how evenly the regular ones buy: X, Y or Z.

    Args:
        as_of: The time that the report is of, in the firm's zone; the present if not given.
        shape: What of it to show.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        at = None if as_of is None else in_zone(as_of, loop.space.zone)
        shape.show(loop, screen, loop.reports.xyz(as_of=at), _XYZ)


def sources(
    *,
    touch: str,
    dimension: str = "campaign",
    since: Moment | None = None,
    until: Moment | None = None,
    shape: Shape = USUAL,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Report what each campaign, page or advert has brought, the one that earned most first.

    Args:
        touch: What a sale is credited to: the first source that a customer came by, or the last one before it.
        dimension: What sources are told apart by: campaign, page, advert.
        since: Only sales at this time or later, in the firm's zone.
        until: Only sales before this time.
        shape: What of it to show.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        zone = loop.space.zone
        table = loop.reports.sources(
            touch=touch,
            dimension=dimension,
            since=None if since is None else in_zone(since, zone),
            until=None if until is None else in_zone(until, zone),
        )
        shape.show(loop, screen, table, _SOURCES)


def calls(
    *,
    since: Moment,
    until: Moment,
    days: int = 30,
    shape: Shape = USUAL,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Report what customers bought before and after a round of calls, beside those who were not called.

    Args:
        since: When the round began, in the firm's zone.
        until: When it was done.
        days: How many days before and after it sales are looked at; no more than have passed since.
        shape: What of it to show.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        zone = loop.space.zone
        table = loop.reports.sales_around(since=in_zone(since, zone), until=in_zone(until, zone), within=_whole(days))
        shape.show(loop, screen, table, _AROUND)


def _whole(days: int) -> timedelta:
    try:
        return timedelta(days=days)
    except OverflowError:
        raise InvalidValue(f"{days} days are in no calendar", hint="give fewer `--days`") from None


def funnel(
    *,
    funnel: str = FUNNEL,
    since: Moment | None = None,
    until: Moment | None = None,
    shape: Shape = USUAL,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Report how many deals and customers came to each stage of a funnel, and how long each stage took.

    Args:
        funnel: Name of the relationship model whose stages it is about.
        since: Only deals opened at this time or later, in the firm's zone.
        until: Only deals opened before this time.
        shape: What of it to show.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        zone = loop.space.zone
        table = loop.reports.funnel(
            funnel,
            since=None if since is None else in_zone(since, zone),
            until=None if until is None else in_zone(until, zone),
        )
        shape.show(loop, screen, table, _FUNNEL)
