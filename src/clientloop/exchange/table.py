"""Rows of a CSV file, none of which is lost: what cannot be read as a row is handed on with the reason.

Lines are read one at a time, so memory does not grow with the file. A quote that is never closed would swallow all that
follows it; the line on which such a row begins is therefore handed on as bad, and reading goes on with the next line.
"""

import csv
import gzip
import io
import os
import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from attrs import define, evolve

from clientloop.errors import InvalidValue, NotFound
from clientloop.exchange.dialect import Dialect
from clientloop.model.codec import text

#: The columns that a file of rejected rows has besides the source's.
REJECT_COLUMNS = ("rejected_line", "rejected_field", "rejected_reason", "rejected_text")

#: Characters in one row, line breaks included; beyond that it is no row. (A single cell may have 131,072, as the csv
#: module has it.)
LONGEST = 1_048_576

#: How many characters may be read a second time for each that is read once: what bad quotes can cost.
_AGAIN = 4

_ENDS = ("\n", "\r")


@define
class Row:
    """A row of the file, or what should have been one; not frozen, as it is made once a row."""

    #: The line on which it begins, the first line of the file being 1.
    line: int
    #: Its cells, one for each column; none, if it could not be divided into them.
    cells: Sequence[str]
    #: Why it is none; empty if it is one.
    reason: str = ""
    #: What could not be divided into cells.
    text: str = ""
    #: For a row of a file of rejected rows: the line from which it came.
    mended_line: int | None = None


class _TooLong(csv.Error):
    """A row is longer than any row can be."""


