"""Entries of calendars: planned contacts come in once, change by their UIDs, and go out so that they come back so."""

import io
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from clientloop.app import ClientLoop
from clientloop.errors import UnknownName
from clientloop.exchange.report import ImportReport, Problem, Progress
from clientloop.model.customers import Trust
from clientloop.model.interactions import Interaction, InteractionKind, Precision
from clientloop.model.planning import Appointment, AppointmentState, Way
from clientloop.model.units import Unit
from tests.exchange.conftest import NOW
from tests.growth import LIMIT, growth

HOUR = timedelta(hours=1)

LJUBLJANA = ZoneInfo("Europe/Ljubljana")

AT = "DTSTART:20260310T090000Z"


def calendar(*lines: str, head: tuple[str, ...] = ()) -> str:
    """A calendar of these lines."""
    return "\r\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", *head, *lines, "END:VCALENDAR", ""))


def event(*lines: str, kind: str = "VEVENT") -> str:
    """A calendar with one event of these lines."""
    return calendar(f"BEGIN:{kind}", *lines, f"END:{kind}")


def take(loop: ClientLoop, text: str, **options: Any) -> ImportReport:
    """Import a calendar. Any: options of the import."""
    return loop.imports.icalendar(io.BytesIO(text.encode()), **options)


def planned(loop: ClientLoop) -> list[Appointment]:
    """All appointments by time."""
    return list(loop.store.pages(Appointment, loop.space.space, order="by_time"))


def exported(loop: ClientLoop) -> str:
    """The calendar of all appointments."""
    file = io.StringIO(newline="")
    loop.exports.icalendar(file)
    return file.getvalue()


#: As Outlook invites: a zone by Windows' name, described in the calendar, HTML besides, an alarm.
OUTLOOK = r"""BEGIN:VCALENDAR
METHOD:REQUEST
PRODID:Microsoft Exchange Server 2010
VERSION:2.0
BEGIN:VTIMEZONE
TZID:Central Europe Standard Time
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
ORGANIZER;CN=Mia:mailto:mia@mill.example
ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN="Novak, Ana
 ":MAILTO:Ana@Example.com
DESCRIPTION;LANGUAGE=sl-SI:Ponudba\nza mlin\, dva kosa
UID:040000008200E00074C5B7101A82E00800000000
SUMMARY;LANGUAGE=sl-SI:Sestanek
DTSTART;TZID=Central Europe Standard Time:20260702T100000
DTEND;TZID=Central Europe Standard Time:20260702T113000
SEQUENCE:2
LOCATION;LANGUAGE=sl-SI:Soba 2
STATUS:CONFIRMED
BEGIN:VALARM
DESCRIPTION:REMINDER
TRIGGER;RELATED=START:-PT15M
ACTION:DISPLAY
END:VALARM
END:VEVENT
END:VCALENDAR
"""

#: As Google exports: the zone of the calendar for what names none, and a whole day.
GOOGLE = calendar(
    "BEGIN:VEVENT", "DTSTART;VALUE=DATE:20260701", "DTEND;VALUE=DATE:20260702", "DTSTAMP:20260301T080000Z",
    "UID:3k2j@google.com", "SUMMARY:Obisk", "END:VEVENT",
    "BEGIN:VEVENT", "DTSTART:20260701T100000", "DURATION:PT1H30M", "UID:4k2j@google.com", "SUMMARY:Klic", "END:VEVENT",
    head=("PRODID:-//Google Inc//Google Calendar 70.9054//EN", "METHOD:PUBLISH", "X-WR-TIMEZONE:America/New_York"),
)  # fmt: skip


def test_an_invitation_of_outlook_is_read(loop: ClientLoop) -> None:
    """Times are by the zone that the calendar describes, in summer as in winter; whoever takes part is the customer."""
    ana = loop.customers.add(name="Ana Novak", email="ana@example.com")
    report = take(loop, OUTLOOK)
    assert (report.rows, report.added, report.rejected) == (1, 1, 0)
    [found] = planned(loop)
    assert (found.title, found.note, found.place) == ("Sestanek", "Ponudba\nza mlin, dva kosa", "Soba 2")
    assert (found.customer, found.way, found.sequence, found.precision) == (ana.id, Way.MEETING, 2, Precision.EXACT)
    assert found.starts_at == datetime(2026, 7, 2, 8, tzinfo=UTC)
    assert found.ends_at == datetime(2026, 7, 2, 9, 30, tzinfo=UTC)
    take(loop, OUTLOOK.replace("20260702", "20261202").replace("SEQUENCE:2", "SEQUENCE:3"))
    assert planned(loop)[0].starts_at == datetime(2026, 12, 2, 9, tzinfo=UTC)


