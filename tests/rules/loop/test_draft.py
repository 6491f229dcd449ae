"""What a move does to an item besides its state: clocks, times, measures, the journal and the facts."""

from datetime import timedelta

import pytest

from clientloop.model.codec import instant
from clientloop.model.facts import Fact, FactName
from clientloop.model.feedback import Feedback, Outcome, Priority
from clientloop.model.work import Actor, Role
from tests.test_processes import CAUSE, CUSTOMER, DAY, NINE, OWNER, SYSTEM, Firm

HOUR = timedelta(hours=1)


def names(item: Feedback) -> set[str]:
    """The deadlines that an item has."""
    return {clock.name for clock in item.deadlines}


def test_an_automatic_message_is_no_first_answer(firm: Firm) -> None:
    """What the library sends by itself leaves the clock of the first answer running; a person's words stop it."""
    item = firm.move(firm.bring("question", "new"), "escalate", SYSTEM)
    assert item.told_at == firm.clock.now()
    assert (item.first_answer_at, "first_answer" in names(item)) == (None, True)
    item = firm.move(item, "update", OWNER, text="We look into it")
    assert (item.first_answer_at, "first_answer" in names(item)) == (firm.clock.now(), False)


def test_only_the_first_answer_counts_as_the_first(firm: Firm) -> None:
    """What a person says later does not change when the customer was first answered."""
    item = firm.move(firm.bring("question", "new"), "update", OWNER, text="We look into it")
    firm.clock.advance(HOUR)
    item = firm.move(item, "answer", OWNER, text="Yes.")
    assert (item.first_answer_at, item.told_at) == (NINE, NINE + HOUR)


def test_every_word_to_the_customer_starts_the_next_update_anew(firm: Firm) -> None:
    """The clock of the next update counts from the last word that a channel took."""
    item = firm.bring("complaint", "assigned")
    firm.clock.advance(HOUR)
    item = firm.move(item, "update", OWNER, text="We look into it")
    (clock,) = [each for each in item.deadlines if each.name == "next_update"]
    assert instant(clock.started) == NINE + HOUR
    assert item.late == ()


@pytest.mark.parametrize(("after", "late"), [(timedelta(), ()), (timedelta(microseconds=1), ("solution",))])
def test_a_deadline_that_is_met_late_is_noted_without_any_worker(
    firm: Firm, after: timedelta, late: tuple[str, ...]
) -> None:
    """Praise that is thanked for at the last moment is on time, a microsecond later it is late; nobody need look."""
    item = firm.bring("praise", "new")
    firm.clock.set(NINE + DAY + after)
    assert firm.loop.feedback.move(item, "thank", by="mia").late == late


def test_each_missed_deadline_is_noted_once_in_order(firm: Firm) -> None:
    """An item knows which of its deadlines it missed, each once however often it escalated."""
    item = firm.receive("complaint")
    firm.clock.advance(30 * DAY)
    firm.loop.run_due()
    assert firm.loop.feedback.get(item.id).late == ("first_answer", "next_update", "solution")


def test_reopening_takes_the_solution_back(firm: Firm) -> None:
    """What a customer denies is not solved and not measured; the next solution counts from the receipt."""
    item = firm.bring("complaint", "informed")
    assert (item.solved_at, item.gross) == (NINE, timedelta())
    item = firm.move(item, "deny", CUSTOMER)
    assert (item.solved_at, item.gross, item.net, item.reopened) == (None, None, None, 1)
    firm.clock.advance(2 * DAY)
    item = firm.move(item, "resolve", OWNER, **CAUSE)
    assert (item.gross, item.net) == (2 * DAY, 2 * DAY)


def test_an_item_without_a_time_of_receipt_is_not_measured(firm: Firm) -> None:
    """What came in the future, by a wrong clock, has no duration: it is not repaired silently."""
    item = firm.loop.feedback.receive(
        kind="praise", channel="email", text="Nice", customer=firm.customer, received_at=NINE + DAY
    )
    item = firm.move(item, "thank", OWNER)
    assert (item.solved_at, item.gross, item.net) == (NINE, None, None)


