"""Rows of an XLSX file, read within limits that no file can get around.

A workbook is a ZIP archive of XML. A small one may unpack to any size, and may claim a cell far out, so that a table of
all cells before it would fill the memory. So the archive is unpacked here first, up to a limit, its sheets are
measured, and only what has been seen to be small enough is given to the library that reads it.
"""

import io
import os
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Self
from xml.parsers import expat

from attrs import define, field, frozen
from attrs.validators import ge

from clientloop.errors import InvalidValue, MissingExtra, NotFound, UnknownName
from clientloop.exchange.table import Row, sound


@frozen(kw_only=True)
class SheetLimits:
    """How large a workbook may be."""

    #: Bytes of all its parts together, unpacked.
    unpacked: int = field(default=256 * 2**20, validator=ge(1))
    #: Cells of the sheet that is read, the empty ones between others included.
    cells: int = field(default=20_000_000, validator=ge(1))


#: How many times its size a file may unpack to, if that is more than `_SMALL`: sheets pack to a twentieth or so.
_RATIO, _SMALL = 100, 2**20

#: Every number has a point.
_POINTS: Mapping[str, str] = {}

_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


def read_sheet(
    path: str | os.PathLike[str], *, sheet: str | None = None, limits: SheetLimits | None = None
) -> tuple[tuple[str, ...], ...]:
    """The rows of a sheet as texts, as a CSV file would have them; rows at the end without a cell are left out.

    Whole numbers have no decimals, other numbers the 15 digits that a spreadsheet shows; dates and times are ISO 8601,
    an empty cell is an empty text.

    Args:
        path: The file.
        sheet: Name of the sheet; the first if not given.
        limits: How large it may be.

    Raises:
        NotFound: There is no such file.
        UnknownName: It has no such sheet.
        InvalidValue: It is no workbook, or too large.
        MissingExtra: Reading needs the extra `sheets`.
    """
    return tuple(tuple(map(_text, row)) for row in _cells(path, sheet, limits or SheetLimits()))


def _cells(path: str | os.PathLike[str], sheet: str | None, limits: SheetLimits) -> list[list[object]]:
    """The rows of a sheet as the library gives them."""
    parts = _unpacked(Path(path), limits.unpacked)
    for content in parts.values():
        if _extent(content) > limits.cells:
            raise InvalidValue(
                f"{path}: a sheet of more than {limits.cells:,} cells",
                hint="save it as CSV, or raise the limit if the file is trusted",
            )
    book = _workbook(parts, path)
    names = book.sheet_names
    if sheet is not None and sheet not in names:
        raise UnknownName.among(sheet, names, what=f"sheet of {path}")
    if not names:
        raise InvalidValue(f"{path} has no sheet")
    rows: list[list[object]] = book.get_sheet_by_name(sheet or names[0]).to_python(skip_empty_area=False)
    return rows


def _unpacked(path: Path, most: int) -> dict[str, bytes]:
    """The parts of a workbook by name, unless they are too large; a part that is not as it is claimed to be is none."""
    try:
        with zipfile.ZipFile(path) as archive:
            claimed = sum(entry.file_size for entry in archive.infolist())  # no more is unpacked of a part
            if claimed > min(most, _RATIO * path.stat().st_size + _SMALL):
                raise InvalidValue(f"{path} unpacks to too many bytes", hint="save it as CSV")
            return {entry.filename: archive.read(entry) for entry in archive.infolist()}
    except InvalidValue:
        raise
    except FileNotFoundError:
        raise NotFound(f"no file {path}") from None
    except OSError as error:
        raise InvalidValue(f"{path} cannot be read: {error.strerror or error}") from None
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, ValueError) as error:
        raise InvalidValue(
            f"{path} is no XLSX file: {error}", hint="save it as XLSX or CSV, without a password"
        ) from None


def _extent(part: bytes) -> int:
    """How many cells there are up to the last of a sheet; none in a part that is no sheet."""
    measure = _Measure()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = measure.begin
    try:
        parser.Parse(part, True)
    except (_NoSheet, expat.ExpatError):  # what is no XML is no sheet either: the library refuses it
        return 0
    return measure.columns * measure.rows


