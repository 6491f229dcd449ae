"""Visits: what somebody looked at becomes an interaction with its source."""

from uuid import UUID

from clientloop.model.customers import Trust
from clientloop.model.facts import Fact, FactName
from clientloop.model.interactions import Interaction, InteractionKind
from clientloop.model.units import Insert, Unit
from clientloop.ports.events import Visit
from clientloop.rules.intake.arrival import clean, said_at, storable
from clientloop.services.context import Context
from clientloop.services.intake.senders import known, read_sender
from clientloop.services.intake.taken import mark


def take_visit(context: Context, channel: str, event: Visit, trust: Trust, raw: UUID | None) -> UUID:
    """Record a visit.

    It is a customer's where a proved address, such as that of a signed link, belongs to one. A cookie is no person:
    such a visit is nobody's, and the cookie is kept with it.

    Args:
        context: The space.
        channel: Name of the channel.
        event: The visit.
        trust: How far the visitor is proved.
        raw: The raw message that it was read out of.

    Returns:
        The interaction.

    Raises:
        Conflict: Somebody else has taken it just now.
    """
    space, now = context.space.space, context.now()
    visitor = read_sender(context, event.visitor, trust=trust)
    at, _ = said_at(event.at, now)
    shown = {"kind": event.visitor.kind.value, "value": clean(event.visitor.value), "trust": visitor.trust.value}
    visit = Interaction(
        space=space, id=context.new_id(), kind=InteractionKind.VISIT, channel=channel, origin=event.key,
        customer=known(context, visitor).customer if visitor.proved else None, occurred_at=at, recorded_at=now,
        source=storable({**event.source, "page": event.page}), extra={"visitor": shown},
    )  # fmt: skip
    fact = Fact(FactName.INTERACTION_RECORDED, space, visit.id, now, {"kind": visit.kind.value})
    context.commit(Unit((Insert(visit), mark(context, channel, event, raw=raw, became=visit.id)), (fact,)))
    return visit.id
