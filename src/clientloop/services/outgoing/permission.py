"""Whether a message may be handed to its channel at this moment, and what guards that until it is.

The same facts and the same rule (`rules/outgoing/policy.py`) answer `loop.consent.may_send`, so that whoever asks
before hears what the outbox will do.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from uuid import UUID

from attrs import evolve, field, frozen

from clientloop.model.customers import MATCHING, Consent, Customer, Identity, IdentityKind, Purpose
from clientloop.model.messages import Delivery, DeliveryState, Failure, MessageState, OutboundMessage, Receipt
from clientloop.model.permission import ContactBudget
from clientloop.model.units import Change, Insert, Unit, Update
from clientloop.model.where import eq
from clientloop.rules.outgoing.caps import noted, sent_within
from clientloop.rules.outgoing.consent import NEED_CONSENT
from clientloop.rules.outgoing.policy import Judgement, Situation, judge
from clientloop.rules.outgoing.quiet import whereabouts
from clientloop.services.context import Context
from clientloop.services.outgoing.suppression import Place, holders, places, suppressions_of
from clientloop.services.people.whole import ids_of, rows_of, shown_as


@frozen(kw_only=True)
class Permission:
    """Whether a message may be handed over now."""

    #: What to commit together with marking it as being sent: on `Conflict`, what was known has changed, so ask again.
    unit: Unit = field(factory=Unit)
    #: Why it must not be sent at all.
    refusal: Receipt | None = None
    #: Not before this time, UTC, although nothing else stands against it.
    later: datetime | None = None


@frozen(kw_only=True)
class Recipient:
    """Whom somebody is about to write to."""

    #: The customers whose words, addresses and messages count: one person, or all who have the address.
    ids: tuple[UUID, ...]
    #: IANA name of the zone where the person lives; None if nobody knows.
    zone: str | None
    #: What the address may be; nothing if it is not known.
    places: tuple[Place, ...]


def permit(context: Context, message: OutboundMessage, now: datetime) -> Permission:
    """Judge a message that is about to be handed to its channel.

    Args:
        context: The space.
        message: The message, claimed.
        now: The present, UTC.

    Returns:
        What guards the message until it is handed over, or why it must not be, or when it may be.
    """
    if message.purpose is Purpose.INTERNAL:
        return Permission()
    recipient = _recipient(context, message)
    budgets = _budgets(context, recipient.ids)
    judgement = judge_for(
        context, recipient, message.purpose, message.channel, now=now, budgets=budgets.values(), but=message.id
    )
    if judgement.refused:
        reasons = (*judgement.word.reasons, *judgement.refusals)
        return Permission(refusal=Receipt(failure=Failure.OPTED_OUT, detail="; ".join(reasons)))
    if judgement.later is not None:
        return Permission(later=judgement.later)
    return Permission(unit=Unit(tuple(_guards(context, recipient.ids, budgets, message, now))))


def judge_for(
    context: Context,
    recipient: Recipient,
    purpose: Purpose,
    channel: str | None,
    *,
    now: datetime,
    has_address: bool | None = True,
    waiting: int = 0,
    budgets: Iterable[ContactBudget] | None = None,
    but: UUID | None = None,
) -> Judgement:
    """Judge what somebody is about to write.

    Args:
        context: The space.
        recipient: To whom.
        purpose: Why.
        channel: On which channel; None for any.
        now: When, UTC.
        has_address: As of `Situation`.
        waiting: As of `Situation`.
        budgets: What was sent to the recipient already; looked up if not given.
        but: A message that does not count towards its own cap, as it is tried again.
    """
    known = _budgets(context, recipient.ids).values() if budgets is None else budgets
    settings, suppressions = context.settings, suppressions_of(context, recipient.places)
    situation = Situation(
        now=now,
        consents=tuple(rows_of(context, Consent, recipient.ids)),
        suppressions=suppressions,
        holds_address=bool(suppressions) and _holds_address(context, recipient),
        has_address=has_address,
        zones=_zones(context, recipient) if purpose in NEED_CONSENT else (),
        knows_zone=recipient.zone is not None,
        quiet_hours=settings.quiet_hours,
        cap=settings.caps.get(purpose),
        sent=_sent(context, known, purpose, now, but),
        waiting=waiting,
    )
    return judge(purpose, channel, situation)


def _recipient(context: Context, message: OutboundMessage) -> Recipient:
    where = places(context, message.channel, message.to)
    if message.customer is None:  # a friend of a customer: whoever has the address has a say
        known = (one for each in where for one in holders(context, each))
        ids = tuple(dict.fromkeys(one for customer in known for one in ids_of(context, customer)))
        return Recipient(ids=ids, zone=None, places=where)
    found = context.store.get(Customer, (message.space, message.customer))
    if found is None:  # erased since: there is no word any more, nor anything to guard
        return Recipient(ids=(), zone=None, places=where)
    person = shown_as(context, found)
    return Recipient(ids=person.ids, zone=person.zone, places=where)


def _holds_address(context: Context, recipient: Recipient) -> bool:
    certain = {customer for each in recipient.places for customer in holders(context, each, MATCHING)}
    return not certain.isdisjoint(recipient.ids)


def _budgets(context: Context, ids: Iterable[UUID]) -> dict[UUID, ContactBudget]:
    found = ((one, context.store.get(ContactBudget, (context.space.space, one))) for one in ids)
    return {one: budget for one, budget in found if budget is not None}


def _zones(context: Context, recipient: Recipient) -> tuple[str, ...]:
    phones = IdentityKind.PHONE
    numbers = [value for kind, value in recipient.places if kind is phones]
    if recipient.zone is None:
        theirs = rows_of(context, Identity, recipient.ids, where=eq("kind", phones), order="by_customer")
        numbers += [identity.value for identity in theirs]
    return whereabouts(recipient.zone, numbers, context.settings.region, context.space.zone)


def _sent(context: Context, budgets: Iterable[ContactBudget], purpose: Purpose, now: datetime, but: UUID | None) -> int:
    """How many messages count towards a cap: those that were handed over and did not fail for good."""
    cap = context.settings.caps.get(purpose)
    if cap is None:
        return 0
    counting = [one for one in sent_within([each.sent for each in budgets], purpose, cap, now=now) if one != but]
    if len(counting) < cap.most:  # however many of them failed
        return len(counting)
    return sum(not _came_to_nothing(context, one) for one in counting)


def _came_to_nothing(context: Context, message: UUID) -> bool:
    """Whether a message certainly did not arrive: it bounced, or no channel took it and it waits for a person.

    One that waits for its next try counts: its place is kept for it. One that is sent again asks for a place anew.
    """
    key = (context.space.space, message)
    delivery = context.store.get(Delivery, key)
    if delivery is not None:
        return delivery.state is DeliveryState.FAILED
    waiting = context.store.get(OutboundMessage, key)
    return waiting is not None and waiting.state is MessageState.PARKED


def _guards(
    context: Context,
    ids: Iterable[UUID],
    budgets: Mapping[UUID, ContactBudget],
    message: OutboundMessage,
    now: datetime,
) -> Iterator[Change]:
    """Let nobody else write to the person on the same knowledge, and note the message where its purpose has a cap."""
    cap = context.settings.caps.get(message.purpose)
    for one in ids:
        known = budgets.get(one)
        budget = known or ContactBudget(space=message.space, customer=one)
        sent = noted(budget.sent, message.purpose, cap, message.id, now=now) if cap else budget.sent
        if known is None:
            yield Insert(evolve(budget, sent=sent))
        else:
            yield Update(ContactBudget, (message.space, one), {"sent": sent}, known.version)
