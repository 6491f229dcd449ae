"""Times and spans in words, in the zone of the firm."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

#: From which length a span is told in which unit.
_UNITS = ((2 * _DAY, _DAY, "days"), (_HOUR, _HOUR, "h"), (_MINUTE, _MINUTE, "min"))


def local(at: datetime | None, zone: str) -> str:
    """A time by the wall clock of a zone; empty if there is none.

    >>> from datetime import UTC
    >>> local(datetime(2026, 4, 30, 13, tzinfo=UTC), "Europe/Ljubljana")
    '2026-04-30 15:00'
    """
    return "" if at is None else f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def span(length: timedelta) -> str:
    """A length of time, cut to the unit that people would use.

    >>> span(timedelta(minutes=25)), span(timedelta(hours=47, minutes=59)), span(timedelta(days=3, hours=5))
    ('25 min', '47 h', '3 days')
    """
    for least, unit, name in _UNITS:
        if length >= least:
            return f"{length // unit} {name}"
    return "under a minute"


def due(at: datetime | None, now: datetime) -> str:
    """How far a deadline is, in words.

    >>> noon = datetime(2026, 4, 30, 12)
    >>> due(noon + timedelta(hours=3), noon), due(noon - timedelta(days=2), noon), due(None, noon)
    ('in 3 h', '2 days late', '')
    """
    if at is None:
        return ""
    return f"in {span(at - now)}" if at >= now else f"{span(now - at)} late"
