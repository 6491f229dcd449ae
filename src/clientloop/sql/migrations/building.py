"""The words in which revisions make tables: a `?` marks a column that may be NULL."""

import re
from typing import Any

import sqlalchemy as sa
from alembic import op

_TYPES: dict[str, sa.types.TypeEngine[Any]] = {  # Any: each has a type of its own in Python
    "int": sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
    "text": sa.Text().with_variant(sa.Text(collation="C"), "postgresql"),
    "bytes": sa.LargeBinary(),
}


def create(name: str, columns: str, *, key: str, references: dict[str, str] | None = None) -> None:
    """Make a table; a reference holds, after `space`, the key of a row of another one."""
    op.create_table(
        f"clientloop_{name}",
        *(
            sa.Column(column, _TYPES[kind], nullable=bool(nullable), autoincrement=False)
            for column, kind, nullable in re.findall(r"(\w+) (\w+)(\??)", columns)
        ),
        sa.PrimaryKeyConstraint(*key.split()),
        *(
            sa.ForeignKeyConstraint(["space", column], [f"clientloop_{other}.space", f"clientloop_{target}"])
            for column, target in (references or {}).items()
            for other in [target.partition(".")[0]]
        ),
        sqlite_strict=True,
    )


def index(table: str, name: str, columns: str, *, unique: bool = False) -> None:
    """Make an index."""
    op.create_index(f"clientloop_{table}_{name}", f"clientloop_{table}", columns.split(), unique=unique)
