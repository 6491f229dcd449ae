"""What becomes of a message after a try: no worker without the claim changes anything, and nothing is lost."""

from datetime import UTC, datetime
from uuid import UUID

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from clientloop.model.customers import Purpose
from clientloop.model.interactions import Interaction
from clientloop.model.messages import Delivery, Failure, MessageState, OutboundMessage, Receipt
from clientloop.model.units import Delete, Insert, Unit, Update
from clientloop.rules.outgoing.sending import (
    MOST_TRIES,
    PAUSES,
    STRETCH,
    accepted,
    failed,
    is_final,
    pause_of,
    put_off,
    sending,
)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)

messages = st.builds(
    OutboundMessage,
    space=st.just("main"),
    id=st.just(UUID(int=1)),
    customer=st.sampled_from([None, UUID(int=2)]),
    channel=st.just("email"),
    to=st.just("ana@example.com"),
    purpose=st.sampled_from(Purpose),
    template=st.just("answer"),
    attempts=st.integers(0, MOST_TRIES + 2),
    created_at=st.just(NOW),
    version=st.integers(1, 9),
)
refusals = st.builds(Receipt, failure=st.sampled_from(Failure), retry_after=st.none() | st.floats(0, 9e5))


def records(unit: Unit, cls: type) -> list[object]:
    """What a unit inserts of one class."""
    return [change.record for change in unit.changes if isinstance(change, Insert) and isinstance(change.record, cls)]


@given(messages, refusals)
def test_only_the_holder_of_the_claim_decides(message: OutboundMessage, refusal: Receipt) -> None:
    """Whatever becomes of a message is guarded by the version that the claim gave: a late worker changes nothing."""
    marked, marking = sending(message, until=NOW)
    assert marked.version == message.version + 1
    for unit in (
        marking,
        accepted(message, Receipt(), NOW),
        failed(message, refusal, NOW),
        put_off(message, until=NOW),
    ):
        guards = [change.version for change in unit.changes if isinstance(change, Update | Delete)]
        assert guards == [message.version]


@given(messages, refusals)
def test_a_message_stays_until_it_is_decided(message: OutboundMessage, refusal: Receipt) -> None:
    """It is either still in the outbox, waiting for a time or for a person, or it is gone with a delivery."""
    unit = failed(message, refusal, NOW)
    (change,) = [each for each in unit.changes if isinstance(each, Update | Delete)]
    assert len(records(unit, Delivery)) == (1 if is_final(refusal) else 0)
    assert isinstance(change, Delete if is_final(refusal) else Update)
    if isinstance(change, Update):
        waits = change.changes["state"] is MessageState.QUEUED
        assert (change.changes["wake_at"] is not None) is waits
        assert not waits or change.changes["wake_at"] > NOW
        assert len(unit.facts) == (0 if waits else 1)


@given(messages)
def test_what_customers_hear_is_an_interaction_under_the_same_key(message: OutboundMessage) -> None:
    """Every message that a channel took has a delivery; what went to a member is no interaction with a customer."""
    unit = accepted(message, Receipt(), NOW)
    (delivery,) = records(unit, Delivery)
    assert isinstance(delivery, Delivery)
    assert delivery.message == message.id
    kept = [each.id for each in records(unit, Interaction) if isinstance(each, Interaction)]
    assert kept == ([] if message.purpose is Purpose.INTERNAL else [message.id])


@given(messages, st.builds(UUID, int=st.integers(0, 2**128 - 1)))
def test_pauses_grow_and_differ(message: OutboundMessage, number: UUID) -> None:
    """A message waits longer after every try, by a part of its own that is always the same."""
    tried = [evolve(message, id=number, attempts=attempts) for attempts in range(1, MOST_TRIES)]
    pauses = [pause_of(each) for each in tried]
    assert pauses == sorted(pauses)
    assert pauses == [pause_of(each) for each in tried]
    bases = [*PAUSES, *[PAUSES[-1]] * MOST_TRIES]
    assert all(base <= pause < base * (1 + STRETCH) for base, pause in zip(bases, pauses, strict=False))


def test_messages_that_failed_together_come_back_apart() -> None:
    """A hundred messages of one moment are spread over the stretch of their pause."""
    base = OutboundMessage(
        space="main", id=UUID(int=0), channel="sms", to="+38640111222", purpose=Purpose.SERVICE, template="answer",
        attempts=1, created_at=NOW,
    )  # fmt: skip
    pauses = {pause_of(evolve(base, id=UUID(int=number))) for number in range(100)}
    assert len(pauses) == 100
    assert max(pauses) - min(pauses) > PAUSES[0] * STRETCH * 0.8


@given(messages, st.booleans())
def test_what_may_have_been_sent_is_tried_again_only_where_a_repeat_is_recognised(
    message: OutboundMessage, repeats: bool
) -> None:
    """Elsewhere it waits for a person; and for a person in the end, if the channel never tells."""
    unit = failed(message, Receipt(failure=Failure.UNKNOWN), NOW, repeats=repeats)
    (change,) = unit.changes
    assert isinstance(change, Update)
    again = repeats and message.attempts < MOST_TRIES
    assert change.changes["state"] is (MessageState.QUEUED if again else MessageState.UNKNOWN)


@given(messages)
def test_the_channels_id_of_what_is_answered_is_kept(message: OutboundMessage) -> None:
    """It is filled at the first try and never changed, so that every try is the same."""
    first, _ = sending(message, until=NOW, in_reply_to="a1")
    second, _ = sending(first, until=NOW, in_reply_to="b2")
    third, _ = sending(second, until=NOW)
    assert (first.in_reply_to, second.in_reply_to, third.in_reply_to) == ("a1", "a1", "a1")
    assert third.attempts == message.attempts + 3
