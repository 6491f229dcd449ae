"""The report on causes."""

import pytest

from clientloop import InteractionKind, Money

NOW = ("--now", "2026-03-03T09:00")


@pytest.fixture
def firm(shop):
    """A shop with two complaints of one cause, one of another and one of none."""
    ana, bo = shop.customers.add(name="Ana"), shop.customers.add(name="Bo")
    for who, money in ((ana, Money(12_000, "EUR")), (ana, Money(500, "USD")), (bo, Money(4_550, "EUR"))):
        shop.interactions.record(kind=InteractionKind.PURCHASE, channel="shop", customer=who, money=money)
    for who, cause in ((ana, "packing"), (bo, "packing"), (bo, "kitchen"), (None, None)):
        item = shop.feedback.receive(kind="complaint", channel="form", text="Bad", customer=who)
        if cause:
            shop.feedback.move(item, "assign", to="maja", by="desk", cause=cause)
    return shop


def test_causes_are_listed_with_what_they_touch(run, firm):
    """The most frequent cause comes first, with the money of its customers, each currency apart."""
    assert [" ".join(line.split()) for line in run("report", "causes", *NOW).out.splitlines()] == [
        "2 causes of 4 items",
        "1 item without a cause, or without one yet",
        "",
        "cause items share open customers unknown revenue at risk",
        "packing 2 50 % 2 2 0 165.50 EUR + 5.00 USD 165.50 EUR + 5.00 USD",
        "kitchen 1 25 % 1 1 0 45.50 EUR 45.50 EUR",
    ]


def test_few_causes_of_some_time(run, firm):
    """The list can be short, and about a span of time."""
    assert "kitchen" not in run("report", "causes", "-n", "1", *NOW).out
    assert run("report", "causes", "--since", "2026-03-03", *NOW).out == "0 causes of 0 items\n"
    assert run("report", "causes", "--until", "2026-03-03", *NOW).out.startswith("2 causes")


def test_a_program_gets_all_of_it(run, firm):
    """For a program amounts are whole minor units."""
    data = run("report", "causes", "--json", *NOW).json
    assert data["rows"][1]["at_risk"] == {"total": {"minor": 4550, "currency": "EUR"}, "left_out": []}
