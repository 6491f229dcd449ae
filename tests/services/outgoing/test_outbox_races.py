"""The outbox when workers are lost, late or many, and people act meanwhile."""

from collections.abc import Callable

import pytest

from clientloop.errors import Conflict, InvalidValue, StoreBusy
from clientloop.model.feedback import Feedback
from clientloop.model.messages import DeliveryState, Failure, MessageState, OutboundMessage, Receipt
from clientloop.model.units import Delete, Unit
from clientloop.ports.channel import Capabilities
from clientloop.rules.outgoing.sending import PAUSES
from clientloop.services.context import Context
from clientloop.services.outgoing.handover import LEASE, mark
from tests.test_processes import Firm


def claimed(firm: Firm) -> OutboundMessage:
    """The due message, claimed as a worker does before it sends."""
    (message,) = firm.loop.store.claim(OutboundMessage, "main", now=firm.clock.now(), lease=LEASE, limit=9)
    return message


def lost_while_sending(firm: Firm) -> Feedback:
    """An item whose worker was lost between handing its message over and hearing what became of it."""
    item = firm.loop.feedback.move(firm.bring("question", "new"), "answer", by="mia", text="Yes.")

    def power_cut(message: OutboundMessage) -> Receipt:
        raise KeyboardInterrupt

    firm.post.answer = power_cut
    with pytest.raises(KeyboardInterrupt):
        firm.loop.run_due()
    firm.post.answer = lambda message: Receipt()
    return item


def test_what_may_have_been_sent_is_not_sent_again(firm: Firm) -> None:
    """After a crash in the middle, a channel that would deliver twice is not tried; a person decides."""
    item = lost_while_sending(firm)
    (message,) = firm.loop.feedback.outbox(item)
    assert message.state is MessageState.SENDING
    firm.loop.run_due()
    assert len(firm.post.sent) == 1
    firm.clock.advance(LEASE)
    firm.loop.run_due()
    (message,) = firm.loop.feedback.outbox(item)
    assert (message.state, message.wake_at, message.error) == (
        MessageState.UNKNOWN, None, "unknown: a worker was lost while it sent this",
    )  # fmt: skip
    assert len(firm.post.sent) == 1
    firm.loop.outbox.send_again(message)
    firm.loop.run_due()
    assert [each.id for each in firm.post.sent] == [message.id] * 2


def test_a_channel_that_recognises_a_repeat_gets_it_again(firm: Firm) -> None:
    """After a crash in the middle, an idempotent channel is given the same message under the same key."""
    firm.post.capabilities = Capabilities(idempotent_send=True)
    item = lost_while_sending(firm)
    firm.clock.advance(LEASE)
    firm.loop.run_due()
    assert len(firm.post.sent) == 1  # not at once
    firm.clock.advance(2 * PAUSES[0])
    firm.loop.run_due()
    first, second = firm.post.sent
    assert (first.id, second.attempts) == (second.id, 2)
    assert firm.loop.feedback.get(item.id).told_at == firm.clock.now()


def test_a_worker_that_lost_its_lease_sends_nothing(firm: Firm) -> None:
    """A worker that stopped between claim and sending finds that another has the message, and lets it go."""
    firm.loop.feedback.move(firm.bring("question", "new"), "answer", by="mia", text="Yes.")
    slow = claimed(firm)
    firm.clock.advance(LEASE)
    firm.post.answer = lambda message: Receipt(failure=Failure.RETRY)
    firm.loop.run_due()
    with pytest.raises(Conflict, match="no longer version"):
        mark(firm.loop.context, slow)
    assert len(firm.post.sent) == 1


def test_a_message_that_is_being_sent_is_not_queued_again(firm: Firm) -> None:
    """While a worker is at it nobody can have it sent a second time."""
    refusals = []

    def impatient(message: OutboundMessage) -> Receipt:
        with pytest.raises(Conflict, match="is being sent") as refusal:
            firm.loop.outbox.send_again(message.id)
        refusals.append(refusal)
        return Receipt()

    firm.loop.feedback.move(firm.bring("question", "new"), "answer", by="mia", text="Yes.")
    firm.post.answer = impatient
    firm.loop.run_due()
    assert (len(refusals), len(firm.post.sent)) == (1, 1)


def test_an_item_that_was_moved_while_its_message_was_sent_still_learns_of_it(firm: Firm) -> None:
    """Somebody moves the item between claim and acceptance: the acceptance is noted on the item as it is then."""
    item = firm.loop.feedback.move(firm.bring("complaint", "resolved"), "inform", by="mia")

    def busy_desk(message: OutboundMessage) -> Receipt:
        if message.template == "done":
            firm.loop.feedback.move(item.id, "hand_over", by="tim", to="tim")
        return Receipt()

    firm.post.answer = busy_desk
    firm.loop.run_due()
    item = firm.loop.feedback.get(item.id)
    assert (item.state, item.owner, item.pending) == ("informed", "tim", None)
    assert [row.move for row in firm.loop.feedback.history(item)[-3:]] == ["inform", "hand_over", "inform"]


