"""What becomes of a message after a try to send it."""

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
from clientloop.model.units import Change, Delete, Insert, Unit, Update

#: Pauses between tries: the nth after the nth failure, the last for all further ones.
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 300, 1800, 7200, 21600))

#: After so many tries a message waits for a person.
MOST_TRIES = 12


def sending(message: OutboundMessage) -> Unit:
    """Mark a claimed message as handed to its channel, guarded by the claim."""
    changes = {"state": MessageState.SENDING, "attempts": message.attempts + 1}
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


def failed(message: OutboundMessage, receipt: Receipt, now: datetime) -> Unit:
    """A channel has not taken the message, or nobody knows.

    Args:
        message: As it was marked `sending`, or as it was claimed.
        receipt: Why.
        now: The present, UTC.
    """
    state, wake_at = _after(message, receipt, now)
    error = f"{receipt.failure.value if receipt.failure else 'accepted'}: {receipt.detail or 'no reason given'}"
    changes = {"state": state, "wake_at": wake_at, "error": error}
    unit = Unit((Update(OutboundMessage, (message.space, message.id), changes, message.version),))
    if state is MessageState.QUEUED:
        return unit
    fact = _fact(FactName.MESSAGE_FAILED, message, now)
    if not is_final(receipt):
        return Unit(unit.changes, (fact,))
    lost = Insert(_delivery(message, receipt, DeliveryState.FAILED, now))
    return Unit((Delete(OutboundMessage, (message.space, message.id), message.version), lost), (fact,))


def is_final(receipt: Receipt) -> bool:
    """Whether the address will never take the message."""
    return receipt.failure in {Failure.PERMANENT, Failure.OPTED_OUT}


def _after(message: OutboundMessage, receipt: Receipt, now: datetime) -> tuple[MessageState, datetime | None]:
    if receipt.failure is Failure.UNKNOWN:
        return MessageState.UNKNOWN, None
    if receipt.failure in {Failure.RETRY, Failure.THROTTLED} and message.attempts < MOST_TRIES:
        pause = PAUSES[min(message.attempts, len(PAUSES)) - 1] if message.attempts else PAUSES[0]
        asked = timedelta(seconds=receipt.retry_after or 0)
        return MessageState.QUEUED, now + max(pause, asked)
    return MessageState.PARKED, None


def _delivery(message: OutboundMessage, receipt: Receipt, state: DeliveryState, now: datetime) -> Delivery:
    return Delivery(
        space=message.space, message=message.id, item=message.item, transition=message.transition,
        customer=message.customer, channel=message.channel, to=message.to, purpose=message.purpose,
        template=message.template, state=state, failure=receipt.failure, provider_id=receipt.provider_id,
        detail=receipt.detail, attempts=message.attempts, at=now,
    )  # fmt: skip


def _fact(name: FactName, message: OutboundMessage, now: datetime) -> Fact:
    data = {"item": str(message.item), "template": message.template, "channel": message.channel}
    return Fact(name, message.space, message.id, now, data)
