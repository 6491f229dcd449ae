"""Planned contacts as entries of calendars (RFC 5545): exported, and imported by their UIDs."""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import tzinfo
from itertools import islice
from uuid import UUID

from attrs import define, field

from clientloop.errors import InvalidValue
from clientloop.exchange.components import LARGEST, Component, Container, read
from clientloop.exchange.contentlines import CRLF
from clientloop.exchange.diary import Diary
from clientloop.exchange.entries import Aside, EntrySource, EntryTarget, opened, written
from clientloop.exchange.events import Happening, Refusal, Zones, happening_of
from clientloop.exchange.eventwriting import event
from clientloop.exchange.report import ImportReport, Progress
from clientloop.exchange.timezones import Zone, iana_named, zone_of
from clientloop.model.customers import MATCHING, Customer, Identity, IdentityKind
from clientloop.model.planning import Appointment
from clientloop.model.where import eq
from clientloop.model.zones import zone_named
from clientloop.services.bulk.entries import Count
from clientloop.services.context import Context
from clientloop.services.loop.lookups import member_named
from clientloop.services.people.whole import ids_of, rows_of

#: Entries in one commit.
CHUNK = 500

#: Zones that one calendar describes; all together are no larger than one entry.
MOST_ZONES = 100

#: Lines of the entries of a calendar that wait for zones described behind them; all together are no larger than one.
MOST_WAITING = 100_000

_ENTRIES = frozenset({"VEVENT", "VTODO"})

_HEAD = f"BEGIN:VCALENDAR{CRLF}VERSION:2.0{CRLF}PRODID:-//clientloop//clientloop//EN{CRLF}"
_FOOT = f"END:VCALENDAR{CRLF}"


def export_icalendar(context: Context, target: EntryTarget, appointments: Iterable[Appointment] | None = None) -> int:
    """Write planned contacts as a calendar, with those that were made or called off.

    Args:
        context: The space.
        target: A path, or an open file of text that takes line ends as they are (`newline=""`).
        appointments: Which; all, by time, if not given.

    Returns:
        How many entries were written.

    Raises:
        InvalidValue: The file cannot be written.
        NotFound: An appointment is of another space.
    """
    days, count = zone_named(context.space.zone), 0
    chosen = appointments
    if chosen is None:
        chosen = context.store.pages(Appointment, context.space.space, order="by_time")
    with written(target) as file:
        file.write(_HEAD)
        for appointment in chosen:
            name, email = _customer(context, appointment.customer)
            file.write(event(context.own(appointment), days=days, name=name, email=email))
            count += 1
        file.write(_FOOT)
    return count


def _customer(context: Context, number: UUID | None) -> tuple[str, str | None]:
    """What the customer of a contact is called, and an e-mail address."""
    if number is None:
        return "", None
    ids = ids_of(context, number)
    shown = context.store.get(Customer, (context.space.space, ids[0]))
    emails = rows_of(context, Identity, ids, where=eq("kind", IdentityKind.EMAIL), order="by_customer")
    best = min(emails, key=lambda one: one.trust not in MATCHING, default=None)
    return "" if shown is None else shown.name, None if best is None else best.value


