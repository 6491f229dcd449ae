"""One automatic reply to an address in a window: so no two machines talk, whatever they hide of being machines."""

from datetime import datetime

from clientloop.model.calendar import Calendar, Span
from clientloop.model.codec import microseconds
from clientloop.rules.time.worktime import deadline_us


def is_recent(last: datetime, window: Span, now: datetime, calendar: Calendar) -> bool:
    """Whether an address had an automatic message so lately that it gets no automatic reply.

    Args:
        last: When it had one, UTC.
        window: How long that counts.
        now: The present, UTC.
        calendar: The firm's.

    >>> from datetime import UTC, timedelta
    >>> last, window = datetime(2026, 3, 2, 9, tzinfo=UTC), Span.parse("24 h")
    >>> calendar = Calendar.standard("UTC")
    >>> [is_recent(last, window, last + timedelta(hours=hours), calendar) for hours in (0, 23, 24)]
    [True, True, False]
    """
    return microseconds(now) < deadline_us(calendar, microseconds(last), window)
