"""Words of customers: what they allow and forbid, written down once, whatever order it comes in."""

from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from uuid import UUID

from attrs import frozen

from clientloop.model.channels import StoredRaw
from clientloop.model.customers import MATCHING, Consent, Trust
from clientloop.model.facts import Fact, FactName
from clientloop.model.interactions import Interaction, InteractionKind, Text
from clientloop.model.units import Change, Insert, Unit, Update
from clientloop.ports.events import ConsentEvent
from clientloop.rules.intake.arrival import clean, said_at
from clientloop.rules.intake.senders import weaker
from clientloop.rules.outgoing.consent import NEED_CONSENT, weight
from clientloop.rules.outgoing.policy import OPINIONS
from clientloop.services.context import Context
from clientloop.services.intake.taken import mark
from clientloop.services.outgoing.suppression import Place, holders, place, suppress_for, touched
from clientloop.services.people.whole import ids_of


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


def take_consent(context: Context, channel: str, event: ConsentEvent, trust: Trust, raw: UUID | None) -> UUID:
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

    Returns:
        The interaction that it is as well.

    Raises:
        Conflict: Somebody else changed the same first, or has taken this event.
    """
    word = _Word(
        context=context, channel=channel, event=event, trust=weaker(trust, event.sender.trust),
        of=place(context, event.sender.kind, event.sender.value), at=_said_at(context, event, raw),
    )  # fmt: skip
    number = context.new_id()
    unit = word.interaction(number) + Unit((mark(context, channel, event, raw=raw, became=number),))
    context.commit(sum((*word.of_address(), *word.of_holders()), unit) if word.believed else unit)
    return number


@frozen(kw_only=True)
class _Word:
    """What somebody said, and who it was."""

    context: Context
    channel: str
    event: ConsentEvent
    #: How far the sender is proved.
    trust: Trust
    #: The address.
    of: Place
    #: When it was said, UTC.
    at: datetime

    @property
    def believed(self) -> bool:
        return not self.event.allowed or self.trust in MATCHING

    @cached_property
    def speakers(self) -> tuple[UUID, ...]:
        """Those who certainly have the address."""
        return holders(self.context, self.of, MATCHING)

    def interaction(self, number: UUID) -> Unit:
        """That it was said, for the story of whoever said it, if that is certain."""
        space, event, now = self.context.space.space, self.event, self.context.now()
        persons = {ids_of(self.context, one)[0] for one in self.speakers}
        happened = Interaction(
            space=space, id=number, kind=InteractionKind.CONSENT, channel=self.channel, origin=event.key,
            customer=self.speakers[0] if len(persons) == 1 else None, occurred_at=self.at, recorded_at=now,
            extra={
                "allowed": event.allowed, "purpose": event.purpose, "reason": event.reason,
                "sender": {"kind": self.of[0], "value": self.of[1], "trust": self.trust}, "believed": self.believed,
            },
        )  # fmt: skip
        words = Text(space=space, id=number, body=clean(event.proof))
        fact = Fact(FactName.INTERACTION_RECORDED, space, number, now, {"kind": happened.kind.value})
        return Unit((Insert(happened), Insert(words)), (fact,))

    def of_address(self) -> Iterator[Unit]:
        """The address is left alone, or no longer."""
        event = self.event
        if event.reason is not None:
            purposes = None if event.purpose is None else (event.purpose,)
            yield suppress_for(
                self.context, self.of, event.reason, at=self.at, stands=not event.allowed, purposes=purposes
            )

    def of_holders(self) -> Iterator[Unit]:
        """The words of those who have the address; who takes back a reason has allowed nothing by that."""
        event = self.event
        if event.reason is not None and (event.allowed or event.reason not in OPINIONS):
            return
        for customer in self.speakers:
            for purpose in sorted(NEED_CONSENT) if event.purpose is None else [event.purpose]:
                word = Consent(
                    space=self.context.space.space, customer=customer, purpose=purpose, channel=self.channel,
                    allowed=event.allowed, proof=clean(event.proof), at=self.at,
                )  # fmt: skip
                yield said(self.context, word)


def _said_at(context: Context, event: ConsentEvent, raw: UUID | None) -> datetime:
    """When it was said, as the channel says, or else when it came: never later, or no word could follow it."""
    stored = None if raw is None else context.store.get(StoredRaw, (context.space.space, raw))
    at, _ = said_at(event.at, context.now() if stored is None else stored.received_at)
    return at