def test_an_export_of_google_is_read(loop: ClientLoop) -> None:
    """A day is midnight in the firm's zone, and times without a zone are in the calendar's."""
    take(loop, GOOGLE)
    day, call = planned(loop)
    assert (day.precision, day.starts_at) == (Precision.DAY, datetime(2026, 6, 30, 22, tzinfo=UTC))
    assert (call.starts_at, call.ends_at) == (
        datetime(2026, 7, 1, 14, tzinfo=UTC), datetime(2026, 7, 1, 15, 30, tzinfo=UTC),
    )  # fmt: skip


def test_a_to_do_is_a_message_to_be_written(loop: ClientLoop) -> None:
    """Its time is when it is due, and one that was completed was made."""
    take(loop, event("UID:1", "SUMMARY:Write", "DUE;TZID=Europe/Ljubljana:20260310T100000", kind="VTODO"))
    [todo] = planned(loop)
    assert (todo.way, todo.starts_at, todo.is_open) == (Way.MESSAGE, datetime(2026, 3, 10, 9, tzinfo=UTC), True)
    take(
        loop,
        event("UID:1", "SUMMARY:Write", "DUE:20260310T090000Z", "STATUS:COMPLETED", "COMPLETED:20260309T080000Z",
              kind="VTODO"),
    )  # fmt: skip
    [todo] = planned(loop)
    assert (todo.state, todo.is_open, todo.done_at) == (
        AppointmentState.MADE, False, datetime(2026, 3, 9, 8, tzinfo=UTC),
    )  # fmt: skip
    assert "BEGIN:VTODO\r\nUID:1\r\n" in exported(loop)


def test_an_entry_that_comes_again_changes_its_contact(loop: ClientLoop) -> None:
    """The UID says which it is; an older SEQUENCE changes nothing, and CANCELLED calls it off."""
    take(loop, event("UID:7", "SUMMARY:Call", AT, "SEQUENCE:1"))
    report = take(loop, event("UID:7", "SUMMARY:Meet", AT, "SEQUENCE:2"))
    assert (report.added, report.duplicates, report.updated) == (0, 1, 1)
    old = take(loop, event("UID:7", "SUMMARY:Call", AT, "SEQUENCE:1"))
    assert (old.duplicates, old.updated, planned(loop)[0].title) == (1, 0, "Meet")
    take(loop, event("UID:7", "SUMMARY:Meet", AT, "SEQUENCE:3", "STATUS:CANCELLED"))
    [off] = planned(loop)
    assert (off.state, off.is_open, off.done_at) == (AppointmentState.CALLED_OFF, False, NOW)
    take(loop, event("UID:7", "SUMMARY:Meet", AT, "SEQUENCE:4"))
    assert planned(loop)[0].state is AppointmentState.PLANNED
    withdrawn = event("UID:7", "SUMMARY:Meet", AT, "SEQUENCE:5").replace("VERSION:2.0", "METHOD:CANCEL")
    take(loop, withdrawn)
    assert planned(loop)[0].state is AppointmentState.CALLED_OFF


def test_what_the_firm_has_changed_since_stays(loop: ClientLoop) -> None:
    """An older copy of a contact that was moved, or any of one that was made, changes nothing."""
    talk = loop.appointments.plan("Call", starts_at=NOW, way=Way.CALL)
    copy = exported(loop)
    moved = loop.appointments.move(talk, starts_at=NOW + HOUR)
    assert take(loop, copy).updated == 0
    made = loop.appointments.done(moved)
    assert take(loop, copy.replace("SEQUENCE:0", "SEQUENCE:9")).updated == 0
    assert planned(loop) == [made]


