"""What the customer had written before a message: which words it answers, and when the last came."""

from datetime import datetime

from clientloop.model.customers import Purpose
from clientloop.model.feedback import Feedback
from clientloop.model.interactions import Interaction, InteractionKind
from clientloop.model.messages import OutboundMessage
from clientloop.model.where import eq, ne, one_of
from clientloop.services.context import Context
from clientloop.services.intake.threads import last_heard
from clientloop.services.people.whole import ids_of

_WRITTEN = one_of("kind", (InteractionKind.FEEDBACK, InteractionKind.MESSAGE_IN)) & ne("occurred_at", None)


def answered_words(context: Context, message: OutboundMessage) -> str | None:
    """The channel's id of the customer's message that one answers.

    It is looked up before the first try and kept from then on, so that all tries are the same.

    Args:
        context: The space.
        message: The message, as it was claimed.

    Returns:
        The id; None if the message goes elsewhere than to whoever wrote, or goes another way.
    """
    if message.item is None or message.attempts or message.purpose is Purpose.INTERNAL:
        return None
    item = context.store.get(Feedback, (message.space, message.item))
    if item is None or item.reply_to != message.to:
        return None
    words = context.store.get(Interaction, (message.space, message.item))
    first = words.origin if words is not None and words.channel == message.channel else None
    return last_heard(context, item.id, message.channel) or first


def last_word(context: Context, message: OutboundMessage) -> datetime | None:
    """When the customer of a message last wrote on its channel.

    Args:
        context: The space.
        message: The message.

    Returns:
        The time, UTC; None if never. Of somebody whom nobody knows, the item tells.
    """
    if message.customer is not None:
        times = [_last_of(context, message.channel, one) for one in ids_of(context, message.customer)]
        return max((time for time in times if time is not None), default=None)
    item = None if message.item is None else context.store.get(Feedback, (message.space, message.item))
    if item is None or (item.channel, item.reply_to) != (message.channel, message.to):
        return None
    return item.received_at


def _last_of(context: Context, channel: str, customer: object) -> datetime | None:
    where = eq("customer", customer) & eq("channel", channel) & _WRITTEN
    page = context.store.page(
        Interaction, context.space.space, where=where, order="timeline", descending=True, limit=1
    )  # fmt: skip
    return page.items[0].occurred_at if page.items else None
