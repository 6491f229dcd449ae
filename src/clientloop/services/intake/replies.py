"""What the sender of a message is answered in the same breath."""

import logging
from collections.abc import Iterator, Sequence

from clientloop.model.channels import EventSort, TakenEvent
from clientloop.model.customers import Purpose
from clientloop.model.feedback import Feedback
from clientloop.model.messages import OutboundMessage
from clientloop.plugins.loading import harmless
from clientloop.ports.channel import Channel, Direction
from clientloop.ports.events import Parsed, Raw, Reply
from clientloop.rules.loop.telling import RECEIVED
from clientloop.services.context import Context

logger = logging.getLogger(__name__)


def reply_in_line(context: Context, plugin: Channel, raw: Raw, parsed: Parsed, taken: Sequence[TakenEvent]) -> Reply:
    """What the sender is answered: by `respond` where there is something to tell or to echo, else what was parsed.

    A channel that can send gets all that the customer is told from the outbox, once. One that cannot, such as a form,
    is given an acknowledgement for each item that the message began, so that the number of the item can be told. A
    message without events is a challenge, or something that its sender has to mend: it is answered by `respond`, too.

    Args:
        context: The space.
        plugin: The channel.
        raw: The message.
        parsed: What it says.
        taken: Its events that are taken.
    """
    able = plugin.able()
    told = () if Direction.SEND in able else tuple(_acknowledgements(context, taken))
    if Direction.RESPOND not in able or (parsed.events and not told):
        return parsed.reply
    try:
        reply: object = plugin.respond(raw, told)
    except harmless() as error:  # what the customer said is safe: only the number is not told
        logger.error("channel %s cannot answer in line: %s", plugin.spec.name, type(error).__name__)
        return parsed.reply
    return reply if isinstance(reply, Reply) else parsed.reply


def _acknowledgements(context: Context, taken: Sequence[TakenEvent]) -> Iterator[OutboundMessage]:
    """An acknowledgement of each item that began with an event; nobody sends it, so nobody stores it."""
    for event in taken:
        item = None
        if event.sort is EventSort.MESSAGE and event.became is not None:
            item = context.store.get(Feedback, (event.space, event.became))
        if item is not None:
            subject, body = context.kit.render(RECEIVED, item.locale, {"ref": item.ref})
            yield OutboundMessage(
                space=item.space, id=context.new_id(), item=item.id, channel=item.channel, to=item.reply_to or "",
                purpose=Purpose.SERVICE, template=RECEIVED, automatic=True, subject=subject, body=body,
                created_at=context.now(),
            )  # fmt: skip
