"""Tasks: the work inside a loop."""

from uuid import UUID

import pytest

from clientloop.errors import Conflict, Incomplete, MissingReference, NotFound
from clientloop.model.facts import Fact, FactName
from tests.test_processes import CAUSE, DAY, OWNER, Firm


def test_a_task_of_ones_own_holds_the_solution_up(firm: Firm) -> None:
    """An item is resolved when all its tasks are done, those that people added too."""
    item = firm.bring("complaint", "working")
    task = firm.loop.tasks.add(item, "Call the carrier", owner="tim")
    with pytest.raises(Incomplete, match=r"tasks done \(Call the carrier\)"):
        firm.move(item, "resolve", OWNER, **CAUSE)
    firm.clock.advance(DAY / 24)
    done = firm.loop.tasks.done(task, result="they pay")
    assert (done.is_open, done.result, done.done_at) == (False, "they pay", firm.clock.now())
    assert done in firm.loop.tasks.of(item)
    assert firm.move(item, "resolve", OWNER, **CAUSE).state == "resolved"


def test_the_agenda_shows_open_tasks_by_owner(firm: Firm) -> None:
    """Everybody sees what is open; a member, what is theirs."""
    item = firm.receive("complaint")
    mine, other = (firm.loop.tasks.add(item, "Call", owner=owner) for owner in ("mia", "tim"))
    firm.loop.tasks.done(firm.loop.tasks.add(item, "Nothing"), result="done")
    assert {task.id for task in firm.loop.tasks.agenda()} == {mine.id, other.id}
    assert [task.id for task in firm.loop.tasks.agenda(owner="mia")] == [mine.id]


def test_tasks_belong_to_items_that_exist(firm: Firm) -> None:
    """A task of no item is refused, and an unknown task cannot be done."""
    with pytest.raises(MissingReference):
        firm.loop.tasks.add(UUID(int=1), "Call")
    with pytest.raises(NotFound, match="no task"):
        firm.loop.tasks.done(UUID(int=1), result="done")


def test_a_task_that_somebody_else_finished_is_a_conflict(firm: Firm) -> None:
    """Two people who finish the same task do not overwrite each other's result."""
    task = firm.loop.tasks.add(firm.receive("complaint"), "Call")
    firm.loop.tasks.done(task, result="they pay")
    with pytest.raises(Conflict):
        firm.loop.tasks.done(task, result="they do not")


def test_a_finished_task_keeps_its_result(firm: Firm) -> None:
    """Finishing a task a second time is a conflict, and what was done stays written."""
    task = firm.loop.tasks.add(firm.receive("complaint"), "Look for the parcel")
    firm.loop.tasks.done(task, result="found")
    with pytest.raises(Conflict, match="done already"):
        firm.loop.tasks.done(task.id, result="lost")
    assert [each.result for each in firm.loop.tasks.of(task.item)] == ["found"]


def test_facts_tell_of_tasks(firm: Firm) -> None:
    """Observers hear when work is opened and done."""
    heard: list[Fact] = []
    item = firm.receive("complaint")
    firm.loop.context._tell = heard.extend
    firm.loop.tasks.done(firm.loop.tasks.add(item, "Call").id, result="done")
    assert [(fact.name, fact.subject) for fact in heard] == [
        (FactName.TASK_OPENED, item.id),
        (FactName.TASK_DONE, item.id),
    ]
