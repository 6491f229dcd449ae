import pytest

from clientloop.channels.mail.headers import Headers, read_headers
from clientloop.channels.mail.limits import LIMITS


def headers_of(data: bytes) -> tuple[Headers, bytes]:
    """The fields, and the rest."""
    headers, body = read_headers(data, 0, LIMITS)
    return headers, data[body:]


BROKEN = {
    "envelope line": (b"From a@b Mon May  2 16:07:05 2005\nSubject: x\n\nbody", "x", b"body"),
    "blanks before the colon": (b"Subject   : x\n\nbody", "x", b"body"),
    "field without a name": (b": y\nSubject: x\n\nbody", "x", b"body"),
    "junk between fields": (b"quite Delivered-To: y\nSubject: x\n\nbody", "x", b"body"),
    "junk before a folded line": (b"Subject: x\n__\n y\n\nbody", "x y", b"body"),
    "blank folded line": (b"Subject: x\n \n\ty\n\nbody", "x y", b"body"),
    "no empty line": (b"Subject: x\nHello Bo,\n\nit broke", "x", b"Hello Bo,\n\nit broke"),
    "no empty line, then words that look like a field": (
        b"Subject: x\nHello Bo,\nPlease note: it broke\n",
        "x",
        b"Hello Bo,\nPlease note: it broke\n",
    ),
    "no body": (b"Subject: x", "x", b""),
    "twice": (b"Subject: x\nSubject: y\n\n", "x", b""),
    "raw UTF-8": ("Subject: Žižek\n\n".encode(), "Žižek", b""),
    "raw bytes in the charset of the text": (
        "Subject: Привет\nContent-Type: text/plain; charset=koi8-r\n\n".encode("koi8-r"),
        "Привет",
        b"",
    ),
    "NUL": (b"Subject: a\0b\n\n", "ab", b""),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_headers_lose_neither_fields_nor_text(name: str) -> None:
    """Fields around a broken line are found, and a line that is text begins the body."""
    data, subject, body = BROKEN[name]
    headers, rest = headers_of(data)
    assert (headers.text("subject"), rest) == (subject, body)


def test_a_long_value_is_cut_between_words() -> None:
    """At most 998 bytes of a value are kept, however many lines it has."""
    headers, rest = headers_of(b"X: " + b"word\r\n " * 1_000_000 + b"\r\n\r\nbody")
    assert 990 <= len(headers.raw("x")) <= 998
    assert set(headers.raw("x").split()) == {"word"}
    assert rest == b"body"


def test_a_long_value_in_one_piece_is_cut_anywhere() -> None:
    """A word of 100,000 bytes becomes one of 998."""
    headers, _ = headers_of(b"X: " + b'"' * 100_000 + b"\n\n")
    assert headers.raw("x") == '"' * 998


def test_of_a_long_thread_the_last_messages_are_kept() -> None:
    """The end of `References` names the messages that were answered last."""
    ids = [f"<{n}@firm.example>" for n in range(500)]
    headers, _ = headers_of("References: {}\n\n".format("\n ".join(ids)).encode())
    kept = headers.raw("references").split()
    assert len(headers.raw("references")) <= 998
    assert len(kept) > 40
    assert kept == ids[-len(kept) :]


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("=?utf-8?Q?=C5=BDe?= =?utf-8?Q?_spet?=", "Že spet"),
        ("=?utf-8?B?xb0=?= =?utf-8?B?ZQ==?=", "Že"),
        ("=?utf-8?B?xQ==?= =?utf-8?B?vWU=?=", "Že"),
        ("=?koi8-r?B?8NLJ18XU?=, Bo", "Привет, Bo"),
        ("=?windows-1251?Q?=CF=F0?= and =?iso-8859-2?Q?=BE?=", "Пр and ž"),
        ("=?utf-8*en?Q?hi?=", "hi"),
        ("=?utf-8?Q?Why??=", "Why?"),
        ("=?utf-8?q?a b c?=", "a b c"),
        ("=?martian?Q?caf=E9?=", "café"),
        ("=?utf-8?B?!!!?=", "!!!"),
        ("=?utf-8?X?a?=", "=?utf-8?X?a?="),
        ("=?utf-8?Q?never ends", "=?utf-8?Q?never ends"),
        ("x=?utf-8?Q?=C5=BD?=y", "xŽy"),
        ("=?utf-8?Q?a=0Ab=00c?=", "a bc"),
    ],
)
def test_encoded_words_are_read_as_they_are_sent(value: str, read: str) -> None:
    """Words that are cut in a character, glued, unknown or broken are read as far as they can be."""
    headers, _ = headers_of(f"Subject: {value}\n\n".encode())
    assert headers.text("subject") == read
