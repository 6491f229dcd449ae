"""Reading workbooks, honest and hostile."""

import tracemalloc
import zipfile
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import pytest

from clientloop.app import ClientLoop
from clientloop.errors import InvalidValue, NotFound, UnknownName
from clientloop.exchange.mapping import CustomersMapping, PurchasesMapping
from clientloop.exchange.sheets import SheetLimits, read_sheet
from clientloop.exchange.writing import Cell, write
from clientloop.model.interactions import Interaction

TYPES = """<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/xl/workbook.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
<Override PartName="/xl/odd/place.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"""
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = """<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="r1" Type="{type}" Target="{target}"/></Relationships>"""
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
BOOK = f"""<?xml version="1.0"?><workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>
<sheet name="One" sheetId="1" r:id="r1"/></sheets></workbook>"""


def book(path: Path, sheet: str | bytes, **more: bytes) -> Path:
    """A workbook with this sheet, in a part that lies elsewhere than usual."""
    parts: Mapping[str, str | bytes] = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": RELATIONS.format(type=f"{OFFICE}/officeDocument", target="xl/workbook.xml"),
        "xl/workbook.xml": BOOK,
        "xl/_rels/workbook.xml.rels": RELATIONS.format(type=f"{OFFICE}/worksheet", target="odd/place.xml"),
        "xl/odd/place.xml": sheet,
        **more,
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def sheet(rows: str) -> str:
    """A sheet with these rows."""
    return f'<?xml version="1.0"?><worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def test_a_sheet_is_read_as_texts(tmp_path: Path) -> None:
    """As a CSV file would have them."""
    rows: list[list[Cell]] = [["Ana", 3, 0.25, True, date(2026, 3, 2), timedelta(hours=1), None]]
    write(tmp_path / "x.xlsx", list("abcdefg"), rows)
    assert read_sheet(tmp_path / "x.xlsx") == (tuple("abcdefg"), ("Ana", "3", "0.25", "true", "2026-03-02", "3600", ""))


def test_a_sheet_is_found_by_its_name(tmp_path: Path) -> None:
    """The nearest name is in the error."""
    path = book(tmp_path / "x.xlsx", sheet('<row r="1"><c r="A1"><v>5</v></c></row>'))
    assert read_sheet(path, sheet="One") == read_sheet(path) == (("5",),)
    with pytest.raises(UnknownName, match="did you mean 'One'"):
        read_sheet(path, sheet="Ones")


FAR = [
    '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
    "<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>",
    '<row r="1048576"><c\nr = "XFD1048576"><v>1</v></c></row>',
    '<row r="1048576"><c r="&#88;FD1048576"><v>1</v></c></row>',
    '<row r="1"><c r="XFD1"/></row><row r="1048576"><c><v>1</v></c></row>',
]


@pytest.mark.parametrize("rows", FAR)
def test_a_cell_far_out_is_refused_before_the_memory_is_full(tmp_path: Path, rows: str) -> None:
    """However it is written: one cell stands for the 17 billion before it."""
    path = book(tmp_path / "far.xlsx", sheet(rows))
    with pytest.raises(InvalidValue, match="a sheet of more than 20,000,000 cells"):
        read_sheet(path)


def test_a_sheet_in_another_encoding_is_measured_too(tmp_path: Path) -> None:
    """The measure reads XML, not bytes."""
    text = sheet(FAR[0]).replace('version="1.0"', 'version="1.0" encoding="UTF-16"')
    with pytest.raises(InvalidValue, match="a sheet of more than"):
        read_sheet(book(tmp_path / "far.xlsx", text.encode("utf-16")))


def test_rows_without_addresses_follow_one_another(tmp_path: Path) -> None:
    """Counted like those with them."""
    path = book(tmp_path / "x.xlsx", sheet("<row><c><v>1</v></c><c><v>2</v></c></row>" * 3))
    assert len(read_sheet(path, limits=SheetLimits(cells=6))) == 3
    with pytest.raises(InvalidValue, match="a sheet of more than 5 cells"):
        read_sheet(path, limits=SheetLimits(cells=5))


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    """256 MB of spaces are 256 kB packed; they are not unpacked to the end, whatever the directory claims."""
    path = book(tmp_path / "bomb.xlsx", sheet(""), **{"xl/media/big.xml": b" " * 20_000_000})
    limits = SheetLimits(unpacked=1_000_000)
    tracemalloc.start()
    with pytest.raises(InvalidValue, match="unpacks to too many bytes"):
        read_sheet(path, limits=limits)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 8_000_000


@pytest.mark.parametrize("claims", [None, 10, 900_000_000])
def test_an_archive_that_packs_as_no_sheet_does_is_refused(tmp_path: Path, claims: int | None) -> None:
    """It would unpack to more than a hundred times its size, or it is not what it claims to be."""
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/big.xml", b" " * 3_000_000)
        archive.filelist[0].file_size = claims or 3_000_000
    with pytest.raises(InvalidValue, match="no XLSX file: Bad CRC-32" if claims == 10 else "unpacks to too many bytes"):
        read_sheet(path)


