"""The tables, derived from the declared schema.

Columns hold int, text and bytes only. Names of tables carry a prefix, for units can join a transaction of the
application's own database, which may well have a table `customer` of its own.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from clientloop.errors import InvalidValue
from clientloop.model.codec import Kind
from clientloop.model.record import Column, Record
from clientloop.model.schema import RECORDS

#: Begins the name of every table and index.
PREFIX = "clientloop_"

#: The table in which Alembic keeps the version of the schema.
VERSION_TABLE = f"{PREFIX}version"

#: What each kind of column is declared as; on SQLite, types that a strict table knows. Any: each has one in Python.
TYPES: Mapping[Kind, sa.types.TypeEngine[Any]] = {
    Kind.INT: sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
    # by code points, as every other store compares texts
    Kind.TEXT: sa.Text().with_variant(sa.Text(collation="C"), "postgresql"),
    Kind.BYTES: sa.LargeBinary(),
}

METADATA = sa.MetaData()


def table_of(record: Record) -> sa.Table:
    """The table of a record.

    Raises:
        InvalidValue: The record is not in the schema.
    """
    if RECORDS.get(record.name) is not record:
        hint = "records are listed in clientloop.model.schema"
        raise InvalidValue(f"{record.cls.__name__} is not kept here", hint=hint)
    return METADATA.tables[PREFIX + record.name]


def index_name(record: Record, index: str) -> str:
    """The name of a record's index in the database."""
    return f"{PREFIX}{record.name}_{index}"


def _declare(record: Record) -> None:
    table = sa.Table(
        PREFIX + record.name,
        METADATA,
        *(_column(column) for column in record.columns.values()),
        sa.PrimaryKeyConstraint(*record.key),
        *(_reference(column, RECORDS[other]) for column, other in record.references.items()),
        sqlite_strict=True,
    )
    for index in record.indexes:
        # what is left of the key is appended, so that a page along the index needs no sort
        columns = index.columns if index.unique else record.order(index.name)
        names = [table.c[name] for name in ("space", *columns, *index.holds)]
        sa.Index(index_name(record, index.name), *names, unique=index.unique)


def _column(column: Column) -> sa.Column[Any]:  # Any: as in TYPES
    return sa.Column(column.name, TYPES[column.codec.kind], nullable=column.codec.nullable, autoincrement=False)


def _reference(column: str, other: Record) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["space", column], [f"{PREFIX}{other.name}.{name}" for name in other.key])


for _record in RECORDS.values():
    _declare(_record)

#: Which spaces are due: the one index that no space leads.
SPACE_DUE = table_of(RECORDS["space_due"])
sa.Index(f"{PREFIX}space_due_by_next", SPACE_DUE.c.next_due, SPACE_DUE.c.space)
