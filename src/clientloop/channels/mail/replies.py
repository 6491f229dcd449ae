"""What is new in an answer: the words without the mail that was answered and without the signature.

Where it is not clear what is new, everything stays. Nothing is lost either way: what was taken off is kept beside it.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import groupby

from attrs import field, frozen

from clientloop.channels.mail.quoting import (
    FORWARD_SUBJECTS,
    attribution,
    attribution_begins,
    bare,
    footer,
    forward,
    label,
    original,
    quoted,
    rule,
)

#: How many lines are told apart; all beyond count as one, since nobody answers in more.
_MOST_LINES = 5_000
#: Over how many lines programs break the line that says who wrote.
_ATTRIBUTION_LINES = 3
#: Within how many lines the fields of a quoted mail follow one another.
_HEADER_LINES = 8
#: Lines that a signature may have; what is longer is no signature.
_SIGNATURE_LINES = 15
#: Characters of the mail that we sent, without blanks, that are looked for in the answer.
_SENT = 20_000
#: Characters from which on a line that is in our mail was copied from it; one alone must be longer.
_COPIED, _COPIED_ALONE = 12, 40


class Style(StrEnum):
    """Where the new words stand."""

    #: Nothing is quoted.
    PLAIN = "plain"
    #: Above what is quoted.
    TOP = "top"
    #: Below what is quoted.
    BOTTOM = "bottom"
    #: Between quoted lines: the answer is not understood without them, so that they stay.
    INLINE = "inline"
    #: It is passed on from somebody else: everything stays.
    FORWARD = "forward"
    #: Everything is quoted, or it is not clear what is not: everything stays.
    UNCLEAR = "unclear"


@frozen(kw_only=True)
class Reply:
    """A mail, parted into what is new and what is not."""

    #: The words of the sender.
    text: str = field(repr=False)
    #: What was taken off as quoted, with the lines that say from whom.
    quoted: str = field(default="", repr=False)
    #: What was taken off as a signature.
    signature: str = field(default="", repr=False)
    #: Where the new words stand.
    style: Style


class _Kind(StrEnum):
    TEXT = "text"
    QUOTE = "quote"
    BLANK = "blank"


@frozen
class _Mark:
    """Lines that say that something quoted follows."""

    start: int
    end: int
    #: Whether they stand above a whole mail that is passed on.
    forward: bool
    #: Whether the lines after them are marked one by one.
    marked: bool
    #: Whether people write it above answers only, and not above mails that they pass on.
    answers: bool


def new_words(text: str, *, subject: str = "", sent: str = "") -> Reply:
    r"""Part a mail into what its sender wrote, and what is quoted.

    Args:
        text: The words of the mail.
        subject: Its subject, which may say that it is passed on.
        sent: The words of the mail that it answers, where they are known: lines of these are quoted, marked or not.

    >>> reply = new_words("It works.\n\nOn 3 Mar 2014 at 12:00, Bo <bo@firm.example> wrote:\n> Is it fixed?\n")
    >>> reply.text, reply.style
    ('It works.', <Style.TOP: 'top'>)
    """
    lines = text.split("\n", _MOST_LINES)
    mark = next(_marks(lines), None)
    if mark and (mark.forward or (not mark.answers and subject.lower().startswith(FORWARD_SUBJECTS))):
        return Reply(text=text.strip(), style=Style.FORWARD)
    kinds = _kinds(lines, sent)
    _spread(lines, kinds)
    return _parted(lines, kinds)


def _marks(lines: Sequence[str]) -> Iterator[_Mark]:
    """The lines above what is quoted, in their order; not those that are quoted themselves."""
    number = 0
    while number < len(lines):
        mark = None if quoted(lines[number]) or not lines[number].strip() else _mark(lines, number)
        if mark:
            yield mark
        number = mark.end if mark else number + 1


def _mark(lines: Sequence[str], number: int) -> _Mark | None:
    if forward(lines[number]):
        return _Mark(number, number + 1, forward=True, marked=False, answers=False)
    if original(lines[number]):
        return _Mark(number, number + 1, forward=False, marked=_is_marked(lines, number + 1), answers=False)
    first = number + 1 if rule(lines[number]) and number + 1 < len(lines) else number
    if label(lines[first]) and (end := _end_of_header(lines, first)):
        return _Mark(number, end, forward=False, marked=_is_marked(lines, end), answers=False)
    if end := _end_of_attribution(lines, number):
        return _Mark(number, end, forward=False, marked=_is_marked(lines, end), answers=True)
    return None


def _is_marked(lines: Sequence[str], start: int) -> bool:
    """Whether the next line that is not empty is marked as quoted."""
    return next((quoted(line) for line in lines[start : start + _HEADER_LINES] if line.strip()), False)


def _end_of_header(lines: Sequence[str], start: int) -> int | None:
    """The end of the fields of a quoted mail: who wrote it, and two more of when, to whom and about what."""
    found: set[str] = set()
    end = start
    for number in range(start, min(start + _HEADER_LINES, len(lines))):
        what = label(lines[number])
        if what and not (what == "from" and what in found):
            found.add(what)
            end = number + 1
        elif lines[number].strip() and not (number == end and _continues(lines[number], found)):
            break
    return end if "from" in found and len(found) > 2 else None


def _continues(line: str, found: set[str]) -> bool:
    """Whether a line right below a field may go on with it, or be a field that no table has."""
    return len(found) > 1 or line[:1].isspace() or ":" in line[:20]


def _end_of_attribution(lines: Sequence[str], start: int) -> int | None:
    """The end of the line, or of the lines, that say who wrote what is quoted."""
    if attribution(lines[start], above_quote=_is_marked(lines, start + 1)):
        return start + 1
    if attribution_begins(lines[start]):
        for end in range(start + 2, min(start + _ATTRIBUTION_LINES, len(lines)) + 1):
            joined = " ".join(line.strip() for line in lines[start:end])
            if lines[end - 1].strip() and attribution(joined, above_quote=_is_marked(lines, end)):
                return end
    return None


def _kinds(lines: Sequence[str], sent: str) -> list[_Kind]:
    """What each line is: marked as quoted, copied from our mail, empty, or the sender's."""
    copied = _copied(lines, sent)
    return [
        _Kind.BLANK if not line.strip() else _Kind.QUOTE if quoted(line) or number in copied else _Kind.TEXT
        for number, line in enumerate(lines)
    ]


