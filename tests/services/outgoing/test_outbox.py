"""The outbox: at least once, with one key, and never against the customer's word."""

import asyncio
from collections.abc import Callable, Generator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from clientloop import ClientLoop, ManualClock
from clientloop.errors import BadPayload, InvalidValue, NotFound, NotSupported
from clientloop.model.customers import Purpose
from clientloop.model.facts import Fact
from clientloop.model.messages import DeliveryState, Failure, MessageState, OutboundMessage, Receipt
from clientloop.plugins import hookimpl
from clientloop.ports.channel import Capabilities, Channel, Spec
from clientloop.ports.effects import Effect, HttpCall, HttpResult, Result
from clientloop.rules.outgoing.sending import MOST_TRIES, PAUSES, STRETCH, pause_of
from clientloop.testing.fakes import FakeChannels
from tests.test_processes import NINE, Firm

HOUR = timedelta(hours=1)


def answered(firm: Firm, failure: Failure | None = None, **more: object) -> OutboundMessage | None:
    """The one message of an item after one try that came to this; None if it has left the outbox."""
    firm.post.answer = lambda message: Receipt(failure=failure, detail="no", **more)  # type: ignore[arg-type]
    item = firm.loop.feedback.move(firm.bring("question", "new"), "answer", by="mia", text="Yes.")
    firm.loop.run_due()
    return next(iter(firm.loop.feedback.outbox(item)), None)


@pytest.mark.parametrize(
    ("failure", "state", "pause"),
    [
        (Failure.RETRY, MessageState.QUEUED, PAUSES[0]),
        (Failure.THROTTLED, MessageState.QUEUED, PAUSES[0]),
        (Failure.CONFIG, MessageState.PARKED, None),
        (Failure.UNKNOWN, MessageState.UNKNOWN, None),
    ],
)
def test_a_message_that_was_not_taken_waits(
    firm: Firm, failure: Failure, state: MessageState, pause: timedelta | None
) -> None:
    """It is tried again after a pause, or waits for a person; what the channel said stands with it."""
    message = answered(firm, failure)
    assert message is not None
    assert (message.state, message.attempts, message.error) == (state, 1, f"{failure.value}: no")
    assert (message.wake_at is None) is (pause is None)
    assert pause is None or pause <= message.wake_at - NINE <= pause * (1 + STRETCH)


@pytest.mark.parametrize("failure", [Failure.PERMANENT, Failure.OPTED_OUT])
def test_a_message_that_will_never_be_taken_leaves_the_outbox(firm: Firm, failure: Failure) -> None:
    """It ends as a failed delivery, and the journal of the item says that the customer was not told."""
    assert answered(firm, failure) is None
    (item,) = firm.loop.inbox()
    (delivery,) = firm.loop.feedback.deliveries(item)
    assert (delivery.state, delivery.template, delivery.detail) == (DeliveryState.FAILED, "answer", "no")
    last = firm.loop.feedback.history(item)[-1]
    assert (last.move, last.by, last.data["template"], last.data["why"]) == ("not_told", "system", "answer", "no")
    assert item.told_at is None


def test_a_message_that_was_taken_becomes_a_delivery(firm: Firm) -> None:
    """It leaves the outbox, keeps the channel's own id, and its words live on."""
    assert answered(firm, provider_id="smtp-17") is None
    (item,) = firm.loop.inbox()
    (delivery,) = firm.loop.feedback.deliveries(item)
    assert (delivery.state, delivery.provider_id, delivery.attempts) == (DeliveryState.ACCEPTED, "smtp-17", 1)
    assert "Yes." in firm.loop.feedback.words(delivery.message).body


