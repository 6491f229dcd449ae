"""What channels report on the messages that they took.

A report may come before the outbox has written down that the channel took the message. So whoever writes something
looks for the other afterwards: the report is stored, then its message is looked for; the acceptance is committed, then
its reports are (`join`). One of the two always sees the other, and joining twice changes nothing.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

from clientloop.errors import Conflict, Duplicate
from clientloop.model.messages import Delivery, DeliveryReport, DeliveryState, DeliveryStep, OutboundMessage, Receipt
from clientloop.model.units import Insert, Unit
from clientloop.model.where import eq
from clientloop.ports.events import DeliveryEvent
from clientloop.rules.intake.arrival import said_at
from clientloop.rules.outgoing.deliveries import most_telling, noted, own_id, settles, standing
from clientloop.rules.outgoing.sending import accepted, given_up
from clientloop.services.asking.reaching import if_invites
from clientloop.services.context import Context
from clientloop.services.outgoing.meaning import if_bounced, if_not_told, if_told
from clientloop.services.outgoing.suppression import if_refused, places

#: How often reports are joined anew, when the message or its item was changed meanwhile.
_TRIES = 10


def take_delivery(context: Context, channel: str, event: DeliveryEvent) -> UUID | None:
    """Take the word of a channel on what became of a message; taken twice, it changes nothing.

    A word on no message that is known is kept all the same.

    Args:
        context: The space.
        channel: Name of the channel.
        event: What it says.

    Returns:
        The message; None if none is known.

    Raises:
        Conflict: Others change the message or its item, again and again.
    """
    report = _kept(context, channel, event)
    message = report.message or _found(context, channel, event)
    if message is not None:
        join(context, message)
    return message


def join(context: Context, message: UUID) -> None:
    """Join to a message what its channel has reported on it, and draw the conclusions; once done, it changes nothing.

    One that may have been sent, and was, leaves the outbox without being sent again.

    Args:
        context: The space.
        message: The message, in the outbox or taken by its channel.

    Raises:
        Conflict: Others change the message or its item, again and again.
    """
    for attempt in range(_TRIES):
        try:
            waiting = context.store.get(OutboundMessage, (context.space.space, message))
            if waiting is not None and not _settled(context, waiting):
                return None
            taken = context.store.get(Delivery, (context.space.space, message))
            return None if taken is None else _commit(context, _joined(context, taken))
        except Conflict:
            if attempt == _TRIES - 1:
                raise
    return None


def _kept(context: Context, channel: str, event: DeliveryEvent) -> DeliveryReport:
    """The stored report: what a first word of this key has said."""
    # a time to come would outdo all that is said of the address until then
    at, _ = said_at(event.at, context.now())
    report = DeliveryReport(
        space=context.space.space,
        channel=channel,
        key=event.key,
        provider_id=event.provider_id,
        message=_found(context, channel, event),
        recipient=event.recipient.value if event.recipient else None,
        step=event.step,
        failure=event.failure if event.step is DeliveryStep.FAILED else None,
        detail=event.detail,
        at=at,
    )
    try:
        context.commit(Unit((Insert(report),)))
    except Duplicate:
        return context.store.get(DeliveryReport, (report.space, channel, report.key)) or report
    return report


def _found(context: Context, channel: str, event: DeliveryEvent) -> UUID | None:
    """The message that an event is about: named by our id, or called as the channel called it when it took it."""
    named = event.message or own_id(event.provider_id or "")
    if named is not None and _channel_of(context, named) == channel:
        return named
    taken = _taken_as(context, channel, event.provider_id)
    return None if taken is None else taken.message


def _channel_of(context: Context, message: UUID) -> str | None:
    """The channel of a message; it goes from the outbox to what was taken, so that is the order to look."""
    key = (context.space.space, message)
    found = context.store.get(OutboundMessage, key) or context.store.get(Delivery, key)
    return None if found is None else found.channel


def _taken_as(context: Context, channel: str, provider_id: str | None) -> Delivery | None:
    """The message that a channel calls so; None if it calls several so, as a word on one is then a word on none."""
    if not provider_id:
        return None
    where = eq("channel", channel) & eq("provider_id", provider_id)
    found = context.store.page(Delivery, context.space.space, where=where, order="by_provider", limit=2)
    return found.items[0] if len(found.items) == 1 else None


def _settled(context: Context, message: OutboundMessage) -> bool:
    """Whether reports have said what became of a message in the outbox; it then has left it."""
    reports = [each for each in _naming(context, message.id) if settles(message, each)]
    if not reports:
        return False
    now, said = context.now(), most_telling(reports)
    receipt = Receipt(provider_id=said.provider_id, failure=said.failure, detail=said.detail)
    if said.step is DeliveryStep.FAILED:
        context.commit(given_up(message, receipt, now) + if_not_told(context, message, said.detail or ""))
    else:
        context.commit(accepted(message, receipt, now) + if_told(context, message))
    return True


def _joined(context: Context, before: Delivery) -> Unit:
    """What is written when everything reported on a message has been joined to it."""
    reports = [*_naming(context, before.message), *_calling(context, before)]
    after = standing(before, reports)
    unit = noted(before, after, reports, context.now())
    if after.state is not before.state:
        unit += if_invites(context, after.message, after.state, reports)
    if after.state is DeliveryState.FAILED and before.state is not DeliveryState.FAILED:
        unit += if_bounced(context, after)
    for report in reports:
        unit += _left_alone(context, before, report)
    return unit


def _naming(context: Context, message: UUID) -> Sequence[DeliveryReport]:
    """The reports whose message is known to be this one."""
    where = eq("message", message)
    return tuple(context.store.pages(DeliveryReport, context.space.space, where=where, order="of_message"))


def _calling(context: Context, delivery: Delivery) -> Iterator[DeliveryReport]:
    """The reports that came when nobody knew yet what the channel called the message."""
    if _taken_as(context, delivery.channel, delivery.provider_id) is not None:
        where = eq("channel", delivery.channel) & eq("provider_id", delivery.provider_id) & eq("message", None)
        yield from context.store.pages(DeliveryReport, delivery.space, where=where, order="by_provider")


def _left_alone(context: Context, delivery: Delivery, report: DeliveryReport) -> Unit:
    """The address that the firm wrote to is left alone, if the report is about it and not one it was passed on to."""
    if report.recipient is not None:
        written_to, told_of = (places(context, delivery.channel, to) for to in (delivery.to, report.recipient))
        if set(written_to).isdisjoint(told_of):
            return Unit()
    return if_refused(context, delivery, report.failure, at=report.at)


def _commit(context: Context, unit: Unit) -> None:
    if unit.changes:
        context.commit(unit)
