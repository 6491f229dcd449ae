"""What people say about further messages on channels: by STOP, by links, by complaints, in whatever order it comes."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from clientloop.model.channels import StoredRaw
from clientloop.model.customers import Consent, IdentityKind, Purpose, Trust
from clientloop.model.interactions import Interaction, InteractionKind
from clientloop.model.permission import Suppression, SuppressionReason
from clientloop.model.units import Insert, Unit
from clientloop.model.where import eq
from clientloop.ports.events import Address, ConsentEvent
from clientloop.services.intake.events import take
from clientloop.services.intake.taken import taken_event
from clientloop.testing.samples import sample
from tests.services.outgoing.mailing import MAIL, NOON, PHONE, Mailing

STOP, BOUNCE, COMPLAINT, UNSUBSCRIBE, MANUAL = (
    SuppressionReason.STOP, SuppressionReason.BOUNCE, SuppressionReason.COMPLAINT, SuppressionReason.UNSUBSCRIBE,
    SuppressionReason.MANUAL,
)  # fmt: skip
PURPOSES = (Purpose.SERVICE, Purpose.SURVEY, Purpose.MARKETING)


def allowed(mailing: Mailing, channel: str = "email") -> set[str]:
    """For which purposes the one customer may be written to."""
    (ana,) = mailing.loop.customers.find(email=MAIL)
    return {purpose.value for purpose in PURPOSES if mailing.loop.consent.may_send(ana, purpose, channel).allowed}


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ({"reason": STOP}, set()),
        ({"reason": BOUNCE}, set()),
        ({"reason": COMPLAINT}, {"service"}),
        ({"reason": UNSUBSCRIBE}, {"service"}),
        ({"reason": UNSUBSCRIBE, "purpose": Purpose.MARKETING}, {"service", "survey"}),
        ({"purpose": Purpose.MARKETING}, {"service", "survey"}),
        ({"purpose": Purpose.SERVICE}, {"survey", "marketing"}),
        ({}, {"service"}),
    ],
)
def test_each_word_stops_what_it_is_about(mailing: Mailing, said: dict[str, object], left: set[str]) -> None:
    """STOP and a bounce stop all, a complaint and unsubscribing what needs consent, a word its purpose: there only."""
    mailing.ana()
    mailing.hear(**said)
    assert allowed(mailing) == left
    assert allowed(mailing, "sms") == {"service", "survey", "marketing"}


@pytest.mark.parametrize("reason", [COMPLAINT, UNSUBSCRIBE, None])
def test_a_word_is_kept_with_its_proof(mailing: Mailing, reason: SuppressionReason | None) -> None:
    """What holders of an address say of messages is theirs, on the channel where they said it."""
    ana = mailing.ana()
    mailing.hear(reason=reason, proof="link in mail 17", at=NOON - timedelta(hours=1))
    said = [word for word in mailing.loop.store.pages(Consent, "main") if word.channel is not None]
    assert [(word.customer, word.purpose, word.channel, word.allowed, word.proof) for word in said] == [
        (ana.id, purpose, "email", False, "link in mail 17") for purpose in (Purpose.MARKETING, Purpose.SURVEY)
    ]
    assert {word.at for word in said} == {NOON - timedelta(hours=1)}


def test_start_lifts_stop_and_nothing_else(mailing: Mailing) -> None:
    """After START counts what was said before STOP: no more was allowed by it, and a bounce stands."""
    ana, sms = mailing.ana(), {"address": PHONE, "channel": "sms"}
    mailing.loop.consent.forbid(ana, Purpose.MARKETING, proof="call")
    for reason in (STOP, BOUNCE):
        mailing.hear(reason=reason, **sms)
    mailing.clock.advance(timedelta(minutes=1))
    mailing.hear(allowed=True, reason=STOP, **sms)
    assert allowed(mailing, "sms") == set()
    mailing.loop.consent.unsuppress(PHONE, reason=BOUNCE)
    assert allowed(mailing, "sms") == {"service", "survey"}


def test_an_older_start_lifts_no_stop(mailing: Mailing) -> None:
    """Whatever comes last, what was said last counts; of two at the same time, the one that forbids."""
    mailing.ana()
    hour = timedelta(hours=1)
    for minutes, start, stopped in ((-120, False, True), (-180, True, True), (-120, True, True), (-60, True, False)):
        mailing.hear(reason=STOP, allowed=start, at=NOON + timedelta(minutes=minutes))
        assert (allowed(mailing) == set()) is stopped
    mailing.hear(reason=STOP, at=NOON - 1.5 * hour)
    assert allowed(mailing)


def test_a_later_word_allows_again_what_was_unsubscribed(mailing: Mailing) -> None:
    """Whoever unsubscribed and then ticks the box in a form has ticked the box; STOP is not undone by that."""
    ana = mailing.ana()
    mailing.hear(reason=UNSUBSCRIBE)
    mailing.clock.advance(timedelta(minutes=1))
    mailing.hear(allowed=True, purpose=Purpose.MARKETING)
    assert allowed(mailing) == {"service", "marketing"}
    mailing.hear(reason=STOP)
    mailing.clock.advance(timedelta(minutes=1))
    mailing.loop.consent.allow(ana, Purpose.MARKETING, proof="form")
    assert allowed(mailing) == set()


@pytest.mark.parametrize(
    ("trust", "of_sender", "believed"),
    [
        (Trust.VERIFIED, None, True),
        (Trust.VOUCHED, None, True),
        (Trust.CLAIMED, None, False),
        (Trust.VERIFIED, Trust.CLAIMED, False),
        (Trust.CLAIMED, Trust.VERIFIED, False),
    ],
)
def test_what_allows_is_believed_of_those_who_are_proved(
    mailing: Mailing, trust: Trust, of_sender: Trust | None, believed: bool
) -> None:
    """Anybody can type somebody else's address into a form; what forbids is believed of anybody."""
    ana = mailing.loop.customers.add(name="Ana", email=MAIL, trust=Trust.VERIFIED)
    sender = Address(kind=IdentityKind.EMAIL, value=MAIL, trust=of_sender)
    yes = ConsentEvent(key="yes", sender=sender, allowed=True, purpose=Purpose.MARKETING, proof="form")
    take(mailing.context, "form", yes, trust=trust, raw=None)
    assert mailing.loop.consent.may_send(ana, Purpose.MARKETING, "form").allowed is believed
    mailing.clock.advance(timedelta(minutes=1))
    take(mailing.context, "form", evolve(yes, key="no", allowed=False), trust=trust, raw=None)
    assert not mailing.loop.consent.may_send(ana, Purpose.MARKETING, "form").allowed


