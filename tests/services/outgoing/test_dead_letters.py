"""Messages that wait for a person: why they do, and what the person can do about them."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from clientloop.errors import Conflict, NotFound
from clientloop.model.customers import Purpose
from clientloop.model.feedback import Feedback
from clientloop.model.messages import DeliveryState, Failure, MessageState, OutboundMessage, Receipt
from clientloop.ports.channel import Capabilities, Side
from clientloop.rules.outgoing.sending import PAUSES
from tests.test_processes import NINE, Firm

DAY = timedelta(days=1)


def answered(firm: Firm, *receipts: Receipt) -> Sequence[Feedback]:
    """Items whose answers came to these receipts, one each."""
    fates = iter(receipts)
    firm.post.answer = lambda message: next(fates)
    items = []
    for _ in receipts:
        items.append(firm.loop.feedback.move(firm.bring("question", "new"), "answer", by="mia", text="Yes."))
        firm.loop.run_due()
    firm.post.answer = lambda message: Receipt()
    return items


CONFIG = Receipt(failure=Failure.CONFIG, detail="status 401")
UNKNOWN = Receipt(failure=Failure.UNKNOWN, detail="cut")
RETRY = Receipt(failure=Failure.RETRY, detail="status 503")


def test_dead_letters_are_listed_with_their_reasons(firm: Firm) -> None:
    """What will be tried again is no dead letter; the reasons are those that the channel gave."""
    answered(firm, CONFIG, UNKNOWN, RETRY)
    assert [message.error for message in firm.loop.outbox.dead_letters()] == ["config: status 401", "unknown: cut"]
    assert len(firm.loop.outbox.dead_letters("email")) == 2
    assert len(firm.loop.outbox.dead_letters("sms")) == 0
    first = firm.loop.outbox.dead_letters(limit=1)
    (second,) = firm.loop.outbox.dead_letters(limit=1, after=first.next)
    assert second.state is MessageState.UNKNOWN


def test_all_of_a_channel_are_sent_again(firm: Firm) -> None:
    """After the channel was mended everything goes out under its old key; what may have been sent only if asked for."""
    answered(firm, CONFIG, CONFIG, UNKNOWN)
    before = [message.id for message in firm.post.sent]
    assert firm.loop.outbox.send_all_again("sms") == 0
    assert firm.loop.outbox.send_all_again("email") == 2
    firm.loop.run_due()
    assert [message.id for message in firm.post.sent[3:]] == before[:2]
    assert firm.loop.outbox.send_all_again(unknown=True) == 1
    firm.loop.run_due()
    assert firm.loop.outbox.list().items == ()


def test_what_is_sent_again_has_all_its_tries_again(firm: Firm) -> None:
    """The count begins anew, and so do the pauses."""
    answered(firm, CONFIG)
    (message,) = firm.loop.outbox.dead_letters()
    firm.loop.outbox.send_again(message)
    firm.post.answer = lambda message: RETRY
    firm.loop.run_due()
    message = firm.loop.outbox.get(message)
    assert message.attempts == 1
    assert message.wake_at is not None
    assert PAUSES[0] <= message.wake_at - NINE < PAUSES[1]


def test_giving_up_is_as_if_the_address_had_refused(firm: Firm) -> None:
    """The message ends as a failed delivery, and the item says that the customer was not told, by whom and why."""
    (item,) = answered(firm, UNKNOWN)
    firm.loop.outbox.give_up(firm.loop.outbox.dead_letters().items[0], by="mia", reason="told by phone")
    assert firm.loop.outbox.list().items == ()
    (delivery,) = firm.loop.feedback.deliveries(item)
    assert (delivery.state, delivery.detail) == (DeliveryState.FAILED, "given up by mia: told by phone")
    last = firm.loop.feedback.history(item)[-1]
    assert (last.move, last.data["why"]) == ("not_told", "given up by mia: told by phone")


def test_giving_up_calls_the_waiting_move_off(firm: Firm) -> None:
    """A move that waited for the message can be made anew."""
    firm.post.answer = lambda message: CONFIG if message.template == "done" else Receipt()
    item = firm.loop.feedback.move(firm.bring("complaint", "resolved"), "inform", by="mia")
    firm.loop.run_due()
    assert firm.loop.feedback.get(item.id).pending == "inform"
    (message,) = firm.loop.outbox.dead_letters()
    firm.loop.outbox.give_up(message, by="mia", reason="no such mailbox")
    item = firm.loop.feedback.get(item.id)
    assert (item.state, item.pending) == ("resolved", None)


def test_what_a_worker_is_at_is_not_given_up(firm: Firm) -> None:
    """While a message is being sent nobody can say that it was not."""
    refusals = []

    def hasty(message: OutboundMessage) -> Receipt:
        with pytest.raises(Conflict, match="is being sent") as refusal:
            firm.loop.outbox.give_up(message.id, by="mia", reason="too slow")
        refusals.append(refusal)
        return Receipt()

    firm.post.answer = hasty
    firm.loop.feedback.move(firm.bring("question", "new"), "answer", by="mia", text="Yes.")
    firm.loop.run_due()
    assert len(refusals) == 1
    with pytest.raises(NotFound):
        firm.loop.outbox.give_up(firm.post.sent[-1].id, by="mia", reason="too late")


@pytest.mark.parametrize(
    ("able", "why"),
    [
        (Capabilities(max_length=3), "characters, and the channel takes 3"),
        (Capabilities(reply_window=DAY), "the channel closed at"),
        (Capabilities(reply_window=DAY, templates=True), None),
        (Capabilities(reply_window=3 * DAY), None),
        (Capabilities(starts=frozenset({Side.CUSTOMER})), None),
    ],
)
def test_what_a_channel_cannot_carry_is_refused_before_it_is_tried(
    firm: Firm, able: Capabilities, why: str | None
) -> None:
    """The customer wrote two days ago: the reason is clear, no try is made, and nothing is said of the address."""
    item = firm.receive("question")
    firm.loop.run_due()
    firm.post.sent.clear()
    firm.clock.advance(2 * DAY)
    firm.post.capabilities = able
    firm.loop.feedback.move(item, "answer", by="mia", text="Yes.")
    firm.loop.run_due()
    to_customer = [message for message in firm.post.sent if message.purpose is not Purpose.INTERNAL]
    assert bool(to_customer) is (why is None)
    if why is not None:
        (message,) = [each for each in firm.loop.outbox.dead_letters() if each.template == "answer"]
        assert (message.state, message.attempts) == (MessageState.PARKED, 0)
        assert why in (message.error or "")


def test_who_has_never_written_on_a_channel_must_begin(firm: Firm) -> None:
    """A customer who spoke on another channel cannot be written to on one that the firm may not start."""
    firm.post.capabilities = Capabilities(starts=frozenset({Side.CUSTOMER}))
    item = firm.loop.feedback.receive(
        kind="question", channel="form", text="Open?", customer=firm.customer, reply_to="ana@example.com"
    )
    firm.loop.feedback.move(item, "answer", by="mia", text="Yes.")
    firm.loop.run_due()
    assert {message.error for message in firm.loop.outbox.dead_letters() if message.template == "answer"} == {
        "config: the customer has never written on this channel, and must begin"
    }


@pytest.mark.parametrize(
    ("channel", "origin", "reply_to", "expected"),
    [
        ("email", "<q1@example.com>", None, "<q1@example.com>"),
        ("email", "<q1@example.com>", "boss@example.com", "<q1@example.com>"),
        ("email", None, None, None),
        ("form", "post-1", "ana@example.com", None),
    ],
)
def test_an_answer_names_what_it_answers(
    firm: Firm, channel: str, origin: str | None, reply_to: str | None, expected: str | None
) -> None:
    """The channel's id of the customer's words goes with every try of the answer on the same channel."""
    item = firm.loop.feedback.receive(
        kind="question", channel=channel, text="Open?", customer=firm.customer, origin=origin, reply_to=reply_to
    )
    firm.post.answer = lambda message: RETRY
    firm.loop.feedback.move(item, "answer", by="mia", text="Yes.")
    firm.loop.run_due()
    firm.clock.advance(DAY)
    firm.loop.run_due()
    answers = [message.in_reply_to for message in firm.post.sent if message.template == "answer"]
    assert answers == [expected] * 2
    assert {message.in_reply_to for message in firm.post.sent if message.purpose is Purpose.INTERNAL} <= {None}
