"""Telling people: what is queued with a move, what is said once, and what counts as told."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from clientloop.errors import NotFound, Refused
from clientloop.model.calendar import minutes
from clientloop.model.customers import Purpose
from clientloop.model.feedback import Feedback
from clientloop.model.interactions import Interaction, InteractionKind
from clientloop.model.messages import Failure, OutboundMessage, Receipt
from tests.test_processes import CAUSE, CUSTOMER, DATE, OWNER, SUPERIOR, SYSTEM, Firm

BUSY = Receipt(failure=Failure.RETRY, detail="busy")
GONE = Receipt(failure=Failure.PERMANENT, detail="no such mailbox")
TAKEN = Receipt()


def refusing(template: str, receipt: Receipt) -> Callable[[OutboundMessage], Receipt]:
    """A channel that does not take one template."""
    return lambda message: receipt if message.template == template else TAKEN


def now(firm: Firm, item: Feedback) -> Feedback:
    """The item as it is now."""
    return firm.loop.feedback.get(item.id)


def asked(firm: Firm) -> Feedback:
    """A solved complaint whose customer is being told, but no channel has taken the message."""
    item = firm.bring("complaint", "resolved")
    return firm.loop.feedback.move(item, "inform", by="mia")


def test_a_move_that_needs_telling_waits_until_a_channel_took_the_message(firm: Firm) -> None:
    """The item stays where it is while its message is under way, and moves when a channel has taken it."""
    item = asked(firm)
    assert (item.state, item.pending) == ("resolved", "inform")
    firm.post.answer = refusing("done", BUSY)
    firm.loop.run_due()
    assert (now(firm, item).state, now(firm, item).pending) == ("resolved", "inform")
    firm.post.answer = lambda message: TAKEN
    firm.clock.advance(timedelta(minutes=1))
    firm.loop.run_due()
    assert (now(firm, item).state, now(firm, item).pending) == ("informed", None)
    assert [(row.move, row.by) for row in firm.loop.feedback.history(item)[-2:]] == [
        ("inform", "mia"),
        ("inform", "mia"),
    ]


def test_a_move_that_waits_is_not_asked_for_twice(firm: Firm) -> None:
    """Whoever moves it again hears that its message is under way; the customer gets one message."""
    item = asked(firm)
    with pytest.raises(
        Refused, match="inform waits already until a channel has told the customer: its message is in the"
    ):
        firm.loop.feedback.move(item, "inform", by="mia")
    firm.loop.run_due()
    assert [message.template for message in firm.post.sent].count("done") == 1


def test_a_waiting_move_can_be_made_by_telling_in_person(firm: Firm) -> None:
    """Somebody who reached the customer by phone need not wait for the mail."""
    assert firm.loop.feedback.move(asked(firm), "inform", by="mia", told="by phone").state == "informed"


def test_another_move_meanwhile_calls_the_waiting_one_off(firm: Firm) -> None:
    """Acceptance after the item has moved on, even there and back, only notes that the customer was told."""
    item = asked(firm)
    firm.post.answer = refusing("done", BUSY)
    item = firm.move(item, "wait", OWNER, text="Which parcel?")
    assert item.pending is None
    item = firm.move(item, "resume", CUSTOMER)
    assert (item.state, item.pending) == ("resolved", None)
    firm.post.answer = lambda message: TAKEN
    firm.clock.advance(timedelta(minutes=1))
    firm.loop.run_due()
    item = now(firm, item)
    assert (item.state, item.told_at) == ("resolved", firm.clock.now())
    assert (firm.loop.feedback.history(item)[-1].move, firm.loop.feedback.history(item)[-1].told) == ("told", ("done",))


def test_a_move_that_stays_in_the_state_leaves_the_waiting_one(firm: Firm) -> None:
    """An update to the customer does not call off what waits for another message."""
    item = firm.loop.feedback.move(asked(firm), "update", by="mia", text="Nearly")
    assert item.pending == "inform"
    firm.loop.run_due()
    assert now(firm, item).state == "informed"


def test_an_address_that_will_never_take_it_calls_the_waiting_move_off(firm: Firm) -> None:
    """The journal says why the customer was not told, and a superior can end the loop as unreachable."""
    item = asked(firm)
    firm.post.answer = refusing("done", GONE)
    firm.loop.run_due()
    item = now(firm, item)
    assert (item.state, item.pending) == ("resolved", None)
    last = firm.loop.feedback.history(item)[-1]
    assert (last.move, last.data["template"], last.data["why"]) == ("not_told", "done", "no such mailbox")
    assert firm.move(item, "unreachable", SUPERIOR, reason="bounced").state == "closed_unreachable"


def test_the_loss_of_another_message_leaves_the_waiting_move(firm: Firm) -> None:
    """Only the message that a move waits for can call it off."""
    item = firm.loop.feedback.move(asked(firm), "escalate", by="mia")
    unset = Receipt(failure=Failure.CONFIG, detail="not set up")
    firm.post.answer = lambda message: {"new_date": unset, "done": BUSY}.get(message.template, TAKEN)
    firm.loop.run_due()
    [other] = firm.loop.outbox.dead_letters()
    firm.loop.outbox.give_up(other, by="mia", reason="it is too late for a date")
    assert now(firm, item).pending == "inform"
    firm.post.answer = lambda message: TAKEN
    firm.clock.advance(timedelta(minutes=1))
    firm.loop.run_due()
    assert now(firm, item).state == "informed"


@pytest.mark.parametrize(("kind", "state", "name", "given"), [
    ("complaint", "resolved", "inform", {}),
    ("complaint", "assigned", "start", {}),
    ("complaint", "new", "assign", {"to": "mia"}),
    ("idea", "promised", "implement", {}),
])  # fmt: skip
def test_telling_in_person_is_kept_and_nothing_is_sent(
    firm: Firm, kind: str, state: str, name: str, given: dict[str, object]
) -> None:
    """Whatever the move, what somebody told the customer is an interaction, a human answer, and in the journal."""
    item = firm.bring(kind, state)
    firm.post.sent.clear()
    firm.clock.advance(timedelta(minutes=5))
    item = firm.move(item, name, OWNER, **given, told="explained on the phone")
    assert item.told_at == firm.clock.now()
    assert item.first_answer_at is not None
    assert firm.loop.feedback.history(item)[-1].told == ("explained on the phone",)
    assert firm.told(item) == set()
    call = firm.loop.customers.timeline(firm.customer).items[0].record
    assert isinstance(call, Interaction)
    assert (call.kind, call.extra["item"]) == (InteractionKind.CALL, str(item.id))
    assert firm.loop.feedback.words(call.id).body == "explained on the phone"


def test_an_automatic_acknowledgement_is_no_human_answer_and_said_once(firm: Firm) -> None:
    """The receipt is acknowledged at once; taking the item on does not acknowledge it again, sent or not yet sent."""
    firm.loop.settings.set("acknowledge", frozenset({"email"}))
    firm.loop.settings.set("automatic_reply_window", minutes(1))
    for works_between in (True, False):
        firm.post.sent.clear()
        firm.clock.advance(timedelta(minutes=2))
        item = firm.receive("complaint")
        assert firm.loop.feedback.history(item)[0].told == ("received",)
        if works_between:
            firm.loop.run_due()
        item = firm.move(firm.loop.feedback.get(item.id), "assign", OWNER, to="mia")
        assert [message.template for message in firm.post.sent] == ["received"]
        assert (item.acknowledged_at, item.first_answer_at) == (firm.clock.now(), None)
        assert "first_answer" in {clock.name for clock in item.deadlines}


def test_other_channels_are_not_acknowledged(firm: Firm) -> None:
    """Where the firm has not asked for it, nothing is sent at the receipt."""
    firm.loop.settings.set("acknowledge", frozenset({"phone"}))
    firm.receive("complaint")
    firm.loop.run_due()
    assert firm.post.sent == []


def test_what_a_friend_hears_is_not_what_the_customer_was_told(firm: Firm) -> None:
    """Writing to the friend whom a customer named answers nothing that the customer asked."""
    item = firm.bring("referral", "lead")
    firm.clock.advance(timedelta(hours=1))
    after = firm.move(item, "contact", OWNER)
    assert "eva@example.com" in {message.to for message in firm.post.sent}
    assert (after.told_at, after.first_answer_at) == (item.told_at, item.first_answer_at)
    assert firm.loop.feedback.history(item)[-1].move == "contact"


def test_what_members_hear_is_no_customer_message(firm: Firm) -> None:
    """Alerts go to every superior, with no consent asked, and leave nothing on the customer's record."""
    item = firm.bring("complaint", "new")
    firm.loop.consent.forbid(firm.customer, Purpose.SERVICE, proof="call")
    item = firm.move(item, "escalate", SYSTEM)
    alerts = [message for message in firm.post.sent if message.template == "alert"]
    assert [(each.to, each.purpose, each.customer) for each in alerts] == [
        ("head@firm.example.com", Purpose.INTERNAL, None)
    ]
    with pytest.raises(NotFound):
        firm.loop.feedback.words(alerts[0].id)
    assert item.told_at is None


