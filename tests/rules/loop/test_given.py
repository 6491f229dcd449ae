"""What is given with a move: read as the rules use it, or refused with what was wrong."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from attrs import evolve

from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.feedback import Priority
from clientloop.presets.common import COMMON
from clientloop.presets.complaint import COMPLAINT
from clientloop.presets.idea import IDEA
from clientloop.rules.loop.given import read_given
from clientloop.rules.loop.process import prepare
from tests.test_processes import OWNER, Firm

LOOP = prepare(IDEA, COMMON)
ASSESS, ACCEPT, SPLIT = LOOP.row("new", "assess"), LOOP.row("assessed", "accept"), LOOP.row("new", "split")
RESOLVE = prepare(COMPLAINT, COMMON).row("working", "resolve")
ID = UUID(int=7)


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("improvement", str(ID), ID),
        ("improvement", ID, ID),
        ("priority", "critical", Priority.CRITICAL),
        ("date", "2026-06-01T09:00:00+00:00", datetime(2026, 6, 1, 9, tzinfo=UTC)),
        ("value", "much", "much"),
        ("redress", 0, 0),
        ("reason", None, ...),
    ],
)
def test_values_are_read_by_their_field(name: str, value: object, read: object) -> None:
    """Ids, priorities and times may be text; what is None was not given."""
    assert read_given(ASSESS, LOOP, {name: value}) == ({} if read is ... else {name: read})


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("improvement", "the first", "'the first' is no id"),
        ("priority", "urgent", "no priority 'urgent': known are"),
        ("priority", "critcal", "did you mean 'critical'"),
        ("date", "tomorrow", "'tomorrow' is no time"),
        ("date", 5, "5 is no time"),
        ("redress", "50", "'50' is no redress: give whole minor units"),
        ("redress", 49.9, "is no redress"),
        ("redress", True, "is no redress"),
        ("redress", -1, "is no redress"),
    ],
)
def test_values_that_cannot_be_meant_are_refused(name: str, value: object, says: str) -> None:
    """What cannot be read is refused with what to write instead."""
    with pytest.raises(InvalidValue, match=says):
        read_given(ASSESS, LOOP, {name: value})


@pytest.mark.parametrize("name", ["resaon", "to", "original", "cuase"])
def test_a_field_that_the_move_does_not_take_is_refused(name: str) -> None:
    """No misspelt field is lost: what neither the move, the kind nor every move takes is an error."""
    with pytest.raises(UnknownName, match=f"no field of the move 'accept' '{name}'"):
        read_given(ACCEPT, LOOP, {name: "x"})


def test_what_a_move_takes_is_named_with_what_it_requires_first() -> None:
    """The names that are shown begin with those that the move cannot be made without, however many there are."""
    loop = prepare(evolve(COMPLAINT, fields={"order": "what was bought"}), COMMON)
    with pytest.raises(UnknownName, match=r"known are 'to', 'order', 'action', .* and [0-9]+ more$"):
        read_given(loop.row("new", "assign"), loop, {"zzz": "maja"})


def test_a_date_may_come_with_any_move() -> None:
    """A move that sets no date may still name one to the customer."""
    date = datetime(2026, 6, 1, 9, tzinfo=UTC)
    assert read_given(RESOLVE, LOOP, {"date": date})["date"] is date


@pytest.mark.parametrize(
    "parts", ["idea", {"kind": "idea"}, [{"kind": "idea"}], [{"text": "x"}], [{"kind": "idea", "text": " "}],
              [{"kind": "idea", "text": "x", "to": "mia"}], [None], 5],
)  # fmt: skip
def test_parts_without_a_kind_or_words_are_refused(parts: object) -> None:
    """Every part of a split names its kind and its words, and nothing else."""
    with pytest.raises(InvalidValue, match="is no part: give parts="):
        read_given(SPLIT, LOOP, {"reason": "two matters", "parts": parts})


def test_a_refused_field_changes_nothing(firm: Firm) -> None:
    """A move with one bad field is not made, and its item stays as it is."""
    item = firm.bring("complaint", "working")
    with pytest.raises(InvalidValue):
        firm.move(item, "resolve", OWNER, cause="carrier", action="sent another", redress="5 euros")
    assert firm.loop.feedback.get(item.id) == item