def before_commit_of(firm: Firm, cls: type, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Let somebody else act in the moment before the first unit is committed that deletes a record of this class."""
    commit = firm.loop.store.commit

    def late(unit: Unit) -> None:
        if any(isinstance(change, Delete) and change.cls is cls for change in unit.changes):
            monkeypatch.setattr(firm.loop.store, "commit", commit)
            act()
        commit(unit)

    monkeypatch.setattr(firm.loop.store, "commit", late)


def test_an_item_that_was_moved_in_the_last_moment_still_learns_of_it(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a channel took is written down anew for the item as it is by then; the message is sent once."""
    item = firm.loop.feedback.move(firm.bring("complaint", "resolved"), "inform", by="mia")
    before_commit_of(
        firm, OutboundMessage, monkeypatch, lambda: firm.loop.feedback.move(item.id, "hand_over", by="tim", to="tim")
    )
    firm.loop.run_due()
    item = firm.loop.feedback.get(item.id)
    assert (item.state, item.owner) == ("informed", "tim")
    assert [message.template for message in firm.post.sent].count("done") == 1


def test_a_worker_that_is_too_slow_still_tells_what_it_knows(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another worker found by then that the message may have been sent: the late word settles that."""
    item = firm.loop.feedback.move(firm.bring("question", "new"), "answer", by="mia", text="Yes.")

    def lease_ends() -> None:
        firm.clock.advance(LEASE)
        firm.loop.outbox.send_due()

    before_commit_of(firm, OutboundMessage, monkeypatch, lease_ends)
    assert firm.loop.run_due().accepted == 1
    assert firm.loop.feedback.outbox(item) == ()
    (delivery,) = firm.loop.feedback.deliveries(item)
    assert (delivery.state, len(firm.post.sent)) == (DeliveryState.ACCEPTED, 1)


def test_a_worker_that_is_too_slow_leaves_the_message_to_whoever_sends_it(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another worker is at the message, a late word about the try before changes nothing."""
    firm.post.capabilities = Capabilities(idempotent_send=True)
    item = firm.loop.feedback.move(firm.bring("question", "new"), "answer", by="mia", text="Yes.")

    def somebody_claims() -> None:
        firm.clock.advance(LEASE)
        claimed(firm)

    before_commit_of(firm, OutboundMessage, monkeypatch, somebody_claims)
    assert firm.loop.run_due().accepted == 0
    (message,) = firm.loop.feedback.outbox(item)
    assert message.state is MessageState.SENDING


def test_an_item_that_ended_while_its_message_was_sent_only_notes_it(firm: Firm) -> None:
    """Acceptance does not bring an item back that was closed meanwhile."""
    item = firm.loop.feedback.move(firm.bring("complaint", "resolved"), "inform", by="mia")

    def busy_desk(message: OutboundMessage) -> Receipt:
        if message.template == "done":
            firm.loop.feedback.move(item.id, "not_feedback", by="tim", reason="advertising")
        return Receipt()

    firm.post.answer = busy_desk
    firm.loop.run_due()
    item = firm.loop.feedback.get(item.id)
    assert (item.state, firm.loop.feedback.history(item)[-1].move) == ("closed_not_feedback", "told")


def test_an_item_that_cannot_note_what_came_of_its_message_stops_no_other(
    firm: Firm, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """One item whose texts are broken is logged, without personal data, and the other messages go out."""
    for _ in range(3):
        firm.loop.feedback.move(firm.bring("question", "new"), "answer", by="mia", text="Yes.")
    broken: list[OutboundMessage] = []

    def once(context: Context, message: OutboundMessage) -> Unit:
        if not broken and message.template == "answer":
            broken.append(message)
            raise InvalidValue("no template for Ana")
        return Unit()

    monkeypatch.setattr("clientloop.services.outgoing.handover.if_told", once)
    firm.loop.run_due()
    assert [message.template for message in firm.post.sent].count("answer") == 3
    assert [message.id for message in firm.loop.outbox.list()] == [message.id for message in broken]
    assert str(broken[0].id) in caplog.text
    assert "Ana" not in caplog.text


def test_a_store_that_is_busy_is_not_taken_for_a_wrong_channel(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the storage cannot do now is the worker's error; the message is tried again when the lease is over."""
    item = firm.loop.feedback.move(firm.bring("question", "new"), "answer", by="mia", text="Yes.")

    def busy(*_: object) -> object:
        raise StoreBusy

    with monkeypatch.context() as patch:
        patch.setattr("clientloop.services.outgoing.handover.permit", busy)
        with pytest.raises(StoreBusy):
            firm.loop.run_due()
    (message,) = firm.loop.feedback.outbox(item)
    assert (message.state, message.attempts) == (MessageState.QUEUED, 0)
    firm.clock.advance(LEASE)
    assert firm.loop.run_due().accepted == 1