def test_the_words_to_somebody_unknown_are_kept_as_well(firm: Firm) -> None:
    """An answer to an address without a customer is an interaction too, with its words."""
    item = firm.loop.feedback.receive(kind="question", channel="email", text="Open?", reply_to="who@example.com")
    item = firm.move(item, "answer", OWNER, text="Until six.")
    assert item.first_answer_at is not None
    (delivery,) = firm.loop.feedback.deliveries(item)
    assert "Until six." in firm.loop.feedback.words(delivery.message).body


def test_nobody_to_tell_is_noted(firm: Firm) -> None:
    """A customer without an address is not told, and the journal says what was not said."""
    item = firm.move(firm.receive("complaint", reachable=False), "assign", OWNER, to="mia")
    last = firm.loop.feedback.history(item)[-1]
    assert (last.data["not_told"], last.told) == ("received", ())


def test_a_message_names_the_date_that_matters(firm: Firm) -> None:
    """An escalation promises the date given, or else the next working day."""
    given = DATE + timedelta(days=1)
    for date, expected in ((given, given), (None, firm.clock.now() + timedelta(days=1))):
        firm.post.sent.clear()
        firm.move(firm.bring("complaint", "new"), "escalate", OWNER, date=date)
        (message,) = [each for each in firm.post.sent if each.template == "new_date"]
        assert f"{expected:%Y-%m-%d}" in message.subject + message.body


def test_the_text_of_an_answer_is_kept_once(firm: Firm) -> None:
    """The journal keeps what was given but the text, which stands in the message."""
    item = firm.move(
        firm.bring("complaint", "working"), "resolve", OWNER, **CAUSE, text="We sent another.", note="quick"
    )
    assert firm.loop.feedback.history(item)[-1].data == {**CAUSE, "note": "quick"}
