"""The commands on relationships."""

from datetime import timedelta

import pytest

from clientloop import InteractionKind
from clientloop.model.money import Money


@pytest.fixture
def kim(shop, clock):
    """A customer who bought twice, months apart, and was assessed each time."""
    customer = shop.customers.add(name="Kim", email="kim@example.com")
    for _ in range(2):
        shop.interactions.record(
            kind=InteractionKind.PURCHASE, channel="shop", customer=customer, money=Money(20_00, "EUR")
        )
        clock.advance(timedelta(days=60))
        shop.relationships.reassess()
    return customer


def test_nobody_is_anywhere_before_the_first_assessment(run, shop):
    """The list says how to begin."""
    lines = run("relationships", "stages", "purchases").out.splitlines()
    assert [line.split() for line in lines[1:-1]] == [
        ["purchases", stage, "0"] for stage in ("lost", "potential", "one-time", "regular")
    ]
    assert lines[-1] == "Nobody was assessed yet: clientloop relationships reassess"
    shop.customers.add(name="Kim")
    assert run("relationships", "show", "Kim").out == "Not assessed yet.\n"
    assert run("relationships", "history", "Kim", "abc").out == "There is none.\n"


def test_stages_are_counted_and_whoever_stands_in_one_is_listed(run, shop, kim):
    """By name, page by page."""
    shop.customers.add(name="Tom")
    done = run("relationships", "reassess", "purchases", "--now", "2026-07-01T12:00")
    assert done.out == "purchases: 2 subjects, 1 changed\n"
    assert run("relationships", "stages", "--json").json["purchases"] == {
        "lost": 0, "potential": 1, "one-time": 0, "regular": 1,
    }  # fmt: skip
    [head, row] = run("relationships", "holding", "purchases", "regular").out.splitlines()
    assert head.split() == ["who", "stage", "way", "since", "before", "the", "model", "says"]
    assert row.split() == ["Kim", "regular", "↑", "2026-06-30", "one-time", "regular"]
    assert run("relationships", "holding", "purchases", "lost").out == "There is none.\n"
    wrong = run("relationships", "holding", "purchases", "regulr")
    assert (wrong.code, "did you mean 'regular'" in wrong.err) == (1, True)


def test_a_customer_is_shown_with_arrows_and_reasons(run, kim):
    """All models, or one of them with all that its stage follows from."""
    rows = {line.split()[0]: line.split()[1:] for line in run("relationships", "show", "Kim").out.splitlines()}
    assert rows["purchases"][:3] == ["regular", "↑", "2026-06-30"]
    shown = run("relationships", "show", "kim@example.com", "xyz").out
    assert "  buying.within 2" in shown
    assert run("relationships", "show", "Kim", "purchases", "--json").json["recomputed"] == "regular"
    assert run("relationships", "show", "Kim", "--json").json["purchases"]["previous"] == "one-time"


def test_a_stage_is_set_and_taken_back_by_hand(run, shop, kim):
    """With who, why and until when; the history has both."""
    now = ("--now", "2026-07-01T12:00", "--by", "mia")
    done = run("relationships", "set", "Kim", "abc", "B", "--reason", "small", "--until", "2026-08-01", *now)
    assert done.out == "Kim is B, until 2026-08-01 00:00; the model says A\n"
    assert shop.customers.get(kim).customer_class == "B"
    done = run("relationships", "unset", "Kim", "abc", "--reason", "grew", *now)
    assert done.out == "Kim is A\n"
    lines = run("relationships", "history", "Kim", "abc").out.splitlines()
    assert [line.split()[2:4] for line in lines[1:]] == [["A", "↑"], ["B", "↓"], ["A", "A"]]
    rows = run("relationships", "history", "Kim", "abc", "--json").json["history"]
    assert [(row["by"], row["reason"]) for row in rows] == [("mia", "grew"), ("mia", "small"), ("system", None)]
    first = run("relationships", "history", "Kim", "abc", "-n", "1")
    assert "There are more: --after " in first.out


def test_what_has_changed_within_a_time_is_listed(run, shop, kim):
    """With whom it happened to, page by page."""
    rows = run("relationships", "changes", "purchases", "--since", "2026-01-01").out.splitlines()
    assert [row.split()[0] for row in rows] == ["who", "Kim", "Kim"]
    page = run("relationships", "changes", "purchases", "--since", "2026-01-01", "-n", "1", "--json").json
    assert [each["stage"] for each in page["changes"]] == ["one-time"]
    assert "--after" in run("relationships", "changes", "purchases", "--since", "2026-01-01", "-n", "1").out
    at_rest = run("relationships", "changes", "purchases", "--since", "2026-01-01", "--until", "2026-01-02")
    assert at_rest.out == "Nothing has changed.\n"


def test_companies_are_named_like_customers(run, shop, kim):
    """By the whole name; of nobody the message says where to look."""
    shop.accounts.link(shop.accounts.add("Mill"), kim)
    run("relationships", "reassess", "abc", "--now", "2026-07-01T12:00")
    assert run("relationships", "holding", "abc", "A").out.splitlines()[1].split()[0] == "Mill"
    assert run("relationships", "show", "Mill", "--json").json["abc"]["sort"] == "account"
    wrong = run("relationships", "show", "Nobody")
    assert wrong.err.startswith("clientloop: no customer or company 'Nobody'")


def test_nightly_work_is_done_by_run(run, shop):
    """And is counted in what it says."""
    kim = shop.customers.add(name="Kim")
    assert "routine" in run("run", "--now", "2026-07-02T12:00").out.split(",")[0]
    stood = shop.relationships.standing(kim, "purchases")
    assert str(stood.as_of) == "2026-07-02 10:00:00+00:00"