def test_waiting_while_set_aside_is_counted_as_it_was(firm: Firm) -> None:
    """An item that was set aside while it waited comes back to the state before, with the wait counted once."""
    item = firm.move(firm.bring("complaint", "working"), "wait", OWNER, text="Which parcel?")
    firm.clock.advance(DAY)
    item = firm.move(item, "not_feedback", OWNER, reason="advertising")
    assert (item.outcome, item.resume_to, item.waited) == (Outcome.NOT_FEEDBACK, "working", DAY)
    firm.clock.advance(DAY)
    item = firm.move(item, "restore", OWNER, reason="it was none")
    assert (item.state, item.waited, item.waiting_since) == ("working", DAY, None)


def test_a_customer_who_comes_back_to_praise_gives_the_firm_a_new_day(firm: Firm) -> None:
    """Reopened praise is not late at once: its deadline counts from when the customer came back."""
    firm.loop.settings.set("offers", {})
    item = firm.bring("praise", "thanked")
    firm.clock.advance(8 * DAY)
    firm.loop.run_due()
    item = firm.move(firm.loop.feedback.get(item.id), "reopen", CUSTOMER)
    assert (item.state, item.late) == ("new", ())
    assert item.due is not None
    assert item.due > firm.clock.now()


def test_what_a_worker_does_is_no_touch(firm: Firm) -> None:
    """An item is touched when a person moves it; escalations and reminders of the system leave that time alone."""
    item = firm.bring("complaint", "assigned")
    firm.clock.advance(DAY)
    item = firm.move(item, "escalate", SYSTEM)
    assert item.touched_at == NINE
    item = firm.move(item, "escalate", CUSTOMER)
    assert item.touched_at == NINE + DAY


def test_a_priority_given_with_a_move_counts_for_what_begins_then(firm: Firm) -> None:
    """An item that turns out to be critical is so from this move on, and the journal says who said so."""
    item = firm.move(firm.bring("complaint", "informed"), "deny", CUSTOMER, priority="critical")
    (solution,) = [clock for clock in item.deadlines if clock.name == "solution"]
    assert (item.priority, instant(solution.due)) == (Priority.CRITICAL, NINE + 2 * DAY)
    assert firm.loop.feedback.history(item)[-1].data == {"priority": "critical"}


@pytest.mark.parametrize(
    ("actor", "role"),
    [
        (Actor.superior("head"), Role.OWNER),
        (Actor(name="head", roles=frozenset({Role.SUPERIOR, Role.CUSTOMER})), Role.SUPERIOR),
        (Actor.customer("Ana"), Role.CUSTOMER),
    ],
)
def test_the_journal_names_the_least_role_that_was_enough(firm: Firm, actor: Actor, role: Role) -> None:
    """Who has several roles moves in the first that the move asks for."""
    item = firm.loop.feedback.move(firm.bring("complaint", "new"), "escalate", by=actor)
    last = firm.loop.feedback.history(item)[-1]
    assert (last.by, last.role) == (actor.name, role)


def test_every_row_of_the_journal_is_a_fact(firm: Firm) -> None:
    """Observers hear of each row of each journal, also of the item that a duplicate joins."""
    item, original = firm.receive("complaint"), firm.receive("complaint")
    heard: list[Fact] = []
    firm.loop.context._tell = heard.extend  # instead of the observers
    firm.move(item, "duplicate", OWNER, original=original)
    moved = [(fact.subject, fact.data["move"]) for fact in heard if fact.name is FactName.FEEDBACK_MOVED]
    assert moved == [(original.id, "joined"), (item.id, "duplicate")]
    (closed,) = [fact for fact in heard if fact.name is FactName.FEEDBACK_CLOSED]
    assert (closed.subject, closed.data["outcome"]) == (item.id, "duplicate")