def test_pauses_grow_and_end_with_a_person(firm: Firm) -> None:
    """Every pause is at least as long as the one before; after twelve tries the message waits for somebody."""
    message = answered(firm, Failure.RETRY)
    pauses = []
    while message is not None and message.wake_at is not None:
        pauses.append(message.wake_at - firm.clock.now())
        firm.clock.set(message.wake_at)
        firm.loop.run_due()
        message = firm.loop.outbox.get(message.id)
    base = [*PAUSES, *[PAUSES[-1]] * (MOST_TRIES - 1 - len(PAUSES))]
    assert [at_least <= pause <= at_least * (1 + STRETCH) for at_least, pause in zip(base, pauses, strict=True)] == (
        [True] * (MOST_TRIES - 1)
    )
    assert pauses == sorted(pauses)
    assert message is not None
    assert (message.state, message.attempts) == (MessageState.PARKED, MOST_TRIES)
    assert [each.template for each in firm.post.sent].count("answer") == MOST_TRIES


@pytest.mark.parametrize(("asked", "pause"), [(3.0, None), (90.5, timedelta(seconds=90.5)), (None, None)])
def test_a_busy_channel_says_how_long_to_wait(firm: Firm, asked: float | None, pause: timedelta | None) -> None:
    """The channel's own pause counts where it is longer than ours."""
    message = answered(firm, Failure.THROTTLED, retry_after=asked)
    assert message is not None
    assert message.wake_at == NINE + (pause or pause_of(message))


def test_one_key_through_all_tries(firm: Firm) -> None:
    """A channel sees the same id each time, so that it can recognise a repeat; the interaction has it too."""
    message = answered(firm, Failure.RETRY)
    assert message is not None
    for _ in range(3):
        firm.clock.advance(6 * HOUR)
        firm.loop.run_due()
    firm.post.answer = lambda message: Receipt()
    firm.clock.advance(6 * HOUR)
    firm.loop.run_due()
    assert [each.id for each in firm.post.sent if each.template == "answer"] == [message.id] * 5
    assert message.id in {each.record.id for each in firm.loop.customers.timeline(firm.customer)}


def test_without_a_channel_a_message_waits_until_there_is_one(tmp_path: Path) -> None:
    """A firm that sets its channel up late sends what was parked, under the same key; the item learns of it."""
    url, clock, post = f"sqlite:///{tmp_path / 'shop.db'}", ManualClock(NINE), FakeChannels("email")
    with ClientLoop.open(url, clock=clock, entry_points=False) as loop:
        item = loop.feedback.receive(kind="question", channel="email", text="Open?", reply_to="ana@example.com")
        loop.feedback.move(item, "answer", by="mia", text="Yes.")
        assert loop.run_due().failed == 1
        (message,) = loop.outbox.list()
        assert (message.state, message.attempts) == (MessageState.PARKED, 0)
        assert (message.error or "").startswith("config: ")
        assert "channel 'email'" in (message.error or "")
        assert loop.run_due().failed == 0
    with ClientLoop.open(url, clock=clock, plugins=[post], entry_points=False) as loop:
        loop.outbox.send_again(message)
        assert loop.run_due().accepted == 1
        assert [each.id for each in post.sent] == [message.id]
        assert loop.feedback.get(item).told_at == NINE


def test_a_message_that_was_taken_cannot_be_sent_again(firm: Firm) -> None:
    """What has left the outbox is not found there."""
    answered(firm)
    with pytest.raises(NotFound, match="a channel may have taken it since"):
        firm.loop.outbox.send_again(firm.post.sent[0].id)


def test_consent_is_asked_at_the_moment_of_sending(firm: Firm) -> None:
    """A customer who forbids service mail after the message was queued does not get it, and the item says so."""
    item = firm.loop.feedback.move(firm.bring("complaint", "resolved"), "inform", by="mia")
    firm.post.sent.clear()
    firm.loop.consent.forbid(firm.customer, Purpose.SERVICE, proof="call", channel="email")
    firm.loop.run_due()
    assert firm.post.sent == []
    item = firm.loop.feedback.get(item.id)
    assert (item.state, item.pending) == ("resolved", None)
    assert "service on email forbidden" in firm.loop.feedback.history(item)[-1].data["why"]


