"""What a disk may hold after a power cut: all that was synced, and any of what was written since.

A disk is asked for writes, truncations, syncs and new names of files. Until a file is synced, each of its sectors may
hold any of the values that it had since the last sync, and may be torn between two of them; its length may be any that
it had; and until its folder is synced, a name may stand for any of the files that it stood for. That covers writes that
were dropped, that went out in another order, and that were torn, at sectors and within them. What no disk does is left
out: bytes that were not written keep their values (SQLite calls that powersafe overwrite, and relies on it).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from attrs import field, frozen, mutable

#: What a disk writes at a time.
SECTOR = 512


class Write(NamedTuple):
    """Bytes were written into a file."""

    file: int
    offset: int
    content: bytes


class Truncate(NamedTuple):
    """A file was made shorter, or longer by zeros."""

    file: int
    size: int


class Sync(NamedTuple):
    """What was written into a file is to stay."""

    file: int


class Name(NamedTuple):
    """A name in the folder stands for a file, or for none."""

    name: str
    file: int | None


class SyncFolder(NamedTuple):
    """The names in the folder are to stay."""


Event = Write | Truncate | Sync | Name | SyncFolder


@frozen
class Weather:
    """How much of what was not synced arrives."""

    #: The part of the sectors of which all arrives; of the others, something between nothing and all.
    all: float = 0
    #: The part of the sectors of which nothing arrives.
    nothing: float = 0

    def how_many(self, dice: Random, written: int) -> int:
        """How many of some writes arrive."""
        throw = dice.random()
        if throw < self.all:
            return written
        return 0 if throw < self.all + self.nothing else dice.randint(0, written)


#: Cuts differ: all is lost, all arrives, nearly so, or anything goes.
WEATHERS = (Weather(nothing=1), Weather(all=1), Weather(nothing=0.9), Weather(all=0.9), Weather())


class Piece(NamedTuple):
    """What a write changes in one sector."""

    start: int
    content: bytes


@mutable
class Content:
    """A file on the disk: the bytes that stay, and what was asked for since they were synced."""

    #: What is there in any case.
    kept: bytearray = field(factory=bytearray)
    #: What it is if all arrives.
    whole: bytearray = field(factory=bytearray)
    #: What was written into each sector, in order.
    pieces: defaultdict[int, list[Piece]] = field(factory=lambda: defaultdict(list))
    #: The lengths that it had.
    sizes: list[int] = field(factory=lambda: [0])

    def write(self, offset: int, content: bytes) -> None:
        """Take bytes that may arrive."""
        end = offset + len(content)
        if end > len(self.whole):
            self.whole.extend(bytes(end - len(self.whole)))
            self.sizes.append(end)
        self.whole[offset:end] = content
        for start in range(offset - offset % SECTOR, end, SECTOR):
            first, last = max(start, offset), min(start + SECTOR, end)
            self.pieces[start].append(Piece(first, content[first - offset : last - offset]))

    def truncate(self, size: int) -> None:
        """Take a length that may arrive; what lies beyond it is zeros, should the file grow again."""
        gone = len(self.whole) - size
        if gone > 0:
            self.write(size, bytes(gone))
        del self.whole[size:]
        self.whole.extend(bytes(size - len(self.whole)))
        self.sizes.append(size)

    def sync(self) -> None:
        """Keep all."""
        self.kept = bytearray(self.whole)
        self.pieces.clear()
        self.sizes = [len(self.kept)]

    def after_cut(self, dice: Random, weather: Weather) -> bytes:
        """What may be left of it."""
        size = self.sizes[weather.how_many(dice, len(self.sizes) - 1)]
        left = bytearray(max(len(self.kept), len(self.whole), *self.sizes))
        left[: len(self.kept)] = self.kept
        for pieces in self.pieces.values():
            arrived = pieces[: weather.how_many(dice, len(pieces))]
            for piece in arrived[:-1]:
                left[piece.start : piece.start + len(piece.content)] = piece.content
            for start, content in arrived[-1:]:
                torn = content[: dice.choice((len(content), dice.randint(0, len(content))))]
                left[start : start + len(torn)] = torn
        return bytes(left[:size])


class Disk:
    """A folder of files on a disk whose power may fail at any time."""

    def __init__(self) -> None:
        """An empty folder."""
        self._files: defaultdict[int, Content] = defaultdict(Content)
        self._names: defaultdict[str, list[int | None]] = defaultdict(lambda: [None])

    def take(self, event: Event) -> None:
        """Do what is asked for, as far as the power lasts."""
        match event:
            case Write(file, offset, content):
                self._files[file].write(offset, content)
            case Truncate(file, size):
                self._files[file].truncate(size)
            case Sync(file):
                self._files[file].sync()
            case Name(name, file):
                self._names[name].append(file)
            case SyncFolder():
                for files in self._names.values():
                    del files[:-1]

    def after_cut(self, dice: Random) -> dict[str, bytes]:
        """The files that may be left, by their names."""
        weather = dice.choice(WEATHERS)
        left = {name: files[weather.how_many(dice, len(files) - 1)] for name, files in self._names.items()}
        return {name: self._files[file].after_cut(dice, weather) for name, file in left.items() if file is not None}


class Cut(NamedTuple):
    """The power failed."""

    #: How many events the disk had been asked for.
    after: int
    #: The files that were left.
    files: dict[str, bytes]

    def restore(self, folder: Path) -> None:
        """Make these files, and no others, in a folder."""
        for old in folder.iterdir():
            old.unlink()
        for name, content in self.files.items():
            folder.joinpath(name).write_bytes(content)


def cuts(events: Sequence[Event], points: Iterable[int], *, seed: int) -> Iterator[Cut]:
    """What a disk may hold when the power fails after so many events.

    Args:
        events: What the disk was asked for.
        points: After how many of them the power fails, each time; rising.
        seed: Of the dice.
    """
    disk, done = Disk(), 0
    for number, point in enumerate(points):
        for event in events[done:point]:
            disk.take(event)
        done = point
        yield Cut(point, disk.after_cut(Random(f"{seed}/{number}")))
