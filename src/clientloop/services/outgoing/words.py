"""Words of customers: what they allow and forbid, written down once, whatever order it comes in."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from clientloop.model.channels import StoredRaw
from clientloop.model.customers import MATCHING, Consent, Trust
from clientloop.model.units import Change, Insert, Unit, Update
from clientloop.ports.events import ConsentEvent
from clientloop.rules.outgoing.consent import NEED_CONSENT, weight
from clientloop.rules.outgoing.policy import OPINIONS
from clientloop.services.context import Context
from clientloop.services.intake.taken import mark
from clientloop.services.outgoing.suppression import holders, place, suppress_for, touched


def said(context: Context, word: Consent) -> Unit:
    """Write down what a customer said; nothing, if what is known was said later.

    Args:
        context: The space.
        word: What was said, and when.

    Returns:
        The changes, guarded: whoever commits them begins anew on `Conflict`.
    """
    key = (word.space, word.customer, word.purpose, word.channel)
    known = context.store.get(Consent, key)
    change: Change
    if known is None:
        change = Insert(word)
    elif weight(word) > weight(known):
        changes = {"allowed": word.allowed, "proof": word.proof, "at": word.at}
        change = Update(Consent, key, changes, known.version)
    else:
        return Unit()
    return Unit((change, *touched(context, [word.customer])))


def take_consent(context: Context, channel: str, event: ConsentEvent, trust: Trust, raw: UUID | None) -> None:
    """Take what somebody said on a channel about further messages, say by STOP, a link or a complaint.

    An event with a reason is about the address: it is left alone for that reason, or no longer. An opinion of messages
    (`UNSUBSCRIBE`, `COMPLAINT`) is the word of its holders besides, and so is an event without a reason. STOP is no
    word: it stops the address whatever its holder has allowed, and START lets that count again, and nothing more.

    What forbids is believed of anybody. What allows is believed where the sender is proved.

    Args:
        context: The space.
        channel: Name of the channel.
        event: What was said.
        trust: How far its sender is proved.
        raw: The raw message that it was read out of, if any.

    Raises:
        Conflict: Somebody else changed the same first, or has taken this event.
    """
    unit = Unit((mark(context, channel, event, raw=raw),))
    if not event.allowed or (event.sender.trust or trust) in MATCHING:
        at = _said_at(context, event, raw)
        for part in (_of_address(context, event, at), *_of_holders(context, channel, event, at)):
            unit += part
    context.commit(unit)


def _of_address(context: Context, event: ConsentEvent, at: datetime) -> Unit:
    if event.reason is None:
        return Unit()
    of = place(context, event.sender.kind, event.sender.value)
    purposes = None if event.purpose is None else (event.purpose,)
    return suppress_for(context, of, event.reason, at=at, stands=not event.allowed, purposes=purposes)


def _of_holders(context: Context, channel: str, event: ConsentEvent, at: datetime) -> Iterator[Unit]:
    """The words of those who certainly have the address."""
    if not _is_word(event):
        return
    purposes = sorted(NEED_CONSENT) if event.purpose is None else [event.purpose]
    for customer in holders(context, place(context, event.sender.kind, event.sender.value), MATCHING):
        for purpose in purposes:
            word = Consent(
                space=context.space.space, customer=customer, purpose=purpose, channel=channel,
                allowed=event.allowed, proof=event.proof, at=at,
            )  # fmt: skip
            yield said(context, word)


def _is_word(event: ConsentEvent) -> bool:
    """Whether it is about the person, not about the address alone; who takes back a reason has allowed nothing yet."""
    return event.reason is None or (event.reason in OPINIONS and not event.allowed)


def _said_at(context: Context, event: ConsentEvent, raw: UUID | None) -> datetime:
    """When it was said, as the channel says, or else when it came; never later than now, or no word could follow it."""
    stored = None if raw is None else context.store.get(StoredRaw, (context.space.space, raw))
    came = context.now() if stored is None else stored.received_at
    return min(event.at or came, came)
