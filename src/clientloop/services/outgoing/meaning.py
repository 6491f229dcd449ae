"""What it means for an item that its customer was told something, or was not."""

from clientloop.model.codec import Json
from clientloop.model.customers import Purpose
from clientloop.model.feedback import Feedback, Transition
from clientloop.model.messages import Delivery, DeliveryState, OutboundMessage
from clientloop.model.process import Move
from clientloop.model.units import Unit
from clientloop.model.where import eq
from clientloop.model.work import SYSTEM, Actor, Role
from clientloop.rules.loop.bounces import BOUNCED, bounced
from clientloop.rules.loop.case import Case
from clientloop.rules.loop.given import read_given
from clientloop.rules.loop.moves import NOT_TOLD, TOLD, looked_up_by, not_told, told
from clientloop.services.asking.reaching import if_invites
from clientloop.services.context import Context
from clientloop.services.loop.lookups import look_up


def if_told(context: Context, message: OutboundMessage) -> Unit:
    """A channel took a message: its item notes that, and makes the move that waited for it, if it has not moved on.

    What members and friends hear is not what the customer was told.

    Args:
        context: The space.
        message: The message.
    """
    item = _item_of(context, message)
    if item is None or message.to != item.reply_to:
        return Unit()
    wanted = message.completes.get("move")
    loop = context.loop_of(item.kind, item.process)
    row = loop.rows.get((item.state, wanted)) if wanted else None
    if row is None or item.pending != wanted:
        return told(case_of(context, item, TOLD, SYSTEM), context.kit, message).unit
    actor = Actor(name=message.completes["by"], roles=frozenset(Role(role) for role in message.completes["roles"]))
    case = case_of(context, item, row, actor, given=dict(message.completes["given"]))
    return told(case, context.kit, message).unit


def if_not_told(context: Context, message: OutboundMessage, why: str) -> Unit:
    """No channel will ever take a message: its item notes that, and the move that waited for it is off.

    Whom it invited to answer was not reached.

    Args:
        context: The space.
        message: The message.
        why: What the channel said.
    """
    item, uninvited = _item_of(context, message), if_invites(context, message.id, DeliveryState.FAILED)
    if item is None:
        return uninvited
    return uninvited + not_told(case_of(context, item, NOT_TOLD, SYSTEM), context.kit, message, why).unit


def if_bounced(context: Context, delivery: Delivery) -> Unit:
    """A message that a channel took will not arrive: what its item holds because of it is taken back.

    Args:
        context: The space.
        delivery: The message, with what the channel said.
    """
    item = _item_of(context, delivery)
    if item is None:
        return Unit()
    journal = tuple(context.store.pages(Transition, item.space, where=eq("item", item.id)))
    case = case_of(context, item, BOUNCED, SYSTEM)
    why = delivery.detail or delivery.failure or "no reason given"
    return bounced(case, context.kit, delivery, why, journal).unit


def _item_of(context: Context, message: OutboundMessage | Delivery) -> Feedback | None:
    """The item that a message to somebody outside the firm is about."""
    if message.item is None or message.purpose is Purpose.INTERNAL:
        return None
    return context.store.get(Feedback, (message.space, message.item))


def case_of(context: Context, item: Feedback, row: Move, actor: Actor, given: dict[str, Json] | None = None) -> Case:
    """What a move that a channel's answer makes is worked out from.

    Args:
        context: The space.
        item: The item.
        row: The move.
        actor: Who makes it.
        given: What was given with it.
    """
    loop = context.loop_of(item.kind, item.process)
    taken = read_given(row, loop, given or {})
    return Case(
        item=item,
        loop=loop,
        row=row,
        actor=actor,
        now=context.now(),
        given=taken,
        settings=context.settings.by_calendar(item.calendar),
        known=look_up(context, item, taken, looked_up_by(row)),
        accepted=True,
    )