def test_a_contact_that_a_calendar_says_was_made_is_an_interaction(loop: ClientLoop) -> None:
    """It stands in the timeline of the customer, once, when the calendar says; a rehearsal leaves nothing."""
    ana = loop.customers.add(name="Ana", email="ana@example.com")
    talk = loop.appointments.plan("Call", customer=ana, starts_at=NOW - 2 * HOUR, way=Way.CALL)
    made = exported(loop).replace("X-CLIENTLOOP-STATE:planned", "X-CLIENTLOOP-STATE:made")
    take(loop, made, dry_run=True)
    assert len(loop.customers.timeline(ana)) == 0
    for _ in range(2):
        take(loop, made)
    take(
        loop,
        made.replace(f"UID:{talk.uid}", "UID:8").replace(
            "END:VEVENT", "X-CLIENTLOOP-DONE:20260304T080000Z\r\nEND:VEVENT"
        ),
    )
    events = [event.record for event in loop.customers.timeline(ana)]
    assert [(each.kind, each.channel, each.occurred_at) for each in events if isinstance(each, Interaction)] == [
        (InteractionKind.CALL, "phone", NOW - HOUR), (InteractionKind.CALL, "phone", NOW - 2 * HOUR),
    ]  # fmt: skip


def test_a_file_of_ones_own_changes_nothing(loop: ClientLoop) -> None:
    """Calendars have whole seconds: what is finer here is not taken for a change."""
    exact = NOW + timedelta(microseconds=1)
    talk = loop.appointments.plan("Call", starts_at=exact, ends_at=exact + HOUR)
    off = loop.appointments.call_off(loop.appointments.plan("Meet", starts_at=exact))
    assert take(loop, exported(loop)).updated == 0
    assert planned(loop) == [talk, off]


def test_a_contact_of_days_ends_when_it_ends(loop: ClientLoop) -> None:
    """Other calendars show whole days, and what comes back is as it was; one that has moved it is believed."""
    ends_at = datetime(2026, 12, 30, 15, tzinfo=UTC)
    fair = loop.appointments.plan("Fair", starts_at=date(2026, 12, 29), ends_at=ends_at, way=Way.MEETING)
    text = exported(loop)
    assert "DTSTART;VALUE=DATE:20261229\r\nDTEND;VALUE=DATE:20261231\r\nX-CLIENTLOOP-ENDS:20261230T150000Z\r\n" in text
    assert take(loop, text).updated == 0
    assert planned(loop) == [fair]
    take(loop, text.replace("DATE:20261229", "DATE:20261228").replace("DATE:20261231", "DATE:20261230"))
    [moved] = planned(loop)
    assert (moved.starts_at, moved.ends_at, moved.precision) == (
        datetime(2026, 12, 27, 23, tzinfo=UTC), datetime(2026, 12, 29, 23, tzinfo=UTC), Precision.DAY,
    )  # fmt: skip


def test_an_attendee_is_believed_only_where_the_address_is_proved(loop: ClientLoop) -> None:
    """Nobody is guessed: not by an address that somebody typed, and not where two customers take part."""
    ana = loop.customers.add(name="Ana", email="ana@example.com")
    loop.customers.add(name="Eva", email="eva@example.com")
    loop.customers.add(name="Bo", email="bo@example.com", trust=Trust.CLAIMED)
    for number, who in enumerate((("ana",), ("bo",), ("ana", "eva"), ("ana", "mia"), ("nobody at all",))):
        take(loop, event(f"UID:{number}", AT, *[f"ATTENDEE:mailto:{each}@example.com" for each in who]))
    assert [each.customer for each in sorted(planned(loop), key=lambda each: each.uid)] == [
        ana.id, None, None, ana.id, None,
    ]  # fmt: skip
    [unknown] = [each for each in planned(loop) if each.uid == "1"]
    known = loop.appointments.change(unknown, customer=ana)
    take(loop, event("UID:1", AT, "SEQUENCE:5", "ATTENDEE:mailto:eva@example.com"))
    assert loop.appointments.get(known).customer == ana.id


