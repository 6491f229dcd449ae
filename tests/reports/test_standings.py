"""ABC and XYZ as reports: what the models say, what people have said, and where it went."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from statistics import mean, pstdev

import pytest

from clientloop import ClientLoop, InteractionKind, ManualClock, Money
from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.customers import Customer
from clientloop.model.relationships import Direction, Subject
from clientloop.reports.abc import AbcRow

NOW = datetime(2026, 7, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def clock() -> ManualClock:
    """The clock of the shop."""
    return ManualClock(NOW)


@pytest.fixture
def loop(clock: ManualClock) -> Iterator[ClientLoop]:
    """A shop in memory."""
    with ClientLoop.open("memory:", clock=clock, entry_points=False) as loop:
        yield loop


def buys(loop: ClientLoop, customer: Customer, amount: int, *, at: datetime) -> None:
    """Somebody buys for some euros."""
    loop.interactions.record(
        kind=InteractionKind.PURCHASE,
        channel="shop",
        customer=customer,
        money=Money(amount * 100, "EUR"),
        occurred_at=at,
    )


def by_name(loop: ClientLoop, as_of: datetime | None = None) -> dict[str, AbcRow]:
    """The rows of the ABC report."""
    return {row.name: row for row in loop.reports.abc(as_of=as_of)}


@pytest.fixture
def shop(loop: ClientLoop) -> ClientLoop:
    """A shop whose Ana brings 800 of 1,000 euros, Bo 150 and Cy 50; Dan never bought."""
    for name, amount in (("Ana", 800), ("Bo", 150), ("Cy", 50), ("Dan", 0)):
        customer = loop.customers.add(name=name)
        if amount:
            buys(loop, customer, amount, at=NOW - 200 * DAY)
    return loop


def test_customers_stand_by_what_they_bring(shop: ClientLoop) -> None:
    """With shares that are exact, and without whoever bought nothing."""
    rows = list(shop.reports.abc())
    assert [(row.rank, row.name, row.customer_class.automatic, row.value) for row in rows] == [
        (1, "Ana", "A", 800_00),
        (2, "Bo", "B", 150_00),
        (3, "Cy", "C", 50_00),
    ]
    assert [Fraction(row.cumulative.part, row.cumulative.whole) for row in rows] == [
        Fraction(4, 5), Fraction(19, 20), 1,
    ]  # fmt: skip
    assert [row.share.ratio for row in rows] == [0.8, 0.15, 0.05]
    assert not any(row.newcomer for row in rows)


def test_the_word_of_a_person_stands_beside_the_class_of_the_model(shop: ClientLoop) -> None:
    """A new large firm is A, whatever it has bought, and the report says who says what."""
    [dan] = [one for one in shop.customers.list() if one.name == "Dan"]
    shop.relationships.reassess(["abc"])
    shop.relationships.set(dan, "abc", "A", by="mia", reason="a new large firm", until=NOW + 90 * DAY)
    row = by_name(shop)["Dan"]
    assert (row.rank, row.value, row.sort) == (None, 0, Subject.CUSTOMER)
    assert (row.customer_class.automatic, row.customer_class.manual, row.customer_class.stands) == (None, "A", "A")


def test_a_word_that_has_ended_no_longer_stands(shop: ClientLoop, clock: ManualClock) -> None:
    """Also before the next reassessment has written that down; the arrow points down from it."""
    [bo] = [one for one in shop.customers.list() if one.name == "Bo"]
    shop.relationships.reassess(["abc"])
    shop.relationships.set(bo.id, "abc", "A", by="mia", reason="promised", until=NOW + 10 * DAY)
    assert by_name(shop)["Bo"].customer_class.arrow == "↑"
    clock.advance(11 * DAY)
    stand = by_name(shop)["Bo"].customer_class
    assert (stand.stands, stand.manual, stand.previous, stand.arrow) == ("B", None, "A", "↓")
    assert stand.since == NOW + 10 * DAY


def test_an_arrow_tells_where_a_class_went(shop: ClientLoop, clock: ManualClock) -> None:
    """From what was written down, until it changes again; what is not written yet counts as well."""
    shop.relationships.reassess(["abc"])
    clock.advance(DAY)
    [cy] = [one for one in shop.customers.list() if one.name == "Cy"]
    buys(shop, cy, 9_000, at=NOW)
    before = by_name(shop)["Cy"].customer_class
    assert (before.stands, before.previous, before.direction, before.since) == ("A", "C", Direction.UP, None)
    shop.relationships.reassess(["abc"])
    clock.advance(DAY)
    shop.relationships.reassess(["abc"])
    after = by_name(shop)["Cy"].customer_class
    assert (after.stands, after.previous, after.arrow, after.since) == ("A", "C", "↑", NOW + DAY)
    assert by_name(shop)["Ana"].customer_class.arrow == "↓"


def test_a_report_of_a_day_tells_what_stood_then(shop: ClientLoop, clock: ManualClock) -> None:
    """Neither later purchases nor later words are in it."""
    shop.relationships.reassess(["abc"])
    clock.advance(2 * DAY)
    [cy] = [one for one in shop.customers.list() if one.name == "Cy"]
    buys(shop, cy, 9_000, at=NOW + DAY)
    shop.relationships.set(cy, "abc", "B", by="mia", reason="too soon")
    stand = by_name(shop, as_of=NOW)["Cy"].customer_class
    assert (stand.stands, stand.manual, stand.automatic) == ("C", None, "C")
    now = by_name(shop)["Cy"].customer_class
    assert (now.stands, now.manual, now.automatic, now.previous) == ("B", "B", "A", "C")
    assert by_name(shop, as_of=NOW + 2 * DAY)["Cy"].customer_class == now


def test_a_company_stands_for_its_persons(loop: ClientLoop) -> None:
    """What they buy is its; newcomers are marked."""
    mill, ana = loop.accounts.add(name="Mill Ltd"), loop.customers.add(name="Ana")
    loop.accounts.link(mill, ana)
    buys(loop, ana, 100, at=NOW - 5 * DAY)
    [row] = loop.reports.abc()
    assert (row.name, row.sort, row.newcomer, row.purchases) == ("Mill Ltd", Subject.ACCOUNT, True, 1)


@pytest.fixture
def regulars(loop: ClientLoop) -> ClientLoop:
    """A shop with somebody who buys the same each month, two who buy now and then, and one who never bought."""
    amounts = {"Even": [100] * 12, "Odd": [5, 0, 0, 90, 0, 0, 0, 10, 0, 0, 0, 3], "Rare": [0] * 10 + [7, 1], "No": []}
    for name, bought in amounts.items():
        customer = loop.customers.add(name=name)
        for month, amount in enumerate(bought):
            if amount:
                buys(
                    loop, customer, amount, at=datetime(2025 + (month + 6) // 12, (month + 6) % 12 + 1, 15, tzinfo=UTC)
                )
    return loop


def test_regular_customers_are_told_apart_by_how_evenly_they_buy(regulars: ClientLoop) -> None:
    """The most even first; whoever is no regular has a stage and no class."""
    rows = list(regulars.reports.xyz())
    assert [(row.name, row.stage.stands, row.evenness.stands) for row in rows] == [
        ("Even", "regular", "X"),
        ("Odd", "regular", "Z"),
        ("Rare", "regular", "Z"),
        ("No", "potential", None),
    ]
    assert (rows[0].variation, rows[0].total, rows[0].spans, rows[0].bucket) == (0, 1_200_00, 12, "month")
    odd = [5, 0, 0, 90, 0, 0, 0, 10, 0, 0, 0, 3]
    assert rows[1].variation == pytest.approx(pstdev(odd) / mean(odd))
    assert rows[3].variation is None


def test_a_class_that_holds_nearly_everybody_is_remarked(loop: ClientLoop) -> None:
    """With borders that would part them; the remark stays with chosen columns."""
    for number in range(12):
        customer = loop.customers.add(name=f"Customer {number}")
        for month in (1, 3, 4)[: 2 + number % 2]:
            buys(loop, customer, 10 + 30 * number * (month == 3), at=datetime(2026, month, 15, tzinfo=UTC))
    [remark] = loop.reports.xyz().select("name").remarks
    assert remark.startswith("12 of 12 customers are Z, which tells little: borders of ")


def test_stages_have_arrows(regulars: ClientLoop, clock: ManualClock) -> None:
    """Whoever stops buying goes down, and the class goes with the stage."""
    regulars.relationships.reassess(["purchases", "xyz"])
    clock.advance(400 * DAY)
    even = next(row for row in regulars.reports.xyz() if row.name == "Even")
    assert (even.stage.stands, even.stage.previous, even.stage.arrow) == ("lost", "regular", "↓")
    assert (even.evenness.stands, even.evenness.previous, even.evenness.arrow) == (None, "X", "→")


def test_columns_are_chosen_by_name(regulars: ClientLoop) -> None:
    """Another name is refused with the nearest one."""
    with pytest.raises(UnknownName, match=r"no column of abc 'custommer_class': did you mean 'customer_class"):
        regulars.reports.abc().select("custommer_class")


def test_a_time_without_a_zone_is_none(loop: ClientLoop) -> None:
    """Nobody knows which day that is."""
    with pytest.raises(InvalidValue, match="zone"):
        loop.reports.abc(as_of=datetime(2026, 3, 2))  # noqa: DTZ001  # that is the point


def test_other_programs_take_a_report(shop: ClientLoop) -> None:
    """By its columns, and by the interface of Arrow: pandas, polars and DuckDB."""
    pandas, polars, duckdb = (pytest.importorskip(name) for name in ("pandas", "polars", "duckdb"))
    abc = shop.reports.abc().select("rank", "name", "customer_class.stands", "share.ratio")
    expected = [(1, "Ana", "A", 0.8), (2, "Bo", "B", 0.15), (3, "Cy", "C", 0.05)]
    assert polars.DataFrame(abc).rows() == expected
    assert [tuple(row) for row in pandas.DataFrame(abc.to_dict()).to_numpy()] == expected
    assert duckdb.sql("select * from abc order by rank").fetchall() == expected
