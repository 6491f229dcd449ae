"""Automatic replies: to whom, and how often at most."""

from clientloop.model.feedback import Feedback
from clientloop.model.permission import AutomaticReply
from clientloop.model.units import Unit
from clientloop.rules.outgoing.automatic import replied
from clientloop.services.context import Context
from clientloop.services.outgoing.suppression import digest_of, places


def acknowledgement(context: Context, item: Feedback) -> Unit | None:
    """What is written in the unit of an automatic acknowledgement; None if there is to be none.

    Args:
        context: The space.
        item: The new item.

    Returns:
        The note that its address got one, guarded: whoever commits it begins anew on `Conflict`. None if the firm does
        not want one on this channel, nobody can be told, or the address got one within the window.
    """
    settings, space = context.settings, item.space
    if item.channel not in settings.acknowledge or item.reply_to is None:
        return None
    # of several sorts that an address may be, one is enough to tell it from others
    digest = digest_of(context, places(context, item.channel, item.reply_to)[0], item.channel)
    return replied(
        context.store.get(AutomaticReply, (space, digest)),
        space=space,
        digest=digest,
        window=settings.automatic_reply_window,
        calendar=settings.calendar,
        now=context.now(),
    )
