"""The zones that a calendar brings along (RFC 5545, section 3.6.5): as IANA knows them, or else as they are written."""

import re
from collections.abc import Mapping, Set
from datetime import date, datetime, timedelta, timezone, tzinfo
from functools import cache
from itertools import chain
from zoneinfo import ZoneInfo, available_timezones

from attrs import frozen

from clientloop.errors import InvalidValue
from clientloop.exchange.components import Component

#: Transitions of one zone that are looked at: sections without a rule list each by itself.
MOST_SECTIONS = 500

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_MONTH = re.compile(r"0?[1-9]|1[0-2]")
_WEEKDAY = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)")
_OFFSET = re.compile(r"([+-])([0-9]{2})([0-9]{2})(?:[0-9]{2})?")
_LOCAL = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})")


def iana_named(name: str) -> ZoneInfo | None:
    """The zone that a TZID names, also behind a prefix as `/mozilla.org/20071231_1/Europe/Ljubljana`; None if none.

    >>> iana_named("/mozilla.org/20071231_1/Europe/Ljubljana")
    zoneinfo.ZoneInfo(key='Europe/Ljubljana')
    >>> iana_named("Central Europe Standard Time")
    """
    parts = name.strip('"').rsplit("/", 3)[-3:]
    candidates = ("/".join(parts[-length:]) for length in range(len(parts), 0, -1))
    return next((ZoneInfo(each) for each in candidates if each in _names()), None)


@cache
def _names() -> Set[str]:
    """The names of all zones: whether a name is one is asked for each entry of a file."""
    return available_timezones()


@frozen(kw_only=True)
class _Section:
    """Since when clocks show an offset: once, or each year anew."""

    #: The first time, by the clocks before it.
    begins: datetime
    #: What they showed until then.
    before: timedelta
    #: What they show from then on.
    offset: timedelta
    #: In which month it comes each year; None: never again.
    month: int | None = None
    #: On which day of the week, from Monday as 0; None: on the same day of the month.
    weekday: int | None = None
    #: On which of these in the month; counted from the end if negative.
    place: int = 1
    #: The last time at which it may come, by the clocks before it.
    until: datetime = datetime.max  # noqa: DTZ901  # as all times of a section

    def last_before(self, at: datetime) -> datetime | None:
        """When it last began, at a time or before."""
        if self.month is None:
            return self.begins if self.begins <= at else None
        latest = min(at, self.until)
        for year in (latest.year, latest.year - 1):
            found = self._in(year)
            if found is not None and self.begins <= found <= latest:
                return found
        return self.begins if self.begins <= at else None

    def _in(self, year: int) -> datetime | None:
        month = self.month or 1
        try:
            if self.weekday is None:
                return self.begins.replace(year=year, month=month)
            if self.place > 0:
                first = date(year, month, 1)
                day = first + timedelta((self.weekday - first.weekday()) % 7, weeks=self.place - 1)
            else:
                last = date(year + month // 12, month % 12 + 1, 1) - timedelta(1)
                day = last - timedelta((last.weekday() - self.weekday) % 7, weeks=-self.place - 1)
            return datetime.combine(day, self.begins.time()) if day.month == month else None
        except (ValueError, OverflowError):
            return None


@frozen
class Zone:
    """A zone as a calendar describes it."""

    sections: tuple[_Section, ...]

    def aware(self, local: datetime) -> datetime:
        """A time by the clocks of the zone, with its offset then.

        One that the clocks skipped has the offset before; one that they showed twice is the first (RFC 5545, section
        3.3.5).
        """
        begun = [(last, each) for each in self.sections if (last := each.last_before(local)) is not None]
        if not begun:
            return local.replace(tzinfo=timezone(min(self.sections, key=lambda each: each.begins).offset))
        last, section = max(begun, key=lambda each: each[0])
        is_skipped = local - last < section.offset - section.before
        return local.replace(tzinfo=timezone(section.before if is_skipped else section.offset))


def zone_of(entry: Component) -> Zone | tzinfo:
    """The zone that a VTIMEZONE describes.

    Args:
        entry: The component.

    Raises:
        InvalidValue: It has no sections, or one with a rule that no clock goes by.
    """
    known = (iana_named(each.value) for each in chain(entry.all("X-LIC-LOCATION"), entry.all("TZID")))
    for zone in known:
        if zone is not None:
            return zone
    if len(entry.parts) > MOST_SECTIONS:
        raise InvalidValue(f"a zone of more than {MOST_SECTIONS} sections")
    sections = tuple(_section(part) for part in entry.parts if part.name in {"STANDARD", "DAYLIGHT"})
    if not sections:
        raise InvalidValue("a zone without sections")
    return Zone(sections)


def _section(part: Component) -> _Section:
    begins, offset, rule = part.first("DTSTART"), part.first("TZOFFSETTO"), part.first("RRULE")
    if begins is None or offset is None:
        raise InvalidValue("a zone with a section that does not say when it begins, or its offset")
    at, length, earlier = _local(begins.value), _offset(offset.value), part.first("TZOFFSETFROM")
    before = length if earlier is None else _offset(earlier.value)
    if rule is None:
        return _Section(begins=at, before=before, offset=length)
    given = dict(word.split("=", 1) for word in rule.value.upper().split(";") if "=" in word)
    if given.get("FREQ") != "YEARLY" or given.get("INTERVAL", "1") != "1" or given.keys() - _KNOWN:
        raise InvalidValue(f"a zone with the rule {rule.value!r:.80}", hint="clocks change by the year")
    weekday, month = _WEEKDAY.fullmatch(given.get("BYDAY", "")), given.get("BYMONTH", str(at.month))
    if ("BYDAY" in given and weekday is None) or not _MONTH.fullmatch(month):
        raise InvalidValue(
            f"a zone with the rule {rule.value!r:.80}", hint="clocks change by the month and the weekday"
        )
    return _Section(
        begins=at, before=before, offset=length, month=int(month),
        weekday=None if weekday is None else _DAYS.index(weekday[2]),
        place=int(weekday[1] or 1) if weekday is not None else 1,
        until=_until(given, before),
    )  # fmt: skip


def _until(rule: Mapping[str, str], before: timedelta) -> datetime:
    """The end of a rule, which is in UTC, by the clocks before a change."""
    if "UNTIL" not in rule:
        return datetime.max  # noqa: DTZ901  # as all times of a section
    text = rule["UNTIL"].removesuffix("Z")
    end = _local(text if "T" in text else f"{text}T235959")
    return end + before if rule["UNTIL"].endswith("Z") else end


_KNOWN = frozenset({"FREQ", "INTERVAL", "BYDAY", "BYMONTH", "UNTIL", "WKST"})


def _offset(text: str) -> timedelta:
    found = _OFFSET.fullmatch(text.strip())
    if found is None or int(found[2]) > 23:
        raise InvalidValue(f"{text!r:.40} is no offset from UTC")
    length = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return -length if found[1] == "-" else length


def _local(text: str) -> datetime:
    found = _LOCAL.fullmatch(text.strip())
    if found is not None:
        try:
            return datetime(*map(int, found.groups()))  # type: ignore[arg-type]  # noqa: DTZ001  # six numbers; local
        except ValueError:
            pass
    raise InvalidValue(f"{text!r:.40} is no time")
