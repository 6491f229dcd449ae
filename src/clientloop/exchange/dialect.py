"""How a CSV file is written: its encoding, what separates its cells, what names its columns."""

import csv
from collections.abc import Callable, Iterable, Iterator
from encodings.aliases import aliases
from typing import TextIO

from attrs import frozen

from clientloop.errors import InvalidValue, UnknownName
from clientloop.exchange.harmless import as_it_was, harmless

#: Separators that have a name, because they are hard to type or are no single character.
DELIMITERS = {"tab": "\t", "whitespace": " "}


@frozen(kw_only=True)
class Dialect:
    """How a CSV file is written; what is written in it reads back the same.

    >>> list(Dialect(delimiter="whitespace").records([' 00001 19970101  1   11.77']))
    [['00001', '19970101', '1', '11.77']]
    """

    #: What separates cells: one character, `tab`, or `whitespace` for any number of blanks.
    delimiter: str = ","
    #: Name of the encoding, as Python knows it.
    encoding: str = "utf-8-sig"
    #: Names of the columns, for a file whose first line does not name them.
    header: tuple[str, ...] = ()
    #: Whether an apostrophe stands before what a spreadsheet would take for a formula, as in files of clientloop.
    harmless: bool = False

    def __attrs_post_init__(self) -> None:
        """Refuse what no file can be read with."""
        separator = self._separator
        if len(separator) != 1 or separator in '"\r\n\0' or separator.isalnum():
            raise InvalidValue(
                f"{self.delimiter!r:.40} separates no cells", hint="give one character, 'tab' or 'whitespace'"
            )
        try:
            "".encode(self.encoding)
        except (LookupError, ValueError):  # what Python raises for names that are unknown, or of no encoding of text
            raise UnknownName.among(self.encoding, aliases, what="encoding") from None

    @property
    def _separator(self) -> str:
        return DELIMITERS.get(self.delimiter, self.delimiter)

    def records(self, lines: Iterable[str]) -> Iterator[list[str]]:
        """The cells of each row; raises `csv.Error` for a row that is none, and can then be asked for the next.

        Args:
            lines: The lines of the file, with their ends.
        """
        if self.delimiter == "whitespace":
            return map(_split, lines)
        records = csv.reader(lines, delimiter=self._separator, strict=True)
        return _AsTheyWere(records) if self.harmless else records

    def writer(self, file: TextIO) -> Callable[[Iterable[object]], object]:
        """What writes a row, so that `records` reads it back; blanks are no cells, so those are put in quotes."""
        blanks = self.delimiter == "whitespace"
        write = csv.writer(
            file, delimiter=self._separator, quoting=csv.QUOTE_ALL if blanks else csv.QUOTE_MINIMAL
        ).writerow
        if self.harmless:
            return lambda cells: write(harmless(cell) if isinstance(cell, str) else cell for cell in cells)
        return write


class _AsTheyWere:
    """Rows whose cells were made harmless; like the rows that it reads, it goes on after one that is none."""

    def __init__(self, records: Iterator[list[str]]) -> None:
        self._records = records

    def __iter__(self) -> Iterator[list[str]]:
        return self

    def __next__(self) -> list[str]:
        return [as_it_was(cell) for cell in next(self._records)]


def _split(line: str) -> list[str]:
    """The cells between blanks; in quotes, a cell may hold blanks itself."""
    if '"' not in line:
        return line.split()
    [cells] = csv.reader([line.strip()], delimiter=" ", skipinitialspace=True, strict=True)
    return cells
