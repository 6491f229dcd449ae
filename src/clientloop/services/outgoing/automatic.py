"""Automatic messages to customers: who has had one lately, and gets no automatic reply.

A reply to a machine may bring another one, whatever the mails say of themselves. So an address gets one automatic reply
in a window, and what it sends within that time after any automatic message begins an item that is quiet: the system
tells nothing about it by itself until a person has answered.
"""

from clientloop.model.customers import Purpose
from clientloop.model.feedback import Feedback
from clientloop.model.messages import Failure, OutboundMessage, Receipt
from clientloop.model.permission import AutomaticReply
from clientloop.model.units import Insert, Unit, Update
from clientloop.rules.loop.telling import RECEIVED
from clientloop.rules.outgoing.automatic import is_recent
from clientloop.services.context import Context
from clientloop.services.outgoing.suppression import digest_of, places


def acknowledgement(context: Context, item: Feedback, *, sender: str | None = None) -> Unit | None:
    """What is written in the unit of an automatic acknowledgement; None if there is to be none.

    Args:
        context: The space.
        item: The new item.
        sender: The address that it came from: machines have answers sent to a new address each time.

    Returns:
        The note that its addresses got one, guarded: whoever commits it begins anew on `Conflict`. None if the firm
        does not want one on this channel, nobody can be told, or one of them had an automatic message lately.
    """
    if item.channel not in context.settings.acknowledge or item.reply_to is None:
        return None
    channel = context.kit.answers_by(item.channel, item.reply_to)
    known = dict(_last(context, channel, address) for address in (item.reply_to, sender) if address is not None)
    if any(_is_recent(context, last) for last in known.values()):
        return None
    return sum((_noted(context, digest, last) for digest, last in known.items()), Unit())


def had_lately(context: Context, channel: str, address: str | None) -> bool:
    """Whether an address had an automatic message within the window.

    Args:
        context: The space.
        channel: Name of the channel that somebody has written on; what counts is the one that answers go by.
        address: The address that answers go to, if there is one.
    """
    if address is None:
        return False
    return _is_recent(context, _last(context, context.kit.answers_by(channel, address), address)[1])


def too_late(context: Context, message: OutboundMessage) -> Receipt | None:
    """Why an acknowledgement is not sent any more; None if it is none, or in time.

    After the window the same address may have been given another one: had both waited for their channel, or for a
    person, they would go out together.
    """
    settings = context.settings
    window, calendar = settings.automatic_reply_window, settings.calendar
    if message.template != RECEIVED or is_recent(message.created_at, window, context.now(), calendar):
        return None
    return Receipt(failure=Failure.OPTED_OUT, detail=f"an acknowledgement that is later than {window} is not sent")


def handed_over(context: Context, message: OutboundMessage) -> Unit:
    """The note that an address gets an automatic message, for the unit in which that is handed over."""
    if not message.automatic or message.purpose is Purpose.INTERNAL:
        return Unit()
    return _noted(context, *_last(context, message.channel, message.to))


def _last(context: Context, channel: str, address: str) -> tuple[bytes, AutomaticReply | None]:
    # of the sorts that an address may be, one is enough to tell it from others
    digest = digest_of(context, places(context, channel, address)[0], channel)
    return digest, context.store.get(AutomaticReply, (context.space.space, digest))


def _is_recent(context: Context, last: AutomaticReply | None) -> bool:
    settings = context.settings
    return last is not None and is_recent(last.at, settings.automatic_reply_window, context.now(), settings.calendar)


def _noted(context: Context, digest: bytes, last: AutomaticReply | None) -> Unit:
    space, now = context.space.space, context.now()
    if last is None:
        return Unit((Insert(AutomaticReply(space=space, digest=digest, at=now)),))
    return Unit((Update(AutomaticReply, (space, digest), {"at": now}, last.version),))
