"""Entries between `BEGIN:` and `END:`: the cards of a vCard file, the events of a calendar.

What cannot be read is handed on with its line and the reason, and reading goes on behind it: no entry is lost for its
neighbour. Time grows with the file, and memory with its largest entry; what is larger than `LARGEST`, or has more lines
than `LONGEST`, is none, and what is beyond that is not kept.
"""

import re
from collections.abc import Iterable, Iterator, Set
from itertools import chain
from typing import BinaryIO

from attrs import define, field, frozen

from clientloop.exchange.contentlines import Property, is_quoted_printable, parsed

#: Octets in one entry, such as a card with its picture; beyond that it is rejected.
LARGEST = 4 * 1024 * 1024

#: Lines in one entry, unfolded; beyond that it is rejected: each takes more memory than its octets.
LONGEST = 10_000

#: How deep an entry may be nested: an alarm in an event is two deep.
DEEPEST = 8

#: How much of a line is read at once.
_PIECE = 65_536

_MARK = re.compile(rb"(BEGIN|END)\s*+:\s*+([\w-]++)\s*+", re.IGNORECASE)


@define
class Container:
    """What holds entries: a calendar."""

    #: Its own lines, complete once the file is read.
    properties: list[Property] = field(factory=list)

    def value(self, name: str) -> str | None:
        """The value of a line of its own; None if there is none."""
        return next((each.value for each in self.properties if each.name == name), None)


@define(kw_only=True)
class Component:
    """What stands between `BEGIN:` and `END:`; not frozen, as it is put together line by line."""

    #: Its name, in capitals; empty for what is in none.
    name: str
    #: The line on which it begins.
    line: int
    #: Its lines.
    properties: list[Property] = field(factory=list)
    #: What stands within it, such as the alarms of an event.
    parts: list["Component"] = field(factory=list)
    #: What it stands in.
    container: Container = field(factory=Container)
    #: Why it is none; empty if it is one.
    reason: str = ""
    #: The line that is wrong.
    wrong_line: int = 0
    #: The lines as they were.
    raw: list[bytes] = field(factory=list, repr=False)

    def all(self, name: str) -> Iterator[Property]:
        """The lines of a name."""
        return (each for each in self.properties if each.name == name)

    def first(self, name: str) -> Property | None:
        """The first line of a name; None if there is none."""
        return next(self.all(name), None)

    def refuse(self, line: int, reason: str) -> None:
        """Say why it is none; what was wrong first counts."""
        if not self.reason:
            self.reason, self.wrong_line = reason, line


@frozen
class _Line:
    number: int
    raw: bytes
    unfolded: bytes


@define
class _Room:
    """What may be kept of an entry, or of what holds entries."""

    octets: int = LARGEST
    lines: int = LONGEST

    def takes(self, line: _Line) -> bool:
        """Whether there is room for one more line, which is then kept."""
        self.octets -= len(line.raw)
        self.lines -= 1
        return self.octets >= 0 and self.lines >= 0


def read(file: BinaryIO, wanted: Set[str], *, within: str = "", encoding: str = "utf-8") -> Iterator[Component]:
    r"""The entries of a file, each as it ends.

    Args:
        file: The file.
        wanted: The names of entries.
        within: The name of what they stand in; nothing if empty.
        encoding: How text is encoded that does not say so itself.

    >>> import io
    >>> [card] = read(io.BytesIO(b"BEGIN:VCARD\nFN:Ana \n Novak\nEND:VCARD\n"), {"VCARD"})
    >>> card.properties[0].value, card.reason
    ('Ana Novak', '')
    """
    reader = _Reader(wanted=wanted, within=within, encoding=encoding)
    return chain(chain.from_iterable(map(reader.take, _unfolded(_physical(file)))), reader.end())


