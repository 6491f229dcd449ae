"""The tree of MIME parts of a mail, found in one pass over the lines that could be boundaries."""

import re
from collections.abc import Iterator, Mapping

from attrs import define, field, frozen

from clientloop.channels.mail.fields import parameters
from clientloop.channels.mail.headers import Headers, read_headers
from clientloop.channels.mail.limits import Limits
from clientloop.channels.mail.transfer import unencoded
from clientloop.errors import BadPayload

_DELIMITER = re.compile(rb"(?<![^\r\n])--([^\r\n]*)(?:\r\n|\r|\n|\Z)")
_TYPE = re.compile(r"[\w!#$&^.+-]{1,80}/[\w!#$&^.+-]{1,80}")
_LONGEST_BOUNDARY = 200


@frozen
class Part:
    """A mail, or a part of one."""

    #: Its header fields.
    headers: Headers
    #: What is in it, still encoded; empty if it has parts.
    body: bytes = field(repr=False)
    #: Its parts, if it is a multipart.
    parts: tuple["Part", ...] = ()
    #: Its media type, in lower case: "text/plain" unless it says otherwise.
    media_type: str = "text/plain"
    #: Parameters of its type.
    parameters: Mapping[str, str] = field(factory=dict, repr=False)

    @property
    def content(self) -> bytes:
        """What is in it, with the transfer encoding undone."""
        return unencoded(self.body, self.headers.raw("content-transfer-encoding"))

    def walk(self) -> Iterator["Part"]:
        """This part and all below it, in the order of the mail."""
        yield self
        for part in self.parts:
            yield from part.walk()


@define(eq=False)
class _Open:
    """A part of which the end has not been seen."""

    headers: Headers
    start: int
    media_type: str
    parameters: Mapping[str, str]
    boundary: bytes = b""
    parts: list[Part] = field(factory=list)
    #: Whether its closing line was seen: what follows is no part of it.
    closed: bool = False


def read_parts(data: bytes, limits: Limits) -> Part:
    r"""Take a mail apart.

    A multipart without a part in it is one text. What is attached as a message stays whole.

    Args:
        data: The bytes of the mail.
        limits: The bounds.

    Raises:
        BadPayload: There are more parts, deeper ones, or more header fields than allowed.

    >>> head = b"Content-Type: multipart/mixed; boundary=x\n\n"
    >>> mail = head + b"--x\n\none\n--x\nContent-Type: text/html\n\ntwo\n--x--\n"
    >>> [(part.media_type, part.body) for part in read_parts(mail, Limits()).parts]
    [('text/plain', b'one'), ('text/html', b'two')]
    """
    return _Reader(data, limits).read()


def read_header(data: bytes, limits: Limits) -> Headers:
    """The header of a mail alone.

    Args:
        data: The bytes of the mail.
        limits: The bounds.

    Raises:
        BadPayload: There are more fields than allowed.
    """
    headers, _ = read_headers(data, _start_of(data), limits)
    return headers


class _Reader:
    """The state of one pass: the parts that are open, from the mail itself to the one being read."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self._data = data
        self._limits = limits
        self._open: list[_Open] = []
        #: The depths at which each boundary is open, innermost last.
        self._depths: dict[bytes, list[int]] = {}
        self._count = 0

    def read(self) -> Part:
        self._begin(_start_of(self._data), "text/plain")
        for line in _DELIMITER.finditer(self._data, self._open[0].start):
            if self._depths:
                self._see(line)
        self._end_above(0, len(self._data))
        return self._finished(self._open.pop(), len(self._data))

    def _see(self, line: re.Match[bytes]) -> None:
        name = line[1][: _LONGEST_BOUNDARY + 2].rstrip()
        closing = name not in self._depths and name.endswith(b"--")
        depths = self._depths.get(name.removesuffix(b"--") if closing else name)
        if not depths:
            return
        depth = depths[-1]
        self._end_above(depth, line.start())
        parent = self._open[depth]
        if closing:
            parent.closed = True
            self._forget(depth)
        else:
            self._begin(line.end(), "message/rfc822" if parent.media_type == "multipart/digest" else "text/plain")

    def _begin(self, start: int, default: str) -> None:
        self._count += 1
        if self._count > self._limits.parts:
            raise BadPayload(f"a mail of more than {self._limits.parts} parts")
        headers, body = read_headers(self._data, start, self._limits)
        media_type, given = _type_of(headers, default)
        boundary = self._boundary(given.get("boundary", ""), body) if media_type.startswith("multipart/") else b""
        opened = _Open(headers, body, media_type, given, boundary)
        self._open.append(opened)
        if opened.boundary:
            if len(self._open) > self._limits.depth:
                raise BadPayload(f"a mail with parts in one another, more than {self._limits.depth} deep")
            self._depths.setdefault(opened.boundary, []).append(len(self._open) - 1)

    def _boundary(self, given: str, start: int) -> bytes:
        """The boundary of a multipart; where it does not say one, the first line that could be one."""
        if given.strip():
            return given.rstrip().encode("utf-8", "replace")[:_LONGEST_BOUNDARY]
        first = _DELIMITER.search(self._data, start)
        name = first[1][:_LONGEST_BOUNDARY].rstrip() if first else b""
        return b"" if name.removesuffix(b"--") in self._depths else name

    def _end_above(self, depth: int, end: int) -> None:
        """Finish all parts that lie deeper than one."""
        while len(self._open) > depth + 1:
            if not self._open[-1].closed:
                self._forget(len(self._open) - 1)
            done = self._open.pop()
            self._open[-1].parts.append(self._finished(done, _without_line_end(self._data, done.start, end)))

    def _forget(self, depth: int) -> None:
        boundary = self._open[depth].boundary
        if boundary:
            self._depths[boundary].pop()
            if not self._depths[boundary]:
                del self._depths[boundary]

    def _finished(self, part: _Open, end: int) -> Part:
        body = b"" if part.parts else self._data[part.start : end]
        is_text = part.media_type.startswith("multipart/") and not part.parts
        return Part(
            part.headers, body, tuple(part.parts), "text/plain" if is_text else part.media_type, part.parameters
        )


def _start_of(data: bytes) -> int:
    """Where the header begins, after a byte order mark and empty lines."""
    start = len(b"\xef\xbb\xbf") if data.startswith(b"\xef\xbb\xbf") else 0
    while start < len(data) and data[start] in b"\r\n":
        start += 1
    return start


def _type_of(headers: Headers, default: str) -> tuple[str, Mapping[str, str]]:
    """The media type and its parameters: a type that is none is text, as one that is missing."""
    media_type, given = parameters(headers.raw("content-type"))
    if _TYPE.fullmatch(media_type):
        return media_type, given
    return ("text/html" if media_type == "html" else default), given


def _without_line_end(data: bytes, start: int, end: int) -> int:
    """The end of a part: the line end before a boundary belongs to the boundary."""
    if end - 2 >= start and data[end - 2 : end] == b"\r\n":
        return end - 2
    return end - 1 if end - 1 >= start and data[end - 1] in b"\r\n" else max(end, start)