def import_icalendar(
    context: Context,
    source: EntrySource,
    *,
    owner: str | None = None,
    encoding: str = "utf-8",
    rejects: str | os.PathLike[str] | None = None,
    dry_run: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> ImportReport:
    """Import events and to-dos as planned contacts.

    An entry is known by its UID: when it comes again it changes the contact that it made, unless its SEQUENCE is older
    than what is known, or the contact was made already. Whoever takes part is the customer if one alone has a proved
    address among those of the entry; else nobody is, until somebody of the firm says who. Entries that recur are
    rejected: of a series nobody could say which of its contacts was made.

    Args:
        context: The space.
        source: A path, or an open file of bytes or text.
        owner: Who of the firm makes the contacts, where the entry does not say so.
        encoding: How the file is encoded.
        rejects: Where bad entries go, to be mended and imported again; None counts them only.
        dry_run: Whether to count only and write nothing.
        progress: Is told how far the import is, once a chunk.

    Raises:
        NotFound: There is no such file.
        UnknownName: There are members, and the owner is none.
        InvalidValue: A file cannot be read or written.
    """
    if owner is not None:
        member_named(context, owner)
    counts: Counter[Count] = Counter()
    rows = 0
    with Aside(None if dry_run else rejects) as aside, opened(source) as file:
        calendars = _Calendars(context, aside)
        writer = Diary(context, owner=owner, dry_run=dry_run)
        entries = calendars.entries(read(file, _ENTRIES | {"VTIMEZONE"}, within="VCALENDAR", encoding=encoding))
        while True:
            taken = [calendars.read(entry) for entry in islice(entries, CHUNK)]
            counts.update(writer.write([one for one in taken if one is not None]))
            rows += len(taken)
            if progress is not None:
                progress(Progress(rows=rows, done=None))
            if len(taken) < CHUNK:
                break
    return ImportReport(
        rows=rows,
        added=counts[Count.ADDED],
        duplicates=counts[Count.DUPLICATES],
        updated=counts[Count.UPDATED],
        rejected=aside.count,
        problems=tuple(aside.problems),
        dry_run=dry_run,
    )


@define
class _Waiting:
    """Entries that wait for the zones they go by, as many as there is room for."""

    entries: list[Component] = field(factory=list)
    _octets: int = LARGEST
    _lines: int = MOST_WAITING

    def takes(self, entry: Component) -> bool:
        """Whether there is room for one more, which then waits."""
        octets, lines = sum(map(len, entry.raw)), len(entry.raw)
        fits = octets <= self._octets and lines <= self._lines
        if fits:
            self.entries.append(entry)
            self._octets -= octets
            self._lines -= lines
        return fits


class _Calendars:
    """Reads the entries of a file, which may hold several calendars, each with zones of its own."""

    def __init__(self, context: Context, aside: Aside) -> None:
        self._days = zone_named(context.space.zone)
        self._aside = aside
        self._container: Container | None = None
        self._zones: dict[str, Zone | tzinfo] = {}
        self._around = ""
        self._waiting = _Waiting()

    def entries(self, components: Iterable[Component]) -> Iterator[Component]:
        """Events, to-dos and what stands in no calendar; zones are kept, and other parts of calendars left out.

        Those that go by a zone which is not described yet come last in their calendar: its parts have no order.
        """
        for component in components:
            if component.container is not self._container:
                yield from self._waiting.entries
                self._container, self._zones, self._around = component.container, {}, ""
                self._waiting = _Waiting()
            if component.name == "VTIMEZONE" and not component.reason:
                self._keep(component)
            elif (component.name in _ENTRIES or not component.name) and not self._waits(component):
                yield component
        yield from self._waiting.entries

    def _waits(self, entry: Component) -> bool:
        """Whether an entry goes by a zone that may be described behind it, and is kept until then."""
        named = {name for line in entry.properties if (name := line.param("TZID")) is not None}
        is_unknown = any(name not in self._zones and iana_named(name) is None for name in named)
        return is_unknown and self._waiting.takes(entry)

    def _keep(self, component: Component) -> None:
        name = component.first("TZID")
        if name is None or len(self._zones) >= MOST_ZONES:
            return
        try:
            zone, around = zone_of(component), self._around + b"".join(component.raw).decode(errors="replace")
        except InvalidValue:
            return  # whoever goes by it is rejected
        if len(around) <= LARGEST:
            self._zones[name.value], self._around = zone, around

    def read(self, entry: Component) -> Happening | None:
        """An entry as it is read; None if it was rejected."""
        if entry.reason:
            self._reject(entry, entry.reason, line=entry.wrong_line)
            return None
        floating = iana_named(entry.container.value("X-WR-TIMEZONE") or "") or self._days
        zones: Zones = self._zones
        try:
            return happening_of(entry, zones=zones, floating=floating, days=self._days)
        except Refusal as error:
            if error.line is None:
                self._reject(entry, error.message)
            else:
                self._reject(entry, error.message, line=error.line.line, field=error.line.name)
        return None

    def _reject(self, entry: Component, reason: str, *, line: int | None = None, field: str = "") -> None:
        around = f"{_HEAD}{self._around}" if entry.name else ""
        self._aside.add(entry, reason, line=line, field=field, around=around)
