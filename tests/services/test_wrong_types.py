"""Each parameter of the verbs that take what people and programs say, given what it cannot be."""

import inspect
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from clientloop import ClientLoop, ManualClock, Money
from clientloop.errors import ClientLoopError, InvalidValue
from clientloop.services.loop.feedback import FeedbackDesk
from clientloop.services.people.interactions import Interactions
from clientloop.services.planning.appointments import Appointments

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
ONE = Money(100, "EUR")

#: The verbs, with what each is given besides. Any: each takes its own.
VERBS: Mapping[str, Mapping[str, Any]] = {
    "feedback.receive": {"kind": "idea", "channel": "phone", "text": "Open late", "rating": 3, "scale": "1-5"},
    "feedback.move": {"name": "assign", "to": "mia", "by": "mia"},
    "interactions.record": {"kind": "purchase", "channel": "shop", "money": ONE, "cost": ONE},
    "appointments.plan": {"title": "Talk", "starts_at": NINE},
}

CLASSES = {"feedback": FeedbackDesk, "interactions": Interactions, "appointments": Appointments}

#: Every one of their parameters.
PARAMETERS = [
    (verb, each.name)
    for verb in VERBS
    for each in inspect.signature(getattr(CLASSES[verb.partition(".")[0]], verb.partition(".")[2])).parameters.values()
    if each.name != "self" and each.kind is not each.VAR_KEYWORD
]

#: What none of them takes.
WRONG = (object(), b"x", ["x"], ("x", 1), {"x": object()}, 2.5, True)


@pytest.fixture(scope="module")
def loop() -> Iterator[ClientLoop]:
    """A firm."""
    with ClientLoop.open("memory:", clock=ManualClock(NINE), entry_points=False) as opened:
        yield opened


def call(loop: ClientLoop, verb: str, **given: Any) -> None:  # Any: wrong on purpose
    """Call a verb with what it is given besides, on an item of its own where it moves one."""
    group, _, name = verb.partition(".")
    wanted = {**VERBS[verb], **given}
    if verb == "feedback.move" and "item" not in given:
        wanted["item"] = loop.feedback.receive(kind="idea", channel="phone", text="Open late")
    getattr(getattr(loop, group), name)(**wanted)


@pytest.mark.parametrize(("verb", "parameter"), PARAMETERS)
def test_a_value_of_the_wrong_type_is_an_error_of_ours(loop: ClientLoop, verb: str, parameter: str) -> None:
    """Whatever a parameter is given, the error is one that a program can catch and a person can read."""
    for wrong in WRONG:
        with pytest.raises(ClientLoopError):
            call(loop, verb, **{parameter: wrong})


#: What somebody gives by mistake, and what the error says. Any: wrong on purpose.
MISTAKES: Mapping[str, tuple[str, Mapping[str, Any], str]] = {
    "bare money": ("interactions.record", {"money": 1250}, "give whole cents with their currency"),
    "bare cost": ("interactions.record", {"cost": 1250}, "give whole cents with their currency"),
    "a title for a channel": ("interactions.record", {"channel": "E-Mail!! "}, "is no name of a channel"),
    "no channel": ("interactions.record", {"channel": ""}, "is no name of a channel"),
    "a number for words": ("interactions.record", {"text": 5}, "give the words"),
    "a list of kinds": ("feedback.receive", {"kind": ["idea"]}, "give the name of a kind"),
    "a number for a subject": ("feedback.receive", {"subject": 5}, "give the line on top"),
    "a number for fields": ("feedback.receive", {"data": 5}, "give the fields of the kind by name"),
    "no list of files": ("feedback.receive", {"files": None}, "give a list of them"),
    "an empty customer": ("feedback.receive", {"customer": ""}, "give the record or its id"),
    "a list of moves": ("feedback.move", {"name": ["assign"]}, "give the name of a move"),
    "no title": ("appointments.plan", {"title": None}, "say in one line"),
    "a text for an end": ("appointments.plan", {"ends_at": "2026-03-02"}, "give an aware datetime"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_error_tells_what_to_give(loop: ClientLoop, mistake: str) -> None:
    """What is empty or of the wrong type is neither taken for nothing nor an error of Python's."""
    verb, given, says = MISTAKES[mistake]
    with pytest.raises(InvalidValue, match=says):
        call(loop, verb, **given)
