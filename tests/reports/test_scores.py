"""Scores as a table."""

from datetime import date, datetime, timedelta

import pytest

from clientloop import ClientLoop, ManualClock, UnknownName
from clientloop.model.customers import CustomerClass
from clientloop.reports.scores import score_table
from clientloop.testing.fakes import FakeChannels
from tests.services.measures.asked import YEARLY, answer, keep

NOW = datetime.fromisoformat("2026-03-02T09:00+00:00")


def test_a_column_for_each_dimension() -> None:
    """Those that were asked for, then the period and the numbers; each as it is, and all of them for programs."""
    with ClientLoop.open("memory:", clock=ManualClock(NOW), entry_points=False) as loop:
        keep(loop, YEARLY, answer(YEARLY, 10, NOW, customer_class=CustomerClass.A), answer(YEARLY, 2, NOW))
        table = score_table(loop.metrics.score("nps", question="yearly", by=["class"], bucket="month"))
        times = score_table(loop.metrics.score("loop_time", time="gross"))
    assert table.header == (
        "metric", "customer_class", "period", "value", "unit", "count", "low", "high", "level", "method",
    )  # fmt: skip
    rows = [row[:6] for row in table.cells()]
    assert rows == [
        ("nps", None, date(2026, 3, 1), -100.0, "points", 1),
        ("nps", "A", date(2026, 3, 1), 100.0, "points", 1),
    ]
    assert times.header[:2] == ("metric", "value")
    assert table.select("value").to_dict() == {"value": [-100.0, 100.0]}
    with pytest.raises(UnknownName, match="did you mean 'channel'"):
        table.select("chanel")


def test_the_own_keys_of_a_metric() -> None:
    """Median and ninth decile are two rows; what has no interval has empty cells."""
    clock = ManualClock(NOW)
    with ClientLoop.open("memory:", clock=clock, plugins=[FakeChannels("email")], entry_points=False) as loop:
        item = loop.feedback.receive(kind="question", channel="email", text="Open?", reply_to="a@shop.example")
        clock.advance(timedelta(hours=3))
        loop.feedback.move(item, "answer", by="maja", text="Until six")
        loop.run_due()
        table = score_table(loop.metrics.score("loop_time", time="first_answer"))
    shown = table.select("part", "value", "unit", "low", "method")
    assert list(shown.cells()) == [("median", 3.0, "hours", None, None), ("p90", 3.0, "hours", None, None)]
