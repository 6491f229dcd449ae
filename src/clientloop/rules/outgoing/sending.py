"""What becomes of a message after a try to send it."""

import zlib
from datetime import datetime, timedelta

from clientloop.model.customers import Purpose
from clientloop.model.facts import Fact, FactName
from clientloop.model.interactions import Interaction, InteractionKind, Text
from clientloop.model.messages import (
    Delivery,
    DeliveryState,
    Failure,
    MessageState,
    OutboundMessage,
    Receipt,
)
from clientloop.model.record import record_of
from clientloop.model.units import Change, Delete, Insert, Unit, Update
from clientloop.rules.outgoing.webhooks import FACT_TEMPLATE

#: Pauses between tries: the nth after the nth failure, the last for all further ones; each message stretches them by a
#: part of its own.
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 300, 1800, 7200, 21600))

#: After so many tries a message waits for a person.
MOST_TRIES = 12

#: By what part of itself a pause is stretched at most: messages that failed together do not come again together.
STRETCH = 0.25

#: What is tried again after a pause: "may have been sent" only where the channel recognises a repeat.
_TRIED_AGAIN = frozenset({Failure.RETRY, Failure.THROTTLED})


def pause_of(message: OutboundMessage) -> timedelta:
    """How long a message waits after a try, by the number of tries.

    Args:
        message: As it was marked `sending`.

    >>> from uuid import UUID
    >>> message = OutboundMessage(
    ...     space="main", id=UUID(int=1), channel="sms", to="+38640111222", purpose=Purpose.SERVICE, template="answer",
    ...     attempts=2, created_at=datetime(2026, 3, 2, 9),
    ... )
    >>> PAUSES[1] <= pause_of(message) <= PAUSES[1] * (1 + STRETCH)
    True
    """
    pause = PAUSES[min(max(message.attempts, 1), len(PAUSES)) - 1]
    return pause * (1 + STRETCH * zlib.crc32(message.id.bytes) / 2**32)


def sending(
    message: OutboundMessage, *, until: datetime, in_reply_to: str | None = None
) -> tuple[OutboundMessage, Unit]:
    """Mark a claimed message as handed to its channel, guarded by the claim, which begins anew.

    Args:
        message: As it was claimed.
        until: When the claim ends, UTC.
        in_reply_to: The channel's id of the message that it answers; one that it has already stays.

    Returns:
        The message as it is then, and the change.
    """
    changes = {
        "state": MessageState.SENDING,
        "attempts": message.attempts + 1,
        "in_reply_to": message.in_reply_to or in_reply_to,
        "wake_at": until,
        "slot": None,
    }
    unit = Unit((Update(OutboundMessage, (message.space, message.id), changes, message.version),))
    return _RECORD.replace(message, {**changes, "version": message.version + 1}), unit


_RECORD = record_of(OutboundMessage)


def put_off(message: OutboundMessage, *, until: datetime, slot: datetime | None = None) -> Unit:
    """Let a claimed message go untried.

    Args:
        message: As it was claimed.
        until: When to look at it again, UTC.
        slot: The time that its channel keeps for it, UTC, if any.
    """
    changes = {"wake_at": until, "slot": slot}
    return Unit((Update(OutboundMessage, (message.space, message.id), changes, message.version),))


def queue_again(message: OutboundMessage, now: datetime) -> Unit:
    """Let a message be tried from the start, under its key.

    Args:
        message: A message that no worker is at.
        now: The present, UTC.
    """
    changes = {"state": MessageState.QUEUED, "wake_at": now, "slot": None, "attempts": 0, "error": None}
    return Unit((Update(OutboundMessage, (message.space, message.id), changes, message.version),))


def accepted(message: OutboundMessage, receipt: Receipt, now: datetime) -> Unit:
    """A channel has taken the message: it leaves the outbox; what was said to customers becomes an interaction.

    Args:
        message: As it was marked `sending`.
        receipt: What the channel said.
        now: The present, UTC.
    """
    changes: list[Change] = [
        Delete(OutboundMessage, (message.space, message.id), message.version),
        Insert(_delivery(message, receipt, DeliveryState.ACCEPTED, now)),
    ]
    if message.purpose is not Purpose.INTERNAL:
        changes += [
            Insert(
                Interaction(
                    space=message.space, id=message.id, kind=InteractionKind.MESSAGE_OUT, channel=message.channel,
                    customer=message.customer, occurred_at=now, recorded_at=now,
                    extra={"item": str(message.item), "template": message.template},
                )
            ),
            Insert(Text(space=message.space, id=message.id, subject=message.subject, body=message.body)),
        ]  # fmt: skip
    return Unit(tuple(changes), (_fact(FactName.MESSAGE_ACCEPTED, message, now),))


