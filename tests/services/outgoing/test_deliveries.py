"""What channels report on messages: in any order, before or after the acceptance, and what follows from it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from clientloop import ClientLoop, ManualClock
from clientloop.errors import NotFound
from clientloop.model.channels import TakenEvent
from clientloop.model.customers import Customer, IdentityKind, Purpose, Trust
from clientloop.model.feedback import Feedback
from clientloop.model.messages import (
    Delivery,
    DeliveryReport,
    DeliveryState,
    DeliveryStep,
    Failure,
    MessageState,
    OutboundMessage,
    Receipt,
)
from clientloop.model.permission import SuppressionReason
from clientloop.model.units import Insert, Unit
from clientloop.ports.channel import Capabilities
from clientloop.ports.events import Address, ConsentEvent, DeliveryEvent
from clientloop.services.intake.events import take
from clientloop.services.outgoing.deliveries import join, take_delivery
from clientloop.testing.fakes import FakeChannels
from tests.services.persons import NINE, STORES

DELIVERED, READ, FAILED = DeliveryStep.DELIVERED, DeliveryStep.READ, DeliveryStep.FAILED


@frozen(eq=False)
class Shop:
    """A firm with one channel, which calls messages "sms-" and their number, and one customer."""

    loop: ClientLoop
    post: FakeChannels
    ana: Customer

    def answer(self) -> Feedback:
        """A question that is answered, with the answer in the outbox."""
        item = self.loop.feedback.receive(kind="question", channel="email", text="Open?", customer=self.ana)
        return self.loop.feedback.move(item, "answer", by="mia", text="Yes.")

    def report(self, step: DeliveryStep, **more: object) -> DeliveryEvent:
        """A report on the last message that was handed over, under the channel's name for it."""
        names = {} if more.keys() & {"message", "provider_id"} else {"provider_id": f"sms-{len(self.post.sent)}"}
        return DeliveryEvent(key=f"{step} {sorted(map(str, more.items()))}", step=step, **names, **more)  # type: ignore[arg-type]

    def take(self, event: DeliveryEvent, channel: str = "email") -> object:
        """Take an event as intake does; the message that it is about."""
        return take(self.loop.context, channel, event, trust=Trust.VERIFIED, raw=None).became

    def delivery(self, item: Feedback) -> Delivery:
        """What became of the last message of an item."""
        return self.loop.feedback.deliveries(item)[-1]

    def may_write(self) -> bool:
        """Whether the customer may be sent an answer."""
        return self.loop.consent.may_send(self.ana, Purpose.SERVICE, "email").allowed


def open_shop(url: str) -> Shop:
    """A shop on a store."""
    post = FakeChannels("email", "sms", capabilities=Capabilities(receipts=True))
    post.answer = lambda message: Receipt(provider_id=f"sms-{len(post.sent)}")
    loop = ClientLoop.open(url, clock=ManualClock(NINE), plugins=[post], entry_points=False)
    return Shop(loop, post, loop.customers.add(name="Ana", email="ana@example.com"))


