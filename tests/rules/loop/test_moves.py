"""What a move writes besides the item; the tables themselves are walked in `tests/test_processes.py`."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from attrs import evolve

from clientloop.model.calendar import Calendar, Span, hours, working_hours
from clientloop.model.feedback import Feedback
from clientloop.model.process import NEW, OWNER, Open, move
from clientloop.model.units import Insert
from clientloop.model.work import Actor, Task
from clientloop.presets.common import COMMON
from clientloop.presets.question import QUESTION
from clientloop.rules.loop import moves
from clientloop.rules.loop.case import Case, Kit
from clientloop.rules.loop.process import prepare
from clientloop.rules.loop.settings import Settings

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday
SETTINGS = Settings(calendar=Calendar.standard("UTC"))
KIT = Kit(settings=SETTINGS, new_id=uuid4, new_ref=lambda: "7K3M9QXA", render=lambda *_: ("", ""))


def task_of(cause: Open, *, due: datetime | None) -> Task:
    """The task that a move with this cause opens at noon, for an item that is due then."""
    row = move(NEW, "ask", NEW, OWNER, cause)
    item = Feedback(
        space="shop", id=UUID(int=7), ref="7K3M9QXA", kind="question", process=1, state=NEW, channel="web",
        title="?", recorded_at=NOON, state_since=NOON, touched_at=NOON, due=due, owner="mia",
    )  # fmt: skip
    loop = prepare(evolve(QUESTION, moves=(row, *QUESTION.moves)), COMMON)
    case = Case(
        item=item,
        loop=loop,
        row=loop.row(NEW, "ask"),
        actor=Actor.of("mia"),
        now=NOON,
        given={"expert": "eva"},
        settings=SETTINGS,
    )
    (task,) = [
        change.record
        for change in moves.move(case, KIT).unit.changes
        if isinstance(change, Insert) and isinstance(change.record, Task)
    ]
    return task


@pytest.mark.parametrize(
    ("span", "expected"),
    [(hours(20), NOON + timedelta(hours=20)), (working_hours(6), NOON + timedelta(hours=22))],
)
@pytest.mark.parametrize("kind", ["executor", "expert"])
def test_a_task_is_due_when_it_is_declared_to_be(kind: str, span: Span, expected: datetime) -> None:
    """A declared length counts from the move, on its own clock."""
    assert task_of(Open(kind, "Help", span), due=NOON + timedelta(hours=2)).due == expected


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        (NOON + timedelta(hours=2), NOON + timedelta(hours=1)),
        (NOON - timedelta(hours=2), NOON),
        (None, NOON),
    ],
)
def test_an_expert_has_half_of_the_time_that_is_left(due: datetime | None, expected: datetime) -> None:
    """Without a declared length the expert's task ends half-way to the end of the item, or at once."""
    task = task_of(Open("expert", "Help"), due=due)
    assert (task.owner, task.due) == ("eva", expected)


def test_another_task_without_a_length_has_no_date() -> None:
    """The owner's own task is bound by the deadlines of the item alone."""
    task = task_of(Open("executor", "Mend"), due=NOON + timedelta(hours=2))
    assert (task.owner, task.due) == ("mia", None)
