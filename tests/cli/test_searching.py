"""The command that finds items by what was said."""

import pytest

from clientloop.model.feedback import Feedback
from clientloop.model.units import Unit, Update


@pytest.fixture
def items(shop):
    """Three ideas, the latest last."""
    said = ("Deliver on Saturdays", "Saturday deliveries, please", "Deliver faster")
    return [shop.feedback.receive(kind="idea", channel="form", text=text) for text in said]


def test_search_lists_items_as_the_inbox_does(run, shop, items):
    """What is found stands in the same table, the latest first, closed items too."""
    shop.feedback.move(items[0], "not_feedback", by="desk", reason="an advertisement")
    header, *lines = run("search", "saturday*").out.splitlines()
    assert header.split() == run("inbox").out.split("\n")[0].split()
    assert [line.split()[0] for line in lines] == [items[1].ref, items[0].ref]


def test_what_is_closed_is_not_late(run, shop, items):
    """A closed item shows no deadline, though a time has passed at which something was to follow it."""
    shop.feedback.move(items[0], "not_feedback", by="desk", reason="an advertisement")
    for item in items:
        shop.store.commit(Unit((Update(Feedback, (item.space, item.id), {"due": item.received_at}),)))
    lines = {line.split()[0]: line for line in run("search", "deliver*", "--now", "2026-03-04T10:00").out.splitlines()}
    assert ["late" in lines[item.ref] for item in items] == [False, True, True]


def test_search_takes_words_as_they_were_typed(run, items):
    """Several words must all occur; quotes that reach the program make a phrase."""
    assert run("search", "deliver", "SATURDAYS").out.count("\n") == 2
    assert run("search", "deliver saturdays").out.count("\n") == 2
    assert run("search", '"deliver on"').out.count("\n") == 2
    assert run("search", '"deliver saturdays"').out == "Nothing was found.\n"


def test_search_gives_pages_to_a_program(run, items):
    """A page names the one that follows, for people and for programs."""
    first = run("search", "deliver", "-n", "1", "--json").json
    rest = run("search", "deliver", "-n", "1", "--json", "--after", first["next"]).json
    assert [each["ref"] for each in first["items"] + rest["items"]] == [items[2].ref, items[0].ref]
    assert rest["next"] is None
    assert run("search", "nobody", "--json").json == {"items": [], "next": None}
    assert f"There are more: --after {first['next']}" in run("search", "deliver", "-n", "1").out


@pytest.mark.parametrize("typed", [(), ("*",), ("?!",)])
def test_search_without_a_word_says_how_to_ask(run, items, typed):
    """What has no word to search for is refused with the ways to ask."""
    done = run("search", *typed)
    assert done.code == 1
    assert "has no word to search for" in done.err
    assert "refund*" in done.err
