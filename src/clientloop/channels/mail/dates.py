"""When a mail says that it was written."""

import re
from datetime import datetime, timedelta, timezone

from clientloop.channels.mail.fields import without_comments

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
#: Names of zones that mails use, in hours from UTC; the names of the armed forces say nothing (RFC 5322, 4.3).
ZONES = {
    "ut": 0, "utc": 0, "gmt": 0, "z": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "met": 1, "mez": 1, "cest": 2,
    "mest": 2, "mesz": 2, "eet": 2, "eest": 3, "msk": 3, "msd": 4, "est": -5, "edt": -4, "cst": -6, "cdt": -5,
    "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "jst": 9,
}  # fmt: skip
#: Years that a mail can be of: others are errors of clocks, or lies.
YEARS = range(1900, 2100)

_TIME = r"(?P<hour>\d{1,2})\s*[:.]\s*(?P<minute>\d{1,2})(?:\s*[:.]\s*(?P<second>\d{1,2}))?"
_ZONE = r"\s*(?P<zone>[+-]\d{4}|[A-Za-z]{1,5})?(?![A-Za-z])"
_FORMS = tuple(
    re.compile(form)
    for form in (
        r"(?P<day>\d{1,2})[\s-]+(?P<month>[A-Za-z]{3})[A-Za-z]{0,6}\.?[\s,-]+(?P<year>\d{2,4}),?\s+" + _TIME + _ZONE,
        r"(?P<month>[A-Za-z]{3})[A-Za-z]{0,6}\.?\s+(?P<day>\d{1,2}),?\s+" + _TIME + r"\s+(?P<year>\d{4})" + _ZONE,
        r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})[T\s]" + _TIME + _ZONE,
    )
)


def read_date(value: str) -> datetime | None:
    """Read a date with a zone.

    Args:
        value: What the field `Date` says, at most `Limits.value` long.

    Returns:
        An aware time, a leap second as the one before it; None where the date is impossible, says no zone, or is no
        date.

    >>> read_date("Fri, 21 Nov 1997 09(comment):55:06 -0600").isoformat()
    '1997-11-21T09:55:06-06:00'
    >>> read_date("Mon, 30 Jun 3609 15:33 +0600"), read_date("31 Feb 2020 10:00 +0000"), read_date("1 Jan 2020 10:00")
    (None, None, None)
    """
    bare = without_comments(value)
    found = next(filter(None, (form.search(bare) for form in _FORMS)), None)
    return _time(found) if found else None


def _time(found: re.Match[str]) -> datetime | None:
    zone, month = _zone(found["zone"] or ""), _month(found["month"])
    year = _year(found["year"])
    if zone is None or month is None or year not in YEARS:
        return None
    day, hour, minute, second = (int(found[name] or 0) for name in ("day", "hour", "minute", "second"))
    try:
        return datetime(year, month, day, hour, minute, 59 if second == 60 else second, tzinfo=zone)
    except ValueError:
        return None


def _zone(given: str) -> timezone | None:
    if given[:1] in ("+", "-"):
        hours, minutes = int(given[1:3]), int(given[3:])
        if hours > 14 or minutes > 59:
            return None
        offset = timedelta(hours=hours, minutes=minutes)
        return timezone(-offset if given[0] == "-" else offset)
    known = ZONES.get(given.lower())
    return None if known is None else timezone(timedelta(hours=known))


def _month(given: str) -> int | None:
    if given.isdigit():
        return int(given)
    return _MONTHS.index(given.lower()) + 1 if given.lower() in _MONTHS else None


def _year(given: str) -> int:
    """A year, also where it is short (RFC 5322, 4.3)."""
    year = int(given)
    if len(given) == 2:
        return year + (2000 if year < 50 else 1900)
    return year + 1900 if len(given) == 3 else year
