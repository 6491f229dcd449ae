"""What all reports have in common: the times that they are asked for."""

from datetime import UTC, date, datetime

import pytest

from clientloop import ClientLoop, ManualClock
from clientloop.errors import InvalidValue

#: Half past midnight by the clocks of the shop.
NOW = datetime(2026, 5, 18, 22, 30, tzinfo=UTC)

PERIOD = ("since", "until")

REPORTS = {
    "loop": PERIOD, "try_deadlines": PERIOD, "causes": PERIOD, "messages": PERIOD, "repeats": PERIOD, "events": PERIOD,
    "feedback": PERIOD, "answers": PERIOD, "sources": PERIOD, "funnel": PERIOD, "sales_around": PERIOD,
    "abc": ("as_of",), "xyz": ("as_of",),
}  # fmt: skip


@pytest.fixture
def loop() -> ClientLoop:
    """A shop whose day has begun, while it is the day before in UTC."""
    return ClientLoop.open("memory:", zone="Europe/Ljubljana", clock=ManualClock(NOW), entry_points=False)


def test_a_day_begins_by_the_clocks_of_the_space(loop: ClientLoop) -> None:
    """What came at half past midnight came on that day, and not before it."""
    loop.feedback.receive(kind="idea", channel="form", text="Hello")
    day, next_day = date(2026, 5, 19), date(2026, 5, 20)
    assert len(list(loop.reports.feedback(since=day, until=next_day))) == 1
    assert list(loop.reports.feedback(until=day)) == []
    assert [loop.reports.loop(since=at).total.counts.items for at in (day, next_day)] == [1, 0]


@pytest.mark.parametrize(("report", "times"), REPORTS.items())
def test_times_are_days_or_name_a_zone(loop: ClientLoop, report: str, times: tuple[str, ...]) -> None:
    """Every report takes a date, and refuses a time without a zone by words of ours."""
    told = {"touch": "first"} if report == "sources" else {}
    days = dict(zip(times, (date(2026, 5, 1), date(2026, 5, 19)), strict=False))
    asked = getattr(loop.reports, report)
    asked(**told, **days)
    for name in times:
        with pytest.raises(InvalidValue, match="names no zone"):
            asked(**told, **{**days, name: datetime(2026, 5, 1)})  # noqa: DTZ001  # that is what is refused
