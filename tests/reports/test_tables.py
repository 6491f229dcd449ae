"""Tables: typed rows, and the columns that people and programs see."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from uuid import UUID

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.money import Money
from clientloop.reports.columns import columns_of
from clientloop.reports.tables import Listing, Table, as_table


class Colour(StrEnum):
    """An enum."""

    RED = "red"


@frozen
class Part:
    """A part of a row."""

    count: int
    value: float | None


@frozen
class Row:
    """A row with everything."""

    id: UUID
    colour: Colour
    name: str
    at: datetime | None
    day: date | None
    span: timedelta | None
    sure: bool | None
    score: Part | None
    spent: Money | None
    data: Mapping[str, int]


FULL = Row(
    id=UUID(int=7), colour=Colour.RED, name="Šárka", at=datetime(2026, 3, 2, 10, tzinfo=timezone(timedelta(hours=1))),
    day=date(2026, 3, 2), span=timedelta(minutes=2), sure=True, score=Part(3, 0.5), spent=Money(-250, "EUR"), data={},
)  # fmt: skip
EMPTY = Row(
    id=UUID(int=8), colour=Colour.RED, name="", at=None, day=None, span=None, sure=None, score=None, spent=None, data={}
)
HEADER = (
    *("id", "colour", "name", "at", "day", "span", "sure"),
    *("score.count", "score.value", "spent.minor", "spent.currency"),
)


def test_a_table_is_read_like_a_list_of_its_rows() -> None:
    """With their types, as the report made them."""
    table = Table("rows", Row, [FULL, EMPTY])
    assert list(table) == [FULL, EMPTY]
    assert (table[0].score, table[-1:], len(table)) == (Part(3, 0.5), (EMPTY,), 2)


def test_columns_are_the_plain_values_of_a_row_and_of_its_parts() -> None:
    """Ids and enums are texts; what is no single value has no column."""
    table = Table("rows", Row, [FULL, EMPTY])
    assert table.header == HEADER
    full, empty = table.cells()
    assert full == (
        str(UUID(int=7)), "red", "Šárka", FULL.at, date(2026, 3, 2), timedelta(minutes=2), True, 3, 0.5, -250, "EUR",
    )  # fmt: skip
    assert empty == (str(UUID(int=8)), "red", "", *[None] * 8)


def test_columns_are_chosen_by_name() -> None:
    """In the order in which they are named; of a part, all that it has."""
    table = Table("rows", Row, [FULL]).select("score", "name")
    assert table.header == ("score.count", "score.value", "name")
    assert table.to_dict() == {"score.count": [3], "score.value": [0.5], "name": ["Šárka"]}
    assert table.select("at").header == ("at",), "what was left out can be had again"


@frozen
class Described:
    """A row whose columns are not all fields."""

    key: str | date | UUID | None
    tags: tuple[str, ...]
    counts: tuple[int, ...]
    hidden: str | Part

    @property
    def length(self) -> int | None:
        """What follows from the fields."""
        return len(self.tags) or None

    @property
    def _own(self) -> int:
        return 1


def test_what_follows_from_a_row_is_a_column_too() -> None:
    """Several texts are one, a name or a day is a text, and what cannot be told as one value is left out."""
    table = Table("rows", Described, [Described(date(2026, 3, 1), ("a", "b"), (1,), ""), Described(None, (), (), "")])
    assert [(column.name, column.type) for column in table.columns] == [("key", str), ("tags", str), ("length", int)]
    assert list(table.cells()) == [("2026-03-01", "a, b", 2), (None, "", None)]


def test_a_listing_is_read_anew_each_time() -> None:
    """By whoever goes through it; its columns are chosen as those of a table."""
    rows = [FULL]
    listing = Listing("rows", Row, lambda: iter(rows), remarks=["one of many"]).select("name")
    assert list(listing.cells()) == [("Šárka",)]
    rows.append(EMPTY)
    assert [row.name for row in listing] == ["Šárka", ""]
    assert listing.to_dict() == {"name": ["Šárka", ""]}
    assert (listing.remarks, "Šárka" in repr(listing)) == (("one of many",), False)


@frozen
class Report:
    """A report of another form."""

    by: str | None
    total: Part
    rows: tuple[Part, ...]


def test_reports_of_another_form_are_tables_of_their_rows() -> None:
    """Of one that is split by nothing, of its total; what has no rows is no report."""
    rows = (Part(1, 0.5), Part(2, None))
    assert list(as_table(Report("kind", Part(3, 1), rows)).cells()) == [(1, 0.5), (2, None)]
    assert list(as_table(Report(None, Part(3, 1), ())).cells()) == [(3, 1)]
    for other in (FULL, 5):
        with pytest.raises(InvalidValue, match="has no rows"):
            as_table(other)


def test_another_column_is_refused_with_the_nearest_name() -> None:
    """A part of a name is none."""
    with pytest.raises(UnknownName, match="no column of rows 'nmae': did you mean 'name'"):
        Table("rows", Row, []).select("nmae")
    with pytest.raises(UnknownName):
        Table("rows", Row, []).select("sco")


def test_rows_have_to_be_declared() -> None:
    """Of a plain class, nobody knows the columns."""
    with pytest.raises(InvalidValue, match="int is no attrs class"):
        columns_of(int)


def test_a_table_does_not_show_its_rows() -> None:
    """They may hold what a log must not."""
    assert "Šárka" not in repr(Table("rows", Row, [FULL]))


def test_polars_takes_a_table() -> None:
    """With its types, its times in UTC, and nothing where there is nothing."""
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame(Table("rows", Row, [FULL, EMPTY]))
    assert frame.to_dict(as_series=False) == {
        "id": [str(UUID(int=7)), str(UUID(int=8))],
        "colour": ["red", "red"],
        "name": ["Šárka", ""],
        "at": [datetime(2026, 3, 2, 9, tzinfo=UTC), None],
        "day": [date(2026, 3, 2), None],
        "span": [timedelta(minutes=2), None],
        "sure": [True, None],
        "score.count": [3, None],
        "score.value": [0.5, None],
        "spent.minor": [-250, None],
        "spent.currency": ["EUR", None],
    }
    assert frame.schema["at"] == polars.Datetime("us", "UTC")


def test_duckdb_asks_a_table_as_its_own() -> None:
    """By the name of the variable."""
    duckdb = pytest.importorskip("duckdb")
    calls = Table("rows", Row, [FULL, EMPTY])
    assert len(calls) == 2
    found = duckdb.sql('select name, "score.count", day from calls order by name').fetchall()
    assert found == [("", None, None), ("Šárka", 3, date(2026, 3, 2))]


@frozen
class Cells:
    """A row of what Hypothesis likes."""

    text: str | None
    whole: int | None
    number: float | None
    flag: bool | None
    at: datetime | None
    day: date | None


cells = st.builds(
    Cells,
    text=st.none() | st.text(),
    whole=st.none() | st.integers(-(2**63), 2**63 - 1),
    number=st.none() | st.floats(allow_nan=False),
    flag=st.none() | st.booleans(),
    at=st.none() | st.datetimes(timezones=st.just(UTC)),
    day=st.none() | st.dates(),
)


@given(st.lists(cells, max_size=20))
def test_whatever_a_table_holds_arrives(rows: list[Cells]) -> None:
    """Also no rows at all."""
    polars = pytest.importorskip("polars")
    table = Table("rows", Cells, rows)
    assert polars.DataFrame(table).rows() == list(table.cells())


def test_a_number_that_arrow_cannot_hold_is_an_error_that_names_the_column() -> None:
    """Sums of money may have more than 64 bits."""
    table = Table("parts", Part, [Part(2**63, None)])
    with pytest.raises(InvalidValue, match="count holds numbers of more than 64 bits"):
        table.__arrow_c_stream__()
    assert table.to_dict()["count"] == [2**63]
