from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from attrs import frozen

from clientloop.errors import InvalidValue
from clientloop.model.codec import Kind
from clientloop.model.record import Record, record, record_of
from clientloop.model.schema import RECORDS
from clientloop.sql.tables import METADATA, table_of

AFFINITY = {Kind.INT: sa.BigInteger, Kind.TEXT: sa.Text, Kind.BYTES: sa.LargeBinary}


@pytest.fixture(params=RECORDS.values(), ids=RECORDS.keys())
def declared(request: pytest.FixtureRequest) -> Record:
    """Each declared record."""
    return request.param


def test_a_table_has_the_columns_of_its_record(declared: Record) -> None:
    """Names, order, types and which may be NULL are those of the declaration."""
    columns = [(column.name, type(column.type), column.nullable) for column in table_of(declared).columns]
    expected = [
        (column.name, AFFINITY[column.codec.kind], column.codec.nullable) for column in declared.columns.values()
    ]
    assert columns == expected
    assert [column.name for column in table_of(declared).primary_key] == list(declared.key)


def test_every_order_has_an_index_that_holds_it(declared: Record) -> None:
    """The space, the declared columns, unless it is unique what is left of the key, then what it holds besides."""
    indexes = {index.name: index for index in table_of(declared).indexes}
    for index in declared.indexes:
        made = indexes[f"clientloop_{declared.name}_{index.name}"]
        names = [column.name for column in made.columns]
        assert names == ["space", *(index.columns if index.unique else declared.order(index.name)), *index.holds]
        assert made.unique == index.unique


def test_references_lead_to_whole_keys(declared: Record) -> None:
    """A reference holds the key of another table: the space and one column."""
    found = {
        key.column_keys[1]: [element.target_fullname for element in key.elements]
        for key in table_of(declared).foreign_key_constraints
    }
    expected = {
        column: [f"clientloop_{name}.{key}" for key in RECORDS[name].key]
        for column, name in declared.references.items()
    }
    assert found == expected


def test_every_index_but_one_is_led_by_the_space() -> None:
    """Each question of a firm stays within its own data; only that of the spaces that are due goes over all."""

    def others() -> Iterator[str | None]:
        for table in METADATA.tables.values():
            for index in table.indexes:
                if index.columns[0].name != "space":
                    yield index.name

    assert list(others()) == ["clientloop_space_due_by_next"]


def test_a_record_outside_the_schema_has_no_table() -> None:
    """A record that is not declared in the schema is an InvalidValue, also under the name of one that is."""

    @record("space", key=())
    @frozen(kw_only=True)
    class Stranger:
        space: str

    with pytest.raises(InvalidValue, match="Stranger is not kept here"):
        table_of(record_of(Stranger))
