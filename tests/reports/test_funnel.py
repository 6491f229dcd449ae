"""The funnel: a fixed cohort, each customer once a stage, with times that do not flatter."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import count, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop import ClientLoop, ManualClock, Money
from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.customers import Customer
from clientloop.reports.funnel import FunnelRow
from clientloop.rules.measures.rates import Share
from tests.services.persons import NINE

DAY = timedelta(days=1)
STAGES = ("lead", "qualified", "offer", "negotiation")


@pytest.fixture
def loop() -> Iterator[ClientLoop]:
    """A firm without deals."""
    with ClientLoop.open("memory:", clock=ManualClock(NINE), entry_points=False) as opened:
        yield opened


def pass_days(loop: ClientLoop, days: int = 1) -> None:
    """Let some days pass."""
    assert isinstance(loop.clock, ManualClock)
    loop.clock.advance(days * DAY)


def rows(loop: ClientLoop, **options: Any) -> dict[str, FunnelRow]:
    """The report by stage. Any: options of the report."""
    return {row.stage: row for row in loop.reports.funnel(**options)}


def add(loop: ClientLoop, name: str) -> Customer:
    """A customer."""
    return loop.customers.add(name=name)


def test_a_customer_counts_once_in_a_stage(loop: ClientLoop) -> None:
    """However many deals somebody has, and under however many ids; a company without a person is a customer, too."""
    ana, ann, bo, mill = add(loop, "Ana"), add(loop, "Ann"), add(loop, "Bo"), loop.accounts.add("Mill")
    loop.customers.merge(ana, ann, by="mia", reason="same")
    for customer in (ana, ana, ann):
        deal = loop.deals.open("A mill", customer=customer, by="mia")
        loop.deals.move(deal, "qualified", by="mia")
    loop.deals.open("A mill", customer=bo, by="mia")
    loop.deals.open("A mill", account=mill, by="mia")
    found = rows(loop)
    assert list(found) == [*STAGES, "won"]
    assert [(found[stage].deals, found[stage].customers) for stage in STAGES[:3]] == [(5, 3), (3, 1), (0, 0)]


def test_what_was_left_out_counts_as_reached(loop: ClientLoop) -> None:
    """Who bought at once came through every stage; who went back has been where they were."""
    at_once = loop.deals.open("A mill", customer=add(loop, "Ana"), by="mia")
    loop.deals.win(at_once, by="mia")
    back = loop.deals.open("A mill", customer=add(loop, "Bo"), by="mia")
    back = loop.deals.move(back, "offer", by="mia")
    loop.deals.move(back, "lead", by="mia")
    found = rows(loop)
    assert [found[stage].customers for stage in (*STAGES, "won")] == [2, 2, 2, 1, 1]
    assert (found["lead"].open, found["offer"].open) == (1, 0)


def test_conversion_is_of_the_stage_before_and_of_the_first(loop: ClientLoop) -> None:
    """Each share says how far it can be trusted; of nobody there is none."""
    for number in range(20):
        deal = loop.deals.open("A mill", customer=add(loop, str(number)), by="mia")
        if number < 10:
            deal = loop.deals.move(deal, "qualified", by="mia")
        if number < 5:
            loop.deals.win(deal, by="mia")
    found = rows(loop)
    assert (found["lead"].from_before, found["lead"].from_first) == (None, None)
    offer, won = found["offer"], found["won"]
    assert offer.from_before is not None
    assert won.from_before is not None
    assert won.from_first is not None
    assert (offer.from_before.customers, won.from_before.customers) == (Share(5, 10), Share(5, 5))
    assert won.from_first.customers == Share(5, 20)
    assert won.from_first.interval is not None
    # Newcombe's method 3 for 5 of 20
    assert (round(won.from_first.interval.low, 4), round(won.from_first.interval.high, 4)) == (0.1119, 0.4687)
    nobody = rows(loop, since=NINE + DAY)["won"]
    assert nobody.from_first is not None
    assert nobody.from_first.interval is None


def test_the_cohort_is_fixed_and_followed(loop: ClientLoop) -> None:
    """Counted are the deals that were opened in the period, and all that became of them since."""
    first = loop.deals.open("A mill", customer=add(loop, "Ana"), by="mia")
    pass_days(loop, 10)
    loop.deals.open("A mill", customer=add(loop, "Bo"), by="mia")
    loop.deals.win(first, by="mia")
    march = rows(loop, since=NINE, until=NINE + DAY)
    assert (march["lead"].deals, march["won"].deals) == (1, 1)
    assert (rows(loop, since=NINE + DAY)["lead"].deals, rows(loop)["lead"].deals) == (1, 2)


def test_times_do_not_flatter(loop: ClientLoop) -> None:
    """What is in a stage still is followed to the present: left out, the slowest would be missing."""
    deals = [loop.deals.open("A mill", customer=add(loop, str(number)), by="mia") for number in range(4)]
    pass_days(loop, 2)
    loop.deals.move(deals[0], "offer", by="mia")
    pass_days(loop, 2)
    loop.deals.lose(deals[1], reason="Too dear", by="mia")
    pass_days(loop, 16)
    found = rows(loop)
    assert (found["lead"].median, found["lead"].p90) == (4 * DAY, None)
    assert (found["lead"].open, found["lead"].lost) == (2, 1)
    assert (found["offer"].median, found["won"].median) == (None, None)
    again = loop.deals.reopen(deals[1].id, by="mia")
    pass_days(loop, 1)
    loop.deals.win(again, by="mia")
    # two days, and four of the first time with one of the second
    assert rows(loop)["lead"].median == 5 * DAY


def test_amounts_are_in_one_currency(loop: ClientLoop) -> None:
    """Others come in by the rates that are given or set, or are left out and named."""
    for amount in (Money(100_00, "EUR"), Money(50_00, "USD"), None):
        loop.deals.open("A mill", customer=add(loop, "Ana"), amount=amount, by="mia")
    table = loop.reports.funnel()
    assert (table[0].worth.total, table.remarks) == (
        Money(100_00, "EUR"), ("amounts in USD are left out: nobody gave a rate",),
    )  # fmt: skip
    assert rows(loop, rates={"USD": Fraction(1, 2)})["lead"].worth.total == Money(125_00, "EUR")
    loop.settings.set("rates", {"USD": "0.9"})
    assert rows(loop)["lead"].worth.total == Money(145_00, "EUR")


def test_funnels_and_times_that_are_none_are_refused(loop: ClientLoop) -> None:
    """With the nearest names."""
    with pytest.raises(UnknownName, match="did you mean 'funnel'"):
        loop.reports.funnel("funnle")
    with pytest.raises(InvalidValue, match="names no zone"):
        loop.reports.funnel(since=datetime(2026, 3, 1))  # noqa: DTZ001  # what is tried


def test_stages_that_are_gone_are_named(loop: ClientLoop) -> None:
    """A deal in a stage that the firm no longer has was opened all the same."""
    deal = loop.deals.open("A mill", customer=add(loop, "Ana"), by="mia")
    loop.deals.move(deal, "offer", by="mia")
    loop.settings.set("relationships", {"funnel": {"rule": {"stages": ["first", "second"]}}})
    table = loop.reports.funnel()
    assert [(row.stage, row.deals) for row in table] == [("first", 1), ("second", 0), ("won", 0)]
    assert table.remarks == ("deals are in stages that the funnel no longer has: offer",)


MOVES = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 2), st.sampled_from([*STAGES, "won", "lost", "reopen"])), max_size=30
)


@pytest.fixture(scope="module")
def firms() -> Iterator[Callable[[], ClientLoop]]:
    """Opens firms without deals."""
    with ClientLoop.open("memory:", clock=ManualClock(NINE), entry_points=False) as loop:
        numbers = count()
        yield lambda: loop.in_space(f"firm-{next(numbers)}")


@given(moves=MOVES)
def test_no_later_stage_has_more(firms: Callable[[], ClientLoop], moves: list[tuple[int, int, str]]) -> None:
    """Whatever way deals go, customers and deals never rise from stage to stage, and no share is above one."""
    loop = firms()
    people = [add(loop, str(number)) for number in range(3)]
    deals: dict[int, Any] = {}  # Any: a deal, as it was left
    for number, person, what in moves:
        deal = deals.get(number) or loop.deals.open("A mill", customer=people[person], by="mia")
        if what == "reopen":
            deal = deal if deal.is_open else loop.deals.reopen(deal, by="mia")
        elif deal.is_open and what == "won":
            deal = loop.deals.win(deal, by="mia")
        elif deal.is_open and what == "lost":
            deal = loop.deals.lose(deal, reason="Too dear", by="mia")
        elif deal.is_open and what != deal.stage:
            deal = loop.deals.move(deal, what, by="mia")
        deals[number] = deal
        pass_days(loop)
    table = loop.reports.funnel()
    assert all(one.customers >= other.customers and one.deals >= other.deals for one, other in pairwise(table))
    assert table[0].deals == len(deals)
    assert sum(row.open + row.lost for row in table) + table[-1].deals == len(deals)