def test_what_was_said_is_part_of_the_story(mailing: Mailing) -> None:
    """It is an interaction of whoever certainly said it, with the words; of nobody, where several may have."""
    ana = mailing.ana()
    mailing.hear(reason=STOP, address=PHONE, channel="sms", proof="Stop!", at=NOON - timedelta(hours=1), key="SM1")
    (event,) = mailing.loop.customers.timeline(ana)
    said = event.record
    assert (said.kind, said.channel, said.origin, said.occurred_at, event.words.body) == (
        InteractionKind.CONSENT, "sms", "SM1", NOON - timedelta(hours=1), "Stop!",
    )  # fmt: skip
    assert taken_event(mailing.context, "sms", "SM1").became == said.id
    mailing.willing("Eva", phone=PHONE, trust=Trust.VERIFIED)
    mailing.hear(reason=STOP, address=PHONE, channel="sms", key="SM2")
    (other,) = mailing.loop.store.pages(Interaction, "main", where=eq("origin", "SM2"))
    assert (other.customer, other.extra["sender"]["value"]) == (None, PHONE)


@pytest.mark.parametrize("text", ["a\0b", "\udc80", "\ud800@example.com", "", "9" * 400])
def test_odd_addresses_and_proofs_are_taken(mailing: Mailing, text: str) -> None:
    """Whatever a channel brings, no store refuses it, and the address is left alone."""
    sender = Address(kind=IdentityKind.EMAIL, value=text)
    event = ConsentEvent(key="odd", sender=sender, allowed=False, reason=STOP, proof=text)
    assert take(mailing.context, "email", event, trust=Trust.CLAIMED, raw=None).became is not None
    assert len(list(mailing.loop.store.pages(Suppression, "main"))) == 3


