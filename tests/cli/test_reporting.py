"""The report on the loop."""

from datetime import timedelta

import pytest

from clientloop import Actor


@pytest.fixture
def firm(shop, clock):
    """A shop with a question that was answered and confirmed, one that waits, and a complaint that is none."""
    first = shop.feedback.receive(kind="question", channel="form", text="Open today?")
    shop.feedback.receive(kind="question", channel="email", text="Open on Sunday?")
    clock.advance(timedelta(hours=3))
    first = shop.feedback.move(first, "answer", by="maja", text="Until six.", told="called")
    shop.feedback.move(first, "confirm", by=Actor.customer())
    spam = shop.feedback.receive(kind="complaint", channel="email", text="Buy pallets!")
    shop.feedback.move(spam, "not_feedback", by="desk", reason="an advertisement")
    return shop


NOW = ("--now", "2026-03-02T13:00")


def test_report_says_every_rate_and_time(run, firm):
    """The report has all rates with what they are a share of, and the times, with what still waits."""
    lines = [" ".join(line.split()) for line in run("report", "loop", *NOW).out.splitlines()]
    assert lines[:2] == ["2 items, 1 open", "1 no feedback"]
    assert "closed 50 % 1 of 2 closed, of all items" in lines
    assert "confirmed 100 % 1 of 1 confirmed by the customer, of the closed items" in lines
    assert "first answer 3 h - 1 1 from receipt to the first answer by a person" in lines


@pytest.mark.parametrize(
    ("by", "keys"),
    [("channel", ["email", "form"]), ("kind", ["complaint", "question"]), ("owner", ["none"]), ("month", ["2026-03"])],
)
def test_report_is_split(run, firm, by, keys):
    """The report has a row for each channel, kind, owner or month."""
    table = run("report", "loop", "--by", by, *NOW).out.partition(f"By {by}\n")[2]
    assert [line.split()[0] for line in table.splitlines()] == [by, *keys]


def test_report_counts_from_and_until(run, firm):
    """Only items of the span that was named are counted, in the zone of the firm."""
    assert run("report", "loop", "--since", "2026-03-02T09:30", *NOW).out.startswith("0 items")
    assert run("report", "loop", "--until", "2026-03-02T09:30", *NOW).out.startswith("2 items")


def test_report_gives_everything_to_a_program(run, firm):
    """For a program the report has counts, shares as two numbers, and times in seconds."""
    data = run("report", "loop", "--by", "channel", "--json", *NOW).json
    assert data["total"]["counts"]["closed"] == 1
    assert data["total"]["rates"]["closed"] == {"part": 1, "whole": 2}
    assert data["total"]["first_answer"]["median"] == 3 * 3600
    assert [row["key"] for row in data["rows"]] == ["email", "form"]