def test_two_who_are_one_person_are_one_customer(loop: ClientLoop) -> None:
    """A merged customer is the one that both are shown as."""
    ana = loop.customers.add(name="Ana", email="ana@example.com")
    other = loop.customers.add(name="A. Novak", email="novak@example.com")
    loop.customers.merge(ana, other, by="mia", reason="same")
    take(loop, event("UID:1", AT, *[f"ATTENDEE:mailto:{each}@example.com" for each in ("ana", "novak")]))
    assert planned(loop)[0].customer == ana.id


def test_contacts_have_an_owner(loop: ClientLoop) -> None:
    """Who makes them is given, or written by clientloop if it is somebody of the firm."""
    loop.staff.add("mia")
    loop.staff.add("tim")
    named = calendar(
        "BEGIN:VEVENT", "UID:1", AT, "X-CLIENTLOOP-OWNER:mia", "END:VEVENT",
        "BEGIN:VEVENT", "UID:2", AT, "X-CLIENTLOOP-OWNER:mallory", "END:VEVENT",
    )  # fmt: skip
    take(loop, named, owner="tim")
    assert sorted((each.uid, each.owner) for each in planned(loop)) == [("1", "mia"), ("2", "tim")]
    with pytest.raises(UnknownName, match="did you mean 'tim'"):
        take(loop, named, owner="timm")


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ((AT,), (3, "", "it has no UID, so nobody could tell it when it comes again")),
        ((AT, f"UID:{'7' * 501}"), (5, "UID", "its UID has more than 500 characters")),
        (("UID:7",), (3, "", "it does not say when it begins")),
        (("UID:7", "DUE:20260310T090000Z"), (3, "", "it does not say when it begins")),
        (("UID:7", "DTSTART:soon"), (5, "DTSTART", "'soon' is no time")),
        (("UID:7", "DTSTART:20260230T090000Z"), (5, "DTSTART", "'20260230T090000Z' is no time")),
        (("UID:7", "DTSTART:20260302T090061Z"), (5, "DTSTART", "'20260302T090061Z' is no time")),
        (("UID:7", "DTSTART;VALUE=DATE:00000101"), (5, "DTSTART", "'00000101' is no time")),
        (("UID:7", "DTSTART:00010101T000000"), (5, "DTSTART", "'00010101T000000' is no time")),
        (("UID:7", "DTSTART;TZID=Mars:20260310T090000"), (5, "DTSTART", "no zone 'Mars'")),
        (("UID:7", AT, "DTEND:20260310T080000Z"), (6, "DTEND", "it ends before it begins")),
        (("UID:7", AT, "DURATION:soon"), (6, "DURATION", "'soon' is no duration")),
        (("UID:7", AT, "DURATION:P"), (6, "DURATION", "'P' is no duration")),
        (("UID:7", "DTSTART:99991231T000000Z", "DURATION:P9W"), (6, "DURATION", "'P9W' ends after the last day")),
        (("UID:7", AT, "SEQUENCE:-1"), (6, "SEQUENCE", "'-1' is no whole number")),
        (
            ("UID:7", AT, "RRULE:FREQ=DAILY"),
            (6, "RRULE", "it recurs: have the calendar export each of its times as an entry of its own"),
        ),
        (("UID:7", AT, "BEGIN:VEVENT"), (3, "", "it does not end before VEVENT begins on line 6")),
    ],
)  # fmt: skip
def test_bad_entries_are_put_aside_and_the_others_go_on(
    loop: ClientLoop, tmp_path: Path, lines: tuple[str, ...], problem: tuple[int, str, str]
) -> None:
    """Line, property and reason are told; the entry lies in a calendar of rejects, and what follows is there."""
    path = tmp_path / "rejects.ics"
    good = ("BEGIN:VEVENT", "UID:good", AT, "END:VEVENT")
    bad = ("BEGIN:VEVENT", *lines, *(("END:VEVENT",) if lines[-1] != "BEGIN:VEVENT" else ()))
    text = calendar(*bad, *good) if lines[-1] != "BEGIN:VEVENT" else calendar(*bad[:-1], *good)
    report = take(loop, text, rejects=path)
    line, field, reason = problem
    assert (report.added, report.rejected, report.problems) == (1, 1, (Problem(line=line, field=field, reason=reason),))
    assert [each.uid for each in planned(loop)] == ["good"]
    aside = path.read_text().replace("\n ", "")
    assert "UID:good" not in aside
    assert all(each in aside for each in lines[:-1])
    assert aside.startswith("BEGIN:VCALENDAR")
    assert aside.endswith("END:VCALENDAR\n")


