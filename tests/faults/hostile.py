"""What nobody should send, the door that it comes to, and how that refuses it: one table."""

import gzip
import zipfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from attrs import frozen

from clientloop.channels.desk.channel import Desk
from clientloop.channels.form.decoding import MULTIPART, URLENCODED
from clientloop.ports.events import Raw
from tests.channels.form.samples import CHANNEL as FORM
from tests.channels.form.samples import URL, token
from tests.channels.mail.samples import channel as email
from tests.channels.sms.samples import SMS
from tests.channels.webhook.samples import WEBHOOK, signed
from tests.faults.doors import Door, by_asgi, by_wsgi, imported, parsed, received

EMAIL, DESK = email(), Desk()

#: Bytes of what is looked at to its end, where each line costs some time; and where a line has a letter or two.
LINES, LETTERS = (200_000, 20_000_000), (60_000, 4_000_000)

#: Bytes of one line.
LONG = (1_200_000, 100_000_000)

#: Bytes of a workbook that is read by no short run.
BOMB = (2_000_000, 2_000_000_000)


#: Makes hostile input of about so many bytes; files go into the folder. Any: bytes, a message or a path.
Make = Callable[[int, Path], Any]


@frozen
class Attempt:
    """One row of the table."""

    door: Door
    make: Make
    #: What is told.
    code: str
    #: A pattern of what is said.
    words: str
    #: How much of it is made, in bytes, in a short run and in a long one; what has a size of its own says so in `make`.
    sizes: tuple[int, int] = (6_000_000, 100_000_000)


