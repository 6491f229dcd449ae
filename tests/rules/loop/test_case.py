"""What a move is judged by."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from clientloop.errors import Refused
from clientloop.model.calendar import Calendar
from clientloop.model.feedback import Feedback
from clientloop.model.work import Actor
from clientloop.presets.common import COMMON
from clientloop.presets.complaint import COMPLAINT
from clientloop.rules.loop.case import Case
from clientloop.rules.loop.process import prepare
from clientloop.rules.loop.settings import Settings

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
LOOP = prepare(COMPLAINT, COMMON)


def test_a_misspelt_move_comes_with_those_that_the_state_has() -> None:
    """The refusal names the state and the nearest of its moves; a move of another state is none of this one."""
    with pytest.raises(Refused, match="no move 'asign' from state 'new' of complaint: did you mean 'assign'"):
        LOOP.row("new", "asign")
    with pytest.raises(Refused, match="no move 'resolve' from state 'new' of complaint"):
        LOOP.row("new", "resolve")


def test_moves_come_in_the_order_of_the_tables() -> None:
    """The moves of the kind come first, then those that are common to all."""
    assert LOOP.moves_from("new")[:3] == ("assign", "reject", "wait")
    assert LOOP.moves_from("informed")[:3] == ("confirm", "deny", "lapse")
    assert LOOP.moves_from("nowhere") == ()


def test_a_loop_is_open_until_one_of_its_ends() -> None:
    """Ends of the kind and common ends close a loop; everything else is open."""
    assert {state for state in LOOP.states if not LOOP.is_open(state)} == set(LOOP.ends)
    assert LOOP.is_open("waiting")


def test_what_is_given_goes_before_what_the_item_holds() -> None:
    """A field is looked for among what was given, then in the item's own fields, then in its data."""
    item = Feedback(
        space="main", id=UUID(int=1), ref="AAAAAAAA", kind="complaint", process=1, state="new", channel="email",
        recorded_at=NINE, state_since=NINE, touched_at=NINE, owner="mia", cause="carrier", data={"redress": 500},
    )  # fmt: skip
    case = Case(
        item=item, loop=LOOP, row=LOOP.row("new", "assign"), actor=Actor.of("desk"), now=NINE,
        given={"to": "tim"}, settings=Settings(calendar=Calendar.standard("UTC")),
    )  # fmt: skip
    values = {name: case.value(name) for name in ("to", "cause", "redress", "action", "reason")}
    assert values == {"to": "tim", "cause": "carrier", "redress": 500, "action": None, "reason": None}
