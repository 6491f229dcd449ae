"""Rows of a file: none is lost, whatever the file holds, and each knows the line on which it begins."""

import csv
import gzip
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clientloop.errors import ClientLoopError, InvalidValue, NotFound
from clientloop.exchange.dialect import Dialect
from clientloop.exchange.table import LONGEST, Row, Table
from tests.growth import LIMIT, growth

GOOD = "id,text\n1,one\n"


def read(text: str, dialect: Dialect | None = None) -> list[Row]:
    """All rows of a file in memory."""
    with Table(io.StringIO(text, newline=""), dialect or Dialect()) as table:
        return list(table)


def good(rows: list[Row]) -> list[tuple[int, list[str]]]:
    """Line and cells of the rows without a reason against them."""
    return [(row.line, list(row.cells)) for row in rows if not row.reason]


def bad(rows: list[Row]) -> list[tuple[int, str]]:
    """Line and reason of the others."""
    return [(row.line, row.reason) for row in rows if row.reason]


def test_a_row_begins_on_a_line_of_the_file() -> None:
    """Line breaks in cells and empty lines count as the lines that they are."""
    rows = read('id,text\n1,"two\nlines"\n\r\n2,x\r\n3,"a\rb"\r4,y')
    assert good(rows) == [(2, ["1", "two\nlines"]), (5, ["2", "x"]), (6, ["3", "a\rb"]), (8, ["4", "y"])]


def test_quotes_are_read_as_csv_has_them() -> None:
    """Separators, doubled quotes and breaks in quotes belong to the cell."""
    assert good(read('id,text\n1,"a, ""b"""\n2,""\n')) == [(2, ["1", 'a, "b"']), (3, ["2", ""])]


def test_a_quote_that_is_never_closed_costs_but_its_own_line() -> None:
    """The line with the quote is rejected with its text, and reading goes on with the next one."""
    rows = read('id,text\n1,"open\n2,b\n3,c\n')
    assert bad(rows) == [(2, "it cannot be read as CSV: unexpected end of data")]
    assert rows[0].text == '1,"open\n'
    assert good(rows) == [(3, ["2", "b"]), (4, ["3", "c"])]


def test_a_quote_closed_by_a_later_row_costs_but_its_own_line() -> None:
    """Where the quote of a later row seems to close it, that row is good all the same."""
    rows = read('id,text\n1,"open\n2,"b"\n3,c\n')
    assert [line for line, _ in bad(rows)] == [2]
    assert good(rows) == [(3, ["2", "b"]), (4, ["3", "c"])]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1,one,more", "it has 3 fields where the header has 2"),
        ("1", "it has 1 fields where the header has 2"),
        ('"1"x,one', "it cannot be read as CSV: ',' expected after '\"'"),
        ("1,o\0ne", "the text holds a NUL character"),
        ("1,o\udce9ne", "the text holds a lone surrogate"),
        ("1," + "x" * 131_073, "it cannot be read as CSV: field larger than field limit (131072)"),
    ],
)
def test_a_bad_row_is_handed_on_with_the_reason(line: str, reason: str) -> None:
    """The rows before and after it are good, and the bad one keeps what it holds."""
    rows = read(f"id,text\n0,a\n{line}\n2,b\n")
    assert good(rows) == [(2, ["0", "a"]), (4, ["2", "b"])]
    assert bad(rows) == [(3, reason)]
    assert rows[1].text.rstrip("\n") == line or list(rows[1].cells) == line.split(",")


def test_a_line_too_long_is_skipped_to_its_end() -> None:
    """What is longer than any row is one bad row, of which the beginning is kept; the next line is read."""
    rows = read("id,text\n1," + "x," * LONGEST + "\n2,b\n")
    assert [line for line, _ in bad(rows)] == [2]
    assert len(rows[0].text) <= LONGEST + 1
    assert good(rows) == [(3, ["2", "b"])]


def test_a_long_line_within_a_quote_hides_no_other_line() -> None:
    """A quote opened before a line that is too long is one bad row, the long line another, and no third is lost."""
    rows = read('id,text\n1,"open\n' + "x," * LONGEST + "\n3,c\n4,d\n")
    assert [line for line, _ in bad(rows)] == [2, 3]
    assert good(rows) == [(4, ["3", "c"]), (5, ["4", "d"])]


@pytest.mark.parametrize("line", ['a","\n', '"a,\n', '""",\n', 'a"b\n', ',"\n'])
def test_hostile_quotes_cost_no_more_than_their_length(line: str) -> None:
    """Four times as many lines take less than eight times as long, however their quotes lead astray."""

    def reading(count: int) -> Callable[[], None]:
        text = GOOD + line * count

        def work() -> None:
            with Table(io.StringIO(text, newline=""), Dialect()) as table:
                for _ in table:
                    pass

        return work

    assert growth(reading, 2_000) < LIMIT


def test_bytes_that_are_no_text_are_kept_for_the_rejects(tmp_path: Path) -> None:
    """A byte that the encoding does not know makes a bad row, and goes back into a file as it was."""
    path = tmp_path / "latin.csv"
    path.write_bytes(b"id,text\n1,caf\xe9\n2,b\n")
    with Table(path, Dialect()) as table:
        rows = list(table)
    assert [line for line, _ in bad(rows)] == [2]
    assert rows[0].cells[1].encode("utf-8", "surrogateescape") == b"caf\xe9"
    with Table(path, Dialect(encoding="latin-1")) as table:
        assert good(list(table)) == [(2, ["1", "café"]), (3, ["2", "b"])]


