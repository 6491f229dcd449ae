"""Mails put together for tests."""

from collections.abc import Mapping

ANA = "Ana Novak <ana@example.com>"
DAEMON = "Mail Delivery System <MAILER-DAEMON@mx.example.net>"


def letter(body: str | bytes, headers: Mapping[str, str] | None = None, *, end: str = "\r\n") -> bytes:
    """A mail from Ana, with other header fields where they are given; empty ones are left out."""
    fields = {"From": ANA, "Message-ID": "<1@example.com>", "Date": "Mon, 3 Mar 2014 12:00:00 +0100", **(headers or {})}
    head = "".join(f"{name}: {value}{end}" for name, value in fields.items() if value)
    return head.encode() + end.encode() + (body.replace("\n", end).encode() if isinstance(body, str) else body)


def part(body: str | bytes, headers: Mapping[str, str] | None = None) -> bytes:
    """A part of a mail."""
    head = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
    return head.encode() + b"\r\n" + (body.replace("\n", "\r\n").encode() if isinstance(body, str) else body)


def multipart(subtype: str, *parts: bytes, boundary: str = "b0", headers: Mapping[str, str] | None = None) -> bytes:
    """A mail, or a part of one, that has parts."""
    kind = {"Content-Type": f'multipart/{subtype}; boundary="{boundary}"', **(headers or {})}
    lines = b"".join(b"--" + boundary.encode() + b"\r\n" + each + b"\r\n" for each in parts)
    body = lines + b"--" + boundary.encode() + b"--\r\n"
    return letter(body, kind) if headers is not None else part(body, kind)


ORIGINAL = "From: Bo <bo@firm.example>\nTo: ana@example.com\nMessage-ID: <7@firm.example>\nSubject: Your order\n"


def report(status: str, original: str = ORIGINAL, *, headers: Mapping[str, str] | None = None) -> bytes:
    """A report on delivery in the form for machines."""
    return multipart(
        "report; report-type=delivery-status",
        part("Sorry, it did not work.\n"),
        part(status, {"Content-Type": "message/delivery-status"}),
        part(original, {"Content-Type": "text/rfc822-headers"}),
        headers={"From": DAEMON, "Message-ID": "<r1@mx.example.net>", "Return-Path": "<>", **(headers or {})},
    )


def bounce(text: str, headers: Mapping[str, str] | None = None) -> bytes:
    """A report on delivery in free text."""
    return letter(
        text,
        {
            "From": DAEMON,
            "To": "bo@firm.example",
            "Message-ID": "<r2@mx.example.net>",
            "Return-Path": "<>",
            **(headers or {}),
        },
    )