def test_opting_out_of_marketing_stops_no_answer(firm: Firm) -> None:
    """Who wants no offers is still told that the complaint was solved."""
    firm.loop.consent.forbid(firm.customer, Purpose.MARKETING, proof="call")
    assert firm.bring("complaint", "informed").state == "informed"


def test_those_that_wait_for_a_person_come_last(firm: Firm) -> None:
    """The list shows what is sent next first, and what nobody will try last."""
    parked = answered(firm, Failure.CONFIG)
    firm.clock.advance(HOUR)
    retried = answered(firm, Failure.RETRY)
    assert parked is not None
    assert retried is not None
    assert [each.id for each in firm.loop.outbox.list()] == [retried.id, parked.id]


def test_what_another_machine_said_is_kept_whatever_it_is(firm: Firm) -> None:
    """A stray byte in an answer does not lose the answer, and an endless one is cut."""
    firm.post.answer = lambda message: Receipt(provider_id="a\0b\ud800", detail="250 " + "ok" * 10_000)
    firm.loop.feedback.move(firm.bring("question", "new"), "answer", by="mia", text="Yes.")
    assert firm.loop.run_due().accepted == 1
    (item,) = firm.loop.inbox()
    (delivery,) = firm.loop.feedback.deliveries(item)
    assert (delivery.provider_id, len(delivery.detail or "")) == ("ab?", 1_000)


def stumbling(out: OutboundMessage) -> Generator[Effect, Result, Receipt]:
    """Hand a message over, and find no sense in the answer."""
    yield HttpCall(method="POST", url="https://api.example.com/messages", body=out.body.encode())
    raise BadPayload("an answer without an id")


class Strange(Channel):
    """A channel whose author has much to learn."""

    spec = Spec(name="email")
    made: Callable[[], None] = staticmethod(lambda: None)
    capable: Callable[[], Capabilities] = staticmethod(Capabilities)
    sends: Callable[[OutboundMessage], object] = staticmethod(lambda out: Receipt())

    def __init__(self, config: object = None) -> None:
        """Perhaps fail to set it up."""
        type(self).made()
        super().__init__(config)

    def capabilities(self) -> Capabilities:
        """Perhaps fail to say what it can do."""
        return type(self).capable()

    def send(self, out: OutboundMessage) -> Generator[Effect, Result, Receipt]:
        """Perhaps fail to send."""
        return type(self).sends(out)  # type: ignore[return-value]  # that is the point
        yield


class Brings:
    """A plugin that brings one channel, and remembers the facts of messages."""

    def __init__(self, channel: type[Channel]) -> None:
        self.channel = channel
        self.heard: list[Fact] = []

    @hookimpl
    def clientloop_register_channels(self) -> Mapping[str, type[Channel]]:
        """The channel."""
        return {"email": self.channel}

    @hookimpl
    def clientloop_on_message_failed(self, facts: Sequence[Fact]) -> None:
        """A message was not taken for good."""
        self.heard += facts


def raising(error: BaseException) -> Callable[..., object]:
    """A function that raises, whatever it is called with."""

    def fail(*_: object) -> object:
        raise error

    return fail