def test_a_byte_order_mark_is_no_part_of_the_header(tmp_path: Path) -> None:
    """What Excel saves as UTF-8 is read as it stands."""
    path = tmp_path / "excel.csv"
    path.write_bytes(b"\xef\xbb\xbfid;text\r\n1;one\r\n")
    with Table(path, Dialect(delimiter=";")) as table:
        assert table.header == ("id", "text")
        assert good(list(table)) == [(2, ["1", "one"])]


def test_a_packed_file_is_read_directly(tmp_path: Path) -> None:
    """A file whose name ends in .gz is unpacked on the way, and tells how much of it has been read."""
    path = tmp_path / "rows.csv.gz"
    path.write_bytes(gzip.compress(GOOD.encode()))
    with Table(path, Dialect()) as table:
        assert good(list(table)) == [(2, ["1", "one"])]
        assert table.done == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (gzip.compress(("id,text\n" + "1,one\n" * 100_000).encode())[:-300], "cannot be read from line"),
        (b"id,text\n1,one\n", "cannot be read from line 1 on: Not a gzipped file"),
        (b"", "is empty"),
    ],
)
def test_a_damaged_packed_file_is_a_clean_error(tmp_path: Path, content: bytes, message: str) -> None:
    """A file that ends too early or is not packed at all is refused with the line from which on it cannot be read."""
    path = tmp_path / "rows.csv.gz"
    path.write_bytes(content)
    with pytest.raises(InvalidValue, match=message), Table(path, Dialect()) as table:
        list(table)


def test_an_encoding_that_loses_its_place_is_a_clean_error(tmp_path: Path) -> None:
    """In UTF-16 nothing after a lost byte can be read: the error says from which line on."""
    path = tmp_path / "wide.csv"
    path.write_bytes("id,text\n1,one\n".encode("utf-16") + b"\x32")
    with pytest.raises(InvalidValue, match="is no utf-16"), Table(path, Dialect(encoding="utf-16")) as table:
        list(table)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    """What is no file says so."""
    with pytest.raises(NotFound, match="no file"):
        Table(tmp_path / "none.csv", Dialect())
    with pytest.raises(InvalidValue, match="cannot be read"):
        Table(tmp_path, Dialect())


@pytest.mark.parametrize(("text", "message"), [("", "is empty"), ("\n\n", "is empty"), ('id,"text\n1,2\n', "header")])
def test_a_file_without_a_header_is_refused(text: str, message: str) -> None:
    """An empty file, and one whose first line cannot be read, are errors before any row."""
    with pytest.raises(InvalidValue, match=message):
        read(text)


def test_columns_can_be_named_for_a_file_that_does_not() -> None:
    """With `header`, the first line is a row like the others."""
    rows = read("1,one\n2,two\n", Dialect(header=("id", "text")))
    assert good(rows) == [(1, ["1", "one"]), (2, ["2", "two"])]


def test_rejected_rows_are_read_without_what_was_wrong_with_them() -> None:
    """The columns that say why a row was rejected are left out, and its line in the first file is known."""
    head = "id,text,rejected_line,rejected_field,rejected_reason,rejected_text\n"
    [row] = read(head + "1,one,17,id,was bad,\n")
    assert (row.cells, row.mended_line, row.reason) == (["1", "one"], 17, "")
    [row] = read(head + "1,one,17,id,was bad,\n", Dialect(header=("id", "text")))
    assert (row.cells, row.mended_line) == (["1", "one"], 17)


def test_a_row_that_nobody_mended_is_bad_again() -> None:
    """A row that could not be divided into cells keeps its text until somebody fills the cells in."""
    head = "id,text,rejected_line,rejected_field,rejected_reason,rejected_text\n"
    [row] = read(head + ',,17,,it has 1 fields where the header has 2,"lost, words"\n')
    assert (row.reason, row.text, row.mended_line) == (
        "it has not been mended: fill in its cells", "lost, words", 17,
    )  # fmt: skip


def physical_rows(text: str) -> list[list[str]]:
    """The rows of a file that the csv module reads without complaint."""
    return [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]


@given(st.lists(st.tuples(st.text('ab",\n\r é', max_size=6), st.text(max_size=3)), max_size=8))
def test_a_sound_file_is_read_as_the_csv_module_reads_it(rows: list[tuple[str, str]]) -> None:
    """What the csv module has written comes back, cell by cell."""
    file = io.StringIO(newline="")
    csv.writer(file).writerows([("id", "text"), *rows])
    text = file.getvalue()
    assert [list(row.cells) for row in read(text)] == physical_rows(text)[1:]


@example(b"\xff\n")
@example(b'"\n,"\n')
@given(st.binary(max_size=60))
def test_any_bytes_are_rows_or_a_clean_error(content: bytes) -> None:
    """Whatever a file holds, it is refused as a whole, or each of its lines is in exactly one row or empty."""
    text = (b"a,b\n" + content).decode("utf-8-sig", "surrogateescape")
    lines = list(io.StringIO(text, newline=""))
    try:
        rows = read(text)
    except ClientLoopError:
        return
    begins = [row.line for row in rows]
    assert begins == sorted(set(begins))
    assert not "".join(lines[1 : begins[0] - 1] if begins else lines[1:]).strip("\r\n")
    for row, following in zip(rows, [*begins, len(lines) + 1][1:], strict=True):
        span = "".join(lines[row.line - 1 : following - 1])
        if row.cells:
            assert physical_rows(span) == [list(row.cells)]
        else:
            assert span.startswith(row.text)
            assert not span[len(row.text) :].strip("\r\n")
