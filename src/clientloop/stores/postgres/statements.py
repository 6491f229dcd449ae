"""What is said to PostgreSQL in other words than to SQLite, so that a unit is one trip and locks are short."""

from functools import lru_cache

from clientloop.model.codec import Kind
from clientloop.model.record import Record
from clientloop.sql.tables import SPACE_DUE, table_of

#: Many values of each kind of column.
_ARRAYS = {Kind.INT: "bigint[]", Kind.TEXT: "text[]", Kind.BYTES: "bytea[]"}

#: Where those who wait for something to become due listen.
CHANNEL = "clientloop_due"

#: Have a space due no later than at a time, and tell those who wait if that is sooner than it was: space, time.
#: Where it is due soon enough already, which is the rule, others may say so too at the same time, or make it sooner:
#: the lock only keeps out whoever counts anew when the space is due, who would not see the rows of this unit yet.
HASTEN = f"""
WITH sooner AS (
  INSERT INTO {SPACE_DUE.name} (space, next_due) SELECT $1::text, $2::bigint
  WHERE NOT EXISTS (SELECT FROM {SPACE_DUE.name} WHERE space = $1 AND next_due <= $2 FOR KEY SHARE)
  ON CONFLICT (space) DO UPDATE SET next_due = excluded.next_due WHERE excluded.next_due < {SPACE_DUE.name}.next_due
  RETURNING 1
) SELECT pg_notify('{CHANNEL}', '') FROM sooner"""


@lru_cache(maxsize=256)
def insert_all(record: Record) -> str:
    """Insert any number of records of a class: the values of each column, as an array."""
    values = ", ".join(
        f"${number}::{_ARRAYS[column.codec.kind]}" for number, column in enumerate(record.columns.values(), 1)
    )
    return f"INSERT INTO {table_of(record).name} ({', '.join(record.columns)}) SELECT * FROM unnest({values})"


@lru_cache(maxsize=512)
def finding(statement: str) -> str:
    """A change of one row that is an error where it finds none, so that nothing after it happens."""
    return f"WITH found AS ({statement} RETURNING 1) SELECT 1 / count(*) FROM found"
