"""The body of a post as fields and files, in linear time and under limits.

Posts with files are read by the library `multipart` (extra `form`), which neither buffers nor follows what it reads.
"""

import codecs
import re
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any
from urllib.parse import unquote_to_bytes

from attrs import define, field, frozen

from clientloop.errors import BadPayload, MissingExtra
from clientloop.ports.events import Media, Raw

URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"

#: Fields by name; of those that come twice, the first counts.
_Fields = dict[str, bytes]

#: What browsers may be told to send (WHATWG Encoding, single-byte and East Asian); anything else is read as UTF-8.
#: Python knows more codecs, some of which take quadratic time or are no charsets at all.
_CHARSETS = frozenset(
    {"utf-8", "ascii", "gbk", "gb18030", "big5", "euc_jp", "iso2022_jp", "shift_jis", "euc_kr", "koi8-r", "koi8-u"}
    | {f"iso8859-{part}" for part in (*range(1, 12), *range(13, 17))}
    | {f"cp{page}" for page in (866, 874, *range(1250, 1259))}
)

#: Control characters but tab and line feed: in nobody's words, and refused by databases and XML.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
#: The boundary of a multipart post; quoted or not (RFC 2046, 5.1.1).
_BOUNDARY = re.compile(r"""boundary=(?:"([^"\r\n]{1,70})"|([^\s;,"]{1,70}))""", re.IGNORECASE)
_CHARSET = re.compile(r'charset="?([^\s;"]{1,40})', re.IGNORECASE)
#: A token with a slash (RFC 9110, 8.3.1).
_MEDIA_TYPE = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]{1,60}/[!#$%&'*+.^_`|~0-9a-z-]{1,60}")
_LONGEST_FILE_NAME = 200


@frozen(kw_only=True)
class Limits:
    """How much a post may hold."""

    #: Bytes of the whole body.
    body: int = 5_000_000
    #: Fields, files included.
    fields: int = 100
    #: Bytes of one field that is no file.
    field: int = 200_000
    #: Files.
    files: int = 3
    #: Bytes of one file.
    file: int = 2_000_000
    #: Media types of files, as browsers name them.
    media: tuple[str, ...] = ("application/pdf", "image/heic", "image/jpeg", "image/png", "image/webp", "text/plain")


@frozen(kw_only=True)
class Posted:
    """What a post holds, as text without control characters."""

    #: The fields by name.
    fields: Mapping[str, str] = field(factory=dict, repr=False)
    #: The files.
    files: tuple[Media, ...] = field(default=(), repr=False)


def decode(raw: Raw, limits: Limits) -> Posted:
    """Read the body of a post.

    Args:
        raw: The post; its content type says how it is encoded.
        limits: What it may hold at most.

    Raises:
        BadPayload: It is no post of a form, is broken, or holds more than it may.

    >>> raw = Raw(body=b"text=Caf%C3%A9+&text=again", headers={"Content-Type": URLENCODED})
    >>> decode(raw, Limits()).fields
    {'text': 'Café '}
    """
    if len(raw.body) > limits.body:
        raise BadPayload(f"the post has {len(raw.body)} bytes", hint=f"at most {limits.body} are taken")
    content_type = raw.headers.get("content-type", "")[:1_000]
    reader = _READERS.get(content_type.partition(";")[0].strip().lower())
    if reader is None:
        raise BadPayload(f"{content_type!r:.80} is no post of a form", hint=f"send {URLENCODED} or {MULTIPART}")
    fields, files = reader(raw.body, content_type, limits)
    charset = _charset(fields, content_type)
    return Posted(
        fields={clean_line(_text(name.encode("latin-1"), charset)): _text(v, charset) for name, v in fields.items()},
        files=files,
    )


def _urlencoded(body: bytes, _: str, limits: Limits) -> tuple[_Fields, tuple[Media, ...]]:
    # urllib.parse.parse_qsl does not take bytes that are not ASCII, as careless clients send them
    _check_count(body.count(b"&") + 1, limits)
    fields: _Fields = {}
    for pair in body.split(b"&"):
        name, _equals, value = pair.replace(b"+", b" ").partition(b"=")
        _check_length(len(value), limits)  # before it is unquoted: what comes out is never longer
        if pair:
            fields.setdefault(unquote_to_bytes(name).decode("latin-1"), unquote_to_bytes(value))
    return fields, ()


def _multipart(body: bytes, content_type: str, limits: Limits) -> tuple[_Fields, tuple[Media, ...]]:
    try:
        library = multipart_library()
    except MissingExtra as error:
        raise BadPayload("the post is multipart", hint=error.hint) from error
    boundary = _BOUNDARY.search(content_type)
    if boundary is None:
        raise BadPayload("the post names no boundary")
    parts = _Parts(limits=limits)
    parser = library.PushMultipartParser(
        boundary[1] or boundary[2],
        max_segment_count=limits.fields,
        header_charset="latin-1",  # every byte is a letter: which charset it is, is known at the end
        strict=True,
    )
    try:
        with parser:
            for event in parser.parse(body):
                parts.take(event)
    except library.MultipartError as error:
        raise BadPayload(f"the post cannot be read ({error})") from error
    return parts.fields, tuple(parts.files)


_READERS: Mapping[str, Callable[[bytes, str, Limits], tuple[_Fields, tuple[Media, ...]]]] = {
    URLENCODED: _urlencoded,
    MULTIPART: _multipart,
}


def multipart_library() -> Any:  # Any: type checkers also run where it is missing
    """The module `multipart`.

    Raises:
        MissingExtra: It is not installed, or is another library of that name.
    """
    try:
        library = import_module("multipart")
    except ImportError:
        raise MissingExtra.of("form", "multipart") from None
    if not hasattr(library, "PushMultipartParser"):  # python-multipart was importable under this name once
        raise MissingExtra.of("form", "multipart")
    return library


@define
class _Parts:
    """Collects what the parser finds: the head of a part, its pieces, None at its end."""

    limits: Limits
    fields: _Fields = field(factory=dict)
    files: list[Media] = field(factory=list)
    _head: Any = None  # Any: of the library
    _pieces: list[bytes] = field(factory=list)
    _length: int = 0

    def take(self, event: Any) -> None:  # Any: of the library
        if event is None:
            self._end(b"".join(self._pieces))
        elif isinstance(event, (bytes, bytearray)):
            self._length += len(event)
            if self._head.filename is None:
                _check_length(self._length, self.limits)
            self._pieces.append(bytes(event))
        else:
            self._head, self._pieces, self._length = event, [], 0

    def _end(self, content: bytes) -> None:
        head = self._head
        if head.filename is None:
            self.fields.setdefault(head.name, content)
        elif head.filename or content:  # a field for files that was left empty has neither
            name = _file_name(head.filename.encode("latin-1"))
            self.files.append(Media(name=name, media_type=_media_type(head.content_type), content=content))


def _file_name(given: bytes) -> str:
    """The name of a file as data: its last part, for some browsers sent the whole path."""
    name = clean_line(_text(given, "utf-8")).replace("\\", "/").rpartition("/")[2].strip(". ")
    return name[-_LONGEST_FILE_NAME:] or "file"


def _media_type(given: str | None) -> str:
    found = (given or "").lower()
    return found if _MEDIA_TYPE.fullmatch(found) else "application/octet-stream"


def _charset(fields: _Fields, content_type: str) -> str:
    """The codec of the post: what `_charset_` says (WHATWG HTML, 4.10.22.4), else the content type, else UTF-8."""
    said = _CHARSET.search(content_type)
    given = fields.get("_charset_", said[1].encode("ascii", "replace") if said else b"")
    try:
        codec = codecs.lookup(given[:40].decode("ascii")).name
    except (LookupError, ValueError):  # unknown, or no name at all
        return "utf-8"
    return codec if codec in _CHARSETS else "utf-8"


def _text(data: bytes, codec: str) -> str:
    return _CONTROLS.sub("", data.decode(codec, "replace").replace("\r\n", "\n").replace("\r", "\n"))


def clean_line(text: str) -> str:
    r"""A text as one line, with single spaces.

    >>> clean_line("  Ana\r\nKos\t")
    'Ana Kos'
    """
    return " ".join(text.split())


def _check_count(count: int, limits: Limits) -> None:
    if count > limits.fields:
        raise BadPayload(f"the post has {count} fields", hint=f"at most {limits.fields} are taken")


def _check_length(length: int, limits: Limits) -> None:
    if length > limits.field:
        raise BadPayload(f"a field of the post has {length} bytes or more", hint=f"at most {limits.field} are taken")
