"""Tasks: the work inside a loop."""

from uuid import UUID

import pytest

from clientloop.errors import Conflict, Incomplete, InvalidValue, MissingReference, NotFound, Refused, UnknownName
from clientloop.model.customers import Purpose
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


def test_a_task_is_done_when_its_steps_and_the_tasks_before_it_are(firm: Firm) -> None:
    """Whoever closes a task too early is told all that is open; ticks can be taken back."""
    item, tasks = firm.receive("complaint"), firm.loop.tasks
    find = tasks.add(item, "Find a lid", checklist=["Look", "Ask"])
    send = tasks.add(item, "Send it", after=[find], checklist=["Pack"])
    with pytest.raises(Incomplete) as refusal:
        tasks.done(send.id, result="sent")
    assert refusal.value.missing == ("step 1: Pack", "the task before it: Find a lid")
    find = tasks.tick(tasks.tick(tasks.tick(find, 1), 2), 1, done=False)
    with pytest.raises(Incomplete, match="step 1: Look"):
        tasks.done(find, result="found")
    tasks.done(tasks.tick(find.id, 1), result="found")
    assert [(task.title, task.is_open) for task in tasks.of(item)] == [("Find a lid", False), ("Send it", True)]
    assert tasks.done(tasks.tick(send, 1), result="sent").checklist == (["Pack", True],)


@pytest.mark.parametrize("number", [0, 3, -1])
def test_a_step_that_there_is_not_cannot_be_ticked(firm: Firm, number: int) -> None:
    """Steps are numbered from one on."""
    task = firm.loop.tasks.add(firm.receive("complaint"), "Call", checklist=["Look", "Ask"])
    with pytest.raises(InvalidValue, match=f"no step {number} of 'Call': it has 2"):
        firm.loop.tasks.tick(task, number)
    with pytest.raises(InvalidValue, match="says nothing"):
        firm.loop.tasks.add(task.item, "Call", checklist=["Look", " "])


def test_a_task_waits_for_tasks_of_its_own_item(firm: Firm) -> None:
    """A task of another item, or none at all, cannot come before it."""
    other = firm.loop.tasks.add(firm.receive("idea"), "Weigh it up")
    item = firm.receive("complaint")
    with pytest.raises(InvalidValue, match="of another item"):
        firm.loop.tasks.add(item, "Call", after=[other])
    with pytest.raises(NotFound, match="no task"):
        firm.loop.tasks.add(item, "Call", after=[UUID(int=1)])
    assert firm.loop.tasks.of(item) == ()


def test_a_task_can_be_changed_while_it_is_open(firm: Firm) -> None:
    """What is not given stays; None takes the owner or the date away; a stale task is refused."""
    tasks, due = firm.loop.tasks, firm.clock.now() + DAY
    task = tasks.add(firm.receive("complaint"), "Call", owner="mia", due=due)
    changed = tasks.change(task, title="Write", owner=None)
    assert (changed.title, changed.owner, changed.due) == ("Write", None, due)
    assert [*tasks.of(task.item)] == [changed]
    with pytest.raises(Conflict):
        tasks.change(task, owner="tim")
    with pytest.raises(UnknownName, match="did you mean 'owner'"):
        tasks.change(changed, onwer="tim")  # type: ignore[call-arg]  # wrong on purpose
    tasks.done(changed, result="written")
    for late in (lambda: tasks.change(task.id, due=None), lambda: tasks.tick(task.id, 1)):
        with pytest.raises(Conflict, match="done already"):
            late()


def test_whoever_gets_a_task_hears_of_it(firm: Firm) -> None:
    """A new owner with an address gets one internal message in the same unit; the same owner, and nobody, get none."""
    item = firm.receive("complaint")
    task = firm.loop.tasks.add(item, "Call the carrier", owner="tim", due=firm.clock.now() + DAY)
    (message,) = firm.loop.feedback.outbox(item)
    assert (message.to, message.purpose, message.customer) == ("tim@firm.example.com", Purpose.INTERNAL, None)
    assert message.subject == f"A task for you in {item.ref}: Call the carrier"
    assert "Due: 2026-03-03 09:00 UTC" in message.body
    task = firm.loop.tasks.change(task, owner="tim", title="Call")
    task = firm.loop.tasks.change(task, owner="mia")
    firm.loop.tasks.change(task, owner=None)
    firm.loop.run_due()
    assert [message.to for message in firm.post.sent] == ["tim@firm.example.com", "mia@firm.example.com"]
    firm.loop.staff.add("ina")
    firm.loop.tasks.add(item, "Sort", owner="ina")
    assert firm.loop.feedback.outbox(item) == ()
    with pytest.raises(UnknownName, match="did you mean 'mia'"):
        firm.loop.tasks.add(item, "Sort", owner="mja")


def test_an_expert_who_is_asked_for_help_hears_of_it(firm: Firm) -> None:
    """Whoever is consulted gets the alert of a task, in the unit of the move; one who consults oneself gets none."""
    item = firm.bring("question", "assigned")
    item = firm.loop.feedback.move(item, "consult", expert="tim", by="mia")
    (message,) = firm.loop.feedback.outbox(item)
    assert (message.to, message.purpose, message.customer) == ("tim@firm.example.com", Purpose.INTERNAL, None)
    assert message.subject == f"A task for you in {item.ref}: Help to answer the question"
    assert message.transition == item.version
    item = firm.loop.feedback.move(item, "consult", by="tim")
    assert {task.owner for task in firm.loop.tasks.of(item)} == {"tim"}
    assert len(firm.loop.feedback.outbox(item)) == 1


def test_an_expert_is_a_member_who_is_there(firm: Firm) -> None:
    """Nobody is asked for help who is not known, or is away."""
    item = firm.bring("question", "assigned")
    with pytest.raises(UnknownName, match="did you mean 'tim'"):
        firm.loop.feedback.move(item, "consult", expert="timm", by="mia")
    firm.loop.staff.away("tim")
    with pytest.raises(Refused, match="tim is away"):
        firm.loop.feedback.move(item, "consult", expert="tim", by="mia")


def test_a_task_says_what_is_to_be_done_and_what_was_done(firm: Firm) -> None:
    """A task without a title is refused, and one without a result stays open."""
    item = firm.receive("complaint")
    with pytest.raises(InvalidValue, match="a task without a title"):
        firm.loop.tasks.add(item, " ")
    task = firm.loop.tasks.add(item, "Call", checklist=["Find the number"])
    with pytest.raises(Incomplete) as refused:
        firm.loop.tasks.done(task, result=" ")
    assert refused.value.missing == ("result", "step 1: Find the number")


def test_overdue_tasks_are_open_and_past_their_time(firm: Firm) -> None:
    """Tasks without a date, with time left, or done, are not overdue."""
    item, tasks = firm.receive("complaint"), firm.loop.tasks
    late = tasks.add(item, "Late", owner="mia", due=firm.clock.now() - DAY)
    other = tasks.add(item, "Other", owner="tim", due=firm.clock.now() - DAY)
    soon = tasks.add(item, "Soon", owner="mia", due=firm.clock.now() + DAY)
    tasks.add(item, "Some day", owner="mia")
    tasks.done(tasks.add(item, "Done", due=firm.clock.now() - DAY), result="done")
    assert {task.id for task in tasks.overdue()} == {late.id, other.id}
    assert [task.id for task in tasks.overdue(owner="mia")] == [late.id]
    assert [task.id for task in tasks.overdue(firm.clock.now() + 2 * DAY, owner="mia")] == [late.id, soon.id]
