"""A store that speaks PostgreSQL's SQL, however it comes by a connection."""

from collections.abc import Callable, Sequence

from sqlalchemy.dialects.postgresql.base import PGDialect

from clientloop.model.record import Record
from clientloop.model.units import Change, Row
from clientloop.sql import due
from clientloop.sql.changes import Step
from clientloop.sql.conditions import Shape
from clientloop.sql.store import SqlStore
from clientloop.sql.work import Cursor
from clientloop.stores.postgres.statements import HASTEN


def _dialect() -> PGDialect:
    make: Callable[..., PGDialect] = PGDialect  # SQLAlchemy leaves it without types
    return make(paramstyle="numeric_dollar")


class PostgresSpeaker(SqlStore):
    """What is done otherwise than on SQLite, where one writer is alone."""

    dialect = _dialect()

    def _steps(self, changes: Sequence[Change]) -> list[Step]:
        """Have those told who wait for something to become due."""
        steps = super()._steps(changes)
        if steps and steps[-1].sql == due.hasten(self.dialect):
            steps[-1] = steps[-1]._replace(sql=HASTEN)
        return steps

    def _take(self, cursor: Cursor, record: Record, shape: Shape, wanted: Row, until: int) -> list[Row]:
        """In one statement, past the rows that others are just claiming."""
        cursor.execute(due.take(self.dialect, record, shape), (until, *wanted))
        return in_order(record, cursor.fetchall())

    def _recount(self, cursor: Cursor, space: str) -> None:
        """After a lock, for a statement sees what was committed before it began.

        Where somebody is just adding to the space, it stays due: an application may take its time to commit, and
        workers that waited for it would do nothing else meanwhile.
        """
        cursor.execute(due.lock_space(self.dialect), (space,))
        if cursor.fetchall():
            super()._recount(cursor, space)


def in_order(record: Record, rows: Sequence[Row]) -> list[Row]:
    """The rows of `take`, the longest due first."""
    return [row[:-1] for row in sorted(rows, key=lambda row: (row[-1], record.key_of(row)))]
