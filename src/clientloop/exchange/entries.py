"""Files of entries, cards or events: opened, read in chunks, and those that are rejected put aside as they were."""

import os
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from io import BufferedIOBase, TextIOBase
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, TextIO, cast

from clientloop.errors import InvalidValue, NotFound
from clientloop.exchange.components import Component
from clientloop.exchange.contentlines import CRLF, escaped, folded
from clientloop.exchange.rejects import SHOWN
from clientloop.exchange.report import Problem

#: A path, or an open file of bytes or of text.
EntrySource = str | os.PathLike[str] | BinaryIO | TextIO

#: A path, or an open file of text that takes line ends as they are.
EntryTarget = str | os.PathLike[str] | TextIO

#: Names the line that says in a rejected entry what was wrong; it is not read.
REJECTED = "X-CLIENTLOOP-REJECTED"


@contextmanager
def opened(source: EntrySource) -> Generator[BinaryIO]:
    """A source as a file of bytes, closed at the end if it was opened here.

    Raises:
        NotFound: There is no such file.
        InvalidValue: It cannot be read.
    """
    if isinstance(source, (str, os.PathLike)):
        try:
            with Path(source).open("rb") as file:
                yield file
        except FileNotFoundError:
            raise NotFound(f"no file {source}") from None
        except OSError as error:
            raise InvalidValue(f"{source} cannot be read: {error.strerror}") from None
    elif isinstance(source, TextIOBase):
        yield cast("BinaryIO", _Encoded(source))  # no more of a file is asked for than its lines
    elif isinstance(source, BufferedIOBase):
        yield cast("BinaryIO", source)  # every such file is one
    else:
        raise InvalidValue(f"{source!r:.60} is no file", hint="give a path or an open file")


class _Encoded:
    """A file of text whose lines are bytes."""

    def __init__(self, file: TextIOBase) -> None:
        self._file = file

    def readline(self, most: int) -> bytes:
        """The next line, or so many characters of it."""
        return str(self._file.readline(most)).encode(errors="surrogateescape")


@contextmanager
def written(target: EntryTarget) -> Generator[TextIO]:
    """A target as a file of text; a file by a path takes the place of an older one when it is complete.

    Raises:
        InvalidValue: It cannot be written.
    """
    if not isinstance(target, (str, os.PathLike)):
        yield target
        return
    path = Path(target)
    unfinished = path.with_name(f"{path.name}.part")
    try:
        with unfinished.open("w", encoding="utf-8", newline="") as file:
            yield file
        unfinished.replace(path)
    except OSError as error:
        raise InvalidValue(f"{path} cannot be written: {error.strerror}") from None
    finally:
        unfinished.unlink(missing_ok=True)


class Aside:
    """Takes the entries that were rejected, as they were, each with a line that says what was wrong.

    The file appears at the end, in place of an older one of this name, and only if an entry was rejected. It is mended
    and imported as it is.

    Args:
        path: Where to write them; None counts them only.
    """

    def __init__(self, path: str | os.PathLike[str] | None) -> None:
        """Nothing is rejected yet."""
        self._path = None if path is None else Path(path)
        self._file: BinaryIO | None = None
        self._open = ExitStack()
        self._around: str | None = None
        #: How many entries were rejected.
        self.count = 0
        #: The first of their problems.
        self.problems: list[Problem] = []

    def add(self, entry: Component, reason: str, *, line: int | None = None, field: str = "", around: str = "") -> None:
        """Reject an entry.

        Args:
            entry: The entry.
            reason: What is wrong.
            line: On which line; the entry's first one if not given.
            field: Name of the property that is wrong; empty if it is the entry.
            around: The component that the entry stands in, begun; nothing if empty.

        Raises:
            InvalidValue: The file cannot be written.
        """
        at = entry.line if line is None else line
        self.count += 1
        if len(self.problems) < SHOWN:
            self.problems.append(Problem(line=at, field=field, reason=reason))
        if self._path is None:
            return
        try:
            self._write(self._path, entry, f"line {at}: {field}{': ' if field else ''}{reason}", around)
        except OSError as error:
            raise InvalidValue(f"{self._path} cannot be written: {error.strerror}") from None

    def _write(self, path: Path, entry: Component, words: str, around: str) -> None:
        if self._file is None:
            self._file = self._open.enter_context(_unfinished(path).open("wb"))
        if around != self._around:
            self._end_around()
            self._file.write(around.encode())
            self._around = around
        note = folded(f"{REJECTED}:{escaped(words)}").encode()
        kept = [raw for raw in entry.raw if not raw.startswith(REJECTED.encode())]
        lines = [*kept[:1], note, *kept[1:]] if entry.name else [note, *kept]
        self._file.writelines(raw if raw.endswith(b"\n") else raw + CRLF.encode() for raw in lines)

    def _end_around(self) -> None:
        if self._file is not None and self._around:
            self._file.write(f"END:VCALENDAR{CRLF}".encode())

    def __enter__(self) -> Self:
        """The object itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Put the file in its place; after an error, leave what was there."""
        if self._path is None or self._file is None:
            return
        try:
            with self._open:
                self._end_around()
            if kind is None:
                _unfinished(self._path).replace(self._path)
        except OSError as failed:
            raise InvalidValue(f"{self._path} cannot be written: {failed.strerror}") from None
        finally:
            _unfinished(self._path).unlink(missing_ok=True)


def _unfinished(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")