@pytest.mark.parametrize("content", [b"", b"PK\3\4", b"a,b\n1,2\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600])
def test_what_is_no_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    """Empty, cut, a CSV file with a wrong name, the old format or one with a password."""
    (tmp_path / "x.xlsx").write_bytes(content)
    with pytest.raises(InvalidValue, match="is no XLSX file"):
        read_sheet(tmp_path / "x.xlsx")


def test_a_damaged_workbook_is_refused(tmp_path: Path) -> None:
    """At whatever place it was damaged, nothing but an error about the file is raised."""
    whole = book(tmp_path / "x.xlsx", sheet('<row r="1"><c r="A1"><v>5</v></c></row>')).read_bytes()
    for place in range(0, len(whole), 7):
        (tmp_path / "y.xlsx").write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            read_sheet(tmp_path / "y.xlsx")
        except InvalidValue as error:
            assert str(tmp_path / "y.xlsx") in error.message  # noqa: PT017  # most places matter, some do not


def test_a_file_that_is_not_there_is_named() -> None:
    """As for a CSV file."""
    with pytest.raises(NotFound, match=r"no file nowhere\.xlsx"):
        read_sheet("nowhere.xlsx")


CUSTOMERS: list[list[Cell]] = [
    ["7", "=cmd|' /C calc'!A0", "+38640123456", "ana@example.com"],
    ["8", "'Ana\nB'", "", "+plus@example.com"],
]


@pytest.mark.parametrize("name", ["customers.xlsx", "customers.csv"])
def test_what_was_exported_is_imported_as_it_was(loop: ClientLoop, tmp_path: Path, name: str) -> None:
    """Names that are formulas, and phone numbers with their plus sign."""
    write(tmp_path / name, ["No", "Name", "Phone", "Mail"], CUSTOMERS)
    columns = {"customer": "No", "name": "Name", "phone": "Phone", "email": "Mail"}
    report = loop.imports.customers(tmp_path / name, CustomersMapping(source="shop", columns=columns, harmless=True))
    assert (report.added, report.rejected) == (2, 0)
    [ana] = loop.customers.find(phone="+38640123456")
    assert ana.name == "=cmd|' /C calc'!A0"
    assert loop.customers.find(external="shop:8")[0].name == "'Ana B'"


def test_a_row_of_a_sheet_that_does_not_read_is_rejected_with_its_line(loop: ClientLoop, tmp_path: Path) -> None:
    """The others come in; empty rows are none."""
    write(tmp_path / "x.xlsx", ["No", "Mail"], [["7", "ana@example.com"], [None, None], ["8", "nobody"]])
    mapping = CustomersMapping(source="shop", columns={"customer": "No", "email": "Mail"})
    report = loop.imports.customers(tmp_path / "x.xlsx", mapping, rejects=tmp_path / "bad.csv")
    assert (report.rows, report.added, [(problem.line, problem.field) for problem in report.problems]) == (
        2, 1, [(4, "Mail")],
    )  # fmt: skip
    assert "8,nobody,4,Mail" in (tmp_path / "bad.csv").read_text()


def amounts_of(loop: ClientLoop) -> list[str]:
    """The amounts of all purchases, in the order of their ids."""
    return [str(one.money) for one in loop.store.pages(Interaction, loop.space.space)]


TILL = PurchasesMapping(
    source="till", columns={"amount": "Total", "quantity": "Pieces"}, keep=("Rate",), default={"channel": "shop"},
    decimal=",", thousands=".",
)  # fmt: skip


def test_marks_are_of_texts_and_not_of_numbers(loop: ClientLoop, tmp_path: Path) -> None:
    """A number cell is the number that it shows, also beside texts; other columns stay as they are."""
    rows: list[list[Cell]] = [[12.5, 1, 0.25], [1234.56, 2, 0.5], ["1.234,50", 3, "0.5"], [99, 4, None], [0, 5, None]]
    write(tmp_path / "x.xlsx", ["Total", "Pieces", "Rate"], rows)
    report = loop.imports.purchases(tmp_path / "x.xlsx", TILL)
    assert (report.added, report.problems) == (5, ())
    assert amounts_of(loop) == ["12.50 EUR", "1234.56 EUR", "1234.50 EUR", "99.00 EUR", "0.00 EUR"]
    kept = [one.extra.get("Rate") for one in loop.store.pages(Interaction, loop.space.space)]
    assert kept == ["0.25", "0.5", "0.5", None, None]


def test_a_formula_has_the_result_that_is_shown(loop: ClientLoop, tmp_path: Path) -> None:
    """What it left beyond 15 digits is none of it; whole numbers have as many as there are."""
    values = [
        "3.3000000000000003",
        "0.30000000000000004",
        "-1234.5600000000001",
        "2.9999999999999996",
        "9007199254740991",
    ]
    cells = "".join(f'<row r="{row}"><c r="A{row}"><v>{value}</v></c></row>' for row, value in enumerate(values, 1))
    path = book(tmp_path / "x.xlsx", sheet(cells))
    assert [text for [text] in read_sheet(path)] == ["3.3", "0.3", "-1234.56", "3", "9007199254740991"]


def test_a_rejected_row_of_a_sheet_is_mended_by_the_same_mapping(loop: ClientLoop, tmp_path: Path) -> None:
    """Its amount stands in the file of rejected rows by the marks that this is read by."""
    write(tmp_path / "x.xlsx", ["Total", "Pieces", "Rate"], [[1.234, "?", None], [7.25, "one", None]])
    bad = tmp_path / "bad.csv"
    assert loop.imports.purchases(tmp_path / "x.xlsx", TILL, rejects=bad).rejected == 2
    bad.write_text(bad.read_text("utf-8-sig").replace("one", "1").replace("?", "1"), "utf-8-sig")
    report = loop.imports.purchases(bad, TILL)
    assert [problem.reason for problem in report.problems] == ["'1.234' has more than the 2 decimal places of EUR"]
    assert amounts_of(loop) == ["7.25 EUR"]


def test_an_empty_sheet_is_refused(loop: ClientLoop, tmp_path: Path) -> None:
    """There are no names of columns."""
    with pytest.raises(InvalidValue, match="is empty"):
        loop.imports.customers(
            book(tmp_path / "x.xlsx", sheet("")), CustomersMapping(source="x", columns={"name": "N"})
        )