def failed(message: OutboundMessage, receipt: Receipt, now: datetime, *, repeats: bool = False) -> Unit:
    """A channel has not taken the message, or nobody knows.

    Args:
        message: As it was marked `sending`, or as it was claimed.
        receipt: Why.
        now: The present, UTC.
        repeats: Whether the channel recognises a message sent twice.
    """
    state, wake_at = _after(message, receipt, now, repeats=repeats)
    changes = {"state": state, "wake_at": wake_at, "slot": None, "error": _why(message, receipt)}
    unit = Unit((Update(OutboundMessage, (message.space, message.id), changes, message.version),))
    if state is MessageState.QUEUED:
        return unit
    if is_final(receipt):
        return given_up(message, receipt, now)
    return Unit(unit.changes, (_fact(FactName.MESSAGE_FAILED, message, now),))


def given_up(message: OutboundMessage, receipt: Receipt, now: datetime) -> Unit:
    """A message leaves the outbox without having arrived; nobody tries again.

    Args:
        message: As it was marked `sending`, or as it stood.
        receipt: Why.
        now: The present, UTC.
    """
    lost = Insert(_delivery(message, receipt, DeliveryState.FAILED, now))
    fact = _fact(FactName.MESSAGE_FAILED, message, now)
    return Unit((Delete(OutboundMessage, (message.space, message.id), message.version), lost), (fact,))


def is_final(receipt: Receipt) -> bool:
    """Whether the address will never take the message."""
    return receipt.failure in {Failure.PERMANENT, Failure.OPTED_OUT}


def _after(
    message: OutboundMessage, receipt: Receipt, now: datetime, *, repeats: bool
) -> tuple[MessageState, datetime | None]:
    unknown = receipt.failure is Failure.UNKNOWN
    is_tried_again = receipt.failure in _TRIED_AGAIN or (unknown and repeats)
    if is_tried_again and message.attempts < MOST_TRIES:
        return MessageState.QUEUED, now + max(pause_of(message), timedelta(seconds=receipt.retry_after or 0))
    return (MessageState.UNKNOWN if unknown else MessageState.PARKED), None


def _why(message: OutboundMessage, receipt: Receipt) -> str:
    """What a person reads of a try that failed."""
    tries = f" (after {message.attempts} tries)" if message.attempts >= MOST_TRIES else ""
    return f"{receipt.failure.value if receipt.failure else 'accepted'}: {receipt.detail or 'no reason given'}{tries}"


def _delivery(message: OutboundMessage, receipt: Receipt, state: DeliveryState, now: datetime) -> Delivery:
    return Delivery(
        space=message.space, message=message.id, item=message.item, transition=message.transition,
        customer=message.customer, channel=message.channel, to=message.to, purpose=message.purpose,
        template=message.template, state=state, failure=receipt.failure, provider_id=receipt.provider_id,
        detail=receipt.detail, body=message.body if message.template == FACT_TEMPLATE else None,
        attempts=message.attempts, at=now,
    )  # fmt: skip


def _fact(name: FactName, message: OutboundMessage, now: datetime) -> Fact:
    data = {"item": str(message.item), "template": message.template, "channel": message.channel}
    return Fact(name, message.space, message.id, now, data)


def redelivered(delivery: Delivery, body: str, now: datetime) -> OutboundMessage:
    """The message that tells a fact once more, under the same key.

    Args:
        delivery: What became of it before.
        body: What it told.
        now: The present, UTC.
    """
    return OutboundMessage(
        space=delivery.space, id=delivery.message, channel=delivery.channel, to=delivery.to, purpose=delivery.purpose,
        template=delivery.template, automatic=True, body=body, wake_at=now, created_at=now,
    )  # fmt: skip