@define(kw_only=True)
class _Reader:
    """Puts entries together, line by line."""

    wanted: Set[str]
    within: str
    encoding: str
    container: Container = field(factory=Container)
    is_within: bool = False
    #: What may be kept of the container.
    around: _Room = field(factory=_Room)
    #: What may be kept of the entry that is being read, or of what stands in none.
    room: _Room = field(factory=_Room)
    #: The entry that is being read, and what is open in it.
    open: list[Component] = field(factory=list)
    #: What stood in no entry.
    stray: Component | None = None

    def take(self, line: _Line) -> Iterator[Component]:
        """Take a line, and give the entries that it ends."""
        mark = _MARK.fullmatch(line.unfolded)
        if mark is None:
            self._property(line)
            return
        name = mark[2].decode("ascii", "replace").upper()
        yield from self._begin(name, line) if mark[1].upper() == b"BEGIN" else self._end(name, line)

    def end(self) -> Iterator[Component]:
        """What is open when the file ends."""
        yield from self._unended("the file ends within it")
        yield from self._strays()

    def _begin(self, name: str, line: _Line) -> Iterator[Component]:
        if name in self.wanted or (name == self.within and self.within):
            yield from self._unended(f"it does not end before {name} begins on line {line.number}")
            yield from self._strays()
        if name == self.within and self.within:
            self.container, self.is_within, self.around = Container(), True, _Room()
        elif self.open:
            if not self._keep(line):
                return
            part = Component(name=name, line=line.number)
            if len(self.open) >= DEEPEST:
                self.open[0].refuse(line.number, f"it is nested more than {DEEPEST} deep")
            else:
                self.open[-1].parts.append(part)
            self.open.append(part)
        elif name in self.wanted or self.is_within:
            self.open = [Component(name=name, line=line.number, container=self.container)]
            self.room = _Room()
            self._keep(line)
        else:
            self._property(line)

    def _end(self, name: str, line: _Line) -> Iterator[Component]:
        if self.open:
            self._keep(line)
            if self.open[-1].name == name:
                ended = self.open.pop()
                if not self.open:
                    yield ended
            elif name == self.open[0].name:
                yield from self._unended(f"{self.open[-1].name} does not end before it")
            elif name == self.within and self.within:
                yield from self._unended("its calendar ends within it")
                self.is_within = False
            else:
                self.open[0].refuse(line.number, f"{name} ends where none is open")
        elif name == self.within and self.is_within:
            self.is_within = False
        else:
            self._property(line)

    def _unended(self, reason: str) -> Iterator[Component]:
        if self.open:
            entry = self.open[0]
            entry.refuse(entry.line, reason)
            self.open = []
            yield entry

    def _strays(self) -> Iterator[Component]:
        if self.stray is not None:
            yield self.stray
            self.stray = None

    def _keep(self, line: _Line) -> bool:
        """Keep a line of the entry as it was, as long as the entry is not too large."""
        entry, fits = self.open[0], self.room.takes(line)
        if fits:
            entry.raw.append(line.raw)
        else:
            most = f"{LARGEST:,} octets" if self.room.octets < 0 else f"{LONGEST:,} lines"
            entry.refuse(entry.line, f"it has more than {most}")
        return fits

    def _property(self, line: _Line) -> None:
        if self.open:
            if not self._keep(line):
                return
            found = parsed(line.unfolded, number=line.number, encoding=self.encoding)
            if isinstance(found, Property):
                self.open[-1].properties.append(found)
            else:
                self.open[0].refuse(line.number, found)
        elif self.is_within:
            if not self.around.takes(line):
                return
            found = parsed(line.unfolded, number=line.number, encoding=self.encoding)
            if isinstance(found, Property):
                self.container.properties.append(found)
        else:
            if self.stray is None:
                self.stray = Component(name="", line=line.number)
                self.stray.refuse(line.number, "it stands in no entry")
                self.room = _Room()
            if self.room.takes(line):
                self.stray.raw.append(line.raw)


def _physical(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a file; of one that is larger than any entry, no more than that is kept."""
    while piece := file.readline(_PIECE):
        pieces, size = [piece], len(piece)
        while not piece.endswith(b"\n") and (piece := file.readline(_PIECE)):
            size += len(piece)
            if size <= LARGEST + _PIECE:
                pieces.append(piece)
        yield b"".join(pieces)


def _unfolded(lines: Iterable[bytes]) -> Iterator[_Line]:
    """Lines with those that go on with them; blank ones are none.

    vCard 2.1 goes on behind an equals sign at the end of a value that is quoted-printable.
    """
    first, raw, unfolded = 0, bytearray(), bytearray()
    head, goes_on = b"", False
    for number, line in enumerate(lines, 1):
        text = line.rstrip(b"\r\n")
        if number == 1:
            text = text.removeprefix(b"\xef\xbb\xbf")
        if not goes_on:
            if text[:1] in {b" ", b"\t"} and head:
                text = text[1:]
            else:
                if head:
                    yield _Line(first, bytes(raw), bytes(unfolded))
                first, raw, unfolded = number, bytearray(), bytearray()
                head = text.strip() and text
        if not head:
            continue
        goes_on = text.endswith(b"=") and is_quoted_printable(head)
        if len(raw) <= LARGEST:  # what is larger is known by that, and the rest of it not kept
            raw += line
            unfolded += text[:-1] if goes_on else text
    if head:
        yield _Line(first, bytes(raw), bytes(unfolded))
