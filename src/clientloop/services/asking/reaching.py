"""What becomes of invitations by what becomes of the messages that carry them."""

from collections.abc import Iterable
from uuid import UUID

from clientloop.model.asking import Invitation
from clientloop.model.messages import DeliveryReport, DeliveryState
from clientloop.model.units import Unit
from clientloop.model.where import eq
from clientloop.rules.asking.reaching import change, settled
from clientloop.services.context import Context


def if_invites(context: Context, message: UUID, state: DeliveryState, reports: Iterable[DeliveryReport] = ()) -> Unit:
    """What is written of the invitations that a message carries, once it is known what became of it.

    Args:
        context: The space.
        message: The message.
        state: What became of it.
        reports: What its channel has reported on it.
    """
    carried = context.store.pages(Invitation, context.space.space, where=eq("message", message), order="of_message")
    said, now = tuple(reports), context.now()
    return Unit(tuple(update for each in carried for update in change(each, settled(each, state, said, now))))
