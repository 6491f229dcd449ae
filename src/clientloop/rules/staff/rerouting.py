"""Routing an item that is there already: one row of its journal, and nothing that it has is taken away."""

from clientloop.model.process import ANYBODY, Move, Party, Place, notify
from clientloop.rules.loop.case import Case, Kit
from clientloop.rules.loop.draft import Draft, Moved, finish
from clientloop.rules.loop.receipt import GRAVE
from clientloop.rules.loop.telling import tell
from clientloop.rules.staff.routing import Placement

#: How the journal calls it.
ROUTED = Move(sources=(), name="routed", target=Place.SAME, who=ANYBODY)


def reroute(case: Case, kit: Kit, placed: Placement) -> Moved:
    """Put an item where the rules say; deadlines that run stay as they are, later ones go by the new calendar.

    Args:
        case: The item, with the row `ROUTED`; of what is grave, `known.superiors` hear.
        kit: What the rules need from outside.
        placed: Where it goes.
    """
    draft, item = Draft(case, kit), case.item
    draft.changes |= {
        "owner": placed.owner or item.owner,
        "team": placed.team or item.team,
        "calendar": placed.calendar if placed.team else item.calendar,
        "priority": placed.priority,
        "tags": tuple(dict.fromkeys((*item.tags, *placed.tags))),
    }
    draft.record |= placed.record
    if case.known.superiors:
        tell(draft, notify(GRAVE, Party.SUPERIOR))
    return finish(draft)
