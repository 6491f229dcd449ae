"""The words of a mail and its files, chosen from its parts."""

import re
from collections.abc import Callable, Iterator

from attrs import define, field, frozen

from clientloop.channels.mail.charsets import clean, to_text
from clientloop.channels.mail.fields import parameters
from clientloop.channels.mail.flowed import unflowed
from clientloop.channels.mail.limits import Limits
from clientloop.channels.mail.markup import to_plain
from clientloop.channels.mail.parts import Part
from clientloop.ports.events import Media

#: Types that are read as words, and how; other texts are files.
READABLE: dict[str, Callable[[str], str]] = {"text/plain": str, "text/html": to_plain}
#: What a file is called that has no name.
NAMES = {"application/ms-tnef": "winmail.dat", "message/rfc822": "message.eml", "text/calendar": "invitation.ics"}

_LONGEST_NAME = 200
_PATH = re.compile(r"[/\\]")
_UNFIT = re.compile(r"[\x00-\x1f\x7f<>:\"|?*]+")
_LINE_ENDS = re.compile(r"\r\n?|\u2028|\u2029|\x0b|\x0c|\x85")


@frozen(kw_only=True)
class Bodies:
    """The words and the files of a mail."""

    #: The words.
    text: str = field(repr=False)
    #: The files.
    media: tuple[Media, ...] = field(repr=False)
    #: The names of the files that were too many or too large.
    left_out: tuple[str, ...] = field(repr=False)


def bodies(root: Part, limits: Limits) -> Bodies:
    """Choose the words of a mail: of alternatives the plain text, or HTML reduced to text; all the rest are files.

    Args:
        root: The mail.
        limits: The bounds.
    """
    words = (root,) if root.media_type in READABLE else _words(root)  # a mail of one text has no file, whatever it says
    chosen = tuple(part for part in words if part.body)
    ids = {id(part) for part in chosen}
    left = _Room(limits.text)
    texts = [text for part in chosen if (text := left.read(part).strip())]
    bag = _Bag(limits)
    for part in _files(root, ids):
        bag.take(part)
    return Bodies(text="\n\n".join(texts), media=tuple(bag.media), left_out=tuple(bag.left_out))


def text_of(part: Part, longest: int) -> str:
    """The words of one part, with plain line ends.

    Args:
        part: A part whose type is readable.
        longest: How many bytes of it are read.
    """
    text = to_text(part.content[:longest], part.parameters.get("charset", ""))
    text = READABLE.get(part.media_type, str)(_LINE_ENDS.sub("\n", text))
    if part.parameters.get("format", "").lower() == "flowed" and part.media_type == "text/plain":
        text = unflowed(text, delete_space=part.parameters.get("delsp", "").lower() == "yes")
    return text


@define
class _Room:
    """How many bytes of text may still be read."""

    _bytes: int

    def read(self, part: Part) -> str:
        text = text_of(part, self._bytes)
        self._bytes = max(self._bytes - len(part.body), 0)
        return text


def _words(part: Part) -> Iterator[Part]:
    """The parts that are the words of a mail, in their order."""
    if part.media_type == "multipart/alternative":
        yield from _best(part)
    elif part.media_type in ("multipart/related", "multipart/report"):
        yield from next((words for each in part.parts if (words := tuple(_words(each)))), ())
    elif part.parts:
        for each in part.parts:
            yield from _words(each)
    elif part.media_type in READABLE and not _is_attached(part):
        yield part


def _best(alternatives: Part) -> tuple[Part, ...]:
    """The words of the best alternative: the first that has plain text in it, or else any text."""
    read = [tuple(_words(part)) for part in alternatives.parts]
    plain = (parts for parts in read if any(part.media_type == "text/plain" and part.body.strip() for part in parts))
    return next(plain, None) or next((parts for parts in read[::-1] if parts), ())


def _is_attached(part: Part) -> bool:
    disposition, given = parameters(part.headers.raw("content-disposition"))
    if disposition == "inline" and part.media_type == "text/html":
        return False
    return disposition == "attachment" or "filename" in given or "name" in part.parameters


def _files(part: Part, chosen: set[int]) -> Iterator[Part]:
    """The parts that are files: those that are no words, nor the same words in another form."""
    if part.parts:
        for each in part.parts:
            if part.media_type != "multipart/alternative" or each.parts or each.media_type not in _FORMS:
                yield from _files(each, chosen)
    elif id(part) not in chosen and part.body and (part.media_type not in READABLE or _is_attached(part) or not chosen):
        yield part


#: What programs add as another form of the same words.
_FORMS = {*READABLE, "text/enriched", "text/richtext", "text/rtf", "text/watch-html", "text/x-amp-html"}


@define
class _Bag:
    """The files that were taken out so far."""

    _limits: Limits
    media: list[Media] = field(factory=list)
    left_out: list[str] = field(factory=list)
    _bytes: int = 0

    def take(self, part: Part) -> None:
        name = _name(part)
        if len(self.media) < self._limits.media and self._bytes + len(part.body) <= self._limits.media_bytes:
            content = part.content
            self._bytes += len(content)
            self.media.append(Media(name=name, media_type=part.media_type, content=content))
        else:
            self.left_out.append(name)


def _name(part: Part) -> str:
    """The name of a file, without a path or characters that file systems refuse."""
    _, given = parameters(part.headers.raw("content-disposition"))
    name = given.get("filename") or part.parameters.get("name") or NAMES.get(part.media_type, "")
    last = _UNFIT.sub("_", clean(_PATH.split(name.strip())[-1])).strip(". ")
    return _shortened(last) or "unnamed"


def _shortened(name: str) -> str:
    """A name that is not too long, with its ending."""
    if len(name) <= _LONGEST_NAME:
        return name
    stem, dot, ending = name.rpartition(".")
    return f"{stem[: _LONGEST_NAME - 20]}{dot}{ending[:19]}" if dot else name[:_LONGEST_NAME]