def _copied(lines: Sequence[str], sent: str) -> set[int]:
    """The lines that stand in our mail too, however it was broken; short ones only next to others."""
    ours = _squeezed(sent)
    if not ours:
        return set()
    squeezed = {number: _squeezed(bare(line)) for number, line in enumerate(lines) if bare(line)}
    whole = {_squeezed(bare(line)) for line in sent[:_SENT].split("\n")}
    found = [number for number, line in squeezed.items() if line in whole or (len(line) >= _COPIED and line in ours)]
    order = {number: place for place, number in enumerate(squeezed)}
    places = {order[number] for number in found}
    return {
        number
        for number in found
        if len(squeezed[number]) >= _COPIED_ALONE or {order[number] - 1, order[number] + 1} & places
    }


def _squeezed(text: str) -> str:
    """Text as it is compared: without blanks and case."""
    return "".join(text[: 2 * _SENT].split()).casefold()[:_SENT]


def _spread(lines: Sequence[str], kinds: list[_Kind]) -> None:
    """Take the marks for quoted, and what follows those under which lines are not marked one by one."""
    for mark in _marks(lines):
        kinds[mark.start : mark.end] = [_Kind.QUOTE] * (mark.end - mark.start)
        if not mark.marked:
            # With nothing above, the answer may be below, and only our own words tell where it begins.
            copied = [number for number in range(mark.end, len(lines)) if kinds[number] is _Kind.QUOTE]
            answered_above = _Kind.TEXT in kinds[: mark.start]
            end = max(copied) + 1 if copied and not answered_above else len(lines)
            for number in range(mark.end, end):
                kinds[number] = _Kind.QUOTE if kinds[number] is _Kind.TEXT else kinds[number]
            return


def _parted(lines: Sequence[str], kinds: list[_Kind]) -> Reply:
    """Take off what is quoted and the signature, where the answer can be understood without."""
    signed = _signature(lines, kinds)
    said = (kind for number, kind in enumerate(kinds) if kind is not _Kind.BLANK and number not in signed)
    runs = tuple(kind for kind, _ in groupby(said))
    style = _STYLES.get(runs, Style.INLINE if _Kind.TEXT in runs else Style.UNCLEAR)
    if style in (Style.UNCLEAR, Style.INLINE):
        return Reply(text=_join(lines, range(len(lines))), style=style)
    first, last = _span(kinds, signed)
    taken = range(first, last + 1)
    return Reply(
        text=_join(lines, (number for number in taken if number not in signed)),
        quoted=_join(lines, (number for number in range(len(lines)) if number not in taken and number not in signed)),
        signature=_join(lines, sorted(signed)),
        style=style,
    )


#: What the runs of lines make of a mail; everything else is in between, or unclear.
_STYLES: Mapping[tuple[_Kind, ...], Style] = {
    (_Kind.TEXT,): Style.PLAIN,
    (_Kind.TEXT, _Kind.QUOTE): Style.TOP,
    (_Kind.QUOTE, _Kind.TEXT): Style.BOTTOM,
}


def _span(kinds: Sequence[_Kind], signed: set[int]) -> tuple[int, int]:
    words = [number for number, kind in enumerate(kinds) if kind is _Kind.TEXT and number not in signed]
    return words[0], words[-1]


def _signature(lines: Sequence[str], kinds: Sequence[_Kind]) -> set[int]:
    """The lines of signatures: from a line of two dashes to what is quoted or the end; and what telephones add."""
    found: set[int] = set()
    ends = [number for number, kind in enumerate(kinds) if kind is _Kind.QUOTE] + [len(lines)]
    place = 0
    for number, line in enumerate(lines):
        if kinds[number] is not _Kind.TEXT or number in found:
            continue
        while ends[place] < number:
            place += 1
        if line.rstrip() in ("--", "—", "- --") and ends[place] - number <= _SIGNATURE_LINES:
            found.update(range(number, ends[place]))
        elif footer(line) and not any(kinds[after] is _Kind.TEXT for after in range(number + 1, ends[place])):
            found.add(number)
    return found


def _join(lines: Sequence[str], numbers: Iterator[int] | Sequence[int]) -> str:
    return "\n".join(lines[number] for number in numbers).strip()
