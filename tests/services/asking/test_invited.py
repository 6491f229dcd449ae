"""Invitations: whom a question reached, also where a message carries it."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from clientloop import ClientLoop
from clientloop.errors import InvalidValue, NotFound, UnknownName
from clientloop.model.asking import Disposition, Invitation
from clientloop.model.customers import Purpose
from clientloop.model.messages import DeliveryStep, Failure, OutboundMessage, Receipt
from clientloop.model.units import Insert, Unit
from clientloop.ports.events import DeliveryEvent
from clientloop.services.outgoing.deliveries import take_delivery
from clientloop.testing.fakes import FakeChannels
from tests.services.persons import NINE


def mailing(*, failure: Failure | None = None) -> tuple[ClientLoop, OutboundMessage]:
    """A firm that asks by mail, and the message that carries the question."""
    post = FakeChannels("email", answer=lambda _: Receipt(failure=failure))
    loop = ClientLoop.open("memory:", plugins=[post], entry_points=False)
    loop.questions.declare("recommend", instrument="nps", occasion="relational")
    message = OutboundMessage(
        space="main", id=loop.context.new_id(), channel="email", to="ana@example.com", purpose=Purpose.SERVICE,
        template="survey", wake_at=loop.clock.now(), created_at=loop.clock.now(),
    )  # fmt: skip
    loop.store.commit(Unit((Insert(message),)))
    return loop, message


def report(loop: ClientLoop, message: OutboundMessage, step: DeliveryStep) -> None:
    """The channel says how far a message has come."""
    take_delivery(loop.context, "email", DeliveryEvent(key=step, message=message.id, step=step))


@pytest.mark.parametrize("early", [False, True])
def test_an_invitation_arrives_with_its_message(*, early: bool) -> None:
    """What the channel reports is known of the invitation, also if reported before it was kept."""
    loop, message = mailing()
    with loop:
        invited = None if early else loop.questions.invite("recommend", channel="email", message=message)
        loop.run_due()
        if invited is not None:
            assert loop.questions.invitation(invited).delivered_at is None, "to be taken is not to arrive"
        report(loop, message, DeliveryStep.DELIVERED)
        invited = invited or loop.questions.invite("recommend", channel="email", message=message)
        found = loop.questions.invitation(invited)
        assert found.delivered_at is not None
        assert found.disposition is Disposition.OPEN
        report(loop, message, DeliveryStep.FAILED)
        assert loop.questions.invitation(invited).disposition is Disposition.NON_CONTACT


def test_who_is_not_reached_is_no_contact() -> None:
    """A message that no channel will ever take has invited nobody."""
    loop, message = mailing(failure=Failure.PERMANENT)
    with loop:
        invited = loop.questions.invite("recommend", channel="email", message=message)
        other = loop.questions.invite("recommend", channel="email")
        loop.run_due()
        assert loop.questions.invitation(invited).disposition is Disposition.NON_CONTACT
        assert loop.questions.invitation(other).disposition is Disposition.OPEN


def test_who_has_answered_was_reached() -> None:
    """A failure that is reported after the answer changes nothing."""
    loop, message = mailing()
    with loop:
        invited = loop.questions.invite("recommend", channel="email", message=message)
        loop.run_due()
        loop.questions.answer("recommend", 9, invitation=invited)
        report(loop, message, DeliveryStep.FAILED)
        assert loop.questions.invitation(invited).disposition is Disposition.COMPLETE


def test_what_other_systems_send_is_told_by_hand(loop: ClientLoop) -> None:
    """The application says that an invitation arrived, or what became of it; the same key is one invitation."""
    ana = loop.customers.add(name="Ana", locale="sl")
    invited = loop.questions.invite("recommend", channel="letter", customer=ana, origin="7", at=NINE)
    assert loop.questions.invite("recommend", channel="letter", customer=ana, origin="7") == invited
    assert (invited.locale, invited.asked_at) == ("sl", NINE)
    arrived = loop.questions.delivered(invited, NINE + timedelta(days=1))
    assert arrived == loop.questions.invitation(invited)
    assert loop.questions.delivered(arrived, NINE + timedelta(days=2)) == arrived, "the first time counts"
    refused = loop.questions.disposition(arrived, "refusal")
    assert refused == loop.questions.invitation(invited)
    assert len(list(loop.store.pages(Invitation, "main"))) == 1
    with pytest.raises(UnknownName, match="did you mean 'refusal'"):
        loop.questions.disposition(invited, "refused")
    with pytest.raises(NotFound):
        loop.questions.invitation(ana.id)


def test_one_key_may_invite_to_several_questions(loop: ClientLoop) -> None:
    """A letter that asks two things is two invitations, each of them once."""
    for _ in range(2):
        found = [loop.questions.invite(name, channel="letter", origin="7") for name in ("recommend", "delivery")]
        assert [each.question for each in found] == ["recommend", "delivery"]
    assert len(list(loop.store.pages(Invitation, "main"))) == 2


def test_when_somebody_was_asked_is_a_moment_or_a_day(loop: ClientLoop) -> None:
    """A day begins at midnight by the clocks of the space; a time without a zone is refused, and nothing is kept."""
    midnight = datetime(2026, 3, 1, tzinfo=ZoneInfo(loop.space.zone))
    invited = loop.questions.invite("recommend", channel="letter", at=date(2026, 3, 1))
    assert invited.asked_at == midnight
    with pytest.raises(InvalidValue, match="names no zone"):
        loop.questions.invite("recommend", channel="letter", at=NINE.replace(tzinfo=None))
    with pytest.raises(InvalidValue, match="names no zone"):
        loop.questions.delivered(invited, NINE.replace(tzinfo=None))
    assert list(loop.store.pages(Invitation, "main")) == [invited]
    assert loop.questions.delivered(invited, date(2026, 3, 2)).delivered_at == midnight + timedelta(days=1)
