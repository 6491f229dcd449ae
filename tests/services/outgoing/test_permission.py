"""Whether a message may go out at this moment: asked for every message, and guarded until it is on its way."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from clientloop.errors import Conflict
from clientloop.model.calendar import days
from clientloop.model.customers import IdentityKind, Purpose, Trust
from clientloop.model.messages import Delivery, DeliveryState, Failure, MessageState, Receipt
from clientloop.model.permission import Cap, ContactBudget, SuppressionReason
from clientloop.model.units import Unit, Update
from clientloop.services.outgoing.permission import permit
from clientloop.services.outgoing.suppression import suppress_for
from tests.services.outgoing.mailing import MAIL, NOON, PHONE, Mailing

CAPPED = (
    "failed: survey on every channel allowed on 2026-03-02 (form); survey cap: 1 sent already, at most 1 in 30 days"
)


def test_one_cap_over_all_surveys_and_channels(mailing: Mailing) -> None:
    """A second survey within a month is refused on whatever channel; after the month it may come."""
    ana = mailing.ana()
    assert [mailing.send(ana), mailing.send(ana, channel="sms")] == [None, CAPPED]
    mailing.clock.advance(timedelta(days=30))
    assert mailing.send(ana, channel="sms") is None


def test_marketing_has_a_cap_of_its_own(mailing: Mailing) -> None:
    """Surveys and offers take nothing from one another."""
    ana = mailing.ana()
    sent = [mailing.send(ana, purpose) for purpose in (Purpose.SURVEY, *[Purpose.MARKETING] * 3)]
    assert [reason is None for reason in sent] == [True, True, True, False]


def test_answers_are_uncapped_and_take_nothing(mailing: Mailing) -> None:
    """However often the firm asks whether something is fixed: it may, and a survey after it too."""
    ana = mailing.ana()
    assert [mailing.send(ana, Purpose.SERVICE) for _ in range(9)] == [None] * 9
    assert mailing.send(ana) is None


def test_a_firm_sets_its_caps(mailing: Mailing) -> None:
    """A cap of its own counts what was sent before, too; what has none is not counted."""
    ana = mailing.ana()
    mailing.loop.settings.set("caps", {Purpose.SURVEY: Cap(most=2, within=days(1))})
    assert [mailing.send(ana) is None for _ in range(3)] == [True, True, False]
    assert all(mailing.send(ana, Purpose.MARKETING) is None for _ in range(5))


def test_a_message_that_failed_for_good_takes_no_place(mailing: Mailing) -> None:
    """Where the first survey was refused by its channel, or bounced later, another may go out."""
    ana = mailing.ana()
    mailing.post.answer = lambda message: Receipt(failure=Failure.PERMANENT)
    mailing.send(ana, channel="sms")
    mailing.post.answer = lambda message: Receipt()
    mailing.send(ana)
    second = mailing.post.sent[-1]
    assert mailing.send(ana) == CAPPED
    delivery = mailing.loop.store.get(Delivery, ("main", second.id))
    assert delivery is not None
    failed = Update(Delivery, ("main", second.id), {"state": DeliveryState.FAILED}, delivery.version)
    mailing.loop.store.commit(Unit((failed,)))
    assert mailing.send(ana) is None


def test_a_message_that_waits_for_a_person_takes_no_place(mailing: Mailing) -> None:
    """A channel that is set up wrongly costs nobody a survey; sent again, the message asks for a place anew."""
    ana = mailing.ana()
    mailing.post.answer = lambda message: Receipt(failure=Failure.CONFIG)
    mailing.send(ana)
    first = mailing.post.sent[0]
    assert mailing.loop.outbox.get(first.id).state is MessageState.PARKED
    mailing.post.answer = lambda message: Receipt()
    assert mailing.send(ana) is None
    mailing.loop.outbox.send_again(first.id)
    mailing.loop.run_due()
    assert len(mailing.post.sent) == 2
    assert mailing.loop.store.get(Delivery, ("main", first.id)).state is DeliveryState.FAILED


@pytest.mark.parametrize("failure", [Failure.RETRY, Failure.UNKNOWN])
def test_a_message_that_may_still_arrive_keeps_its_place(mailing: Mailing, failure: Failure) -> None:
    """While one is tried again, or may have been sent, no other goes out; and tried again, it is not its own rival."""
    ana = mailing.ana()
    mailing.post.answer = lambda message: Receipt(failure=failure)
    mailing.send(ana)
    mailing.post.answer = lambda message: Receipt()
    assert mailing.send(ana, channel="sms") == CAPPED
    if failure is Failure.RETRY:
        mailing.clock.advance(timedelta(minutes=5))
        mailing.loop.run_due()
        assert len(mailing.post.sent) == 2


def test_nothing_that_needs_consent_goes_out_at_night(mailing: Mailing) -> None:
    """By the recipient's clock: it waits in the outbox and goes out in the morning; an answer goes out at once."""
    ana = mailing.ana(zone="Asia/Tokyo")  # 21:00 there
    assert mailing.send(ana) == "waits"
    assert mailing.send(ana, Purpose.SERVICE) is None
    (waiting,) = mailing.loop.outbox.list()
    morning = datetime.fromisoformat("2026-03-03T08:00+09:00")
    assert (waiting.state, waiting.wake_at, waiting.attempts) == (MessageState.QUEUED, morning, 0)
    mailing.clock.set(morning)
    mailing.loop.run_due()
    assert mailing.post.sent[-1].id == waiting.id


