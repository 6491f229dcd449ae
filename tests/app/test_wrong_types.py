"""Values of the wrong type given to verbs: each is an error that says what to give, never one of Python's own."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from clientloop import ClientLoop, InvalidValue

DAY = date(2026, 3, 2)


# Any, here and below: wrong on purpose
def _receive(**given: Any) -> Callable[[ClientLoop], object]:
    wanted: dict[str, Any] = {"kind": "complaint", "channel": "phone", "text": "It is late", **given}
    return lambda loop: loop.feedback.receive(**wanted)


def _move(by: Any) -> Callable[[ClientLoop], object]:
    return lambda loop: loop.feedback.move(loop.inbox().items[0], "assign", to="mia", by=by)


A_TIME = "give a date or an aware datetime"
A_NAME = "give a name, or an Actor"

#: What is called, and what the error tells to give.
CALLS: dict[str, tuple[Callable[[Any], object], str]] = {
    "receive: no channel": (_receive(channel=None), "write it like 'email'"),
    "receive: a number for a channel": (_receive(channel=5), "write it like 'email'"),
    "receive: no words": (_receive(text=None), "give the words"),
    "receive: a number for words": (_receive(text=5), "give the words"),
    "receive: nobody": (_receive(by=None), A_NAME),
    "receive: a number for a name": (_receive(by=5), A_NAME),
    "receive: an empty name": (_receive(by=""), A_NAME),
    "receive: a text for a rating": (_receive(rating="3", scale="1-5"), "give a whole number"),
    "receive: a half rating": (_receive(rating=2.5, scale="1-5"), "give a whole number"),
    "receive: a number for a scale": (_receive(rating=3, scale=5), "write it like '1-5'"),
    "receive: a text for a time": (_receive(received_at="2026-03-02"), "give an aware datetime"),
    "receive: bytes for a file": (_receive(files=[b"x"]), "give File("),
    "move: nobody": (_move(None), A_NAME),
    "move: a blank name": (_move(" "), A_NAME),
    "inbox: a text for a limit": (lambda loop: loop.inbox(limit="5"), "ask for at least 1"),
    "inbox: a half limit": (lambda loop: loop.inbox(limit=2.5), "ask for at least 1"),
    "inbox: a text for a limit of a search": (lambda loop: loop.inbox(text="late", limit="5"), "ask for at least 1"),
    "inbox: a number for a reader": (lambda loop: loop.inbox(by=5), A_NAME),
    "learn: nobody": (
        lambda loop: loop.customers.learn(loop.customers.add(name="Ana"), "aim", "x", source="y", by=None),
        A_NAME,
    ),
    "set_class: nobody": (
        lambda loop: loop.customers.set_class(loop.customers.add(name="Ana"), "A", by=None),
        A_NAME,
    ),
    "score: a text for a time": (lambda loop: loop.metrics.score("closed", since="2026-01-01"), A_TIME),
    "trend: a text for a time": (lambda loop: loop.metrics.trend("closed", until="2026-01-01"), A_TIME),
    "compare: a text for a time": (
        lambda loop: loop.metrics.compare("loop_rate", rate="closed", before=("2026-01-01", DAY), after=(DAY, DAY)),
        A_TIME,
    ),
    "before_after: a text for a time": (lambda loop: loop.metrics.before_after("closed", at="2026-01-01"), A_TIME),
    "report of the loop: a text for a time": (lambda loop: loop.reports.loop(since="2026-01-01"), A_TIME),
    "report of the loop: a number for a time": (lambda loop: loop.reports.loop(until=2026), A_TIME),
    "ABC: a text for a time": (lambda loop: loop.reports.abc(as_of="2026-01-01"), A_TIME),
    "assess: a text for a time": (lambda loop: loop.relationships.assess("abc", as_of="2026-01-01"), A_TIME),
    "plan: a text for a time": (lambda loop: loop.appointments.plan("Offer", starts_at="2026-01-01"), A_TIME),
    "due: a text for a time": (
        lambda loop: loop.tasks.add(loop.inbox().items[0], "Call her", due="2026-01-01"),
        "give an aware datetime",
    ),
}


@pytest.mark.parametrize("called", CALLS)
def test_a_value_of_the_wrong_type_is_told_what_to_give(called: str) -> None:
    """Whoever gives a text where a time belongs, or nothing where a name does, reads what to give instead."""
    call, says = CALLS[called]
    with ClientLoop.open("memory:", entry_points=False) as loop:
        loop.feedback.receive(kind="complaint", channel="phone", text="It is wet")
        with pytest.raises(InvalidValue) as refused:
            call(loop)
    assert says in str(refused.value)