def test_words_are_of_those_who_certainly_have_the_address(mailing: Mailing) -> None:
    """Who only claims an address has not said what its holder says, and cannot outdo it by a word of their own."""
    ana = mailing.ana()
    mailing.hear(reason=UNSUBSCRIBE)
    mailing.clock.advance(timedelta(minutes=1))
    eva = mailing.willing("Eva", email=MAIL, trust=Trust.CLAIMED)
    assert {word.customer for word in mailing.loop.store.pages(Consent, "main") if not word.allowed} == {ana.id}
    assert mailing.loop.consent.may_send(eva, Purpose.MARKETING, "email").reasons == (
        "marketing on every channel allowed on 2026-03-02 (form)",
        "no marketing to this address since 2026-03-02 (unsubscribe)",
    )


def test_an_event_counts_once(mailing: Mailing) -> None:
    """Redelivered after something newer was said, it changes nothing."""
    ana = mailing.ana()
    mailing.hear(reason=UNSUBSCRIBE, key="7")
    mailing.clock.advance(timedelta(hours=1))
    mailing.loop.consent.allow(ana, Purpose.MARKETING, proof="form", channel="email")
    mailing.clock.advance(timedelta(hours=1))
    mailing.hear(reason=UNSUBSCRIBE, key="7")
    assert allowed(mailing) == {"service", "marketing"}


def test_a_word_without_a_time_was_said_when_it_came(mailing: Mailing) -> None:
    """A message that was read late, after a fix, does not override what was said since it came."""
    mailing.ana()
    raw = sample(StoredRaw, received_at=NOON - timedelta(hours=2))
    mailing.loop.store.commit(Unit((Insert(raw),)))
    mailing.hear(allowed=True, reason=STOP, at=NOON - timedelta(hours=1))
    sender = Address(kind=IdentityKind.EMAIL, value=MAIL)
    late = ConsentEvent(key="late", sender=sender, allowed=False, reason=STOP, proof="STOP")
    take(mailing.context, "email", late, trust=Trust.VOUCHED, raw=raw.id)
    assert allowed(mailing)


def test_nobody_speaks_from_the_future(mailing: Mailing) -> None:
    """A mail dated next year would silence every word until then: it counts as said when it came."""
    mailing.ana()
    mailing.hear(reason=STOP, at=NOON + timedelta(days=365))
    mailing.clock.advance(timedelta(hours=1))
    mailing.hear(reason=STOP, allowed=True)
    assert allowed(mailing)


events = st.builds(
    dict,
    allowed=st.booleans(),
    reason=st.sampled_from([None, STOP, UNSUBSCRIBE, COMPLAINT]),
    purpose=st.sampled_from([None, Purpose.SURVEY, Purpose.MARKETING, Purpose.SERVICE]),
    at=st.integers(0, 2).map(lambda hours: NOON - timedelta(hours=hours)),
    proof=st.sampled_from(["link", "call"]),
    channel=st.sampled_from(["email", "sms"]),
)


def heard(said: Sequence[dict[str, object]]) -> object:
    """What is known once all of it was said, versions aside."""
    mailing = Mailing()
    mailing.ana()
    for each in said:
        mailing.hear(**each)
    store = mailing.loop.store
    words = [evolve(word, version=1, customer=None) for word in store.pages(Consent, "main")]
    stops = [evolve(row, version=1) for row in store.pages(Suppression, "main")]
    mailing.loop.close()
    return words, stops


@given(st.lists(events, min_size=2, max_size=8), st.randoms())
def test_any_order_of_words_ends_equal(said: list[dict[str, object]], random: Random) -> None:
    """What people may be written to follows from what they said and when, not from the order in which it came."""
    before = heard(said)
    random.shuffle(said)
    assert heard(said) == before
