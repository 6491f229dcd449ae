"""What happens on channels and leaves no other trace: counted, so that an operator can see it."""

from clientloop.model.channels import ChannelCount, Happening
from clientloop.model.units import Add
from clientloop.services.context import Context


def counted(context: Context, channel: str, what: Happening) -> Add:
    """One more of what happened, for a unit.

    Args:
        context: The space.
        channel: Name of the channel.
        what: What happened.
    """
    return Add(ChannelCount(space=context.space.space, channel=channel, name=what), {"times": 1})
