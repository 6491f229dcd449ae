import contextlib
import tracemalloc
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.channels.form.decoding import MULTIPART, URLENCODED, Limits, decode
from clientloop.errors import BadPayload
from clientloop.ports.events import Raw
from tests.channels.form.samples import multipart, part
from tests.growth import LIMIT, growth

LIMITS = Limits()
#: Nothing is too much: what is measured is the time.
NO_LIMITS = Limits(body=10**9, fields=10**9, field=10**9, files=10**9, file=10**9)


def _encoded(body: bytes, content_type: str = URLENCODED) -> Raw:
    return Raw(body=body, headers={"Content-Type": content_type})


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b"", {}),
        (b"&&", {}),
        (b"a", {"a": ""}),
        (b"=b", {"": "b"}),
        (b"a=1&a=2", {"a": "1"}),
        (b"a=1=2", {"a": "1=2"}),
        (b"a=%C4%8D+%26+%zz%", {"a": "č & %zz%"}),
        ("a=čas".encode(), {"a": "čas"}),
        (b"a=%ff%00x%0D%0Ay%0Dz%1b", {"a": "\ufffdx\ny\nz"}),
        (b"_charset_=windows-1250&a=%E8", {"_charset_": "windows-1250", "a": "č"}),
        (b"_charset_=unicode_escape&a=%5cx41", {"_charset_": "unicode_escape", "a": "\\x41"}),
        (b"_charset_=punycode&a=bcher-kva", {"_charset_": "punycode", "a": "bcher-kva"}),
        (b"_charset_=hex&a=41", {"_charset_": "hex", "a": "41"}),
        (b"_charset_=%ff%00&a=%C4%8D", {"_charset_": "\ufffd", "a": "č"}),
    ],
)
def test_urlencoded(body: bytes, fields: dict[str, str]) -> None:
    """Fields are read as browsers and careless programs write them; charsets that are none count for UTF-8."""
    assert decode(_encoded(body), LIMITS).fields == fields


def test_the_charset_of_the_content_type() -> None:
    """A content type may name the charset."""
    raw = _encoded(b"a=%E8", f'{URLENCODED}; charset="windows-1250"')
    assert decode(raw, LIMITS).fields == {"a": "č"}


@given(st.dictionaries(st.text("abc", min_size=1), st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]))))
def test_both_encodings_agree(fields: dict[str, str]) -> None:
    """What was typed comes out of either encoding as it went in."""
    parts = [part(name, value.encode()) for name, value in fields.items()]
    assert decode(_encoded(urlencode(fields).encode()), LIMITS).fields == fields
    assert decode(multipart(*parts), LIMITS).fields == fields


@pytest.mark.parametrize(
    ("given_name", "name"),
    [
        (b"photo.jpg", "photo.jpg"),
        ("počitnice.jpg".encode(), "počitnice.jpg"),
        (b"../../etc/passwd", "passwd"),
        (b"C:\\Users\\ana\\photo.jpg", "photo.jpg"),
        (b"..", "file"),
        (b"/", "file"),
        (b"a\x00\x1b[2Jb.png", "a[2Jb.png"),
        (b"a%0D%0AX-Evil: 1.png", "a X-Evil: 1.png"),
        (b"x" * 300 + b".png", "x" * 196 + ".png"),
        (b"\xff.png", "\ufffd.png"),
    ],
)
def test_names_of_files(given_name: bytes, name: str) -> None:
    """The name of a file is data: never a path, never more than a line, and of bounded length."""
    [file] = decode(multipart(part("f", b"x", file=given_name)), LIMITS).files
    assert file.name == name
    assert file.media_type == "application/octet-stream"


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (_encoded(b"a=1", "text/plain"), "no post of a form"),
        (_encoded(b"a=1", ""), "no post of a form"),
        (_encoded(b"x" * (LIMITS.body + 1)), "at most 5000000"),
        (_encoded(b"a=1&" * 100), "101 fields"),
        (_encoded(b"a&" * 100_000), "100001 fields"),
        (_encoded(b"a=" + b"x" * (LIMITS.field + 1)), "at most 200000"),
        (_encoded(b"a=1", MULTIPART), "boundary"),
        (_encoded(b"a=1", f'{MULTIPART}; boundary="'), "boundary"),
        (_encoded(b"a=1", f"{MULTIPART}; boundary=XX"), "cannot be read"),
        (_encoded(b"--XX\r\n", f"{MULTIPART}; boundary=XX"), "cannot be read"),
        (multipart(b"X: y\r\n\r\nz"), "Content-Disposition"),
        (multipart(b'Content-Disposition: attachment; name="a"\r\n\r\nz'), "Content-Disposition"),
        (multipart(part("a" * 5_000, b"x")), "header length"),
        (multipart(*[part("a", b"x")] * 101), "segment count"),
        (multipart(*[part("a", b"")] * 50_000), "segment count"),
        (multipart(part("a", b"x" * (LIMITS.field + 1))), "at most 200000"),
    ],
)
def test_posts_that_are_refused(raw: Raw, message: str) -> None:
    """What is no post of a form, broken, or more than declared is called a bad payload that says so."""
    with pytest.raises(BadPayload, match=message) as caught:
        decode(raw, LIMITS)
    assert caught.value.code == "bad_payload"