class _NoSheet(Exception):
    """The part is something else."""


@define
class _Measure:
    """How far a sheet reaches; rows and cells that do not say where they are follow those before."""

    columns: int = 0
    rows: int = 0
    _row: int = 0
    _column: int = 0
    _began: bool = False

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        if not self._began and local != "worksheet":
            raise _NoSheet
        self._began = True
        place = attributes.get("r", "")
        if local == "row":
            self._row, self._column = int(place) if place.isascii() and place.isdigit() else self._row + 1, 0
        elif local == "c":
            found = _REFERENCE.fullmatch(place)
            self._row, self._column = (int(found[2]), _number(found[1])) if found else (self._row, self._column + 1)
        self.rows, self.columns = max(self.rows, self._row), max(self.columns, self._column)


def _number(letters: str) -> int:
    """The number of a column: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


# Any: the library has no types of its own for a workbook.
def _workbook(parts: dict[str, bytes], path: str | os.PathLike[str]) -> Any:
    try:
        import python_calamine as calamine
    except ImportError:
        raise MissingExtra.of("sheets", "python-calamine") from None
    repacked = io.BytesIO()
    with zipfile.ZipFile(repacked, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    repacked.seek(0)
    try:
        return calamine.load_workbook(repacked)
    except (calamine.CalamineError, ValueError) as error:
        raise InvalidValue(f"{path} is no XLSX file: {error}", hint="save it as XLSX or CSV") from None


def _text(cell: object, decimal: str = ".") -> str:
    """A cell as text; a number with this decimal mark."""
    match cell:
        case bool():
            return str(cell).lower()
        case float():
            return _digits(cell).replace(".", decimal)
        case datetime() | date() | time():
            return cell.isoformat()
        case timedelta():
            return str(cell.total_seconds())
        case _:
            return str(cell)


def _digits(number: float) -> str:
    """A number as a spreadsheet shows it: what a formula has left beyond 15 digits is no part of its result."""
    rounded = number if number.is_integer() else float(f"{number:.15g}")
    return str(int(rounded)) if rounded.is_integer() and abs(rounded) < 2**63 else str(rounded)


class Sheet:
    """The first sheet of a workbook, read as `Table` reads a CSV file: rows begin on the lines of the sheet.

    Args:
        path: The file.
        header: Names of the columns, for a sheet whose first row does not name them.
        decimals: Column to the decimal mark of its texts. Cells that are numbers are written with it too, so that they
            mean the same there, and in the file of rejected rows.

    Raises:
        NotFound: There is no such file.
        InvalidValue: It is no workbook, too large, or has no header.
        MissingExtra: Reading needs the extra `sheets`.
    """

    #: Whether the file holds rows that an import has rejected: these are written as CSV.
    is_mended = False
    #: The share that has been read: all of it.
    done = 1.0

    def __init__(
        self, path: str | os.PathLike[str], *, header: tuple[str, ...] = (), decimals: Mapping[str, str] = _POINTS
    ) -> None:
        """Read the sheet."""
        rows = enumerate(_cells(path, None, SheetLimits()), 1)
        self._rows = [(line, row) for line, row in rows if any(cell != "" for cell in row)]
        if not self._rows:
            raise InvalidValue(f"{path} is empty", hint="the first row names the columns")
        #: Names of the columns.
        self.header = header or tuple(_text(name).strip() for name in self._rows.pop(0)[1])
        self._decimals = [decimals.get(name, ".") for name in self.header]

    def __iter__(self) -> Iterator[Row]:
        """Over all rows that hold anything."""
        for line, cells in self._rows:
            if len(cells) == len(self.header):
                yield sound(Row(line, list(map(_text, cells, self._decimals))))
            else:
                yield self._misfit(line, cells)

    def _misfit(self, line: int, cells: Sequence[object]) -> Row:
        many = f"it has {len(cells)} cells where the header has {len(self.header)}"
        return Row(line, (), many, "\t".join(map(_text, cells)))

    def close(self) -> None:
        """Forget the rows."""
        self._rows = []

    def __enter__(self) -> Self:
        """The sheet itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """As `close`."""
        self.close()