def test_rejected_entries_are_mended_with_the_zones_they_go_by(loop: ClientLoop, tmp_path: Path) -> None:
    """The file of rejects is a calendar of its own, and is imported as it stands."""
    path = tmp_path / "rejects.ics"
    take(loop, OUTLOOK.replace("SEQUENCE:2", "SEQUENCE:two"), rejects=path)
    path.write_text(path.read_text().replace("SEQUENCE:two", "SEQUENCE:2"))
    report = loop.imports.icalendar(path, rejects=path)
    assert (report.added, report.rejected) == (1, 0)
    assert planned(loop)[0].starts_at == datetime(2026, 7, 2, 8, tzinfo=UTC)


def test_answers_to_invitations_are_no_contacts(loop: ClientLoop) -> None:
    """What is in no calendar, or a calendar's other parts, makes none either."""
    reply = event("UID:7", AT).replace("VERSION:2.0", "METHOD:REPLY")
    assert take(loop, reply).problems[0].reason.startswith("METHOD:REPLY answers an invitation")
    assert take(loop, "hello\r\n").rejected == 1
    assert take(loop, event("UID:7", "DTSTART:20260310T090000Z", kind="VJOURNAL")).rows == 0
    assert planned(loop) == []


def zone_last(text: str) -> str:
    """A calendar of one zone, with the zone behind the rest."""
    before, rest = text.removesuffix("END:VCALENDAR\n").split("BEGIN:VTIMEZONE")
    zone, behind = rest.split("END:VTIMEZONE\n")
    return f"{before}{behind}BEGIN:VTIMEZONE{zone}END:VTIMEZONE\nEND:VCALENDAR\n"


def test_a_zone_may_be_described_behind_what_goes_by_it(loop: ClientLoop, tmp_path: Path) -> None:
    """The parts of a calendar have no order; each calendar has its own zones, and what is rejected takes them along."""
    last = zone_last(OUTLOOK)
    assert last.index("BEGIN:VEVENT") < last.index("BEGIN:VTIMEZONE")
    broken = last.replace("SEQUENCE:2", "SEQUENCE:two").replace("UID:04", "UID:05")
    head, _, behind = OUTLOOK.partition("BEGIN:VTIMEZONE")
    alone = head + behind.partition("END:VTIMEZONE\n")[2].replace("UID:04", "UID:06")
    path = tmp_path / "rejects.ics"
    report = take(loop, last + alone + broken + event("UID:7", AT), rejects=path)
    assert (report.added, [problem.field for problem in report.problems]) == (2, ["DTSTART", "SEQUENCE"])
    assert {each.uid: each.starts_at for each in planned(loop)}["040000008200E00074C5B7101A82E00800000000"] == datetime(
        2026, 7, 2, 8, tzinfo=UTC
    )
    path.write_text(path.read_text().replace("SEQUENCE:two", "SEQUENCE:2"))
    assert take(loop, path.read_text()).added == 1


def test_no_more_waits_for_a_zone_than_there_is_room_for(loop: ClientLoop) -> None:
    """What is beyond is rejected, and nothing is lost."""
    head, mark, entry = OUTLOOK.removesuffix("END:VCALENDAR\n").partition("BEGIN:VEVENT")
    large = f"{mark}\nX-ALT-DESC:{'x' * 2_000_000}{entry}"
    entries = "".join(large.replace("UID:04", f"UID:{number}") for number in range(3))
    report = take(loop, zone_last(f"{head}{entries}END:VCALENDAR\n"))
    assert (report.rows, report.added, report.rejected) == (3, 2, 1)


