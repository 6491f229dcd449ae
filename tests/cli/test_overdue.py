"""The report on what is overdue."""

from datetime import timedelta

import pytest

from clientloop import Priority

LATE = ("--now", "2026-03-04T10:00")


@pytest.fixture
def firm(shop, clock):
    """A shop with three questions that nobody answers, one of them critical and one of maja's, and a later idea."""
    item = shop.feedback.receive(kind="question", channel="form", text="Open today?")
    shop.feedback.move(item, "assign", to="maja", by="desk")
    clock.advance(timedelta(hours=2))
    shop.feedback.receive(kind="question", channel="form", text="Open on Sunday?", priority=Priority.CRITICAL)
    shop.feedback.receive(kind="question", channel="form", text="Which size?")
    shop.feedback.receive(kind="idea", channel="form", text="Deliver on Saturdays")
    return shop


def test_by_owner_and_team(run, firm):
    """One line says how much, then a table an owner and one a team."""
    lines = run("report", "overdue", *LATE).out.splitlines()
    assert lines[0] == "3 items overdue, 1 of them critical"
    assert [line.split() for line in lines[3:6]] == [
        ["owner", "overdue", "critical", "oldest", "first", "answer", "missed", "solution", "missed"],
        ["maja", "1", "0", "25", "h", "late", "1", "1"],
        ["none", "2", "1", "46", "h", "late", "2", "2"],
    ]
    assert lines[7] == "By team"
    assert lines[9].split()[:3] == ["none", "3", "1"]


def test_by_something_else(run, firm):
    """Each key that is named gives a table."""
    out = run("report", "overdue", "--by", "kind", "--by", "channel", *LATE).out
    assert "By kind\n" in out
    assert "By channel\n" in out
    assert "By owner" not in out


def test_nothing_is_overdue(run, firm):
    """In time there is no table."""
    assert run("report", "overdue", "--now", "2026-03-02T11:30").out == "0 items overdue, 0 of them critical\n"


def test_a_program_gets_every_report(run, firm):
    """For a program there is a report for each key."""
    data = run("report", "overdue", "--json", *LATE).json
    assert list(data) == ["owner", "team"]
    assert data["owner"]["rows"][0]["missed"] == {"first_answer": 1, "solution": 1}
    assert data["team"]["total"]["oldest_due"] == "2026-03-02T11:00:00+00:00"
