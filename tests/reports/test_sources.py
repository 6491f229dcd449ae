"""What sources bring, and what customers buy before and after the firm turns to them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from clientloop import ClientLoop, InteractionKind, ManualClock, Money
from clientloop.errors import ClientLoopError, InvalidValue
from clientloop.model.customers import Customer
from clientloop.model.interactions import Interaction
from clientloop.model.units import Insert, Unit
from clientloop.model.where import contains

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def clock() -> ManualClock:
    """All that is told here has happened."""
    return ManualClock(NOW + 90 * DAY)


@pytest.fixture
def loop(clock: ManualClock) -> Iterator[ClientLoop]:
    """A shop in memory."""
    with ClientLoop.open("memory:", clock=clock, entry_points=False) as loop:
        yield loop


def comes(loop: ClientLoop, customer: Customer, campaign: str, day: int) -> None:
    """Somebody comes by a campaign."""
    loop.interactions.record(
        kind=InteractionKind.VISIT, channel="web", customer=customer, source={"campaign": campaign},
        occurred_at=NOW + day * DAY,
    )  # fmt: skip


def buys(loop: ClientLoop, customer: Customer, amount: int, day: int, *, currency: str = "EUR", cost: int = 0) -> None:
    """Somebody buys for some cents."""
    loop.store.commit(
        Unit((Insert(Interaction(
            space=loop.space.space, id=loop.context.new_id(), kind=InteractionKind.PURCHASE, channel="shop",
            customer=customer.id, occurred_at=NOW + day * DAY, recorded_at=NOW, amount=amount, currency=currency,
            cost=cost,
        )),))
    )  # fmt: skip


@pytest.fixture
def shop(loop: ClientLoop) -> ClientLoop:
    """Ana comes by spring and then by a flyer, Bo by the flyer alone, Cy by nothing; Ana buys most."""
    ana, bo, cy = (loop.customers.add(name=name) for name in ("Ana", "Bo", "Cy"))
    comes(loop, ana, "spring", 1)
    comes(loop, ana, "flyer", 3)
    comes(loop, bo, "flyer", 2)
    for customer, amount, day in ((ana, 100_00, 4), (ana, 20_00, 5), (bo, 50_00, 6), (cy, 1_00, 6)):
        buys(loop, customer, amount, day)
    return loop


@pytest.mark.parametrize(
    ("touch", "found"),
    [
        ("first", [("spring", 1, 2, 120_00), ("flyer", 1, 1, 50_00), (None, 1, 1, 1_00)]),
        ("last", [("flyer", 2, 3, 170_00), (None, 1, 1, 1_00)]),
    ],
)
def test_the_source_that_earned_most_comes_first(
    shop: ClientLoop, touch: str, found: list[tuple[str | None, int, int, int]]
) -> None:
    """By the first touch or the last one, as asked; the report says by which."""
    table = shop.reports.sources(touch=touch)
    assert list(table.select("source", "customers", "sales", "revenue.total.minor").cells()) == found
    assert table.remarks == (f"credited to the {touch} campaign that a customer came by",)


def test_another_touch_is_refused(shop: ClientLoop) -> None:
    """There is no middle one."""
    with pytest.raises(ClientLoopError, match="middle"):
        shop.reports.sources(touch="middle")


def test_other_currencies_need_a_rate(shop: ClientLoop) -> None:
    """Without one, they are in no total, and a remark names them."""
    ana = next(iter(shop.customers.list()))
    buys(shop, ana, 10_00, 4, currency="USD")
    table = shop.reports.sources(touch="first")
    assert table[0].revenue.left_out == (Money(10_00, "USD"),)
    assert table.remarks[1] == "amounts in USD are left out: nobody gave a rate"
    rated = shop.reports.sources(touch="first", rates={"USD": Fraction(1, 2)})
    assert (rated[0].revenue.total, len(rated.remarks)) == (Money(125_00, "EUR"), 1)


@pytest.fixture
def called(loop: ClientLoop) -> ClientLoop:
    """Ana and Bo are called on the tenth and eleventh day, Cy is not; all three buy before and after."""
    ana, bo, cy = (loop.customers.add(name=name) for name in ("Ana", "Bo", "Cy"))
    for customer, day in ((ana, 10), (bo, 11), (ana, 11)):
        loop.interactions.record(
            kind=InteractionKind.CALL, channel="phone", customer=customer, occurred_at=NOW + day * DAY
        )
    for customer, amount, day in ((ana, 100, 5), (ana, 150, 15), (bo, 100, 16), (cy, 100, 5), (cy, 110, 15)):
        buys(loop, customer, amount * 100, day, cost=amount * 60)
    buys(loop, ana, 9_999_00, 11)  # within the round: neither before nor after
    buys(loop, bo, 7_777_00, 60)  # much later
    return loop


def test_a_round_of_calls_is_seen_beside_those_who_were_not_called(called: ClientLoop) -> None:
    """Revenue and profit in as much time before as after, each person once."""
    to, not_to = called.reports.sales_around(since=NOW + 10 * DAY, until=NOW + 12 * DAY, within=20 * DAY)
    assert (to.customers, to.before.customers, to.after.customers, to.after.purchases) == (2, 1, 2, 2)
    assert (to.before.revenue.total, to.after.revenue.total) == (Money(100_00, "EUR"), Money(250_00, "EUR"))
    assert (to.before.profit.total, to.after.profit.total) == (Money(40_00, "EUR"), Money(100_00, "EUR"))
    assert (to.growth, not_to.customers, not_to.growth) == (1.5, 1, 0.1)


def test_whoever_was_merged_is_one_person(called: ClientLoop) -> None:
    """Bo was Cy all along: what either buys is bought by somebody who was called."""
    _, bo, cy = called.customers.list()
    called.customers.merge(cy, bo, by="mia", reason="one voice")
    to, not_to = called.reports.sales_around(since=NOW + 10 * DAY, until=NOW + 12 * DAY, within=20 * DAY)
    assert (to.customers, not_to.customers) == (2, 0)
    assert to.before.revenue.total == Money(200_00, "EUR")


def test_a_campaign_is_a_turn_as_well(shop: ClientLoop) -> None:
    """Whatever interactions say whom the firm turned to."""
    to, _ = shop.reports.sales_around(
        since=NOW, until=NOW + 2 * DAY, touches=contains("source", '"campaign":"spring"'), within=10 * DAY
    )
    assert (to.customers, to.growth, to.after.revenue.total) == (1, None, Money(120_00, "EUR"))


def test_what_is_to_come_is_not_compared(loop: ClientLoop, clock: ManualClock) -> None:
    """Who buys once a day without change grows by nothing, also five days after the call; the report says so."""
    ana, bo = (loop.customers.add(name=name) for name in ("Ana", "Bo"))
    done = NOW + 85 * DAY
    for customer in (ana, bo):
        for day in range(40, 90):
            buys(loop, customer, 10_00, day, cost=1)
    loop.interactions.record(kind=InteractionKind.CALL, channel="phone", customer=ana, occurred_at=done)
    since, until = done, done + timedelta(hours=1)
    table = loop.reports.sales_around(since=since, until=until)
    assert [(row.before.purchases, row.after.purchases, row.growth) for row in table] == [(4, 4, 0), (4, 4, 0)]
    assert table.remarks == ("5.0 days on each side, not 30.0: no more have passed since",)
    clock.advance(25 * DAY + timedelta(hours=1))
    assert loop.reports.sales_around(since=since, until=until).remarks == ()


def test_there_is_a_time_before_and_after(shop: ClientLoop) -> None:
    """And the round does not end before it begins."""
    for until, within in ((NOW - DAY, DAY), (NOW, timedelta(0))):
        with pytest.raises(InvalidValue, match="no time before and after"):
            shop.reports.sales_around(since=NOW, until=until, within=within)


def test_a_round_is_over_and_lies_in_the_calendar(shop: ClientLoop, clock: ManualClock) -> None:
    """What lies ahead has no sales, and before the first of all days there are none."""
    with pytest.raises(InvalidValue, match="nothing comes after"):
        shop.reports.sales_around(since=NOW, until=clock.now())
    first = datetime(1, 3, 1, tzinfo=UTC)
    with pytest.raises(InvalidValue, match="in no calendar"):
        shop.reports.sales_around(since=first, until=first, within=1_000 * DAY)