@pytest.mark.parametrize(
    ("local", "at"),
    [
        ("20260329T013000", "2026-03-29T00:30"),
        ("20260329T020000", "2026-03-29T01:00"),
        ("20260329T023000", "2026-03-29T01:30"),
        ("20260329T030000", "2026-03-29T01:00"),
        ("20261025T023000", "2026-10-25T00:30"),
        ("20261025T030000", "2026-10-25T02:00"),
    ],
)
def test_clocks_that_a_calendar_describes_go_as_those_that_are_known(loop: ClientLoop, local: str, at: str) -> None:
    """A time that they skip counts by the offset before, and of one that they show twice the first is meant."""
    zones = ("Central Europe Standard Time", "Europe/Ljubljana")
    text = OUTLOOK.replace("20260702T100000", local).replace("DTEND;", "X-END;")
    for zone in zones:
        take(loop, text.replace(f"DTSTART;TZID={zones[0]}", f"DTSTART;TZID={zone}").replace("UID:04", f"UID:{zone}"))
    assert [f"{each.starts_at:%Y-%m-%dT%H:%M}" for each in planned(loop)] == [at, at]


def test_a_zone_that_no_clock_goes_by_rejects_what_goes_by_it(loop: ClientLoop) -> None:
    """Nobody guesses a time; entries that name another zone, or none, are read."""
    by_seconds = OUTLOOK.replace("FREQ=YEARLY", "FREQ=SECONDLY")
    [problem] = take(loop, by_seconds).problems
    assert (problem.field, problem.reason) == ("DTSTART", "no zone 'Central Europe Standard Time'")
    assert take(loop, by_seconds.replace("TZID=Central Europe Standard Time", "TZID=Europe/Ljubljana")).added == 1


def test_a_calendar_that_ends_within_an_entry_is_read_on(loop: ClientLoop) -> None:
    """The entry is rejected, and the next calendar has zones of its own."""
    cut = calendar("BEGIN:VEVENT", "UID:1", AT) + event("UID:2", AT)
    report = take(loop, cut)
    assert (report.added, [problem.reason for problem in report.problems]) == (1, ["its calendar ends within it"])


