"""The report on low scorers whom nobody has called."""

import pytest

from clientloop.cli.demo.cast import at
from clientloop.model.interactions import InteractionKind

LATE = ("--now", "2026-03-05T10:00")


@pytest.fixture
def items(shop, clock):
    """Four low scorers: one called in time, one too late, one not at all, one whom nobody knows."""
    people = [shop.customers.add(name=name) for name in ("Ana", "Bo", "Eva")]
    items = [
        shop.feedback.receive(kind="complaint", channel="form", text=text, customer=who, rating=rating, scale="1-5")
        for text, who, rating in zip(["Bad", "Slow", "Cold", "Loud"], [*people, None], [1, 2, 1, 2], strict=True)
    ]
    for who, when in ((people[0], "2026-03-03 10:00"), (people[1], "2026-03-04 14:00")):
        clock.set(at(when))
        shop.interactions.record(kind=InteractionKind.CALL, channel="phone", customer=who)
    return items


def test_low_scorers_are_listed_with_why(run, items):
    """One line an item, the latest first, with what is known of a call."""
    lines = run("report", "low-scorers", *LATE).out.splitlines()
    assert lines[0].split() == ["item", "rated", "customer", "owner", "call", "due", "why", "words"]
    assert [" ".join(line.split()) for line in lines[1:]] == [
        f"{items[3].ref} 2 of 1-5 25 h late customer not known Loud",
        f"{items[2].ref} 1 of 1-5 Eva 25 h late not called Cold",
        f"{items[1].ref} 2 of 1-5 Bo 25 h late called 5 h too late Slow",
    ]


def test_low_scorers_still_in_time(run, items):
    """Those for whom there is time are listed apart, and the span may be another."""
    assert run("report", "low-scorers", "--in-time", *LATE).out == "Nobody waits for a call.\n"
    out = run("report", "low-scorers", "--in-time", "--within", "9 wd", *LATE).out
    assert [line.split()[0] for line in out.splitlines()[1:]] == [items[2].ref, items[3].ref]
    assert (
        run("report", "low-scorers", "--within", "9 wd", *LATE).out == "Everybody was called within 9 working days.\n"
    )


def test_low_scorers_come_in_pages(run, items):
    """A page names the one that follows; a program gets the same."""
    first = run("report", "low-scorers", "-n", "2", "--json", *LATE).json
    rest = run("report", "low-scorers", "-n", "2", "--json", "--after", first["next"], *LATE).json
    assert [row["item"]["ref"] for row in first["items"] + rest["items"]] == [items[n].ref for n in (3, 2, 1)]
    assert rest["items"][0]["called_at"] == "2026-03-04T13:00:00+00:00"
    assert f"There are more: --after {first['next']}" in run("report", "low-scorers", "-n", "2", *LATE).out


def test_a_span_that_is_none_is_refused(run, items):
    """What is no length of time is an error, with how to write one."""
    done = run("report", "low-scorers", "--within", "soon", *LATE)
    assert done.code != 0
    assert "no length of time" in done.err
