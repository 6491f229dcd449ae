"""What a message repeats of ours that it answers: many programs quote without a mark, but we know what we sent."""

import logging

from clientloop.model.interactions import Text
from clientloop.model.messages import Delivery, OutboundMessage
from clientloop.plugins.loading import harmless
from clientloop.ports.events import MessageIn
from clientloop.rules.intake.threads import named
from clientloop.services.context import Context
from clientloop.services.intake.threads import ours

logger = logging.getLogger(__name__)


def without_ours(context: Context, channel: str, event: MessageIn) -> MessageIn:
    """A message without the words of ours that it answers, where the channel can take them off.

    Args:
        context: The space.
        channel: Name of the channel.
        event: The message, as the channel read it without knowing what it answers.
    """
    sent = _sent(context, channel, event)
    if not sent:
        return event
    try:
        found: object = context.plugins.channel(channel).unquoted(event, sent)
    except harmless() as error:  # no word is lost for it
        logger.error("channel %s cannot take off what is quoted: %s", channel, type(error).__name__)
        return event
    return found if isinstance(found, MessageIn) else event


def _sent(context: Context, channel: str, event: MessageIn) -> str | None:
    """The words of our message that is answered; None if it answers none, or they are gone."""
    for name in named([event.in_reply_to]):
        for message in ours(context, channel, name):
            return _words(context, message)
    return None


def _words(context: Context, message: Delivery | OutboundMessage) -> str | None:
    if isinstance(message, OutboundMessage):
        return message.body
    text = context.store.get(Text, (message.space, message.message))
    return None if text is None else text.body