@pytest.fixture(params=STORES, ids=["memory", "sqlite"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    """A shop in memory and in a file."""
    shop = open_shop(request.param.format(tmp_path))
    yield shop
    shop.loop.close()


def rows(shop: Shop, cls: type) -> list[object]:
    """All rows of a table."""
    return list(shop.loop.store.pages(cls, "main"))


def test_a_report_is_joined_to_its_message(shop: Shop) -> None:
    """By the channel's name for it or by ours; the mark says which message it was about."""
    item = shop.answer()
    shop.loop.run_due()
    message = shop.post.sent[0].id
    assert shop.take(shop.report(DELIVERED)) == message
    assert shop.delivery(item).state is DeliveryState.DELIVERED
    assert shop.take(shop.report(READ, message=message)) == message
    assert shop.delivery(item).state is DeliveryState.READ
    assert {row.message for row in rows(shop, DeliveryReport)} == {message}  # type: ignore[attr-defined]
    assert [row.became for row in rows(shop, TakenEvent)] == [message, message]  # type: ignore[attr-defined]


def test_a_report_on_no_message_is_kept(shop: Shop) -> None:
    """Somebody else may send by the same account: such a word is stored, is about nothing, and taken once."""
    for _ in range(2):
        assert shop.take(shop.report(FAILED, provider_id="unheard-of", failure=Failure.PERMANENT)) is None
    (row,) = rows(shop, DeliveryReport)
    assert row.message is None  # type: ignore[attr-defined]
    assert len(rows(shop, TakenEvent)) == 1


def test_one_channel_says_nothing_of_the_messages_of_another(shop: Shop) -> None:
    """Whoever may speak for one channel changes nothing on another, by whatever name of the message."""
    item = shop.answer()
    shop.loop.run_due()
    for event in (shop.report(FAILED), shop.report(FAILED, message=shop.post.sent[0].id)):
        assert shop.take(event, "sms") is None
    assert shop.delivery(item).state is DeliveryState.ACCEPTED


def test_a_name_that_two_messages_have_is_no_name(shop: Shop) -> None:
    """A channel that calls all its messages the same has told nothing of any of them."""
    shop.post.answer = lambda message: Receipt(provider_id="ok")
    items = [shop.answer(), shop.answer()]
    shop.loop.run_due()
    assert shop.take(shop.report(FAILED, provider_id="ok")) is None
    assert {shop.delivery(item).state for item in items} == {DeliveryState.ACCEPTED}


@pytest.mark.parametrize("named", ["ours", "theirs"])
def test_a_report_that_comes_before_the_acceptance_is_not_lost(shop: Shop, named: str) -> None:
    """The channel reports while it is still answering: the report waits for the acceptance, and then counts."""

    def quick(message: OutboundMessage) -> Receipt:
        names = {"message": message.id} if named == "ours" else {}
        shop.take(shop.report(DELIVERED, **names))
        return Receipt(provider_id="sms-1")

    shop.post.answer = quick
    item = shop.answer()
    shop.loop.run_due()
    assert shop.delivery(item).state is DeliveryState.DELIVERED
    assert shop.delivery(item).message in {row.message for row in rows(shop, DeliveryReport)}  # type: ignore[attr-defined]


def before_commit(shop: Shop, monkeypatch: pytest.MonkeyPatch, cls: type, act: Callable[[], object]) -> None:
    """Let somebody else act in the moment before the first unit is committed that inserts a record of a class."""
    commit = shop.loop.store.commit

    def late(unit: Unit) -> None:
        if any(isinstance(change, Insert) and isinstance(change.record, cls) for change in unit.changes):
            monkeypatch.setattr(shop.loop.store, "commit", commit)
            act()
        commit(unit)

    monkeypatch.setattr(shop.loop.store, "commit", late)


def test_a_report_between_the_answer_of_the_channel_and_the_acceptance_counts(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the last moment before the acceptance is committed nobody knows the message yet by the channel's name."""
    item = shop.answer()
    before_commit(shop, monkeypatch, Delivery, lambda: shop.take(shop.report(DELIVERED)))
    shop.loop.run_due()
    assert shop.delivery(item).state is DeliveryState.DELIVERED


def test_an_acceptance_in_the_last_moment_before_the_report_is_stored_is_seen(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who stores a report looks for its message afterwards, and so sees what was committed meanwhile."""
    item = shop.answer()
    event = DeliveryEvent(key="1", provider_id="sms-1", step=DELIVERED)
    before_commit(shop, monkeypatch, DeliveryReport, shop.loop.run_due)
    shop.take(event)
    assert shop.delivery(item).state is DeliveryState.DELIVERED


def test_who_is_lost_after_storing_a_report_loses_nothing(shop: Shop) -> None:
    """Taken again, the stored report is found and joined."""
    item = shop.answer()
    shop.loop.run_due()
    event = shop.report(DELIVERED)
    lost = DeliveryReport(
        space="main", channel="email", key=event.key, provider_id=event.provider_id, step=event.step, at=NINE
    )
    shop.loop.store.commit(Unit((Insert(lost),)))
    shop.take(event)
    assert shop.delivery(item).state is DeliveryState.DELIVERED


def test_reports_and_acceptances_at_the_same_time_all_count(tmp_path: Path) -> None:
    """With threads on one file, whoever commits first: in the end every message is read."""
    shop = open_shop(f"sqlite:///{tmp_path / 'shop.db'}")
    reporters: list[Thread] = []

    def reports(number: int) -> None:
        for step in (READ, DELIVERED, DeliveryStep.SENT):
            event = DeliveryEvent(key=f"{number} {step}", provider_id=f"sms-{number}", step=step)
            take(shop.loop.context, "email", event, trust=Trust.VERIFIED, raw=None)

    def answer(message: OutboundMessage) -> Receipt:
        number = len(shop.post.sent)
        reporters.append(Thread(target=reports, args=(number,)))
        reporters[-1].start()
        return Receipt(provider_id=f"sms-{number}")

    shop.post.answer = answer
    items = [shop.answer() for _ in range(10)]
    shop.loop.run_due()
    for reporter in reporters:
        reporter.join(timeout=60)
    assert [shop.delivery(item).state for item in items] == [DeliveryState.READ] * len(items)
    shop.loop.close()


_STEPS = (DeliveryStep.SENT, DELIVERED, FAILED, READ)


@given(st.sets(st.sampled_from(_STEPS), min_size=1), st.data())
def test_any_order_of_acceptance_and_reports_ends_equal(steps: set[DeliveryStep], data: st.DataObject) -> None:
    """The acceptance is one more event among the reports, some of which come twice: the most telling word counts."""
    order = data.draw(st.permutations([None, *sorted(steps), data.draw(st.sampled_from(sorted(steps)))]))
    shop = open_shop("memory:")
    item = shop.answer()
    for step in order:
        if step is None:
            shop.loop.run_due()
        else:
            take_delivery(shop.loop.context, "email", DeliveryEvent(key=step, provider_id="sms-1", step=step))
    assert shop.delivery(item).state.value == max(steps, key=_STEPS.index).value
    shop.loop.close()


def unknown(shop: Shop) -> Feedback:
    """A complaint that waits for its customer to be told by a message that may have been sent."""
    loop = shop.loop
    item = loop.feedback.receive(kind="complaint", channel="email", text="Broken", customer=shop.ana)
    for name, given_with in (("assign", {"to": "mia"}), ("start", {})):
        item = loop.feedback.move(item, name, by="mia", **given_with)
    for each in loop.tasks.of(item):
        loop.tasks.done(each, result="done")
    item = loop.feedback.move(item, "resolve", by="mia", cause="wear", action="a new one")
    loop.run_due()
    item = loop.feedback.get(item)
    shop.post.answer = lambda message: Receipt(failure=Failure.UNKNOWN, detail="the line was cut")
    item = loop.feedback.move(item, "inform", by="mia")
    loop.run_due()
    (message,) = loop.feedback.outbox(item)
    assert message.state is MessageState.UNKNOWN
    return loop.feedback.get(item)


@pytest.mark.parametrize("named", ["message", "provider_id"])
def test_a_report_says_that_a_message_was_sent(shop: Shop, named: str) -> None:
    """What may have been sent, and was, is not sent again; the move that waited for it is made."""
    item = unknown(shop)
    (message,) = shop.loop.feedback.outbox(item)
    name = message.id if named == "message" else f"{message.id}@firm.example"
    assert shop.take(shop.report(DELIVERED, **{named: name})) == message.id
    assert shop.loop.feedback.outbox(item) == ()
    assert shop.loop.feedback.get(item).state == "informed"
    assert shop.delivery(item).state is DeliveryState.DELIVERED
    sent = len(shop.post.sent)
    shop.loop.run_due()
    assert len(shop.post.sent) == sent


@pytest.mark.parametrize("failure", [Failure.PERMANENT, Failure.RETRY])
def test_a_report_says_that_a_message_will_not_arrive(shop: Shop, failure: Failure) -> None:
    """What may have been sent, and will not arrive, ends as failed: the move that waited for it is off."""
    item = unknown(shop)
    (message,) = shop.loop.feedback.outbox(item)
    shop.take(shop.report(FAILED, message=message.id, failure=failure, detail="no"))
    assert shop.loop.feedback.outbox(item) == ()
    item = shop.loop.feedback.get(item)
    assert (item.state, item.pending) == ("resolved", None)
    assert (shop.delivery(item).state, shop.delivery(item).failure) == (DeliveryState.FAILED, failure)
    assert shop.may_write() is (failure is Failure.RETRY)


def test_a_message_that_is_being_sent_is_left_to_its_worker(shop: Shop) -> None:
    """A report names our message before its worker hears back, and the line is cut: it was sent all the same."""

    def cut(message: OutboundMessage) -> Receipt:
        shop.take(shop.report(DELIVERED, message=message.id))
        (mine,) = shop.loop.feedback.outbox(item)
        assert mine.state is MessageState.SENDING
        return Receipt(failure=Failure.UNKNOWN)

    item = shop.answer()
    shop.post.answer = cut
    shop.loop.run_due()
    assert shop.loop.feedback.outbox(item) == ()
    assert shop.delivery(item).state is DeliveryState.DELIVERED
    assert shop.loop.feedback.get(item).told_at == NINE


def test_a_hard_bounce_stops_the_address(shop: Shop) -> None:
    """Nothing more is sent to it; a mailbox that was full, and stayed full, is written to again."""
    shop.answer()
    shop.loop.run_due()
    shop.take(shop.report(FAILED, failure=Failure.RETRY, detail="4.2.2"))
    assert shop.may_write()
    shop.take(shop.report(FAILED, failure=Failure.PERMANENT, detail="5.1.1"))
    assert not shop.may_write()
    verdict = shop.loop.consent.may_send(shop.ana, Purpose.SERVICE, "email")
    assert any("bounce" in reason for reason in verdict.reasons), verdict.reasons


def test_a_clock_that_is_ahead_stops_no_address_for_years(shop: Shop) -> None:
    """A report is not later than it came: who says START after it is written to again."""
    shop.answer()
    shop.loop.run_due()
    shop.take(shop.report(FAILED, failure=Failure.OPTED_OUT, at=NINE.replace(year=2099)))
    assert not shop.may_write()
    clock = shop.loop.clock
    assert isinstance(clock, ManualClock)
    clock.advance(timedelta(hours=1))
    ana = Address(kind=IdentityKind.EMAIL, value="ana@example.com")
    reason = SuppressionReason.STOP
    start = ConsentEvent(key="start", sender=ana, allowed=True, reason=reason, proof="START")
    take(shop.loop.context, "email", start, trust=Trust.VERIFIED, raw=None)
    assert shop.may_write()


@pytest.mark.parametrize("first", [True, False], ids=["early", "late"])
@pytest.mark.parametrize(
    ("recipient", "stops"), [(None, True), ("ANA@example.com ", True), ("ana@forwarded.example", False)]
)
def test_only_the_address_that_the_firm_wrote_to_is_stopped(
    shop: Shop, recipient: str | None, stops: bool, first: bool
) -> None:
    """A mail that was passed on fails elsewhere: the message has failed, but neither address is stopped."""
    to = None if recipient is None else Address(kind=IdentityKind.EMAIL, value=recipient)
    event = DeliveryEvent(key="1", provider_id="sms-1", step=FAILED, failure=Failure.PERMANENT, recipient=to)
    item = shop.answer()
    if first:
        shop.take(event)
        shop.loop.run_due()
    else:
        shop.loop.run_due()
        shop.take(event)
    assert shop.delivery(item).state is DeliveryState.FAILED
    assert shop.may_write() is not stops
    passed_on = shop.loop.customers.add(name="Ana's other", email="ana@forwarded.example")
    assert shop.loop.consent.may_send(passed_on, Purpose.SERVICE, "email").allowed


def test_a_failure_moves_the_item_once(shop: Shop) -> None:
    """Two words on the same failure, and the same word again, are one row in the journal."""
    item = shop.answer()
    shop.loop.run_due()
    for event in (shop.report(FAILED), shop.report(FAILED, detail="again"), shop.report(FAILED)):
        shop.take(event)
    join(shop.loop.context, shop.post.sent[0].id)
    (noted,) = (row for row in shop.loop.feedback.history(item) if row.move == "not_told")
    assert noted.data["why"] == "no reason given"


def test_what_became_of_a_message_is_looked_up(shop: Shop) -> None:
    """With all that its channel reported, in the order in which it happened; not while it waits in the outbox."""
    item = shop.answer()
    (message,) = shop.loop.feedback.outbox(item)
    with pytest.raises(NotFound, match="has left the outbox"):
        shop.loop.outbox.delivery(message)
    shop.loop.run_due()
    for minutes, step in ((2, READ), (1, DELIVERED)):
        shop.take(shop.report(step, at=NINE + timedelta(minutes=minutes)))
    delivery = shop.loop.outbox.delivery(str(message.id))
    assert delivery.state is DeliveryState.READ
    assert [each.step for each in shop.loop.outbox.reports(delivery)] == [DELIVERED, READ]
    assert shop.loop.outbox.reports(message) == shop.loop.outbox.reports(delivery)


def test_a_timeline_says_what_became_of_messages(shop: Shop) -> None:
    """Beside the words of the firm stands whether they arrived; beside those of others, nothing."""
    shop.answer()
    shop.loop.run_due()
    shop.take(shop.report(READ))
    page = shop.loop.customers.timeline(shop.ana)
    became = {event.record.id: event.delivery and event.delivery.state for event in page}
    assert sorted(became.values(), key=str) == [None, DeliveryState.READ]
    assert became[shop.post.sent[0].id] is DeliveryState.READ
