"""What a contact that was made leaves behind: an interaction of its customer."""

from collections.abc import Mapping

from clientloop.model.facts import Fact, FactName
from clientloop.model.interactions import Interaction, InteractionKind, Precision, Text
from clientloop.model.planning import Appointment, Way
from clientloop.model.units import Change, Insert, Unit
from clientloop.services.context import Context

#: What a contact is recorded as once it was made; a message is an interaction of its own when a channel takes it.
_RECORDED: Mapping[Way, InteractionKind] = {
    Way.CALL: InteractionKind.CALL,
    Way.MEETING: InteractionKind.MEETING,
    Way.VISIT: InteractionKind.VISIT,
}

#: Nothing to write.
NOTHING = Unit()


def recorded(
    context: Context,
    made: Appointment,
    *,
    precision: Precision | None = None,
    text: str = "",
    channel: str | None = None,
) -> Unit:
    """The interaction that a contact was, if it was one with a customer.

    Args:
        context: The space.
        made: The contact, with the time when it was made.
        precision: How exactly that is known; if not given, as exactly as the plan where it was made then.
        text: What was said.
        channel: The channel; "phone" for a call if not given, else the way's own name.
    """
    kind = _RECORDED.get(made.way)
    if kind is None or made.customer is None:
        return NOTHING
    now = context.now()
    exactly = precision or (made.precision if made.done_at == made.starts_at else Precision.EXACT)
    interaction = Interaction(
        space=made.space, id=context.new_id(), kind=kind, origin=f"appointment:{made.id}",
        channel=channel or ("phone" if made.way is Way.CALL else made.way.value), customer=made.customer,
        occurred_at=made.done_at, precision=exactly, recorded_at=now, extra={"appointment": str(made.id)},
    )  # fmt: skip
    changes: list[Change] = [Insert(interaction)]
    if text:
        changes.append(Insert(Text(space=made.space, id=interaction.id, subject=made.title, body=text)))
    fact = Fact(FactName.INTERACTION_RECORDED, made.space, interaction.id, now, {"kind": kind.value})
    return Unit(tuple(changes), (fact,))