class _Lines:
    """The lines of a file, with those of the row that is being read, which can be taken back."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._back: deque[str] = deque()
        self._budget = LONGEST
        self._size = 0
        #: Lines given out so far, those taken back not counted.
        self.number = 0
        #: The lines of the row that is being read.
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else self._file.readline(LONGEST)
        if not line:
            raise StopIteration
        self.taken.append(line)
        self.number += 1
        self._size += len(line)
        if self._size >= LONGEST:
            raise _TooLong(f"it has more than {LONGEST:,} characters")
        return line

    def begin(self) -> None:
        """The row is read; the next one begins."""
        self._budget += self._size * _AGAIN
        self._size = 0
        self.taken = []

    def skip_long_line(self) -> None:
        """Skip what is left of a line too long to be read, once."""
        line = self.taken[-1]
        if len(line) >= LONGEST and not line.endswith(_ENDS):
            self.taken[-1] = line + "\n"
            while line and not line.endswith(_ENDS):
                line = self._file.readline(LONGEST)

    def take_back(self) -> bool:
        """Take back all lines of the row but the first; False if that has been done so often that it would not end."""
        again = self.taken[1:]
        size = sum(map(len, again))
        if size > self._budget:
            return False
        self._budget -= size
        self._size -= size
        self._back.extendleft(reversed(again))
        self.number -= len(again)
        self.taken = self.taken[:1]
        return True


class Table:
    """A CSV file that is being read.

    Args:
        source: A path, `.gz` for a packed file; or an open text file, best opened with `newline=""`.
        dialect: How the file is written.

    Raises:
        NotFound: There is no such file.
        InvalidValue: It cannot be read, or has no header.
    """

    def __init__(self, source: str | os.PathLike[str] | TextIO, dialect: Dialect) -> None:
        """Open the file and read its header."""
        self._dialect = dialect
        self._open = ExitStack()
        self._raw: io.BufferedReader | None = None
        self._size = 0
        try:
            self._lines = _Lines(self._opened(source))
            self._records = dialect.records(self._lines)
            self._read_header()
        except BaseException:
            self._open.close()
            raise

    def _opened(self, source: str | os.PathLike[str] | TextIO) -> TextIO:
        if not isinstance(source, (str, os.PathLike)):
            self._name = str(getattr(source, "name", "the file"))
            return source
        path = Path(source)
        self._name = str(path)
        try:
            self._raw = self._open.enter_context(path.open("rb"))
        except FileNotFoundError:
            raise NotFound(f"no file {self._name}") from None
        except OSError as error:
            raise InvalidValue(f"{self._name} cannot be read: {error.strerror}") from None
        self._size = os.fstat(self._raw.fileno()).st_size
        unpacked = self._open.enter_context(gzip.GzipFile(fileobj=self._raw)) if path.suffix == ".gz" else self._raw
        # bytes that are no text of the encoding come in as lone surrogates, which no cell may have
        return self._open.enter_context(
            io.TextIOWrapper(unpacked, self._dialect.encoding, errors="surrogateescape", newline="")
        )

    def _read_header(self) -> None:
        first = next(self._rows(), None)
        given = self._dialect.header
        if first is None:
            raise InvalidValue(f"{self._name} is empty", hint="the first line names the columns")
        if first.reason:
            raise InvalidValue(f"the header of {self._name} cannot be read: {first.reason}")
        names = [cell.strip() for cell in first.cells]
        #: Whether the file holds rows that an import has rejected.
        self.is_mended = tuple(names[-len(REJECT_COLUMNS) :]) == REJECT_COLUMNS
        if self.is_mended:
            names = names[: -len(REJECT_COLUMNS)]
        #: Names of the columns.
        self.header: tuple[str, ...] = given or tuple(names)
        self._held = first if given and not self.is_mended else None

    def __iter__(self) -> Iterator[Row]:
        """Over all rows, good and bad; lines without a character are none."""
        width = len(self.header) + (len(REJECT_COLUMNS) if self.is_mended else 0)
        if self._held is not None:
            held, self._held = self._held, None
            yield self._checked(held, width)
        for row in self._rows():
            yield self._checked(row, width)

    @property
    def done(self) -> float | None:
        """The share of the file that has been read, from 0 to 1; None where its size is not known."""
        return self._raw.tell() / self._size if self._raw is not None and self._size else None

    def _rows(self) -> Iterator[Row]:
        lines, records = self._lines, self._records
        while True:
            lines.begin()
            line = lines.number + 1
            try:
                cells = next(records, None)
            except csv.Error as error:
                yield from self._recovered(line, f"it cannot be read as CSV: {error}")
                continue
            except UnicodeDecodeError as error:
                raise InvalidValue(f"{self._name} is no {error.encoding} from line {line} on") from None
            except (OSError, EOFError, zlib.error) as error:
                raise InvalidValue(f"{self._name} cannot be read from line {line} on: {error}") from None
            if cells is None:
                return
            if cells:
                yield Row(line, cells)

    def _recovered(self, line: int, reason: str) -> Iterator[Row]:
        """The first line of an unreadable row; its other lines are read again, or, at worst, each for itself."""
        lines = self._lines
        lines.skip_long_line()
        if lines.take_back():
            yield Row(line, (), reason, lines.taken[0])
            return
        for number, single in enumerate(lines.taken, line):
            try:
                cells = next(self._dialect.records(iter([single])), None)
            except csv.Error as error:
                yield Row(number, (), f"it cannot be read as CSV: {error}", single)
            else:
                if cells:
                    yield Row(number, cells)

    def _checked(self, row: Row, width: int) -> Row:
        if row.reason:
            return row
        cells = row.cells
        if len(cells) != width:
            many = f"it has {len(cells)} fields where the header has {width}"
            return Row(row.line, (), many, "".join(self._lines.taken))
        if self.is_mended:
            row = _mended(row)
        return row if row.reason else sound(row)

    def close(self) -> None:
        """Close the file, unless it was given open."""
        self._open.close()

    def __enter__(self) -> Self:
        """The table itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """As `close`."""
        self.close()


def _mended(row: Row) -> Row:
    """The row without the columns that say why it was rejected."""
    own, (line, _, _, unread) = row.cells[: -len(REJECT_COLUMNS)], row.cells[-len(REJECT_COLUMNS) :]
    mended_line = int(line) if line.isascii() and line.isdigit() and len(line) < 16 else None
    if any(own):
        return Row(row.line, own, mended_line=mended_line)
    return Row(row.line, (), "it has not been mended: fill in its cells", unread, mended_line)


def sound(row: Row) -> Row:
    """The row, with a reason if a cell holds what no store takes."""
    try:
        text("".join(row.cells))
    except InvalidValue as error:
        return evolve(row, reason=error.message)
    return row
