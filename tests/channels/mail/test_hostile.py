"""What was made to take long takes time in proportion, through the whole channel: verify, parse, and compose."""

import tracemalloc
from collections.abc import Callable
from contextlib import suppress

import pytest

from clientloop.channels.mail.composing import compose
from clientloop.errors import BadPayload
from clientloop.ports.events import Raw
from tests.channels.mail.letters import bounce, letter, report
from tests.channels.mail.samples import NOW, channel, config, message
from tests.conftest import Size
from tests.growth import LIMIT, growth

EMAIL = channel()
GONE = "Final-Recipient: rfc822; ana@example.com\nAction: failed\nStatus: 5.1.1\n"


def under(name: bytes, unit: bytes) -> Callable[[int], bytes]:
    """A mail with a header field made of one thing."""
    return lambda size: name + b": " + unit * (size // len(unit)) + b"\r\n" + letter("x")


def body(unit: bytes, headers: dict[str, str] | None = None) -> Callable[[int], bytes]:
    """A mail made of one thing."""
    return lambda size: letter(unit * (size // len(unit)), headers)


HTML = {"Content-Type": "text/html"}
MIXED = {"Content-Type": "multipart/mixed; boundary=x"}
HOSTILE: dict[str, Callable[[int], bytes]] = {
    "quotes": under(b"From", b'"'),
    "parentheses": under(b"From", b"("),
    "addresses": under(b"To", b"a@b,"),
    "encoded words": under(b"Subject", b"=?utf-8?q?a?= "),
    "one encoded word": lambda size: letter("x", {"Subject": "=?utf-8?b?" + "QUJD" * (size // 4) + "?="}),
    "parameters": under(b"Content-Type", b'";a='),
    "folded lines": under(b"References", b"<a@b>\r\n "),
    "header fields": lambda size: b"X: y\r\n" * (size // 6) + letter("x"),
    "lines that are no fields": lambda size: b"junk\r\nX-A: y\r\n" * (size // 14) + letter("x"),
    "parts": body(b"--x\r\n\r\na\r\n", MIXED),
    "boundaries that are none": body(b"--y\r\n", MIXED),
    "deep parts": lambda size: b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(size // 60)
    ),
    "10,000 newlines and more": body(b"\n"),
    "lines of one letter": body(b"a\n"),
    "fields in the text": body(b"To: a\n"),
    "quoted lines": body(b"> a\nb\n"),
    "lines that say who wrote": body(b"On 3 Mar 2014 at 12:00, a@b wrote:\n"),
    "dashes": body(b"-"),
    "signatures": body(b"-- \na\n"),
    "one long line": body(b"On 3 wrote "),
    "soft breaks": body(b"> a \n", {"Content-Type": "text/plain; format=flowed"}),
    "base64": body(b"QQ==", {"Content-Type": "image/png", "Content-Transfer-Encoding": "base64"}),
    "quoted-printable": body(b"= ", {"Content-Transfer-Encoding": "quoted-printable"}),
    "uuencode": body(b"M\n", {"Content-Transfer-Encoding": "x-uuencode"}),
    "tags": body(b"<a", HTML),
    "comments": body(b"<!--", HTML),
    "quotes in tags": body(b'<a ">', HTML),
    "elements not shown": body(b"<style><title>", HTML),
    "quotations in quotations": body(b"<blockquote>a", HTML),
    "entities": body(b"&#x41&", HTML),
    "recipients of a report": lambda size: report(("\n" + GONE) * (size // 75)),
    "recipients of a loose report": lambda size: bounce("<a@b.c>:\nno\n" * (size // 12), {"Subject": "failure notice"}),
    "words of a loose report": lambda size: bounce("user address " * (size // 13), {"Subject": "failure notice"}),
    "recipients in the header of a report": lambda size: (
        b"X-Failed-Recipients: a@b.c\r\n" * 900 + bounce("x\n" * (size // 2))
    ),
    "words of our own server": under(b"Authentication-Results", b"mx.firm.example; dkim=pass (("),
    "statements of our own server": lambda size: (
        b"Authentication-Results: mx.firm.example" + b";a=b" * (size // 4) + b"\r\n" + letter("x")
    ),
    "return paths": lambda size: (
        b"".join(
            b"To: %b\r\n" % b",".join([b"bounces+" + b"a" * 42 + b"@firm.example"] * 15) for _ in range(size // 1_000)
        )
        + letter("x")
    ),
}
#: What a customer wrote is said again in what we write.
REPEATED = {
    "letters": "a",
    "letters beyond ASCII": "ж",
    "line ends": "\n",
    "paragraphs": "a\n \n",
    "links": "https://a.example/ ",
    "ends of sentences": "https://a).",
    "what must be escaped": "<&",
    "blanks": " ",
    "right to left": "\u200f1",
}
#: Times are compared from here on: much of what is short is the same for any mail.
_NOISE = 0.005


def reading(mail: bytes) -> Callable[[], None]:
    """All that is done with a mail before somebody sees it."""
    raw = Raw(body=mail)

    def work() -> None:
        with suppress(BadPayload):
            EMAIL.verify(raw, NOW)
            EMAIL.parse(raw)

    return work


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_mail_takes_time_in_proportion(name: str, size: Size) -> None:
    """At four times the size, up to 1 MB, the time is less than eight times as long, and never hangs."""
    n = size.pick(small=20_000, ci=250_000, night=250_000)
    assert growth(lambda count: reading(HOSTILE[name](count)), n, floor=_NOISE) < LIMIT


@pytest.mark.parametrize(
    "name", ["10,000 newlines and more", "tags", "uuencode", "base64", "header fields", "quotations in quotations"]
)
def test_hostile_mail_takes_bounded_memory(name: str) -> None:
    """What one mail of 250 KB needs at its worst moment is no more than a hundred times its size."""
    mail = HOSTILE[name](250_000)
    tracemalloc.start()
    reading(mail)()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100 * len(mail)


@pytest.mark.parametrize("name", REPEATED)
def test_hostile_words_are_composed_in_proportion(name: str) -> None:
    """What we repeat of somebody's words costs us no more than its size, as subject and as body."""
    settings = config(tracked_hosts=["a.example"], track_opens=True)

    def writing(size: int) -> Callable[[], object]:
        words = REPEATED[name] * (size // len(REPEATED[name]))
        return lambda: compose(message(subject=words, body=words), settings)

    assert growth(writing, 20_000, floor=_NOISE) < LIMIT
