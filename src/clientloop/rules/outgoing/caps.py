"""Caps: how many messages of one purpose a customer gets in a stretch of time, over all channels."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from clientloop.model.calendar import Span, Unit
from clientloop.model.codec import Json, microseconds
from clientloop.model.customers import Purpose
from clientloop.model.permission import Cap

#: The units that a cap may count in.
_LENGTHS: Mapping[Unit, timedelta] = {
    Unit.MINUTES: timedelta(minutes=1),
    Unit.HOURS: timedelta(hours=1),
    Unit.DAYS: timedelta(days=1),
}


def sent_within(
    budgets: Iterable[Mapping[str, Json]], purpose: Purpose, cap: Cap, *, now: datetime
) -> Mapping[UUID, int]:
    """The messages that count towards a cap, with when they were handed over in microseconds since 1970.

    Args:
        budgets: `ContactBudget.sent` of each customer that the person was known as.
        purpose: Of which purpose.
        cap: The cap.
        now: The present, UTC.
    """
    since = microseconds(now) - _length(cap.within)
    noted = {UUID(message): at for sent in budgets for message, at in sent.get(purpose, {}).items()}
    return {message: at for message, at in noted.items() if at > since}


def noted(sent: Mapping[str, Json], purpose: Purpose, cap: Cap, message: UUID, *, now: datetime) -> Mapping[str, Json]:
    """What `ContactBudget.sent` is once a message is handed over; a message that is tried again counts once.

    Args:
        sent: What it was.
        purpose: The message's purpose.
        cap: The cap on it: whatever counts no more is left out.
        message: The message.
        now: The present, UTC.

    >>> cap = Cap(most=1, within=Span.parse("30 d"))
    >>> from datetime import UTC
    >>> noted({}, Purpose.SURVEY, cap, UUID(int=1), now=datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    {'survey': {'00000000-0000-0000-0000-000000000001': 1000000}}
    """
    counting = {str(one): at for one, at in sent_within([sent], purpose, cap, now=now).items()}
    return {**sent, purpose.value: {**counting, str(message): microseconds(now)}}


def _length(span: Span) -> int:
    return span.amount * _LENGTHS[span.unit] // timedelta(microseconds=1)
