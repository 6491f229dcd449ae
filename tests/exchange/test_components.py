"""Entries of cards and calendars: whatever a file holds, each line is in an entry or said to be in none."""

import io
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from dateutil.tz import tzical
from hypothesis import given
from hypothesis import strategies as st

from clientloop.errors import InvalidValue
from clientloop.exchange.cards import card_of
from clientloop.exchange.components import LARGEST, LONGEST, Component, read
from clientloop.exchange.contentlines import Property, divided, escaped, folded, parsed, quoted, unescaped
from clientloop.exchange.timezones import Zone, zone_of
from clientloop.model.customers import Trust
from tests.conftest import Size
from tests.growth import LIMIT, growth

#: Pieces of which hostile files are made.
PIECES = [
    b"BEGIN:VCARD\r\n", b"END:VCARD\r\n", b"BEGIN:X\r\n", b"END:X\r\n", b"FN:A\r\n", b" more\r\n", b"\r\n",
    b"no colon\n",
    b"NOTE;ENCODING=QUOTED-PRINTABLE:=\r\n", b"NOTE;X=\"a:b\r\n", b"\x00\xff\n", b"=C4=8D=\n", b"FN;CHARSET=utf-16:A\n",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=20)).map(b"".join))
def test_no_line_is_lost(raw: bytes) -> None:
    """Every line that is not blank stands in an entry or among what stands in none, in the order of the file."""
    found = list(read(io.BytesIO(raw), {"VCARD"}))
    kept = b"".join(line for entry in found for line in entry.raw)
    assert _lines(kept) == _lines(raw)
    assert all(entry.reason for entry in found if not entry.name)


def _lines(raw: bytes) -> list[bytes]:
    return [line for line in raw.split(b"\n") if line.strip()]


@pytest.mark.parametrize(
    ("before", "line", "after"),
    [
        (b"BEGIN:VCARD\r\nFN:A\r\n", b"BEGIN:VCARD\r\n", b""),
        (b"BEGIN:VCARD\r\nFN:A", b"\r\n A", b"\r\nEND:VCARD\r\n"),
        (b"BEGIN:VCARD\r\nFN:A\r\nNOTE", b';X="a";Y', b"\r\nEND:VCARD\r\n"),
        (b"BEGIN:VCARD\r\nFN:A\r\nNOTE;X=", b'"', b"\r\nEND:VCARD\r\n"),
        (b"BEGIN:VCARD\r\nFN:A\r\nNOTE;ENCODING=QUOTED-PRINTABLE:", b"=\r\n", b"\r\nEND:VCARD\r\n"),
        (b"BEGIN:VCARD\r\nFN:A\r\n", b"TZ:Europe/Ljubljan\r\n", b"END:VCARD\r\n"),
        (b"BEGIN:VCARD\r\nFN:A\r\nTZ:", b"/a", b"\r\nEND:VCARD\r\n"),
        (b"BEGIN:VCARD\r\nN:", b"\\;", b"\r\nEND:VCARD\r\n"),
        (b"", b"BEGIN:VCARD\r\nEND:VCARD\r\n", b""),
        (b"", b"END:VCARD\r\n", b""),
        (b"BEGIN:VCARD\r\nFN:A\r\nREV:", b"A" * 40, b"\r\nEND:VCARD\r\n"),
    ],
)
def test_hostile_files_take_time_in_proportion(before: bytes, line: bytes, after: bytes, size: Size) -> None:
    """Four times as much of what costs most takes no more than eight times as long."""

    def reading(count: int) -> Callable[[], None]:
        raw = before + line * count + after

        def work() -> None:
            for entry in read(io.BytesIO(raw), {"VCARD"}):
                with suppress(InvalidValue):
                    card_of(entry, region=None, trust=Trust.ASSERTED)

        return work

    assert growth(reading, size.pick(small=400, ci=1_000, night=4_000)) < LIMIT


def test_an_entry_without_an_end_does_not_swallow_the_next() -> None:
    """It is handed on as bad, and what begins behind it is read."""
    found = list(read(io.BytesIO(b"BEGIN:VCARD\nFN:A\nBEGIN:VCARD\nFN:B\nEND:VCARD\n"), {"VCARD"}))
    assert [(entry.line, bool(entry.reason)) for entry in found] == [(1, True), (3, False)]


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (b"N:\n" * (LONGEST - 2), ""),
        (b"N:\n" * LONGEST, "it has more than 10,000 lines"),
        (b"BEGIN:X\n" * LONGEST, "it is nested more than 8 deep"),
        (b"NOTE:" + b"\n " * (LARGEST // 2) + b"\n", "it has more than 4,194,304 octets"),
    ],
)
def test_an_entry_has_a_most_of_lines_and_octets(lines: bytes, reason: str) -> None:
    """One with more is none, what is folded and what is nested counted with it, and the next one is read."""
    raw = b"BEGIN:VCARD\n" + lines + b"END:VCARD\nBEGIN:VCARD\nFN:Ana\nEND:VCARD\n"
    first, second = read(io.BytesIO(raw), {"VCARD"})
    assert (first.reason, second.reason) == (reason, "")
    assert [each.value for each in second.properties] == ["Ana"]
    assert sum(map(len, first.raw)) <= LARGEST
    assert len(first.raw) <= LONGEST


