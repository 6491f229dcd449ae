"""What a dialect writes, it reads: rejected rows are imported as they stand."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.exchange.dialect import Dialect

CELLS = st.lists(st.text(" ,;\t\"ab\\'", max_size=5), min_size=2, max_size=4)


@pytest.mark.parametrize("delimiter", [",", ";", "tab", "whitespace", "|"])
@given(rows=st.lists(CELLS, max_size=5))
def test_what_is_written_reads_back(delimiter: str, rows: list[list[str]]) -> None:
    """Blanks, quotes and separators within a cell come back as they were."""
    file = io.StringIO(newline="")
    dialect = Dialect(delimiter=delimiter)
    write = dialect.writer(file)
    for row in rows:
        write(row)
    file.seek(0)
    assert list(dialect.records(file)) == rows


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        (" 00001 19970101  1   11.77\r\n", ["00001", "19970101", "1", "11.77"]),
        ("a\tb \n", ["a", "b"]),
        (' a  "b  c" ""\n', ["a", "b  c", ""]),
        ("   \n", []),
    ],
)
def test_blanks_separate_cells(line: str, cells: list[str]) -> None:
    """Any number of blanks is one separator; in quotes they belong to the cell."""
    assert list(Dialect(delimiter="whitespace").records([line])) == [cells]


def test_a_row_that_is_none_hides_no_other() -> None:
    """After the error for one row, the next can be asked for."""
    records = Dialect(delimiter="whitespace").records(['"a\n', "b c\n"])
    with pytest.raises(csv.Error):
        next(records)
    assert next(records) == ["b", "c"]
