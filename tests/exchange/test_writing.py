"""Tables written and read again."""

import csv
import gzip
import io
import re
import zipfile
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clientloop.errors import InvalidValue
from clientloop.exchange.harmless import as_it_was
from clientloop.exchange.sheets import read_sheet
from clientloop.exchange.writing import Cell, write
from tests.exchange.payloads import PAYLOADS, texts

again = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def cells_of(path: Path) -> list[list[str]]:
    """The cells of a CSV file as they are written."""
    content = path.read_bytes() if path.suffix == ".csv" else gzip.decompress(path.read_bytes())
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))


def read_csv(path: Path) -> list[list[str]]:
    """The cells of a CSV file as they were."""
    return [[as_it_was(cell) for cell in row] for row in cells_of(path)]


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".xlsx"])
def test_a_thousand_rows_of_payloads_come_back(tmp_path: Path, suffix: str) -> None:
    """Formulas, plus signs, tabs, quotes, line breaks: every character as it was."""
    rows = [[PAYLOADS[(number + column) % len(PAYLOADS)] for column in range(5)] for number in range(1_000)]
    path = tmp_path / f"payloads{suffix}"
    assert write(path, ["a", "b", "c", "d", "=e"], rows) == 1_000
    found = [list(row) for row in read_sheet(path)] if suffix == ".xlsx" else read_csv(path)
    assert found == [["a", "b", "c", "d", "=e"], *rows]


def test_no_cell_of_a_sheet_is_a_formula(tmp_path: Path) -> None:
    """The file has no element for one, and no link that somebody could click."""
    write(tmp_path / "x.xlsx", ["a"], [[payload] for payload in PAYLOADS])
    with zipfile.ZipFile(tmp_path / "x.xlsx") as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert re.findall(r"<f[ >]|<hyperlink", sheet) == []
    assert sheet.count("<c ") == len(PAYLOADS) + 1


def test_no_cell_of_a_csv_file_begins_like_a_formula(tmp_path: Path) -> None:
    """Whoever opens the file sees an apostrophe, and no result."""
    write(tmp_path / "x.csv", ["a"], [[payload] for payload in PAYLOADS])
    assert [cell for [cell] in cells_of(tmp_path / "x.csv") if cell[:1] in set("=+-@\t\r\n|%")] == []


@given(st.lists(st.lists(texts, min_size=2, max_size=2), max_size=5))
@again
def test_any_text_comes_back(tmp_path: Path, rows: list[list[str]]) -> None:
    """From a CSV file and from a sheet."""
    write(tmp_path / "x.csv", ["a", "b"], rows)
    assert read_csv(tmp_path / "x.csv")[1:] == rows
    write(tmp_path / "x.xlsx", ["a", "b", "c"], [[*row, "end"] for row in rows])
    assert [list(row) for row in read_sheet(tmp_path / "x.xlsx")][1:] == [[*row, "end"] for row in rows]


VALUES: dict[str, tuple[Cell, str]] = {
    "whole": (12, "12"),
    "negative": (-5, "-5"),
    "large": (2**63, str(2**63)),
    "number": (0.1, "0.1"),
    "money": (Decimal("1234.50"), "1234.50"),
    "as many digits as a sheet has": (Decimal("1234567890123.45"), "1234567890123.45"),
    "one more": (Decimal("12345678901234.57"), "12345678901234.57"),
    "great money": (Decimal("90071992547409931.07"), "90071992547409931.07"),
    "many decimals": (Decimal("1234567890.12345678901234567890"), "1234567890.12345678901234567890"),
    "more digits than any": (Decimal(10**40), str(10**40)),
    "yes": (True, "true"),
    "time": (datetime(2026, 3, 2, 10, tzinfo=timezone(timedelta(hours=1))), "2026-03-02T09:00:00+00:00"),
    "day": (date(2026, 3, 2), "2026-03-02"),
    "span": (timedelta(minutes=2), "120.0"),
    "nothing": (None, ""),
}


@pytest.mark.parametrize(("cell", "text"), VALUES.values(), ids=VALUES)
def test_every_sort_of_value_is_written_exactly(tmp_path: Path, cell: Cell, text: str) -> None:
    """As text in a CSV file; in a sheet as a number, where no spreadsheet would round it."""
    write(tmp_path / "x.csv", ["a", "b"], [[cell, "end"]])
    assert read_csv(tmp_path / "x.csv")[1] == [text, "end"]
    write(tmp_path / "x.xlsx", ["a", "b"], [[cell, "end"]])
    [_, (found, _)] = read_sheet(tmp_path / "x.xlsx")
    assert found == text or Decimal(found) == Decimal(text)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
@pytest.mark.parametrize(
    ("cell", "words"),
    [(datetime(2026, 3, 2), "names no zone"), (float("nan"), "nan is no number"), (Decimal("inf"), "is no number")],  # noqa: DTZ001  # that is the point
)
def test_what_has_no_meaning_is_refused_and_the_older_file_stays(
    tmp_path: Path, suffix: str, cell: Cell, words: str
) -> None:
    """Nobody finds half a file in its place."""
    path = tmp_path / f"x{suffix}"
    write(path, ["a"], [["before"]])
    before = path.read_bytes()
    with pytest.raises(InvalidValue, match=words):
        write(path, ["a"], [["first"], [cell]])
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_text_that_no_sheet_holds_is_refused(tmp_path: Path) -> None:
    """It says which; a CSV file takes it."""
    rows = [["short"], ["x" * 32_768]]
    with pytest.raises(InvalidValue, match="row 2, words: 32,768 characters"):
        write(tmp_path / "x.xlsx", ["words"], rows)
    assert write(tmp_path / "x.csv", ["words"], rows) == 2


def test_another_suffix_is_no_way_of_writing(tmp_path: Path) -> None:
    """The error says what comes near."""
    with pytest.raises(InvalidValue, match=r"nobody writes \.xls.*did you mean '\.xlsx'"):
        write(tmp_path / "x.xls", ["a"], [])


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    """It is not made, and nothing else is."""
    with pytest.raises(InvalidValue, match="cannot be written: No such file"):
        write(tmp_path / "none" / "x.csv", ["a"], [])


def test_a_time_is_written_in_utc(tmp_path: Path) -> None:
    """So that two of them sort as they were."""
    write(tmp_path / "x.csv", ["at"], [[datetime(2026, 3, 2, 9, tzinfo=UTC)]])
    assert read_csv(tmp_path / "x.csv")[1] == ["2026-03-02T09:00:00+00:00"]


def test_a_row_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    """A cell too many would stand under no name."""
    with pytest.raises(InvalidValue, match="row 2 has 1 cells where the header has 2"):
        write(tmp_path / "x.csv", ["a", "b"], [["1", "2"], ["3"]])
