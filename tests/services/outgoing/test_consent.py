"""What customers allow, as applications note it and ask for it."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from clientloop.errors import InvalidValue, MissingReference, NotFound
from clientloop.model.calendar import Hours
from clientloop.model.customers import Consent, Purpose, Trust
from tests.test_processes import DAY, NINE, Firm


def test_the_last_word_counts(firm: Firm) -> None:
    """A customer may change the word as often as they like; the latest, with its proof and time, is kept."""
    firm.clock.advance(DAY)
    firm.loop.consent.forbid(firm.customer, Purpose.MARKETING, proof="link in mail 17")
    verdict = firm.loop.consent.may_send(firm.customer, Purpose.MARKETING, "email")
    assert (verdict.allowed, verdict.reasons) == (
        False, ("marketing on every channel forbidden on 2026-03-03 (link in mail 17)",),
    )  # fmt: skip
    firm.clock.advance(timedelta(minutes=1))
    firm.loop.consent.allow(firm.customer.id, Purpose.MARKETING, proof="call")
    assert firm.loop.consent.may_send(firm.customer.id, Purpose.MARKETING).allowed
    (word,) = firm.loop.store.pages(Consent, "main")
    assert (word.version, word.proof, word.at) == (3, "call", firm.clock.now())


def test_a_word_on_one_channel_leaves_the_others(firm: Firm) -> None:
    """No more text messages, but mail is fine."""
    firm.loop.consent.forbid(firm.customer, Purpose.MARKETING, proof="call", channel="sms")
    allowed = {
        channel: firm.loop.consent.may_send(firm.customer, Purpose.MARKETING, channel).allowed
        for channel in ("sms", "email")
    }
    assert allowed == {"sms": False, "email": True}


def test_nobody_allows_for_somebody_unknown(firm: Firm) -> None:
    """A word of no customer is refused."""
    with pytest.raises(MissingReference):
        firm.loop.consent.allow(UUID(int=1), Purpose.MARKETING, proof="form")


def test_words_of_one_firm_do_not_count_for_another(firm: Firm) -> None:
    """A customer who allowed one firm something has allowed another nothing, and is not known there."""
    firm.loop.consent.allow(firm.customer, Purpose.MARKETING, proof="form")
    other = firm.loop.in_space("other")
    with pytest.raises(NotFound):
        other.consent.may_send(firm.customer, Purpose.MARKETING, "email")
    same = other.customers.add(name="Ana", email="ana@example.com")
    assert not other.consent.may_send(same, Purpose.MARKETING, "email").allowed


@pytest.mark.parametrize(
    ("channel", "reason"), [("sms", ("no address for sms",)), ("email", ()), ("messenger", ()), (None, ())]
)
def test_an_address_is_needed(firm: Firm, channel: str | None, reason: tuple[str, ...]) -> None:
    """Who has no number is sent no text message; of channels whose addresses nobody knows, nothing is said."""
    verdict = firm.loop.consent.may_send(firm.customer, Purpose.SERVICE, channel)
    assert (verdict.allowed, verdict.reasons[1:]) == (not reason, reason)


#: In Auckland it is 13 hours later than in UTC, in Los Angeles 8 hours earlier.
@pytest.mark.parametrize(
    ("zone", "hour", "reasons"),
    [
        ("Pacific/Auckland", 9, ("quiet hours: it is 22:00 where the customer lives (quiet 21:00-24:00)",)),
        ("Pacific/Auckland", 19, ()),
        ("America/Los_Angeles", 15, ("quiet hours: it is 07:00 where the customer lives (quiet 00:00-08:00)",)),
        ("America/Los_Angeles", 16, ()),
        (
            None,
            21,
            ("quiet hours: it is 21:00 in UTC, where the customer may be (quiet 21:00-24:00)",),
        ),
        (None, 20, ()),
    ],
)
def test_quiet_hours_are_those_of_the_customer(
    firm: Firm, zone: str | None, hour: int, reasons: tuple[str, ...]
) -> None:
    """Nobody is written to at night by their own clock, or by any that it may be; answers come at any time."""
    loop, at = firm.loop, NINE.replace(hour=hour)
    eva = loop.customers.add(name="Eva", email="eva@example.com", zone=zone)
    loop.consent.allow(eva, Purpose.SURVEY, proof="form")
    verdict = loop.consent.may_send(eva, Purpose.SURVEY, "email", at=at)
    assert (verdict.allowed, verdict.reasons[1:]) == (not reasons, reasons)
    assert loop.consent.may_send(eva, Purpose.SERVICE, "email", at=at).allowed


def test_quiet_hours_are_set_by_the_firm(firm: Firm) -> None:
    """A firm may leave its customers in peace at noon; without hours it never does."""
    loop = firm.loop
    loop.consent.allow(firm.customer, Purpose.SURVEY, proof="form")
    loop.settings.set("quiet_hours", (Hours.parse("12:00-13:00"),))
    verdicts = {
        hour: loop.consent.may_send(firm.customer, Purpose.SURVEY, at=NINE.replace(hour=hour)).allowed
        for hour in (3, 11, 12, 13)
    }
    assert verdicts == {3: True, 11: True, 12: False, 13: True}
    loop.settings.set("quiet_hours", ())
    assert loop.consent.may_send(firm.customer, Purpose.SURVEY, at=NINE.replace(hour=12)).allowed


def test_messages_that_wait_are_mentioned_and_forbid_nothing(firm: Firm) -> None:
    """Whoever wants to write hears that something is on its way already, to this customer alone."""
    loop = firm.loop
    other = loop.customers.add(name="Eva", email="eva@example.com")
    loop.settings.set("acknowledge", frozenset({"email"}))
    for _ in range(2):
        loop.feedback.receive(kind="idea", channel="email", text="Deliver on Saturdays", customer=firm.customer)
        firm.clock.advance(DAY)  # within a day, the second would not be acknowledged
    verdict = loop.consent.may_send(firm.customer, Purpose.SERVICE, "email")
    assert verdict.allowed
    assert verdict.reasons[1:] == ("2 messages wait to be sent to the customer already",)
    assert len(loop.consent.may_send(other, Purpose.SERVICE, "email").reasons) == 1


def test_a_time_without_a_zone_is_refused(firm: Firm) -> None:
    """Nobody can tell what hour it is somewhere from a time that names no zone."""
    with pytest.raises(InvalidValue, match="names no zone"):
        firm.loop.consent.may_send(firm.customer, Purpose.SURVEY, at=datetime(2026, 3, 2))  # noqa: DTZ001  # the point


def test_the_whole_person_counts(firm: Firm) -> None:
    """Whichever id of a merged customer is asked for: the latest word, every address and every message count."""
    loop = firm.loop
    loop.settings.set("acknowledge", frozenset({"email"}))
    ana, anna, annie = (
        loop.customers.add(name=name, zone=zone) for name, zone in (("A", "UTC"), ("B", None), ("C", None))
    )
    loop.consent.allow(ana, Purpose.MARKETING, proof="form")
    firm.clock.advance(timedelta(hours=1))
    loop.consent.forbid(annie, Purpose.MARKETING, proof="call")
    phone = loop.customers.add(name="C", phone="+386 40 123 456", trust=Trust.ASSERTED)
    loop.feedback.receive(kind="idea", channel="email", text="Saturdays", customer=anna, reply_to="anna@example.com")
    for kept, absorbed in ((annie, phone), (anna, annie), (ana, anna)):
        loop.customers.merge(kept, absorbed, by="mia", reason="one voice")
    for one in (ana, anna, annie, phone):
        verdict = loop.consent.may_send(one.id, Purpose.MARKETING, "sms")
        assert not verdict.allowed
        assert verdict.reasons == (
            "marketing on every channel forbidden on 2026-03-02 (call)",
            "1 message waits to be sent to the customer already",
        )
    firm.clock.advance(timedelta(hours=1))
    loop.consent.allow(anna, Purpose.MARKETING, proof="form")
    assert all(loop.consent.may_send(one.id, Purpose.MARKETING, "sms").allowed for one in (ana, anna, annie, phone))