def test_it_must_be_quiet_nowhere_the_recipient_may_be(mailing: Mailing) -> None:
    """Without a zone, the country of the number counts: it is 7 in the morning somewhere in the United States."""
    eva = mailing.willing("Eva", phone="+12125550123")
    mailing.clock.set(NOON.replace(hour=16))
    message = mailing.queue(eva, channel="sms", to="+12125550123")
    later = permit(mailing.context, message, mailing.clock.now()).later
    assert later is not None
    assert later.isoformat() == "2026-03-02T18:00:00+00:00"  # 8 in Honolulu and on Adak


@pytest.mark.parametrize("channel", ["email", "chat"])
def test_an_address_that_is_left_alone_gets_nothing(mailing: Mailing, channel: str) -> None:
    """Also where nobody knows what sort of addresses a channel has, and however the address is written."""
    ana = mailing.ana()
    mailing.loop.consent.suppress(MAIL)
    reason = mailing.send(ana, Purpose.SERVICE, channel=channel, to=" Ana@Example.com")
    assert (
        reason == "failed: no word on service: allowed by default; no service to this address since 2026-03-02 (manual)"
    )
    assert mailing.send(ana, Purpose.SERVICE, channel="sms") is None


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (Failure.PERMANENT, "bounce"),
        (Failure.OPTED_OUT, "stop"),
        (Failure.CONFIG, None),
        (Failure.RETRY, None),
        (Failure.UNKNOWN, None),
    ],
)
def test_what_a_channel_refuses_for_good_is_not_tried_again(
    mailing: Mailing, failure: Failure, reason: str | None
) -> None:
    """An address that takes nothing, or whose holder has refused at the provider, is left alone from then on."""
    ana = mailing.ana()
    mailing.post.answer = lambda message: Receipt(failure=failure)
    mailing.send(ana, Purpose.SERVICE)
    assert {row.reason.value for row in mailing.loop.consent.suppressed(MAIL)} == ({reason} - {None})
    mailing.post.answer = lambda message: Receipt()
    assert (mailing.send(ana, Purpose.SERVICE) is None) is (reason is None)


def test_what_we_refuse_ourselves_says_nothing_of_the_address(mailing: Mailing) -> None:
    """Neither a word of the customer nor a message that was given up stops the address."""
    ana = mailing.ana()
    mailing.loop.consent.forbid(ana, Purpose.SURVEY, proof="call")
    mailing.send(ana)
    mailing.loop.outbox.give_up(mailing.queue(ana), by="mia", reason="a slip")
    assert not mailing.loop.consent.suppressed(MAIL)


def test_it_is_the_address_that_counts_not_the_customer(mailing: Mailing) -> None:
    """A friend whom nobody knows is left alone too, and so is whoever comes after the customer was erased."""
    ana = mailing.ana()
    mailing.loop.consent.suppress(MAIL)
    mailing.erase(ana)
    assert mailing.loop.consent.suppressed(MAIL)
    for customer in (None, ana.id, mailing.ana()):
        assert "no service to this address" in str(mailing.send(customer, Purpose.SERVICE))


def test_a_customer_who_was_erased_gets_what_needs_no_word(mailing: Mailing) -> None:
    """With the customer went all words: a survey is not sent, and an answer breaks on nothing."""
    ana = mailing.ana()
    mailing.erase(ana)
    assert "no word on survey" in str(mailing.send(ana))
    assert mailing.send(ana, Purpose.SERVICE) is None


