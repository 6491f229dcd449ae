"""Whether a channel has been silent for too long: a form that broke a week ago looks like a week without complaints."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from clientloop.model.calendar import Calendar, Span
from clientloop.model.codec import instant, microseconds
from clientloop.rules.time.worktime import deadline_us

#: From how many words on what is usual for a channel can be told.
FEWEST_WORDS = 10

#: How many words are looked back on.
LOOKED_BACK = 50

#: A silence alarms when it is so many times as long as the longest of late, and no shorter than this.
STRETCH, SHORTEST = 1.5, timedelta(hours=1)


def allowed_until(
    heard: Sequence[datetime], *, set_to: Span | None = None, calendar: Calendar, now: datetime
) -> datetime | None:
    """Until when a channel may be silent without an alarm.

    Where the firm has set a length, that counts from the last word, by its own clock. Else a channel is measured by
    itself: half as long again as the longest pause between its last 50 words, so that nights and weekends do not alarm.

    Args:
        heard: When words came, the latest first, aware; at most `LOOKED_BACK` + 1 are looked at.
        set_to: What the firm has set for the channel; None for nothing.
        calendar: Which days and hours count for a length in working time.
        now: The present, aware.

    Returns:
        The moment, in UTC; None where nobody can tell: too few words have come.

    >>> from datetime import UTC
    >>> days = [datetime(2026, 3, day, tzinfo=UTC) for day in range(12, 0, -1)]
    >>> allowed_until(days, calendar=Calendar.standard("UTC"), now=days[0])
    datetime.datetime(2026, 3, 13, 12, 0, tzinfo=datetime.timezone.utc)
    """
    if not heard:
        return None
    last = min(heard[0], now)  # what claims to come from the future must not put an alarm off
    if set_to is not None:
        return instant(deadline_us(calendar, microseconds(last), set_to))
    if len(heard) < FEWEST_WORDS:
        return None
    longest = max(later - earlier for later, earlier in pairwise(heard[: LOOKED_BACK + 1]))
    return last + max(longest * STRETCH, SHORTEST)