@pytest.mark.parametrize(
    "raw", [_encoded(b"a&" * 1_000_000), multipart(*[part("a", b"")] * 50_000)], ids=["urlencoded", "multipart"]
)
def test_too_many_fields_are_refused_early(raw: Raw) -> None:
    """A post of very many fields is refused without taking it apart: it costs less memory than its body, twice."""
    tracemalloc.start()
    with pytest.raises(BadPayload):
        decode(raw, LIMITS)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2 * len(raw.body) + 100_000


def _whole_part(piece: bytes, count: int) -> Raw:
    return multipart(part("a", piece * count))


HOSTILE: dict[str, Callable[[int], Raw]] = {
    "percents": lambda n: _encoded(b"a=" + b"%" * n),
    "escapes": lambda n: _encoded(b"a=" + b"%41" * n),
    "pluses": lambda n: _encoded(b"+" * n),
    "fields": lambda n: _encoded(b"a&" * n),
    "names": lambda n: _encoded(b"".join(b"%d&" % number for number in range(n))),
    "controls": lambda n: _encoded(b"a=" + b"\0\r" * n),
    "broken characters": lambda n: _encoded(b"a=" + b"\xe2\x82" * n),
    "line feeds in a part": lambda n: _whole_part(b"\n", n),
    "returns in a part": lambda n: _whole_part(b"\r", n),
    "near boundaries": lambda n: _whole_part(b"\r\n--X", n),
    "parts": lambda n: multipart(*[part("a", b"")] * (n // 10)),
    "preamble": lambda n: _encoded(b"\r\n" * n + b"--XX--", f"{MULTIPART}; boundary=XX"),
    "epilogue": lambda n: _encoded(b"--XX--" + b"\r\n" * n, f"{MULTIPART}; boundary=XX"),
    "quotes in a head": lambda n: multipart(b"Content-Disposition: form-data" + b'; name="\\' * n + b"\r\n\r\n"),
    "boundary": lambda n: _encoded(b"", f"{MULTIPART};" + "boundary=" * n),
    "charset": lambda n: _encoded(b"a=1", f"{URLENCODED};" + "charset=" * n),
}


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_hostile_posts_take_linear_time(hostile: Callable[[int], Raw]) -> None:
    """Four times as much of anything takes less than eight times as long."""

    def decoding(count: int) -> Callable[[], None]:
        raw = hostile(count)

        def work() -> None:
            with contextlib.suppress(BadPayload):
                decode(raw, NO_LIMITS)

        return work

    assert growth(decoding, 10_000) < LIMIT


@given(st.binary(max_size=400), st.sampled_from([URLENCODED, f"{MULTIPART}; boundary=X"]) | st.text(max_size=60))
def test_any_bytes(body: bytes, content_type: str) -> None:
    """Whatever comes is read or called a bad payload, and what is read has no control characters."""
    for mould in (b"%s", b"--X\r\n%s\r\n--X--", b'--X\r\nContent-Disposition: form-data; name="%s"\r\n\r\nx\r\n--X--'):
        try:
            posted = decode(_encoded(mould % body, content_type), LIMITS)
        except BadPayload:
            continue
        assert not any(ord(letter) < 32 and letter not in "\t\n" for text in posted.fields.values() for letter in text)