def run(unit: bytes, before: bytes = b"", after: bytes = b"") -> Callable[[int], bytes]:
    """One thing again and again, with something before and after it."""
    return lambda size: b"".join((before, unit * (size // len(unit)), after))


def many(number: int, of: Callable[[int], bytes]) -> Callable[[int], bytes]:
    """So many things, whatever was asked for."""
    return lambda _: b"".join(map(of, range(number)))


def message(body: Callable[[int], bytes], **headers: str) -> Make:
    """A message with this body."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda size, _: Raw(body=body(size), url=URL, headers=named)


def webhook(body: Callable[[int], bytes]) -> Make:
    """A webhook with this body, well signed."""
    return lambda size, _: signed(body(size))


def plain(body: Callable[[int], bytes]) -> Make:
    """The bytes themselves."""
    return lambda size, _: body(size)


def file(name: str, unit: bytes, before: bytes = b"", after: bytes = b"", *, packs: bool = True) -> Make:
    """A file of one thing again and again, written piece by piece."""

    def make(size: int, folder: Path) -> Path:
        path = folder / name
        pieces, piece = divmod(size, max(len(unit), 1) * 4_096)
        with gzip.open(path, "wb", 1) if packs and path.suffix == ".gz" else path.open("wb") as target:
            target.write(before)
            for _ in range(pieces):
                target.write(unit * 4_096)
            target.write(unit * (piece // max(len(unit), 1)) + after)
        return path

    return make


def bomb(*, claims: int | None = None) -> Make:
    """A workbook whose sheet is small as long as it is packed, and may not be what the directory claims."""

    def make(size: int, folder: Path) -> Path:
        path = folder / "a.xlsx"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
                for _ in range(size // 65_536):
                    sheet.write(bytes(65_536))
            if claims is not None:
                archive.filelist[0].file_size = claims
        return path

    return make


def _nested_parts(size: int) -> bytes:
    head = b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n"
    return b"".join(head % (number, number) for number in range(size // 60))


def zones(size: int, folder: Path) -> Path:
    """A calendar that describes large zones, and an event that goes by the last of them."""
    path, comment = folder / "a.ics", b"COMMENT:" + b"x" * (size // 100) + b"\n"
    with path.open("wb") as target:
        target.write(_CALENDAR)
        for number in range(100):
            target.write(b"BEGIN:VTIMEZONE\nTZID:Mine%d\nBEGIN:STANDARD\n" % number + comment + _SECTION)
        target.write(b"BEGIN:VEVENT\nUID:1\nDTSTART;TZID=Mine99:20260302T090000\nEND:VEVENT\n")
    return path


_LINE, _NOTE = b"x" * 17 + b",\n", b"NOTE:" + b"x" * 2_000 + b"\n"
_CARD, _CALENDAR = b"BEGIN:VCARD\n", b"BEGIN:VCALENDAR\n"
_EVENT = _CALENDAR + b"BEGIN:VEVENT\nUID:1\nDTSTART:20260302T090000Z\n"
_SECTION = b"DTSTART:19700101T000000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0100\nEND:STANDARD\nEND:VTIMEZONE\n"
_FORM = {"Content_Type": URLENCODED}
_PARTS = {"Content_Type": f"{MULTIPART}; boundary=XX"}
_JSON = {"Content_Type": "application/json"}
_POST = b"_token=" + token().encode() + b"&text="
_PART = b'--XX\r\nContent-Disposition: form-data; name="f%d"\r\n\r\nx\r\n'
_TOO_LONG, _BAD, _REJECTED = "413", "bad_payload", "rejected"

into = partial(partial, imported)

#: All of them by name.
ATTEMPTS: Mapping[str, Attempt] = {
    # bodies
    "mail, long": Attempt(
        partial(parsed, EMAIL),
        message(run(b"x", b"From: a@b.c\n\n")),
        _BAD,
        "at most 64000000",
        (64_000_000, 100_000_000),
    ),
    "form, long": Attempt(partial(parsed, FORM), message(run(b"x", _POST), **_FORM), _BAD, "at most 5000000"),
    "webhook, long": Attempt(partial(parsed, WEBHOOK), webhook(run(b"x", b'"', b'"')), _BAD, "at most 1048576"),
    "sms, long": Attempt(partial(parsed, SMS), message(run(b"x", b"Body="), **_FORM), _BAD, "at most 65536"),
    "sms, long URL": Attempt(
        partial(parsed, SMS), lambda size, _: Raw(body=b"", method="GET", url=f"{URL}?Body={'x' * size}"), _BAD, "65536"
    ),
    "entry, long": Attempt(partial(parsed, DESK), message(run(b"x", b'{"text":"', b'"}')), _BAD, "at most 1000000"),
    "form, handed in": Attempt(
        partial(received, "form"), lambda size, _: Raw(body=b"x" * size, route="post", url=URL), _TOO_LONG, ""
    ),
    "webhook, handed in": Attempt(partial(received, "webhook"), webhook(run(b"x")), _TOO_LONG, ""),
    # under the web server
    "WSGI, announced": Attempt(
        lambda loop, body: by_wsgi("/webhook/in", loop, body, str(len(body))), plain(run(b"x")), _TOO_LONG, "Too Large"
    ),
    "WSGI, not announced": Attempt(partial(by_wsgi, "/form/post"), plain(run(b"x")), _TOO_LONG, "Too Large"),
    "WSGI, less than announced": Attempt(
        lambda loop, body: by_wsgi("/sms/in", loop, body, "60000"), plain(lambda _: b"Body=x"), "400", "Bad Request"
    ),
    "WSGI, announced as a word": Attempt(
        lambda loop, body: by_wsgi("/sms/in", loop, body, "٣"), plain(lambda _: b"Body=x"), "400", "Bad Request"
    ),
    "ASGI, endless": Attempt(partial(by_asgi, "/webhook/in"), plain(lambda _: b"x" * 60_000), _TOO_LONG, ""),
    "ASGI, announced": Attempt(
        lambda loop, body: by_asgi("/form/post", loop, body, {"content-length": "100000000"}),
        plain(lambda _: b"x"),
        _TOO_LONG,
        "",
    ),
    # many fields, deep nests, open quotes
    "form, 100,000 fields": Attempt(
        partial(parsed, FORM), message(many(100_000, lambda n: b"f%d=x&" % n), **_FORM), _BAD, "100001 fields"
    ),
    "form, 100,000 parts": Attempt(
        partial(parsed, FORM), message(many(100_000, lambda n: _PART % n), **_PARTS), _BAD, "cannot be read|bytes"
    ),
    "form, a long header": Attempt(
        partial(parsed, FORM), message(lambda _: b"--XX\r\nX: " + b"x" * 4_000_000, **_PARTS), _BAD, "cannot be read"
    ),
    "sms, 100,000 fields": Attempt(
        partial(parsed, SMS), message(many(9_000, lambda n: b"f%d=&" % n), **_FORM), _BAD, "at most 500 fields"
    ),
    "sms, deep JSON": Attempt(partial(parsed, SMS), message(lambda _: b"[" * 60_000, **_JSON), _BAD, "no JSON"),
    "webhook, deep JSON": Attempt(
        partial(parsed, WEBHOOK), webhook(lambda _: b'{"a":' * 200_000), _BAD, "RecursionError"
    ),
    "webhook, JSON a little too deep": Attempt(
        partial(parsed, WEBHOOK), webhook(lambda _: b'{"a":' * 40 + b"1" + b"}" * 40), _BAD, "no JSON"
    ),
    "entry, deep JSON": Attempt(partial(parsed, DESK), message(lambda _: b"[" * 900_000), _BAD, "no entry"),
    "mail, deep MIME": Attempt(partial(parsed, EMAIL), message(lambda _: _nested_parts(2_000_000)), _BAD, "deep"),
    "mail, many parts": Attempt(
        partial(parsed, EMAIL),
        message(run(b"--x\r\n\r\na\r\n", b"Content-Type: multipart/mixed; boundary=x\r\n\r\n")),
        _BAD,
        "1000 parts|at most",
    ),
    "mail, many header fields": Attempt(
        partial(parsed, EMAIL), message(lambda _: b"X: y\r\n" * 100_000), _BAD, "1000 header fields"
    ),
    "mail, no header": Attempt(partial(parsed, EMAIL), message(lambda _: b"\0" * 1_000_000), _BAD, "without a header"),
    # encodings
    "webhook, NUL": Attempt(
        partial(parsed, WEBHOOK), webhook(lambda _: b'{"type":"\\u0000","data":{}}'), _BAD, "no text"
    ),
    "webhook, no UTF-8": Attempt(partial(parsed, WEBHOOK), webhook(lambda _: b'{"type":"\xff"}'), _BAD, "no JSON"),
    "sms, no UTF-8": Attempt(partial(parsed, SMS), message(lambda _: b"Body=\xff\xfe", **_FORM), _BAD, "no UTF-8"),
    "sms, no UTF-8 within": Attempt(partial(parsed, SMS), message(lambda _: b"Body=%ff", **_FORM), _BAD, "in UTF-8"),
    "CSV, NUL": Attempt(into("customers"), file("a.csv", b"", b"Name,No\nA\0na,1\n"), _REJECTED, "a NUL"),
    "CSV, no UTF-8": Attempt(into("customers"), file("a.csv", b"", b"Name,No\n\xff,2\n"), _REJECTED, "lone surrogate"),
    "card, NUL": Attempt(
        into("vcard"), file("a.vcf", b"", b"BEGIN:VCARD\nFN:A\0\nEND:VCARD\n"), _REJECTED, "zero octet"
    ),
    # tables
    "CSV, a long header": Attempt(
        into("customers"), file("a.csv", b"x,"), "invalid_value", "1,048,576 char", sizes=LONG
    ),
    "CSV, a header of a million lines": Attempt(
        into("customers"), file("a.csv", _LINE, b'"Name,No\n'), "invalid_value", "the header .* limit", sizes=LINES
    ),
    "CSV, a long cell": Attempt(
        into("feedback"), file("a.csv", b"x", b"Name,No\n"), _REJECTED, "1,048,576 char", sizes=LONG
    ),
    "CSV, a quote that never closes": Attempt(
        into("purchases"), file("a.csv", _LINE, b'Name,No\n"'), _REJECTED, "field limit", sizes=LINES
    ),
    "CSV, wide rows": Attempt(
        into("answers"), file("a.csv", b"x," * 50 + b"x\n", b"Name,No\n"), _REJECTED, "51 fields", sizes=LINES
    ),
    "CSV, packed": Attempt(
        into("customers"), file("a.csv.gz", b"0", b"Name,No\n"), _REJECTED, "1,048,576 char", sizes=LONG
    ),
    "CSV, packed by nobody": Attempt(into("customers"), file("a.csv.gz", b"x", packs=False), "invalid_value", "gzip"),
    "workbook, a bomb": Attempt(into("customers"), bomb(), "invalid_value", "too many bytes", sizes=BOMB),
    "workbook, a bomb that claims more": Attempt(
        into("feedback"), bomb(claims=1_000_000_000), "invalid_value", "too many bytes", sizes=LETTERS
    ),
    "workbook, a bomb that claims less": Attempt(
        into("answers"), bomb(claims=1_000), "invalid_value", "no XLSX file", sizes=LETTERS
    ),
    "workbook, none": Attempt(into("answers"), file("a.xlsx", b"PK\3\4"), "invalid_value", "no XLSX file"),
    # entries of address books and calendars
    "card, large": Attempt(into("vcard"), file("a.vcf", _NOTE, _CARD), _REJECTED, "octets"),
    "card, many lines": Attempt(into("vcard"), file("a.vcf", b"N:\n", _CARD), _REJECTED, "10,000 lines", sizes=LETTERS),
    "card, one line": Attempt(into("vcard"), file("a.vcf", b"x", _CARD + b"NOTE:"), _REJECTED, "octets"),
    "card, one line, folded": Attempt(
        into("vcard"),
        file("a.vcf", b"\n " + b"x" * 60, _CARD + b"NOTE:"),
        _REJECTED,
        "octets",
        sizes=(4_500_000, 20_000_000),
    ),
    "card, deep": Attempt(into("vcard"), file("a.vcf", b"BEGIN:X\n", _CARD), _REJECTED, "8 deep", sizes=LETTERS),
    "card, none": Attempt(into("vcard"), file("a.vcf", b"x\n"), _REJECTED, "stands in no entry", sizes=LETTERS),
    "event, large": Attempt(into("icalendar"), file("a.ics", _NOTE, _EVENT), _REJECTED, "octets"),
    "event, deep": Attempt(into("icalendar"), file("a.ics", b"BEGIN:X\n", _EVENT), _REJECTED, "8 deep", sizes=LETTERS),
    "calendar, lines of its own": Attempt(
        into("icalendar"),
        file("a.ics", b"X-A:\n", _CALENDAR, b"BEGIN:VEVENT\n"),
        _REJECTED,
        "ends within",
        sizes=LETTERS,
    ),
    "calendar, long lines of its own": Attempt(
        into("icalendar"), file("a.ics", _NOTE, _CALENDAR, b"BEGIN:VEVENT\n"), _REJECTED, "ends within"
    ),
    "calendar, zones": Attempt(into("icalendar"), zones, _REJECTED, "no zone 'Mine99'"),
}
