"""Which events were taken: the mark that is set in the same unit as what an event causes."""

from collections.abc import Mapping
from uuid import UUID

from clientloop.model.channels import EventSort, TakenEvent
from clientloop.model.units import Insert
from clientloop.ports.events import ConsentEvent, DeliveryEvent, Event, Ignored, MessageIn, Visit
from clientloop.services.context import Context

#: What sort of event each class is.
SORTS: Mapping[type, EventSort] = {
    MessageIn: EventSort.MESSAGE,
    DeliveryEvent: EventSort.DELIVERY,
    ConsentEvent: EventSort.CONSENT,
    Visit: EventSort.VISIT,
    Ignored: EventSort.IGNORED,
}


def mark(context: Context, channel: str, event: Event, *, raw: UUID | None, became: UUID | None = None) -> Insert:
    """That an event was taken, for the unit of what it causes.

    Of several who take the same event at the same time one commits; the units of the others fail by `Duplicate`, as a
    whole. Where the effect can be made twice without harm, the mark may follow it in a unit of its own: intake sets it
    if whoever took the event did not.

    Args:
        context: The space.
        channel: Name of the channel.
        event: The event.
        raw: The raw message that it was read out of; None for one that the application handed in itself.
        became: The interaction that it became, or the message that it is about.
    """
    taken = TakenEvent(
        space=context.space.space,
        channel=channel,
        key=event.key,
        sort=SORTS[type(event)],
        raw=raw,
        became=became,
        taken_at=context.now(),
    )
    return Insert(taken)


def taken_event(context: Context, channel: str, key: str) -> TakenEvent | None:
    """The event with this key, if it was taken."""
    return context.store.get(TakenEvent, (context.space.space, channel, key))