def test_what_somebody_else_writes_meanwhile_is_not_written_over(
    loop: ClientLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The entries are then written one by one, each after another look."""
    talk = loop.appointments.plan("Call", starts_at=NOW)
    copy = exported(loop).replace("SUMMARY:Call", "SUMMARY:Old")
    commit = loop.context.commit

    def move_first(unit: Unit) -> None:
        monkeypatch.setattr(loop.context, "commit", commit)
        loop.appointments.move(talk, starts_at=NOW + HOUR)
        commit(unit)

    monkeypatch.setattr(loop.context, "commit", move_first)
    told: list[Progress] = []
    report = take(loop, copy, progress=told.append)
    assert (report.duplicates, report.updated, told) == (1, 0, [Progress(rows=1, done=None)])
    assert [(each.title, each.starts_at) for each in planned(loop)] == [("Call", NOW + HOUR)]


def test_zones_that_nobody_knows_take_time_in_proportion(loop: ClientLoop) -> None:
    """Four times as many entries, each with a zone of its own that is none, take no more than eight times as long."""

    def taking(count: int) -> Callable[[], None]:
        lines = (f"BEGIN:VEVENT\r\nUID:{n}\r\nDTSTART;TZID=Europe/Ljublja{n}:20260310T090000\r\nEND:VEVENT"
                 for n in range(count))  # fmt: skip
        text = calendar(*lines)

        def work() -> None:
            assert take(loop, text).rejected == count

        return work

    assert growth(taking, 200) < LIMIT


def test_one_entry_twice_in_a_file_is_one_contact(loop: ClientLoop) -> None:
    """The later one counts, unless its SEQUENCE is older."""
    twice = calendar(
        "BEGIN:VEVENT", "UID:7", AT, "SUMMARY:one", "SEQUENCE:1", "END:VEVENT",
        "BEGIN:VEVENT", "UID:7", AT, "SUMMARY:two", "SEQUENCE:2", "END:VEVENT",
        "BEGIN:VEVENT", "UID:7", AT, "SUMMARY:three", "SEQUENCE:0", "END:VEVENT",
    )  # fmt: skip
    dry = take(loop, twice, dry_run=True)
    assert (dry.added, dry.updated, planned(loop)) == (1, 1, [])
    report = take(loop, twice)
    assert (report.added, report.duplicates, report.updated) == (1, 2, 1)
    assert [each.title for each in planned(loop)] == ["two"]


def test_an_entry_without_a_title_has_one_here(loop: ClientLoop) -> None:
    """Nobody has to guess what an empty line means."""
    take(loop, event("UID:7", AT, "SUMMARY: \\n "))
    assert planned(loop)[0].title == "meeting"


def test_a_contact_goes_out_with_its_customer(loop: ClientLoop, tmp_path: Path) -> None:
    """Lines are folded at 75 octets; a day stays a day, and who takes part is named."""
    ana = loop.customers.add(name='Ana "Novak"', email="ana@example.com")
    loop.appointments.plan("č" * 60, starts_at=NOW, ends_at=NOW + HOUR, customer=ana, owner="mia", place="Room; 2")
    loop.appointments.call_off(loop.appointments.plan("off", starts_at=date(2026, 7, 1)))
    path = tmp_path / "all.ics"
    assert loop.exports.icalendar(path) == 2
    raw = path.read_bytes()
    assert max(map(len, raw.split(b"\r\n"))) <= 75
    text = raw.decode().replace("\r\n ", "")
    for line in (
        "DTSTART:20260304T090000Z", "DTEND:20260304T100000Z", f"SUMMARY:{'č' * 60}", "LOCATION:Room\\; 2",
        "ATTENDEE;CN=\"Ana ^'Novak^'\":mailto:ana@example.com", "DTSTART;VALUE=DATE:20260701", "STATUS:CANCELLED",
    ):  # fmt: skip
        assert f"\r\n{line}\r\n" in text


TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="".join(map(chr, [*range(9), *range(11, 32), 127])))
)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)).map(  # noqa: DTZ001  # made aware here
    lambda at: at.replace(microsecond=0, tzinfo=UTC)
)
LENGTHS = st.sampled_from([timedelta(), HOUR, timedelta(days=1), timedelta(days=1, hours=15), timedelta(days=90)])


def lasting(contact: dict[str, Any], length: timedelta | None) -> dict[str, Any]:
    """A contact that ends so long after it begins, or after the midnight of the day on which it does."""
    at = contact["starts_at"]
    begins = at if isinstance(at, datetime) else datetime(at.year, at.month, at.day, tzinfo=LJUBLJANA).astimezone(UTC)
    return contact if length is None else {**contact, "ends_at": begins + length}


CONTACTS = st.lists(
    st.builds(
        lasting,
        st.fixed_dictionaries(
            {
                "title": TEXTS.map(lambda text: text.replace("\n", "")).filter(lambda text: text.strip() == text != ""),
                "note": TEXTS,
                "place": TEXTS,
                "starts_at": MOMENTS | st.dates(date(1990, 1, 1), date(2090, 1, 1)),
                "way": st.sampled_from(Way),
                "owner": st.sampled_from([None, "mia"]),
            }
        ),
        st.none() | LENGTHS,
    ),
    max_size=4,
)


@pytest.fixture(scope="module")
def firms() -> Iterator[Callable[[], ClientLoop]]:
    """Opens firms of which nothing is known yet."""
    with ClientLoop.open("memory:", entry_points=False) as loop:
        numbers = count()
        yield lambda: loop.in_space(f"firm-{next(numbers)}", zone="Europe/Ljubljana")


@given(contacts=CONTACTS, states=st.lists(st.sampled_from(AppointmentState), min_size=4, max_size=4))
def test_what_is_exported_is_imported_the_same(
    firms: Callable[[], ClientLoop], contacts: list[dict[str, Any]], states: list[AppointmentState]
) -> None:
    """In another space the entries make the same contacts, under the same UIDs; in the first they change nothing."""
    loop, copy = firms(), firms()
    for contact, state in zip(contacts, states, strict=False):
        made = loop.appointments.plan(**contact)
        if state is AppointmentState.MADE:
            loop.appointments.done(made)
        if state is AppointmentState.CALLED_OFF:
            loop.appointments.call_off(made)
    text = exported(loop)
    assert (take(copy, text).added, take(loop, text).updated) == (len(contacts), 0)
    assert list(map(_told, planned(copy))) == list(map(_told, planned(loop)))


def _told(found: Appointment) -> Appointment:
    """What a calendar tells of a contact."""
    ended = None if found.done_at is None else found.done_at.replace(microsecond=0)
    return evolve(found, space="", id=found.id.__class__(int=0), created_at=NOW, done_at=ended, version=1)
