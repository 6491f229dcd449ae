"""One automatic reply to an address in a window: so no two machines talk, whatever they hide of being machines."""

from datetime import datetime

from clientloop.model.calendar import Calendar, Span
from clientloop.model.codec import microseconds
from clientloop.model.permission import AutomaticReply
from clientloop.model.units import Insert, Unit, Update
from clientloop.rules.time.worktime import deadline_us


def replied(
    last: AutomaticReply | None, *, space: str, digest: bytes, window: Span, calendar: Calendar, now: datetime
) -> Unit | None:
    """Note that an address gets an automatic reply, or refuse it.

    Of two who do so at the same time one commits; the other begins anew, and is refused.

    Args:
        last: What is noted of the address, if anything.
        space: The space.
        digest: The address, as it is kept.
        window: How long there is no second reply.
        calendar: The firm's.
        now: The present, UTC.

    Returns:
        What is written in the unit of the reply; None if there has been one.
    """
    if last is None:
        return Unit((Insert(AutomaticReply(space=space, digest=digest, at=now)),))
    if microseconds(now) < deadline_us(calendar, microseconds(last.at), window):
        return None
    return Unit((Update(AutomaticReply, (space, digest), {"at": now}, last.version),))
