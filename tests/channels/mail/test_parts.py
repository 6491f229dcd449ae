import pytest

from clientloop.channels.mail.limits import LIMITS, Limits
from clientloop.channels.mail.parts import Part, read_parts
from clientloop.errors import BadPayload
from tests.channels.mail.letters import letter, multipart, part


def shape(mail: bytes) -> object:
    """The types of all parts, and the bodies of those that have none below."""

    def of(each: Part) -> object:
        return [each.media_type, *(of(below) for below in each.parts)] if each.parts else (each.media_type, each.body)

    return of(read_parts(mail, LIMITS))


def test_parts_lie_in_one_another_as_they_were_put() -> None:
    """Each part is found where it stands, under the type that it says or plain text."""
    inner = multipart("alternative", part("a"), part("<p>a", {"Content-Type": "TEXT/HTML"}), boundary="b1")
    assert shape(multipart("mixed", inner, part("c"), headers={})) == [
        "multipart/mixed",
        ["multipart/alternative", ("text/plain", b"a"), ("text/html", b"<p>a")],
        ("text/plain", b"c"),
    ]


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_line_ends_may_be_of_any_system(end: str) -> None:
    """CR LF, LF and CR alone end lines, in the header and around parts."""
    mail = end.join(["Content-Type: multipart/mixed; boundary=x", "", "--x", "", "one", "two", "--x--", ""])
    assert shape(mail.encode()) == ["multipart/mixed", ("text/plain", f"one{end}two".encode())]


@pytest.mark.parametrize(
    ("outer", "inner"),
    [("----=_x", "----=_x_alt"), ("a", "a--"), ("same", "same"), ("=_?'()+,./:", "x y")],
)
def test_boundaries_may_be_alike_or_strange(outer: str, inner: str) -> None:
    """A boundary that begins like another, is the same, or has unusual characters parts the right parts."""
    below = multipart("alternative", part("a"), part("b"), boundary=inner)
    assert shape(multipart("mixed", below, boundary=outer, headers={})) == [
        "multipart/mixed",
        ["multipart/alternative", ("text/plain", b"a"), ("text/plain", b"b")],
    ]


BROKEN = {
    "no end": (b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\none", ["multipart/mixed", ("text/plain", b"one")]),
    "inner has no end": (
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: multipart/a; boundary=y\n\n--y\n\na\n--x--",
        ["multipart/mixed", ["multipart/a", ("text/plain", b"a")]],
    ),
    "no part": (b"Content-Type: multipart/mixed; boundary=x\n\nall of it", ("text/plain", b"all of it")),
    "no boundary said": (
        b"Content-Type: multipart/mixed\n\n--x\n\none\n--x--\n",
        ["multipart/mixed", ("text/plain", b"one")],
    ),
    "unquoted boundary": (
        b"Content-Type: multipart/mixed; boundary=----=_a:b; x=y\n\n------=_a:b\n\none\n------=_a:b--\n",
        ["multipart/mixed", ("text/plain", b"one")],
    ),
    "empty part": (
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\n--x\n\none\n--x--\n",
        ["multipart/mixed", ("text/plain", b""), ("text/plain", b"one")],
    ),
    "part without an empty line": (
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/html\n--x\n\none\n--x--\n",
        ["multipart/mixed", ("text/html", b""), ("text/plain", b"one")],
    ),
    "blanks after a boundary": (
        b"Content-Type: multipart/mixed; boundary=x\n\n--x  \n\none\n--x--  \n",
        ["multipart/mixed", ("text/plain", b"one")],
    ),
    "type that is none": (b"Content-Type: text\n\none", ("text/plain", b"one")),
    "type of its old name": (b"Content-Type: html\n\none", ("text/html", b"one")),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_mails_keep_their_words(name: str) -> None:
    """What is not put together by the rules is read as far as it can be, and no text is lost."""
    mail, expected = BROKEN[name]
    assert shape(mail) == expected


def test_a_digest_is_made_of_messages() -> None:
    """A part of a digest is a message unless it says otherwise."""
    mail = multipart("digest", part("Subject: a\n\none"), headers={})
    assert shape(mail) == ["multipart/digest", ("message/rfc822", b"Subject: a\r\n\r\none")]


def test_a_message_in_a_message_stays_whole() -> None:
    """The boundaries of an attached mail are not those of the mail that it is attached to."""
    attached = multipart("mixed", part("x"), boundary="b9", headers={})
    [found] = read_parts(
        multipart("mixed", part(attached, {"Content-Type": "message/rfc822"}), headers={}), LIMITS
    ).parts
    assert (found.media_type, found.body) == ("message/rfc822", attached.removesuffix(b"\r\n") + b"\r\n")


def nested(depth: int) -> bytes:
    """Multiparts in one another."""
    heads = (f"Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n" for i in range(depth))
    return "".join(heads).encode() + b"\nend"


@pytest.mark.parametrize(
    ("mail", "limits"),
    [
        (nested(6), Limits(depth=5)),
        (multipart("mixed", *[part("x")] * 10, headers={}), Limits(parts=10)),
        (letter("x", {f"X-{n}": "y" for n in range(8)}), Limits(headers=10)),
        (multipart("mixed", part("x", {f"X-{n}": "y" for n in range(11)}), headers={}), Limits(headers=10)),
    ],
)
def test_what_goes_beyond_the_bounds_is_refused(mail: bytes, limits: Limits) -> None:
    """A mail with one part, level or header field too many is refused, and read where one more is allowed."""
    more = Limits(depth=limits.depth + 1, parts=limits.parts + 1, headers=limits.headers + 1)
    with pytest.raises(BadPayload, match="more than"):
        read_parts(mail, limits)
    assert read_parts(mail, more)
