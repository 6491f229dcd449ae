"""Outside judges of what is written: libraries that read cards and calendars find in them what clientloop meant."""

import io
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from clientloop.app import ClientLoop
from clientloop.model.customers import Customer
from clientloop.model.planning import Way
from tests.exchange.conftest import NOW

#: Everything that has to be escaped or folded.
HARD = 'Novak; Ana, "7" \\8\nza: ' + "č€" * 40


@pytest.fixture
def ana(loop: ClientLoop) -> Customer:
    """A customer of a name that is hard to write."""
    return loop.customers.add(name=HARD, email="ana@example.com", phone="040 123 456", locale="sl")


def test_a_calendar_is_read_by_icalendar(loop: ClientLoop, ana: Customer) -> None:
    """Texts, times, days, who takes part and what was called off."""
    icalendar = pytest.importorskip("icalendar", reason="needs the group 'peers'")
    loop.appointments.plan(HARD.replace("\n", " "), customer=ana, starts_at=NOW, ends_at=NOW + timedelta(hours=1),
                           note=HARD, place=HARD)  # fmt: skip
    loop.appointments.call_off(loop.appointments.plan("day", starts_at=date(2026, 7, 1)))
    file = io.StringIO(newline="")
    loop.exports.icalendar(file)
    calendar: Any = icalendar.Calendar.from_ical(file.getvalue())  # Any: the library says little of types
    talk, day = calendar.walk("VEVENT")
    assert (str(talk["SUMMARY"]), str(talk["DESCRIPTION"]), str(talk["LOCATION"])) == (
        HARD.replace("\n", " "),
        HARD,
        HARD,
    )
    assert (talk.decoded("DTSTART"), talk.decoded("DTEND")) == (NOW, NOW + timedelta(hours=1))
    assert talk["DTSTART"].dt.tzinfo is not None
    assert str(talk["ATTENDEE"]) == "mailto:ana@example.com"
    assert (day.decoded("DTSTART"), str(day["STATUS"]), int(day["SEQUENCE"])) == (date(2026, 7, 1), "CANCELLED", 1)


@pytest.mark.parametrize("way", [Way.VISIT, Way.MESSAGE])
def test_days_are_whole_to_icalendar(loop: ClientLoop, way: Way) -> None:
    """Whatever the hour at which they end, the last one is shown, and an end is later than its begin."""
    icalendar = pytest.importorskip("icalendar", reason="needs the group 'peers'")
    for hours in (0, 5, 24, 40):
        ends_at = datetime(2026, 6, 30, 22, tzinfo=UTC) + timedelta(hours=hours)
        loop.appointments.plan(str(hours), starts_at=date(2026, 7, 1), ends_at=ends_at, way=way)
    loop.appointments.plan("at once", starts_at=NOW, ends_at=NOW, way=way)
    file = io.StringIO(newline="")
    loop.exports.icalendar(file)
    calendar: Any = icalendar.Calendar.from_ical(file.getvalue())  # Any: as above
    found = {str(each["SUMMARY"]): (each.start, each.end) for each in calendar.walk() if "SUMMARY" in each}
    assert found == {
        "0": (date(2026, 7, 1), date(2026, 7, 2)), "5": (date(2026, 7, 1), date(2026, 7, 2)),
        "24": (date(2026, 7, 1), date(2026, 7, 2)), "40": (date(2026, 7, 1), date(2026, 7, 3)),
        "at once": (NOW, NOW),
    }  # fmt: skip


def test_a_calendar_of_icalendar_is_read(loop: ClientLoop) -> None:
    """What the library writes, with a zone that it describes, comes in as it was meant."""
    icalendar = pytest.importorskip("icalendar", reason="needs the group 'peers'")
    zone = ZoneInfo("America/New_York")
    event = icalendar.Event()
    event.add("uid", "7")
    event.add("summary", HARD)
    event.add("dtstart", datetime(2026, 7, 1, 9, tzinfo=zone))
    event.add("duration", timedelta(days=1, hours=2))
    calendar = icalendar.Calendar()
    calendar.add_component(event)
    calendar.add_missing_timezones()
    loop.imports.icalendar(io.BytesIO(calendar.to_ical()))
    [found] = loop.appointments.agenda()
    assert (found.title, found.starts_at) == (HARD.replace("\n", " "), datetime(2026, 7, 1, 13, tzinfo=UTC))
    assert found.ends_at == datetime(2026, 7, 2, 15, tzinfo=UTC)


def test_a_card_is_read_by_vobject(loop: ClientLoop, ana: Customer) -> None:
    """Name, address and id; the library knows vCard 3.0 better, but the lines are the same."""
    vobject = pytest.importorskip("vobject", reason="needs the group 'peers'")
    file = io.StringIO(newline="")
    loop.exports.vcard(file)
    card: Any = vobject.readOne(file.getvalue())  # Any: the library says nothing of types
    assert (card.fn.value, card.email.value, card.uid.value) == (HARD, "ana@example.com", f"urn:uuid:{ana.id}")


def test_a_card_of_vobject_is_read(loop: ClientLoop) -> None:
    """What the library writes comes in as it was meant."""
    vobject = pytest.importorskip("vobject", reason="needs the group 'peers'")
    card: Any = vobject.vCard()  # Any: as above
    card.add("n").value = vobject.vcard.Name(family="Novak", given="Ana")
    card.add("fn").value = HARD
    card.add("email").value = "ana@example.com"
    card.add("note").value = HARD
    loop.imports.vcard(io.StringIO(card.serialize()))
    [ana] = loop.customers.list()
    assert ana.name == HARD
    assert "ana@example.com" in {one.value for one in loop.customers.identities(ana)}
