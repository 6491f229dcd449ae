"""The events of a raw message: each goes to what takes it, and is taken once by all workers and redeliveries together.

Whoever takes an event sets its mark (`taken.mark`) in the unit of what the event causes; so of two who take it at the
same instant one commits, and who is lost before the commit has done nothing. Where what is caused is recognised by its
key on the channel, as an interaction is, the mark may follow in a unit of its own, which is then set here: who takes
the event again finds what is there already.
"""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from clientloop.errors import Conflict
from clientloop.model.channels import Happening, TakenEvent
from clientloop.model.customers import Trust
from clientloop.model.units import Unit
from clientloop.ports.events import ConsentEvent, DeliveryEvent, Event, Ignored, MessageIn, Visit
from clientloop.services.context import Context
from clientloop.services.intake.counts import counted
from clientloop.services.intake.messages import take_message
from clientloop.services.intake.taken import mark, taken_event
from clientloop.services.intake.visits import take_visit
from clientloop.services.outgoing.deliveries import take_delivery
from clientloop.services.outgoing.words import take_consent

#: How often an event is taken anew when somebody else changed what it is about.
_TRIES = 5

#: Takes an event; returns the interaction that it became, or the message that it is about. Any: each takes its own.
Taker = Callable[[Context, str, Any, Trust, UUID | None], UUID | None]


def take(context: Context, channel: str, event: Event, *, trust: Trust, raw: UUID | None) -> TakenEvent:
    """Take an event, unless it was taken before.

    Args:
        context: The space.
        channel: Name of the channel.
        event: The event.
        trust: How far its sender is proved.
        raw: The raw message that it was read out of; None for one that the application hands in itself.

    Returns:
        The mark that it was taken: by now, or before.

    Raises:
        Conflict: Others change what it is about, again and again.
    """
    tries = 0
    while (known := taken_event(context, channel, event.key)) is None:
        try:
            _take_once(context, channel, event, trust, raw)
        except Conflict:  # also the `Duplicate` of a mark that somebody else has set meanwhile
            tries += 1
            if tries == _TRIES:
                raise
    return known


def _take_once(context: Context, channel: str, event: Event, trust: Trust, raw: UUID | None) -> None:
    became = TAKERS[type(event)](context, channel, event, trust, raw)
    if taken_event(context, channel, event.key) is None:
        context.commit(Unit((mark(context, channel, event, raw=raw, became=became),)))


def _count(context: Context, channel: str, event: Ignored, trust: Trust, raw: UUID | None) -> None:
    """Count what is of no interest."""
    context.commit(Unit((counted(context, channel, Happening.IGNORED), mark(context, channel, event, raw=raw))))


def _take_delivery(context: Context, channel: str, event: DeliveryEvent, trust: Trust, raw: UUID | None) -> UUID | None:
    """Taken twice, a report changes nothing: its mark follows."""
    return take_delivery(context, channel, event)


def _take_message(context: Context, channel: str, event: MessageIn, trust: Trust, raw: UUID | None) -> UUID | None:
    return take_message(context, channel, event, trust=trust, raw=raw)


#: What takes the events of each class.
TAKERS: Mapping[type, Taker] = {
    MessageIn: _take_message,
    DeliveryEvent: _take_delivery,
    ConsentEvent: take_consent,
    Visit: take_visit,
    Ignored: _count,
}