def test_no_more_of_a_container_is_kept_than_of_an_entry() -> None:
    """Of its lines, those beyond are left out, and its entries are read all the same."""
    raw = b"BEGIN:VCALENDAR\n" + b"X-A:\n" * (LONGEST + 1) + b"BEGIN:VEVENT\nUID:1\nEND:VEVENT\nEND:VCALENDAR\n"
    [event] = read(io.BytesIO(raw), {"VEVENT"}, within="VCALENDAR")
    assert (len(event.container.properties), event.reason) == (LONGEST, "")


def test_a_letter_that_is_folded_in_two_is_read() -> None:
    """Lines are folded at octets, so that some programs part a letter."""
    raw = "BEGIN:VCARD\r\nFN:Koč\r\nEND:VCARD\r\n".encode().replace(b"\xc4\x8d", b"\xc4\r\n \x8d")
    [card] = read(io.BytesIO(raw), {"VCARD"})
    assert card.properties[0].value == "Koč"


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('\n\t\\;,:"^')))
def test_what_is_written_is_read_the_same(text: str) -> None:
    """Values, their parts and parameters come back, also from lines that were folded."""
    line = folded(f"NOTE;X={quoted(text)}:{escaped(text)}")
    assert all(len(part) <= 75 for part in line.encode().split(b"\r\n"))
    found = parsed(line.replace("\r\n ", "").removesuffix("\r\n").encode())
    assert isinstance(found, Property)
    assert (unescaped(found.value), found.param("X") or "") == (text, text)
    assert divided(f"{escaped(text)};b") == [text, "b"]


def _zone(*lines: str) -> Component:
    raw = "\r\n".join(("BEGIN:VTIMEZONE", "TZID:Ours", *lines, "END:VTIMEZONE", "")).encode()
    [found] = read(io.BytesIO(raw), {"VTIMEZONE"})
    return found


SUMMER = ("BEGIN:DAYLIGHT", "DTSTART:19700101T020000", "TZOFFSETTO:+0200")
WINTER = ("BEGIN:STANDARD", "DTSTART:19700101T030000", "TZOFFSETTO:+0100")


@pytest.mark.parametrize(
    "lines",
    [
        (),
        ("BEGIN:STANDARD", "END:STANDARD"),
        (*WINTER, "RRULE:FREQ=SECONDLY", "END:STANDARD"),
        (*WINTER, "RRULE:FREQ=YEARLY;BYDAY=XX", "END:STANDARD"),
        (*WINTER, "RRULE:FREQ=YEARLY;BYMONTH=x", "END:STANDARD"),
        (*WINTER, "RRULE:FREQ=YEARLY;BYSETPOS=1", "END:STANDARD"),
        ("BEGIN:STANDARD", "DTSTART:19700101T030000", "TZOFFSETTO:+9900", "END:STANDARD"),
        ("BEGIN:STANDARD", "DTSTART:19700199T030000", "TZOFFSETTO:+0100", "END:STANDARD"),
        (*(*WINTER, "END:STANDARD") * 501,),
    ],
)
def test_zones_that_no_clock_goes_by_are_refused(lines: tuple[str, ...]) -> None:
    """Nobody guesses what a rule means, and none is followed second by second."""
    with pytest.raises(InvalidValue, match=r"zone|offset|time"):
        zone_of(_zone(*lines))


@pytest.mark.parametrize(
    ("rule", "until"),
    [("-1SU", ""), ("2SU", ""), ("-2SA", ""), ("5SU", ""), ("SU", ""), ("-1SU", ";UNTIL=20000101T000000Z")],
)
def test_a_zone_is_followed_as_dateutil_follows_it(rule: str, until: str) -> None:
    """An outside judge: `dateutil` reads the same component, and tells the same offsets all the year round."""
    section = f"RRULE:FREQ=YEARLY;BYDAY={rule};BYMONTH="
    lines = (
        *SUMMER, "TZOFFSETFROM:+0100", f"{section}3{until}", "END:DAYLIGHT",
        *WINTER, "TZOFFSETFROM:+0200", f"{section}10{until}", "END:STANDARD",
    )  # fmt: skip
    text = "\r\n".join(("BEGIN:VCALENDAR", "BEGIN:VTIMEZONE", "TZID:Ours", *lines, "END:VTIMEZONE", "END:VCALENDAR"))
    judge = tzical(io.StringIO(text)).get()
    zone = zone_of(_zone(*lines))
    assert isinstance(zone, Zone)
    for month in range(1990 * 12, 2003 * 12):
        for day in (1, 10, 28):
            local = datetime(month // 12, month % 12 + 1, day, 12)  # noqa: DTZ001  # made aware by both
            assert zone.aware(local).utcoffset() == local.replace(tzinfo=judge).utcoffset(), local


def test_a_zone_that_has_changed_once_is_followed() -> None:
    """Sections without a rule begin once; before the first of them its offset counts."""
    lines = (
        "BEGIN:STANDARD", "DTSTART:20000101T000000", "TZOFFSETTO:-0330", "END:STANDARD",
        "BEGIN:STANDARD", "DTSTART:20100101T000000", "TZOFFSETTO:+0545", "END:STANDARD",
    )  # fmt: skip
    zone = zone_of(_zone(*lines))
    assert isinstance(zone, Zone)
    hours = [zone.aware(datetime(year, 6, 1)).utcoffset() for year in (1990, 2005, 2015)]  # noqa: DTZ001  # made aware
    assert hours == [timedelta(hours=-3, minutes=-30)] * 2 + [timedelta(hours=5, minutes=45)]
