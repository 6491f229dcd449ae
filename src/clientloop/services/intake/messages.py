"""What a message becomes: words in a thread, or the beginning of a loop; exactly once, whatever is brought again."""

from uuid import UUID

from clientloop.errors import Conflict
from clientloop.model.customers import Trust
from clientloop.model.interactions import InteractionKind
from clientloop.model.units import Unit
from clientloop.ports.events import MessageIn
from clientloop.services.context import Context
from clientloop.services.intake.becoming import work_out_message
from clientloop.services.intake.quoted import without_ours
from clientloop.services.intake.taken import mark, taken_event
from clientloop.services.origins import with_origin
from clientloop.services.outer.bursts import watch

#: How often a message is worked out anew when somebody else was faster.
_TRIES = 10

#: As what an application may have recorded a message by itself.
_WORDS = (InteractionKind.MESSAGE_IN, InteractionKind.FEEDBACK, InteractionKind.MESSAGE_OUT, InteractionKind.CALL)


def take_message(context: Context, channel: str, event: MessageIn, *, trust: Trust, raw: UUID | None) -> UUID | None:
    """Take a message that a channel brought.

    It becomes one interaction, whoever brings it how often. Within a known thread it belongs to the item of that and
    makes the move that fits; otherwise it begins an item of the kind that it is sorted as. What a machine wrote begins
    and moves nothing.

    Args:
        context: The space.
        channel: Name of the channel.
        event: The message.
        trust: How far the message is proved.
        raw: The raw message that it was read out of; None for one that the application handed in itself.

    Returns:
        The id of the interaction; None for an event that was taken as something else.

    Raises:
        Conflict: Others change what it is about, again and again.
        Duplicate: The channel has something under its key that is no message, such as a purchase.
    """
    tries = 0
    while True:
        tries += 1
        found, there = _taken(context, channel, event.key)
        if there:
            return found
        outcome = work_out_message(context, channel, without_ours(context, channel, event), trust=trust)
        taken = mark(context, channel, event, raw=raw, became=outcome.interaction)
        try:
            context.commit(outcome.unit + Unit((taken,)))
        except Conflict:  # also the `Duplicate` of whoever takes the same message, or is the first with an address
            if tries == _TRIES:
                raise
            continue
        if outcome.item is not None:
            watch(context, outcome.item, before=outcome.before)
        return outcome.interaction


def _taken(context: Context, channel: str, key: str) -> tuple[UUID | None, bool]:
    """What a message with this key has become, by intake or as an application recorded it; and whether it has."""
    taken = taken_event(context, channel, key)
    if taken is not None:
        return taken.became, True
    known = with_origin(context, channel, key, *_WORDS)
    return (None, False) if known is None else (known.id, True)
