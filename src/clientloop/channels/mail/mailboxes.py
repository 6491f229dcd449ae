"""Names and addresses in header fields such as `From`, as they are sent and not only as they should be."""

import re
from collections.abc import Iterator

from attrs import field, frozen

from clientloop.channels.mail.fields import unquoted
from clientloop.channels.mail.words import plain

_ADDRESS = re.compile(r"(?:\"[^\"]{1,64}\"|[^\s<>@,;:\"'()\[\]]+)@(?:\[[\w.:]+\]|[^\s<>@,;:\"'()\[\]]+)")
_BLANKS = re.compile(r"\s+")
_EDGES = " \t\"'<>,;"


@frozen(kw_only=True)
class Mailbox:
    """One name and address."""

    #: The address; no more than a word for some machines, such as "MAILER-DAEMON".
    address: str = field(repr=False)
    #: What its holder is called; empty if the mail does not say.
    name: str = field(default="", repr=False)

    @property
    def domain(self) -> str:
        """What stands after the @, in lower case."""
        return self.address.rpartition("@")[2].lower().rstrip(".") if "@" in self.address else ""

    @property
    def local(self) -> str:
        """What stands before the @, in lower case."""
        return (self.address.rpartition("@")[0] or self.address).lower()


def mailboxes(value: str) -> tuple[Mailbox, ...]:
    """The names and addresses in a value; those of a group are taken out of it.

    Args:
        value: The value, undecoded, at most `Limits.value` long: encoded words may contain commas.

    >>> [(each.name, each.address) for each in mailboxes('"Novak, Ana" <ana@example.com>, (Bo) bo@example.com')]
    [('Novak, Ana', 'ana@example.com'), ('Bo', 'bo@example.com')]
    """
    return tuple(found for piece in _pieces(value) if (found := _mailbox(piece)))


@frozen
class _Piece:
    """What stands between two commas."""

    #: Outside of brackets and comments.
    phrase: str
    #: In angle brackets, without comments.
    angle: str
    #: In the comments.
    comment: str


def _pieces(value: str) -> Iterator[_Piece]:
    parts: dict[str, list[str]] = {"phrase": [], "angle": [], "comment": []}
    place, depth, quoted, escaped = "phrase", 0, False, False
    for char in value:
        into = "comment" if depth else place
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == '"' and not depth:
            quoted = not quoted
        elif quoted:
            pass
        elif char in "()":
            depth = depth + 1 if char == "(" else max(depth - 1, 0)
            continue
        elif depth:
            pass
        elif char in "<>":
            place = "angle" if char == "<" else "phrase"
            continue
        elif char in ",;" and place == "phrase":
            yield _piece(parts)
            parts = {"phrase": [], "angle": [], "comment": []}
            continue
        parts[into].append(char)
    yield _piece(parts)


def _piece(parts: dict[str, list[str]]) -> _Piece:
    phrase, angle, comment = ("".join(parts[name]).strip() for name in ("phrase", "angle", "comment"))
    return _Piece(phrase, angle, comment)


def _mailbox(piece: _Piece) -> Mailbox | None:
    if address := _in_angle(piece.angle):
        return Mailbox(address=address, name=_name(piece.phrase) or _name(piece.comment))
    if found := _ADDRESS.search(piece.phrase.replace("mailto:", " ")):
        return Mailbox(address=found[0].rstrip("."), name=_name(piece.comment))
    bare = piece.phrase.strip(_EDGES)
    # A lone word is the name of a machine's account on the server itself.
    return (
        Mailbox(address=bare, name=_name(piece.comment))
        if bare and not _BLANKS.search(bare) and ":" not in bare
        else None
    )


def _in_angle(angle: str) -> str:
    """The address between angle brackets, without the route that old mails put before it."""
    bare = angle.rpartition(":")[2] if angle.startswith("@") else angle.removeprefix("mailto:")
    address = bare if bare.startswith('"') else _BLANKS.sub("", bare).strip("'\"")
    return address if "@" in address.strip("@") else ""


def _name(phrase: str) -> str:
    group, mark, rest = phrase.rpartition(":")
    words = rest if mark and '"' not in group else phrase
    return " ".join(plain(unquoted(_joined(words))).strip(_EDGES).split())


def _joined(words: str) -> str:
    """A phrase of which only some is quoted, without the quotes in its middle."""
    return (
        words
        if words.count('"') <= 2 and words.strip().startswith('"') and words.strip().endswith('"')
        else words.replace('"', "")
    )
