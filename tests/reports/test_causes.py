from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from clientloop import ClientLoop, InvalidValue, ManualClock
from clientloop.model.feedback import Feedback, Outcome
from clientloop.model.money import Money
from clientloop.reports.causes import CauseRow
from clientloop.rules.measures.rates import Share
from tests.services.outer_loop import START, Judge, play


@pytest.fixture(scope="module", params=["memory", "sqlite"])
def year(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClientLoop]:
    """A year of a small firm, on each store."""
    file: Path = tmp_path_factory.mktemp("year") / "shop.db"
    url, clock = "memory:" if request.param == "memory" else f"sqlite:///{file}", ManualClock(START)
    with ClientLoop.open(url, clock=clock, entry_points=False) as loop:
        play(loop, clock, seed=11)
        yield loop


def check(row: CauseRow, judge: Judge, counted: list[Feedback]) -> None:
    """A row says what one counts by hand."""
    items = [item for item in counted if item.cause == row.cause]
    still = [item for item in items if item.is_open]
    assert (row.items, row.open) == (Share(len(items), len(counted)), len(still))
    assert row.customers == len(judge.persons(items))
    assert row.unknown == sum(item.customer is None for item in items)
    for revenue, of in ((row.revenue, items), (row.at_risk, still)):
        spent = dict(judge.spent(judge.persons(of)))
        assert revenue.total == Money(spent.pop("EUR", 0), "EUR")
        assert revenue.left_out == tuple(Money(spent[name], name) for name in sorted(spent))


@pytest.mark.parametrize("months", [None, (60, 200)])
def test_the_report_says_what_all_rows_say(year: ClientLoop, months: tuple[int, int] | None) -> None:
    """What the store adds up is what one counts by hand; what is no case of a cause is left out."""
    judge = Judge(year)
    since, until = (None, None) if months is None else (START + timedelta(days=day) for day in months)
    counted = [
        item
        for item in judge.items
        if item.outcome not in {Outcome.DUPLICATE, Outcome.NOT_FEEDBACK}
        and (since is None or since <= item.received_at < until)
    ]
    assert len(counted) < len(judge.items)
    report = year.reports.causes(since=since, until=until)
    assert (report.items, report.causes, report.at) == (len(counted), 4, judge.now)
    assert report.unexplained == sum(item.cause is None for item in counted)
    assert len(report.rows) == 4
    for row in report.rows:
        check(row, judge, counted)


def test_the_limit_keeps_the_causes_with_the_most_items(year: ClientLoop) -> None:
    """The others are counted, and the shares are of all items."""
    every, two = year.reports.causes(), year.reports.causes(limit=2)
    parts = [row.items.part for row in every.rows]
    assert parts == sorted(parts, reverse=True)
    assert (two.rows, two.causes, two.unexplained) == (every.rows[:2], 4, every.unexplained)


def test_rates_take_other_currencies_in(year: ClientLoop) -> None:
    """With rates for all, no currency is left out."""
    rates = {"USD": Fraction(92, 100), "JPY": Fraction(6, 1000)}
    assert any(row.revenue.left_out for row in year.reports.causes().rows)
    assert not any(row.revenue.left_out for row in year.reports.causes(rates=rates).rows)


def test_an_empty_space_has_no_causes() -> None:
    """Of nothing there is no share."""
    with ClientLoop.open("memory:", entry_points=False) as loop:
        report = loop.reports.causes()
    assert (report.items, report.causes, report.unexplained, report.rows) == (0, 0, 0, ())


def test_what_cannot_be_asked_is_refused(year: ClientLoop) -> None:
    """No causes at all, and times without a zone."""
    with pytest.raises(InvalidValue, match="limit of 1"):
        year.reports.causes(limit=0)
    with pytest.raises(InvalidValue):
        year.reports.causes(since=datetime(2026, 1, 1))  # noqa: DTZ001  # the fault
    assert year.reports.causes(since=datetime(2100, 1, 1, tzinfo=UTC)).rows == ()
