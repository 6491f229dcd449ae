"""An event or a to-do of a calendar as it is read, and what a planned contact is made of by it."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo

from attrs import frozen

from clientloop.errors import InvalidValue
from clientloop.exchange.components import Component
from clientloop.exchange.contentlines import Property, unescaped
from clientloop.exchange.spans import ENDS, STARTS, Span
from clientloop.exchange.timezones import Zone, iana_named
from clientloop.model.interactions import Precision
from clientloop.model.planning import AppointmentState, Way

#: Characters of a UID.
LONGEST_UID = 500

#: When a contact was made or called off, where calendars have no property for it.
DONE = "X-CLIENTLOOP-DONE"

#: What says that an entry stands for several times.
_RECURRING = ("RRULE", "RDATE", "RECURRENCE-ID", "EXRULE")

#: Values of METHOD (RFC 5546) by which a calendar says what there is.
_TOLD = frozenset({"", "PUBLISH", "REQUEST", "ADD", "CANCEL"})

_DATE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_TIME = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})(Z?)")
_DURATION = re.compile(
    r"\+?P(?:([0-9]{1,5})W|(?:([0-9]{1,5})D)?(?:T(?:([0-9]{1,5})H)?(?:([0-9]{1,5})M)?(?:([0-9]{1,6})S)?)?)"
)

#: The zones of a calendar by their names in it.
Zones = Mapping[str, Zone | tzinfo]


@frozen(kw_only=True)
class Happening:
    """What an entry of a calendar says."""

    #: Its id.
    uid: str
    #: What the calendar counts its changes by.
    sequence: int
    #: What it is about.
    title: str
    #: What else it says.
    note: str
    #: Where.
    place: str
    #: When it begins, UTC.
    starts_at: datetime
    #: When it ends, UTC.
    ends_at: datetime | None
    #: How exactly that is known.
    precision: Precision
    #: Whether it is a to-do.
    is_todo: bool
    #: How the contact is to be made; None where it does not say.
    way: Way | None
    #: What became of it.
    state: AppointmentState
    #: When it was made or called off, UTC, where it says so.
    done_at: datetime | None
    #: Who of the firm makes it, as clientloop has written.
    owner: str | None
    #: The e-mail addresses of those who take part, as they are written.
    attendees: tuple[str, ...]


class Refusal(InvalidValue):
    """Why an entry is none, and the line that says so."""

    def __init__(self, line: Property | None, message: str) -> None:
        """Keep the line."""
        super().__init__(message)
        #: The line; None if it is the entry.
        self.line = line


def happening_of(entry: Component, *, zones: Zones, floating: tzinfo, days: tzinfo) -> Happening:
    """Read an event or a to-do.

    Args:
        entry: A VEVENT or a VTODO.
        zones: The zones that its calendar describes.
        floating: The zone of times that name none.
        days: The zone whose midnights begin a day.

    Raises:
        Refusal: It cannot be told from others, has no time, or stands for several times.
    """
    return _Reading(entry, zones, floating, days).happening()


@frozen
class _Reading:
    entry: Component
    zones: Zones
    floating: tzinfo
    days: tzinfo

    def happening(self) -> Happening:
        self._check()
        span = self._span()
        completed = self._at("COMPLETED") or self._at(DONE)
        return Happening(
            uid=self._uid(),
            sequence=self._sequence(),
            title=self._text("SUMMARY").strip().replace("\n", " "),
            note=self._text("DESCRIPTION"),
            place=self._text("LOCATION"),
            is_todo=self.entry.name == "VTODO",
            starts_at=span.starts_at,
            ends_at=span.ends_at,
            precision=span.precision,
            way=self._way(),
            state=self._state(),
            done_at=None if completed is None else completed[0],
            owner=self._text("X-CLIENTLOOP-OWNER").strip() or None,
            attendees=tuple(self._attendees()),
        )

    def _check(self) -> None:
        method = (self.entry.container.value("METHOD") or "").strip().upper()
        if method not in _TOLD:
            raise Refusal(None, f"METHOD:{method:.20} answers an invitation: it is no entry of a calendar")
        for name in _RECURRING:
            line = self.entry.first(name)
            if line is not None:
                raise Refusal(line, "it recurs: have the calendar export each of its times as an entry of its own")

    def _uid(self) -> str:
        uid = self._text("UID").strip()
        if not uid:
            raise Refusal(None, "it has no UID, so nobody could tell it when it comes again")
        if len(uid) > LONGEST_UID:
            raise Refusal(self.entry.first("UID"), f"its UID has more than {LONGEST_UID} characters")
        return uid

    def _sequence(self) -> int:
        line = self.entry.first("SEQUENCE")
        if line is None:
            return 0
        if not re.fullmatch(r"[0-9]{1,9}", line.value.strip(), re.ASCII):
            raise Refusal(line, f"{line.value!r:.40} is no whole number")
        return int(line.value)

    def _span(self) -> Span:
        """When it begins and ends; a to-do may have its end alone."""
        begin, end = self._at("DTSTART"), self._at("DTEND") or self._at("DUE")
        if begin is None:
            if end is None or self.entry.name != "VTODO":
                raise Refusal(None, "it does not say when it begins")
            return Span(end[0], None, end[1])
        starts_at, precision = begin
        ends_at = end[0] if end is not None else self._after(starts_at)
        if ends_at is not None and ends_at < starts_at:
            raise Refusal(self.entry.first("DTEND") or self.entry.first("DUE"), "it ends before it begins")
        told = Span(starts_at, ends_at, precision)
        begins, ends = self._at(STARTS), self._at(ENDS)
        return told.exact(begins and begins[0], ends and ends[0], self.days)

    def _after(self, starts_at: datetime) -> datetime | None:
        """The end of an entry that says how long it takes."""
        line = self.entry.first("DURATION")
        if line is None:
            return None
        found = _DURATION.fullmatch(line.value.strip().upper())
        if found is None or not any(found.groups()):
            raise Refusal(line, f"{line.value!r:.40} is no duration")
        weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
        try:
            local = starts_at.astimezone(self.days) + timedelta(weeks=weeks, days=days)  # days by the clocks
            return local.astimezone(UTC) + timedelta(hours=hours, minutes=minutes, seconds=seconds)
        except OverflowError:
            raise Refusal(line, f"{line.value!r:.40} ends after the last day") from None

    def _at(self, name: str) -> tuple[datetime, Precision] | None:
        line = self.entry.first(name)
        if line is None:
            return None
        text = line.value.strip()
        try:
            if found := _DATE.fullmatch(text):
                day = date(*map(int, found.groups()))
                return datetime(day.year, day.month, day.day, tzinfo=self.days).astimezone(UTC), Precision.DAY
            if found := _TIME.fullmatch(text):
                year, month, day_, hour, minute, second = map(int, found.groups()[:6])
                # a minute of 61 seconds is one of 60 to everybody else (RFC 5545, section 3.3.12)
                local = datetime(year, month, day_, hour, minute, 59 if second == 60 else second)  # noqa: DTZ001  # made aware below
                return self._aware(line, local, is_utc=bool(found[7])).astimezone(UTC), Precision.EXACT
        except (ValueError, OverflowError) as error:
            if isinstance(error, Refusal):
                raise
        raise Refusal(line, f"{text!r:.40} is no time")

    def _aware(self, line: Property, local: datetime, *, is_utc: bool) -> datetime:
        name = line.param("TZID")
        if is_utc:
            return local.replace(tzinfo=UTC)
        if name is None:
            return local.replace(tzinfo=self.floating)
        zone = self.zones.get(name) or iana_named(name)
        if zone is None:
            raise Refusal(line, f"no zone {name!r:.60}")
        return zone.aware(local) if isinstance(zone, Zone) else local.replace(tzinfo=zone)

    def _text(self, name: str) -> str:
        line = self.entry.first(name)
        return "" if line is None else unescaped(line.value)

    def _way(self) -> Way | None:
        try:
            return Way(self._text("X-CLIENTLOOP-WAY").strip().lower())
        except ValueError:
            return None

    def _state(self) -> AppointmentState:
        status = self._text("STATUS").strip().upper()
        if status == "CANCELLED" or (self.entry.container.value("METHOD") or "").strip().upper() == "CANCEL":
            return AppointmentState.CALLED_OFF
        is_made = status == "COMPLETED" or self._text("X-CLIENTLOOP-STATE").strip() == AppointmentState.MADE
        return AppointmentState.MADE if is_made else AppointmentState.PLANNED

    def _attendees(self) -> Iterator[str]:
        for line in self.entry.all("ATTENDEE"):
            value = line.value.strip()
            if value[:7].lower() == "mailto:":
                yield value[7:]
