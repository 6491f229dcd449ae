"""Repeat contacts as data: which items are asked about, and what counts as another contact of the same person.

What the rate means for a firm is told in `docs/explanation/loop-rates.md`.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime

from clientloop.model.feedback import Outcome
from clientloop.model.interactions import InteractionKind
from clientloop.model.where import eq, ne
from clientloop.rules.measures.rates import IN_LOOP

_KNOWN = ne("customer", None)
_DATED = ne("received_at", None)

#: Items of which nobody can tell whether they were followed: the person or the receipt is not known.
UNTOLD = IN_LOOP & ~(_KNOWN & _DATED)

#: Feedback that is a contact, also where it is outside of the rates: whoever says the same twice has come twice.
SAID = _KNOWN & _DATED & ne("outcome", Outcome.NOT_FEEDBACK)

#: Interactions that are contacts besides. Who began a call or a visit, nobody has written down.
WRITTEN = _KNOWN & ne("occurred_at", None) & eq("kind", InteractionKind.MESSAGE_IN)


def is_followed(contacts: Sequence[datetime], received: datetime, end: datetime) -> bool:
    """Whether another contact came after an item, in time.

    Args:
        contacts: When the same person made contact, in order; that of the item may be among them.
        received: When the item was received; what came at the same moment, as its parts do, does not follow it.
        end: Until when, including this moment.

    >>> noon = datetime(2026, 3, 2, 12)
    >>> is_followed([noon], noon, noon.replace(hour=18)), is_followed([noon], noon.replace(hour=9), noon)
    (False, True)
    """
    after = bisect_right(contacts, received)
    return after < len(contacts) and contacts[after] <= end
