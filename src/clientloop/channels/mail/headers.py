"""The header fields of a mail or a part of it, read under the limits and without losing the body to a broken line."""

import re
from collections.abc import Iterator

from attrs import field, frozen

from clientloop.channels.mail.charsets import to_text
from clientloop.channels.mail.limits import Limits
from clientloop.channels.mail.words import plain
from clientloop.errors import BadPayload

_LINE = re.compile(rb"([^\r\n]*)(?:\r\n|\r|\n|\Z)")
_FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]*:[ \t]*")
#: What goes on in the header after a line that is no part of one; text may go on with "Note:", so not any name.
_GOES_ON = re.compile(
    rb"[ \t]|(?:from|to|cc|bcc|date|subject|sender|reply-to|return-path|received|message-id|mime-version|references"
    rb"|in-reply-to|delivered-to|(?:content|x|list|dkim|arc|authentication)-[!-9;-~]{1,80})[ \t]*:",
    re.IGNORECASE,
)
_CHARSET = re.compile(rb"charset=[\"']?([\w-]{1,40})", re.IGNORECASE)
#: Fields whose last words are the ones that matter: of a long thread, the messages that were answered last.
_KEEP_THE_END = frozenset({"references"})


@frozen
class Headers:
    r"""Header fields, in their order, looked up without regard to case.

    >>> headers, _ = read_headers(b"Subject: =?utf-8?q?=C5=BDe?=\r\n spet\r\nX: 1\r\n\r\nbody", 0, Limits())
    >>> headers.text("SUBJECT"), headers.raw("subject"), headers.raw("y")
    ('Že spet', '=?utf-8?q?=C5=BDe?= spet', '')
    """

    #: Names in lower case, each with its value, unfolded.
    fields: tuple[tuple[str, bytes], ...] = field(repr=False)

    def all(self, name: str) -> tuple[str, ...]:
        """The values of all fields of a name, undecoded."""
        return tuple(to_text(value, self._charset()) for each, value in self.fields if each == name.lower())

    def raw(self, name: str) -> str:
        """The value of the first field of a name, undecoded; empty if there is none."""
        return next(iter(self.all(name)), "")

    def text(self, name: str) -> str:
        """The value of the first field of a name, as a person reads it; empty if there is none."""
        return plain(self.raw(name))

    def __contains__(self, name: str) -> bool:
        return any(each == name.lower() for each, _ in self.fields)

    def _charset(self) -> str:
        """The charset of the text, which senders of unencoded header fields mostly write these in too."""
        kind = next((value for name, value in self.fields if name == "content-type"), b"")
        found = _CHARSET.search(kind)
        return found[1].decode() if found else ""


def read_headers(data: bytes, start: int, limits: Limits) -> tuple[Headers, int]:
    """Read the header fields that begin at an offset.

    A line that is no field is passed over if the header goes on after it; else the body begins there.

    Args:
        data: The bytes of the mail.
        start: Where the header begins.
        limits: The bounds.

    Returns:
        The fields, and the offset at which the body begins.

    Raises:
        BadPayload: There are more fields than allowed.
    """
    collected: list[tuple[str, list[bytes], int]] = []
    for line, begin, end in _lines(data, start):
        if not line:
            return _joined(collected, limits), end
        if line[0] in b" \t" and collected:
            _add(collected, line, limits)
        elif found := _FIELD.match(line):
            if len(collected) == limits.headers:
                raise BadPayload(f"a mail with more than {limits.headers} header fields")
            collected.append((found[1].decode("ascii").lower(), [], 0))
            _add(collected, line[found.end() :], limits)
        elif line.startswith(b"--") or not (_is_envelope(line, begin, start) or _GOES_ON.match(data, end)):
            return _joined(collected, limits), begin
    return _joined(collected, limits), len(data)


def _lines(data: bytes, start: int) -> Iterator[tuple[bytes, int, int]]:
    position = start
    while position < len(data):
        found = _LINE.match(data, position)
        assert found  # it matches anything
        yield found[1], position, found.end()
        position = found.end()


def _is_envelope(line: bytes, begin: int, start: int) -> bool:
    """Whether it is the line that a mailbox file puts above each mail."""
    return begin == start and line.startswith((b"From ", b">From "))


def _add(collected: list[tuple[str, list[bytes], int]], piece: bytes, limits: Limits) -> None:
    """Take up a further line of the last field, no more of it than can be of use."""
    name, pieces, size = collected[-1]
    if name in _KEEP_THE_END:
        pieces[:] = [b" ".join((*pieces, piece.strip()))[-limits.value - 1 :]]
    elif size <= limits.value:
        pieces.append(piece.strip(b"\r\n")[: limits.value + 1])
        collected[-1] = (name, pieces, size + len(piece))


def _joined(collected: list[tuple[str, list[bytes], int]], limits: Limits) -> Headers:
    return Headers(tuple((name, _cut(name, b"".join(pieces).strip(), limits.value)) for name, pieces, _ in collected))


def _cut(name: str, value: bytes, longest: int) -> bytes:
    """The value if it is short enough, or as much of it as holds, where possible between two words."""
    if len(value) <= longest:
        return value
    if name in _KEEP_THE_END:
        return value[-longest:].partition(b" ")[2] or value[-longest:]
    return value[:longest].rpartition(b" ")[0] or value[:longest]
