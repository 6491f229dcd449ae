"""A feedback item that is another customer's than was thought."""

from uuid import UUID

from clientloop.model.process import ANYBODY, Move, Place
from clientloop.rules.loop.case import Case, Kit
from clientloop.rules.loop.draft import Draft, Moved, finish

#: How the journal calls that an item is another customer's.
WENT_OVER = Move(sources=(), name="went_over", target=Place.SAME, who=ANYBODY)


def went_over(case: Case, kit: Kit, customer: UUID) -> Moved:
    """An item is another customer's: its state, its deadlines and its address stay as they are.

    Args:
        case: The item, with the row `WENT_OVER`.
        kit: What the rules need from outside.
        customer: Whose it is.
    """
    draft = Draft(case, kit)
    draft.changes["customer"] = customer
    draft.record |= {"from": str(case.item.customer), "customer": str(customer)}
    return finish(draft)
