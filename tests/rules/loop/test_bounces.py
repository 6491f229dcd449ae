"""A message that counted as told and came back: the item stands again where a refusal would have left it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from clientloop import Actor
from clientloop.model.feedback import Feedback, Outcome
from clientloop.model.messages import DeliveryStep, Failure
from clientloop.ports.events import DeliveryEvent
from clientloop.services.outgoing.deliveries import take_delivery
from tests.test_processes import NINE, Firm

DAY = timedelta(days=1)


@pytest.fixture
def firm() -> Iterator[Firm]:
    """A small firm with a clock, one channel, three members and one customer."""
    firm = Firm()
    yield firm
    firm.loop.close()


def bounce(firm: Firm, item: Feedback, template: str, failure: Failure | None = Failure.RETRY) -> Feedback:
    """The last message of a template comes back; the item after that."""
    message = [each for each in firm.post.sent if each.template == template and each.item == item.id][-1]
    firm.post.sent.clear()
    event = DeliveryEvent(
        key=f"bounce of {message.id}",
        message=message.id,
        step=DeliveryStep.FAILED,
        failure=failure,
        detail="4.2.2 full",
    )
    take_delivery(firm.loop.context, "email", event)
    firm.loop.run_due()
    return firm.loop.feedback.get(item.id)


def heard(firm: Firm) -> list[str]:
    """Who heard of a message that came back."""
    return [message.to.partition("@")[0] for message in firm.post.sent if message.template == "undelivered"]


def clocks(item: Feedback) -> set[str]:
    """The deadlines that run on an item."""
    return {clock.name for clock in item.deadlines}


def test_a_move_that_rested_on_telling_is_taken_back(firm: Firm) -> None:
    """The complaint is resolved again and its deadlines run: silence will not close it."""
    item = firm.bring("complaint", "informed")
    firm.clock.advance(DAY / 8)
    item = bounce(firm, item, "done")
    assert (item.state, item.pending) == ("resolved", None)
    assert clocks(item) == {"inform", "next_update", "first_answer"}
    last = firm.loop.feedback.history(item)[-1]
    assert (last.move, last.source, last.target) == ("not_told", "informed", "resolved")
    assert (last.data["template"], last.data["why"]) == ("done", "4.2.2 full")
    assert heard(firm) == ["mia"]
    assert firm.move(item, "unreachable", "s", reason="nobody answers").outcome is Outcome.UNREACHABLE


@pytest.mark.parametrize("order", ["done reminder", "reminder done"])
def test_a_loop_that_silence_has_closed_since_is_open_again(firm: Firm, order: str) -> None:
    """The silence of somebody who was never told is none, however late and in whatever order messages come back."""
    item = firm.bring("complaint", "informed")
    firm.clock.advance(3 * DAY)
    firm.loop.run_due()
    firm.clock.advance(5 * DAY)
    firm.loop.run_due()
    assert firm.loop.feedback.get(item.id).outcome is Outcome.SILENT
    sent = list(firm.post.sent)
    for template in order.split():
        firm.post.sent[:] = sent
        item = bounce(firm, item, template)
    assert (item.state, item.is_open, item.outcome, item.closed_at) == ("resolved", True, Outcome.OPEN, None)
    assert (item.first_answer_at, item.acknowledged_at) == (None, NINE)


def test_an_end_that_rested_on_telling_is_taken_back(firm: Firm) -> None:
    """An idea whose decline came back is not declined yet, and its solution does not count."""
    item = firm.move(firm.bring("idea", "assessed"), "decline", "s", reason="too dear")
    assert item.outcome is Outcome.DECLINED
    item = bounce(firm, item, "declined")
    assert (item.state, item.is_open, item.solved_at, item.gross) == ("assessed", True, None, None)
    assert clocks(item) == {"solution", "next_update"}


def test_an_answer_that_came_back_is_no_first_answer(firm: Firm) -> None:
    """The promise of a first answer runs again from the receipt, and the customer counts as not told."""
    item = firm.bring("question", "answered")
    assert item.first_answer_at == item.told_at == NINE
    firm.clock.advance(DAY / 2)
    item = bounce(firm, item, "answer")
    assert (item.state, item.first_answer_at, item.told_at) == ("answered", None, None)
    assert {"first_answer", "reply"} == clocks(item)
    (first,) = (clock for clock in item.deadlines if clock.name == "first_answer")
    assert first.started == min(clock.started for clock in item.deadlines)
    firm.clock.advance(7 * DAY)
    firm.loop.run_due()
    assert firm.loop.feedback.get(item.id).is_open


def test_an_acknowledgement_that_came_back_is_none(firm: Firm) -> None:
    """The item is not acknowledged, and what it said before counts as the last word."""
    item = firm.bring("complaint", "assigned")
    assert item.acknowledged_at == NINE
    item = bounce(firm, item, "received")
    assert (item.acknowledged_at, item.told_at, item.state) == (None, None, "assigned")


def test_the_word_before_counts_again(firm: Firm) -> None:
    """When the second of two messages comes back, the customer was last told by the first."""
    item = firm.bring("complaint", "assigned")
    firm.clock.advance(DAY / 8)
    item = firm.move(item, "update", "o", text="Soon.")
    assert (item.told_at, item.first_answer_at) == (NINE + DAY / 8, NINE + DAY / 8)
    item = bounce(firm, item, "progress")
    assert (item.told_at, item.first_answer_at) == (NINE, None)


def test_who_was_never_asked_is_not_waited_for(firm: Firm) -> None:
    """A question that came back is none: the item goes on where it was, and its clocks with it."""
    item = firm.move(firm.bring("complaint", "working"), "wait", "o", text="Which size?")
    assert item.state == "waiting"
    item = bounce(firm, item, "question")
    assert (item.state, item.waiting_since) == ("working", None)
    assert {"solution", "next_update"} <= clocks(item)
    assert all(clock.left is None for clock in item.deadlines)


def test_a_reminder_that_came_back_makes_no_question_unasked(firm: Firm) -> None:
    """The question arrived; that its reminder did not is noted, and the owner hears of it."""
    item = firm.move(firm.bring("complaint", "working"), "wait", "o", text="Which size?")
    firm.clock.advance(4 * DAY)
    firm.loop.run_due()
    item = bounce(firm, firm.loop.feedback.get(item.id), "reminder")
    assert (item.state, heard(firm)) == ("waiting", ["mia"])


@pytest.mark.parametrize("since", ["told again", "talked", "customer"])
def test_a_later_word_counts_for_more(firm: Firm, since: str) -> None:
    """Who was told something else since, or has answered, need not be told: the journal notes it, and that is all."""
    item = firm.bring("question", "answered")
    firm.clock.advance(DAY / 2)
    if since == "customer":
        item = firm.loop.feedback.move(item, "confirm", by=Actor.customer())
    else:
        item = firm.move(item, "update", "o", text="As I said.", **({"told": "called"} if since == "talked" else {}))
    after = bounce(firm, item, "answer")
    (noted,) = (row for row in firm.loop.feedback.history(item) if row.move == "not_told")
    assert noted.data["template"] == "answer"
    assert (after.state, after.told_at, after.first_answer_at) == (item.state, item.told_at, item.first_answer_at)
    assert heard(firm) == []


def test_a_later_word_that_came_back_too_counts_for_nothing(firm: Firm) -> None:
    """When both messages come back, the customer was told nothing, whichever comes back first."""
    item = firm.bring("question", "answered")
    firm.clock.advance(DAY / 2)
    item = firm.move(item, "update", "o", text="As I said.")
    sent = list(firm.post.sent)
    item = bounce(firm, item, "progress")
    assert item.told_at == NINE
    firm.post.sent[:] = sent
    item = bounce(firm, item, "answer")
    assert (item.told_at, item.first_answer_at) == (None, None)


def test_what_people_have_moved_on_stays_where_it_is(firm: Firm) -> None:
    """A person who took the item elsewhere knew more: it is not put back, but its owner hears of the failure."""
    item = firm.bring("complaint", "informed")
    firm.clock.advance(DAY)
    item = firm.move(item, "not_feedback", "o", reason="advertising")
    item = bounce(firm, item, "done")
    assert (item.state, item.told_at, heard(firm)) == ("closed_not_feedback", NINE, ["mia"])


def test_superiors_hear_where_nobody_stands_in_for_the_owner(firm: Firm) -> None:
    """Somebody hears of it in any case."""
    item = firm.loop.feedback.move(firm.receive("question"), "answer", text="Yes.", by="mia")
    firm.loop.run_due()
    assert item.owner is None
    bounce(firm, item, "answer")
    assert heard(firm) == ["head"]


def test_a_friend_who_was_not_reached_changes_nothing_that_the_customer_knows(firm: Firm) -> None:
    """What a friend was sent was no word to the customer; somebody of the firm hears of it."""
    item = firm.bring("referral", "contacted")
    told_at = item.told_at
    item = bounce(firm, item, "introduction")
    assert (item.state, item.told_at, heard(firm)) == ("contacted", told_at, ["head"])


def test_a_message_to_a_member_that_came_back_is_nothing_to_the_item(firm: Firm) -> None:
    """The journal of an item speaks of its customer."""
    item = firm.bring("complaint", "informed")
    item = firm.move(item, "deny", "c")
    rows = len(firm.loop.feedback.history(item))
    bounce(firm, item, "alert")
    assert len(firm.loop.feedback.history(item)) == rows
