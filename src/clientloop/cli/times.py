"""Times and spans in words, in the zone of the firm."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from clientloop.cli.screen import Cell

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

#: From how many days on a weekday no longer says which day is meant.
_WEEK = 7

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


def end(until: datetime | None, zone: str) -> str:
    """Until when something lasts, as a part of a sentence; None: nobody knows yet.

    >>> end(None, "UTC")
    'until further notice'
    """
    return "until further notice" if until is None else f"until {local(until, zone)}"


def standing(at: datetime | None, now: datetime) -> str:
    """How something stands with its deadline, as a part of a sentence.

    >>> noon = datetime(2026, 4, 30, 12)
    >>> standing(noon + _HOUR, noon), standing(noon - 3 * _DAY, noon), standing(None, noon)
    ('due in 1 h', '3 days late', 'never due')
    """
    if at is None:
        return "never due"
    return f"due {due(at, now)}" if at >= now else due(at, now)


def when(at: datetime | None, now: datetime, zone: str) -> str:
    """A deadline as briefly as a list has room for: how late it is or how soon today, else the day.

    Args:
        at: When it is due; None: never.
        now: The present, aware.
        zone: IANA name of the zone whose days count.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 4, 30, 12, tzinfo=UTC)
    >>> when(noon - 25 * _HOUR, noon, "UTC"), when(noon + 2 * _HOUR, noon, "UTC")
    ('25 h late', 'in 2 h')
    >>> when(noon + _DAY, noon, "UTC"), when(noon + 6 * _DAY, noon, "UTC"), when(noon + 14 * _DAY, noon, "UTC")
    ('Fri 12:00', 'Wed 12:00', 'in 14 days')
    """
    days = 0 if at is None or at < now else _days(at, now, zone)
    if at is None or days == 0:
        return due(at, now)
    return f"in {days} days" if days >= _WEEK else f"{at.astimezone(ZoneInfo(zone)):%a %H:%M}"


def due_cell(at: datetime | None, now: datetime, zone: str) -> Cell:
    """A deadline for a list, coloured by its urgency: red if it was missed, yellow if it is today, dim if far."""
    return Cell(text=when(at, now, zone), style=urgency(at, now, zone))


def urgency(at: datetime | None, now: datetime, zone: str) -> str:
    """The style of a deadline: red if it was missed, yellow if it is today, dim if it is a week away or never."""
    if at is None:
        return "dim"
    if at < now:
        return "red"
    days = _days(at, now, zone)
    return "yellow" if days == 0 else "dim" if days >= _WEEK else ""


def _days(at: datetime, now: datetime, zone: str) -> int:
    """How many midnights of the zone are between two times."""
    return (at.astimezone(ZoneInfo(zone)).date() - now.astimezone(ZoneInfo(zone)).date()).days
