"""Visits: what somebody looked at becomes an interaction with its source."""

from uuid import UUID

from clientloop.model.customers import Trust
from clientloop.model.interactions import InteractionKind
from clientloop.ports.events import Visit
from clientloop.services.context import Context
from clientloop.services.people.interactions import Interactions


def take_visit(context: Context, channel: str, event: Visit, trust: Trust, raw: UUID | None) -> UUID:
    """Record a visit; the same one again is the interaction that is there already.

    It is nobody's: a cookie is no person. Who came by is kept with it, so that it can be found for a customer later.

    Args:
        context: The space.
        channel: Name of the channel.
        event: The visit.
        trust: How far the visitor is proved.
        raw: The raw message that it was read out of.

    Returns:
        The interaction.
    """
    visitor = {"kind": event.visitor.kind.value, "value": event.visitor.value, "trust": trust.value}
    recorded = Interactions(context).record(
        kind=InteractionKind.VISIT,
        channel=channel,
        origin=event.key,
        occurred_at=event.at,
        source={**event.source, "page": event.page},
        extra={"visitor": visitor},
    )
    return recorded.id
