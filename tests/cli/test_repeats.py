"""The report on items reopened and persons who came again."""

from datetime import timedelta

import pytest

from clientloop import Actor

LATER = ("--now", "2026-03-16T09:00")


@pytest.fixture
def firm(shop, clock):
    """A shop whose answer to Ana was denied, who then called; and a question of Bo, and of somebody unknown."""
    ana, bo = shop.customers.add(name="Ana"), shop.customers.add(name="Bo")
    item = shop.feedback.receive(kind="question", channel="form", text="Open today?", customer=ana)
    shop.feedback.receive(kind="question", channel="form", text="Which size?", customer=bo)
    shop.feedback.receive(kind="question", channel="phone", text="Which colour?")
    item = shop.feedback.move(item, "answer", by="maja", text="Until six.", told="called")
    shop.feedback.move(item, "deny", by=Actor.customer())
    clock.advance(timedelta(days=3))
    shop.feedback.receive(kind="complaint", channel="phone", text="You were closed", customer=ana)
    return shop


def test_both_rates_and_what_is_left_out(run, firm):
    """Two rates, each with what it is a share of, and how many items are in neither."""
    assert run("report", "repeats", *LATER).out.splitlines() == [
        "33 % came again within 7 days: 1 of 3",
        "100 % reopened or denied: 1 of 1 ever solved or closed",
        "  1 item of an unknown person or time: not counted",
    ]
    assert "  3 items younger than that: not counted yet" in run("report", "repeats", "--within", "30 d", *LATER).out


def test_rates_are_split(run, firm):
    """A row for each key."""
    lines = run("report", "repeats", "--by", "channel", *LATER).out.splitlines()
    assert [" ".join(line.split()) for line in lines[-3:]] == [
        "channel items came again reopened too young unknown",
        "form 2 50 % 100 % 0 0",
        "phone 1 0 % - 0 1",
    ]


def test_from_and_until(run, firm):
    """Only items of the span that was named are counted, by the wall clock of the firm."""
    assert "0 of 1" in run("report", "repeats", "--since", "2026-03-05", *LATER).out
    assert "1 of 2" in run("report", "repeats", "--until", "2026-03-05", *LATER).out


def test_a_program_gets_all_of_it(run, firm):
    """For a program the shares are two numbers each."""
    data = run("report", "repeats", "--by", "kind", "--json", *LATER).json
    assert data["total"]["repeated"] == {"part": 1, "whole": 3}
    assert [row["key"] for row in data["rows"]] == ["complaint", "question"]