@pytest.mark.parametrize(
    ("methods", "state", "says"),
    [
        ({"made": raising(ValueError("no config"))}, MessageState.PARKED, "config: "),
        ({"made": raising(InvalidValue("no host"))}, MessageState.PARKED, "config: no host"),
        ({"capable": raising(KeyError("length"))}, MessageState.PARKED, "config: KeyError: 'length'"),
        ({"capable": lambda: None}, MessageState.PARKED, "config: AttributeError: "),
        ({"sends": raising(NotSupported("cannot send"))}, MessageState.PARKED, "config: cannot send"),
        (
            {"sends": raising(OSError("secret@example.com"))},
            MessageState.UNKNOWN,
            "unknown: the channel raised OSError",
        ),
        ({"send": stumbling}, MessageState.UNKNOWN, "unknown: the channel raised BadPayload"),
        ({"sends": raising(SystemExit())}, MessageState.UNKNOWN, "unknown: the channel raised SystemExit"),
        (
            {"sends": raising(asyncio.CancelledError())},
            MessageState.UNKNOWN,
            "unknown: the channel raised CancelledError",
        ),
        ({"sends": lambda out: None}, MessageState.UNKNOWN, "unknown: the channel gave no receipt but NoneType"),
        (
            {"sends": lambda out: Receipt(failure=Failure.RETRY, retry_after=1e300)},
            MessageState.PARKED,
            "config: nobody",
        ),
        (
            {"sends": lambda out: Receipt(failure=Failure.RETRY, retry_after=float("nan"))},
            MessageState.PARKED,
            "config",
        ),
    ],
)
def test_a_strange_channel_hurts_nobody(
    methods: Mapping[str, Callable[..., object]], state: MessageState, says: str
) -> None:
    """Whatever a channel raises or returns, its message waits for a person and the worker goes on."""
    plugin = Brings(type("Broken", (Strange,), {name: staticmethod(method) for name, method in methods.items()}))
    answer = HttpResult(status=200)
    opened = ClientLoop.open(
        "memory:", clock=ManualClock(NINE), plugins=[plugin], entry_points=False, perform=lambda _: answer
    )
    with opened as loop:
        for _ in range(2):
            item = loop.feedback.receive(kind="question", channel="email", text="Open?", reply_to="ana@example.com")
            loop.feedback.move(item, "answer", by="mia", text="Yes.")
        assert loop.run_due().failed == 2
        for message in loop.outbox.list():
            assert (message.state, message.wake_at) == (state, None)
            assert (message.error or "").startswith(says)
        assert [fact.data["template"] for fact in plugin.heard] == ["answer", "answer"]


@pytest.mark.parametrize(
    ("sends", "failures", "last", "logged"),
    [
        (raising(OSError("secret@example.com")), 1, "OSError: secret@example.com", f"raised OSError at {__file__}:"),
        (lambda out: None, 1, "it gave no receipt but NoneType", "raised PluginError"),
        (raising(NotSupported("cannot send")), 0, None, ""),
    ],
)
def test_what_a_channel_raises_is_counted_and_logged_with_its_place(
    sends: Callable[..., object], failures: int, last: str | None, logged: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Its author finds out what went wrong, and no message stands in the log; what it says itself is no failure."""
    plugin = Brings(type("Broken", (Strange,), {"sends": staticmethod(sends)}))
    with ClientLoop.open("memory:", clock=ManualClock(NINE), plugins=[plugin], entry_points=False) as loop:
        item = loop.feedback.receive(kind="question", channel="email", text="Open?", reply_to="ana@example.com")
        loop.feedback.move(item, "answer", by="mia", text="Yes.")
        loop.run_due()
        report = loop.registry.report()[-1]
    assert (report.failures, report.last_failure) == (failures, last)
    said = [message for message in caplog.messages if " raised " in message]
    assert len(said) == failures
    assert all(logged in message for message in said)
    assert "secret@" not in caplog.text


def test_an_unknown_message_is_not_found(firm: Firm) -> None:
    """Asking for a message that was never there says so."""
    with pytest.raises(NotFound, match="no message"):
        firm.loop.outbox.get(UUID(int=1))


def test_a_batch_counts_what_became_of_it(firm: Firm) -> None:
    """A run says how many messages were taken and how many were not."""
    for kind in ("question", "praise"):
        item = firm.receive(kind)
        firm.loop.feedback.move(item, "update", by="mia", text="Soon")
    firm.post.answer = lambda message: Receipt(failure=Failure.RETRY if len(firm.post.sent) > 1 else None)
    sent = firm.loop.outbox.send_due()
    assert (sent.claimed, sent.accepted, sent.failed) == (2, 1, 1)