def test_a_friend_has_a_say_as_a_customer(mailing: Mailing) -> None:
    """To an address without a customer, the words of those who have it count."""
    mailing.loop.consent.forbid(mailing.ana(), Purpose.SERVICE, proof="call")
    assert "service on every channel forbidden" in str(mailing.send(None, Purpose.SERVICE))
    assert mailing.send(None, Purpose.SERVICE, to="eva@example.com") is None


def test_members_are_written_to_whatever_is_said(mailing: Mailing) -> None:
    """What the firm tells its own people is nobody's consent."""
    mailing.loop.consent.suppress(MAIL)
    assert mailing.send(None, Purpose.INTERNAL) is None


def test_the_cap_is_the_whole_persons(mailing: Mailing) -> None:
    """Whoever was known as two gets one survey, under whatever id it is sent, and so it stays if they are two again."""
    ana, anna = mailing.ana(), mailing.willing("Anna", email="anna@example.com")
    mailing.loop.customers.merge(ana, anna, by="mia", reason="one voice")
    assert mailing.send(anna, to="anna@example.com") is None
    assert mailing.send(ana) == CAPPED
    mailing.loop.customers.unmerge(anna, by="mia")
    assert [mailing.send(ana), mailing.send(anna)] == [CAPPED, CAPPED]


def test_sent_as_two_counts_for_one(mailing: Mailing) -> None:
    """What was sent to each before they were found to be one person counts together."""
    ana, anna = mailing.ana(), mailing.willing("Anna", email="anna@example.com")
    assert mailing.send(anna, to="anna@example.com") is None
    mailing.loop.customers.merge(ana, anna, by="mia", reason="one voice")
    assert mailing.send(ana) == CAPPED


def forbid(mailing: Mailing) -> None:
    """The customer says no."""
    (ana,) = mailing.loop.customers.find(email=MAIL)
    mailing.loop.consent.forbid(ana, Purpose.MARKETING, proof="call")


def stop(mailing: Mailing) -> None:
    """A stop word comes in."""
    mailing.hear(address=PHONE, channel="sms", reason=SuppressionReason.STOP)


def bounce(mailing: Mailing) -> None:
    """A report says that the mailbox is gone."""
    place = (IdentityKind.EMAIL, MAIL)
    mailing.context.commit(suppress_for(mailing.context, place, SuppressionReason.BOUNCE, at=NOON))


def another(mailing: Mailing) -> None:
    """Another worker sends something to the same customer."""
    (ana,) = mailing.loop.customers.find(email=MAIL)
    message = mailing.queue(ana, Purpose.SERVICE)
    mailing.context.commit(permit(mailing.context, message, NOON).unit)


@pytest.mark.parametrize("meanwhile", [forbid, stop, bounce, another])
@pytest.mark.parametrize("trust", [Trust.VERIFIED, Trust.CLAIMED])
@pytest.mark.parametrize("purpose", [Purpose.SERVICE, Purpose.MARKETING])
def test_what_is_said_between_the_question_and_the_sending_counts(
    mailing: Mailing, meanwhile: Callable[[Mailing], None], trust: Trust, purpose: Purpose
) -> None:
    """A permission holds only on what it was given on: after any word of the customer it has to be asked anew."""
    message = mailing.queue(mailing.ana(trust=trust), purpose)
    permission = permit(mailing.context, message, NOON)
    meanwhile(mailing)
    with pytest.raises(Conflict):
        mailing.context.commit(permission.unit)


def test_a_first_message_is_guarded_as_well(mailing: Mailing) -> None:
    """A customer of whom nothing was ever said has no row to guard: of two who make it, one succeeds."""
    eva = mailing.loop.customers.add(name="Eva", email="eva@example.com")
    units = [permit(mailing.context, mailing.queue(eva, Purpose.SERVICE), NOON).unit for _ in range(2)]
    mailing.context.commit(units[0])
    with pytest.raises(Conflict):
        mailing.context.commit(units[1])


def test_the_row_stays_short(mailing: Mailing) -> None:
    """What counts no more is left out, however long a customer is known."""
    ana = mailing.ana()
    for _ in range(3):
        assert mailing.send(ana) is None
        mailing.clock.advance(timedelta(days=31))
    (budget,) = mailing.loop.store.pages(ContactBudget, "main")
    assert {purpose: len(sent) for purpose, sent in budget.sent.items()} == {"survey": 1}
