"""Effects of moves that have a name of their own: joining, beginning again, splitting, and new leads."""

from datetime import timedelta

from clientloop.model.codec import instant
from clientloop.model.customers import IdentityKind, Trust
from clientloop.model.feedback import Deadline, Feedback
from clientloop.model.messages import Failure, Receipt
from tests.test_processes import CUSTOMER, DAY, NINE, OWNER, Firm


def clock_of(item: Feedback, name: str) -> Deadline:
    """One deadline of an item."""
    (clock,) = [each for each in item.deadlines if each.name == name]
    return clock


def test_an_original_that_takes_over_a_missed_deadline_escalates_by_itself(firm: Firm) -> None:
    """However far the duplicate's steps had come, the original takes each of its own once, from the earlier end on."""
    late = firm.receive("complaint")
    firm.clock.advance(30 * DAY)
    firm.loop.run_due()
    original = firm.receive("complaint")
    firm.move(late, "duplicate", OWNER, original=original)
    for _ in range(3):
        firm.clock.advance(DAY)
        firm.loop.run_due()
    steps = [row.data["deadline"] for row in firm.loop.feedback.history(original) if row.move == "escalate"]
    assert (steps.count("first_answer"), steps.count("solution")) == (2, 2)
    assert {"first_answer", "solution"} <= set(firm.loop.feedback.get(original.id).late)


def test_an_original_that_waits_keeps_its_stopped_clock(firm: Firm) -> None:
    """A duplicate sets no clock of the original going that stands still; those that run take the earlier end."""
    firm.post.answer = lambda message: Receipt(failure=Failure.RETRY)
    early = firm.receive("complaint")
    firm.clock.advance(timedelta(hours=1))
    original = firm.move(firm.receive("complaint"), "wait", OWNER, text="Which parcel?")
    firm.move(early, "duplicate", OWNER, original=original)
    kept = firm.loop.feedback.get(original.id)
    assert clock_of(kept, "solution") == clock_of(original, "solution")
    assert clock_of(kept, "first_answer").due == clock_of(early, "first_answer").due


def test_a_duplicate_whose_clock_stands_still_leaves_the_originals_alone(firm: Firm) -> None:
    """Nobody knows when a waiting duplicate would be due, so the original keeps its own end."""
    early = firm.move(firm.receive("complaint"), "wait", OWNER, text="Which parcel?")
    firm.clock.advance(timedelta(hours=1))
    original = firm.receive("complaint")
    firm.move(early, "duplicate", OWNER, original=original)
    assert clock_of(firm.loop.feedback.get(original.id), "solution") == clock_of(original, "solution")


def test_an_answered_item_of_another_kind_owes_no_first_answer(firm: Firm) -> None:
    """Who was answered already is not owed a first answer again because the kind was wrong."""
    item = firm.move(firm.receive("question"), "answer", OWNER, text="Yes.")
    firm.clock.advance(2 * DAY)
    item = firm.move(item, "rekind", OWNER, kind="complaint", reason="they complain")
    assert {clock.name for clock in item.deadlines} == {"solution", "next_update"}
    assert "first_answer" not in item.late


def test_an_unanswered_item_of_another_kind_owes_it_since_the_receipt(firm: Firm) -> None:
    """The customer does not wait longer because the firm took a complaint for an idea."""
    item = firm.receive("idea")
    firm.clock.advance(timedelta(hours=3))
    item = firm.move(item, "rekind", OWNER, kind="complaint", reason="they complain")
    assert instant(clock_of(item, "first_answer").due) == NINE + DAY
    assert (item.kind, item.process, item.state) == ("complaint", 1, "new")


def test_a_waiting_item_of_another_kind_waits_no_more(firm: Firm) -> None:
    """A waiting item that begins again has no clock of the wait left, and its wait is counted."""
    item = firm.move(firm.receive("complaint"), "wait", OWNER, text="Which parcel?")
    firm.clock.advance(DAY)
    item = firm.move(item, "rekind", OWNER, kind="idea", reason="they propose")
    assert {clock.name for clock in item.deadlines} == {"solution", "next_update"}
    assert (item.state, item.waited, item.waiting_since) == ("new", DAY, None)


def test_each_part_of_a_split_has_words_a_journal_and_deadlines(firm: Firm) -> None:
    """Three matters in one letter become three items of the same customer, each with its own loop from the receipt."""
    item = firm.receive("complaint")
    firm.clock.advance(timedelta(hours=1))
    parts = [{"kind": "idea", "text": "Thicker boxes"}, {"kind": "question", "text": "Open on Sunday?"}]
    item = firm.move(item, "split", OWNER, reason="three matters", parts=parts)
    idea, question = sorted(
        (each for each in firm.loop.inbox() if each.original == item.id), key=lambda each: each.kind
    )
    assert [firm.loop.feedback.words(each).body for each in (idea, question)] == ["Thicker boxes", "Open on Sunday?"]
    assert [row.move for row in firm.loop.feedback.history(idea)] == ["receive"]
    assert instant(clock_of(question, "solution").due) == NINE + DAY
    assert len({item.ref, idea.ref, question.ref}) == 3
    assert all(each.reply_to == item.reply_to for each in (idea, question))


def test_a_friend_becomes_a_potential_customer_whom_nobody_vouches_for(firm: Firm) -> None:
    """The lead is a customer with the address that the referrer gave, and the referral knows who it is."""
    item = firm.bring("referral", "new")
    item = firm.move(item, "accept", OWNER, friend="Eva", friend_agrees=True)
    (lead,) = firm.loop.customers.find(email="eva@example.com")
    assert (lead.name, item.data["lead"]) == ("Eva", str(lead.id))
    (identity,) = firm.loop.customers.identities(lead)
    assert (identity.kind, identity.trust) == (IdentityKind.EMAIL, Trust.ASSERTED)


def test_a_friend_without_an_address_is_a_lead_all_the_same(firm: Firm) -> None:
    """A friend who came by word of mouth has a name, and an address later."""
    item = firm.move(firm.receive("referral", data={}), "invite", OWNER)
    item = firm.move(item, "respond", CUSTOMER, friend="Eva")
    lead = firm.loop.customers.get(item.data["lead"])
    assert firm.loop.customers.identities(lead) == ()


def test_permission_to_quote_is_remembered(firm: Firm) -> None:
    """Praise that may be quoted says so, and says nothing before."""
    item = firm.bring("praise", "thanked")
    assert "quotable" not in item.data
    assert firm.move(item, "permit", CUSTOMER).data["quotable"] is True
