"""Rows out, as CSV or XLSX: exact, complete, and without a formula."""

import csv
import gzip
import io
import os
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import chain
from math import isfinite
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

from clientloop.errors import InvalidValue, MissingExtra, near_matches
from clientloop.exchange.harmless import harmless

#: What a cell may hold. Times are aware.
Cell: TypeAlias = str | int | float | Decimal | bool | datetime | date | timedelta | None

#: As many characters as a cell of a spreadsheet may hold, and as many rows as a sheet.
LONGEST_CELL, MOST_ROWS = 32_767, 1_048_576

#: Beyond this, a spreadsheet rounds whole numbers; and of others it keeps so many digits.
_EXACT, _DIGITS = 2**53, 15


def write(path: str | os.PathLike[str], header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> int:
    """Write a table; how follows from the end of the file's name: `.csv`, `.csv.gz` or `.xlsx`.

    The file appears when it is complete, in place of an older one of this name. Times are written as ISO 8601 in UTC,
    spans in seconds. A text that a spreadsheet would take for a formula gets an apostrophe in a CSV file, which
    `harmless.as_it_was` takes away; an XLSX file says of each cell that it is a text.

    Args:
        path: The file.
        header: Names of the columns.
        rows: The rows, each with a cell for every column; read one at a time.

    Returns:
        How many rows were written.

    Raises:
        InvalidValue: There is no such way of writing, the file cannot be written, a row does not fit the header, a time
            names no zone, or an XLSX file cannot hold what there is.
        MissingExtra: XLSX needs the extra `sheets`.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     count = write(f"{folder}/calls.csv", ["phone", "calls"], [["+38640123456", 2]])
    ...     print(count, Path(f"{folder}/calls.csv").read_text(encoding="utf-8-sig").splitlines())
    1 ['phone,calls', "'+38640123456,2"]
    """
    target = Path(path)
    suffix = "".join(target.suffixes[-2:]) if target.suffix == ".gz" else target.suffix
    if suffix not in _WAYS:
        raise InvalidValue(f"nobody writes {suffix or 'a file without a suffix'}", hint=near_matches(suffix, _WAYS))
    with _replaced(target) as file:
        return _WAYS[suffix](file, header, _whole(header, rows))


def _whole(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[Sequence[Cell]]:
    for number, row in enumerate(rows, 1):
        if len(row) != len(header):
            raise InvalidValue(f"row {number} has {len(row)} cells where the header has {len(header)}")
        yield row


@contextmanager
def _replaced(target: Path) -> Generator[BinaryIO]:
    """A new file that takes the place of the target at the end, if nothing goes wrong."""
    unfinished = target.with_name(f"{target.name}.part")
    try:
        with unfinished.open("wb") as file:
            yield file
        unfinished.replace(target)
    except OSError as error:
        raise InvalidValue(f"{target} cannot be written: {error.strerror}") from None
    finally:
        unfinished.unlink(missing_ok=True)


def _write_csv(file: BinaryIO, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> int:
    # spreadsheets know UTF-8 by its mark
    with io.TextIOWrapper(file, "utf-8-sig", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(map(harmless, header))
        count = 0
        for row in rows:
            writer.writerow([harmless(cell) if isinstance(cell, str) else _plain(cell) for cell in row])
            count += 1
    return count


def _write_packed(file: BinaryIO, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> int:
    with gzip.GzipFile(fileobj=file, mode="wb", mtime=0) as packed:
        return _write_csv(packed, header, rows)  # type: ignore[arg-type]  # has all that a text wrapper asks for


def _plain(cell: Cell) -> str | int | float | None:
    """A cell as text or number, the same wherever it is written."""
    match cell:
        case bool():
            return str(cell).lower()
        case datetime():
            if cell.tzinfo is None:
                raise InvalidValue(f"{cell!r} names no zone", hint="give an aware datetime")
            return cell.astimezone(UTC).isoformat()
        case date():
            return cell.isoformat()
        case timedelta():
            return cell.total_seconds()
        case Decimal() | float() if not isfinite(cell):
            raise InvalidValue(f"{cell} is no number", hint="leave the cell empty, by None")
        case Decimal():
            return format(cell, "f")
        case _:
            return cell


def _write_xlsx(file: BinaryIO, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> int:
    with closing(_workbook(file)) as book:
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        count = 0
        for count, row in enumerate(chain([header], rows)):
            if count >= MOST_ROWS:
                raise InvalidValue(f"a sheet holds no more than {MOST_ROWS:,} rows", hint="write a .csv file instead")
            for column, cell in enumerate(row):
                value = _of_sheet(cell, row=count, column=header[column])
                if isinstance(value, str):
                    sheet.write_string(count, column, value)
                elif value is not None:
                    sheet.write_number(count, column, value)
    return count


# Any: the library says nothing of types.
def _workbook(file: BinaryIO) -> Any:
    try:
        from xlsxwriter import Workbook  # type: ignore[import-untyped]  # as above
    except ImportError:
        raise MissingExtra.of("sheets", "xlsxwriter") from None
    # rows go to disk as they come, so that memory does not grow with them
    return Workbook(file, {"constant_memory": True})


def _of_sheet(cell: Cell, *, row: int, column: str) -> str | int | float | None:
    """What a cell of a sheet holds; a number that a spreadsheet would round becomes a text."""
    value = _plain(cell)
    if isinstance(cell, Decimal) and abs(cell) < _EXACT and Decimal(f"{float(cell):.{_DIGITS}g}") == cell:
        return float(cell)
    if isinstance(value, str) and len(value) > LONGEST_CELL:
        raise InvalidValue(
            f"row {row}, {column}: {len(value):,} characters, where a cell of a sheet holds {LONGEST_CELL:,}",
            hint="write a .csv file instead",
        )
    return str(value) if isinstance(value, int) and abs(value) > _EXACT else value


#: How files are written, by the end of their names.
_WAYS: Mapping[str, Callable[[BinaryIO, Sequence[str], Iterable[Sequence[Cell]]], int]] = {
    ".csv": _write_csv,
    ".csv.gz": _write_packed,
    ".xlsx": _write_xlsx,
}
