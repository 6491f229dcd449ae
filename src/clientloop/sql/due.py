"""Statements about what is due: claims of rows whose time has come, and which spaces have some."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from clientloop.model.codec import FAR
from clientloop.model.record import Record
from clientloop.model.schema import RECORDS
from clientloop.sql.conditions import Parameters, Renderer, Shape
from clientloop.sql.statements import ONE, ZERO, kept, key_columns, matching, text_of, upsert
from clientloop.sql.tables import SPACE_DUE, table_of

#: The records whose rows are claimed at a time.
WAKING = tuple(record for record in RECORDS.values() if record.wakes)

_FAR = sa.literal_column(str(FAR), sa.Integer)


@kept
def waking(dialect: sa.Dialect, record: Record, shape: Shape) -> str:
    """Keys of rows whose time has come, earliest first: the space, the present, the condition's values, how many."""
    return text_of(dialect, lambda p: _waking(record, shape, p))


@kept
def claim(dialect: sa.Dialect, record: Record, shape: Shape) -> str:
    """Take these rows and return them, in any order: the end of the lease, then the same."""
    table = table_of(record)

    def build(parameters: Parameters) -> sa.ClauseElement:
        taken = sa.update(table).ordered_values(
            (table.c.wake_at, next(parameters)), (table.c.version, table.c.version + ONE)
        )
        return taken.where(sa.tuple_(*key_columns(record)).in_(_waking(record, shape, parameters))).returning(*table.c)

    return text_of(dialect, build)


@kept
def take(dialect: sa.Dialect, record: Record, shape: Shape) -> str:
    """The same past rows that others are just claiming, with the time at which each was due at the end: likewise."""
    table = table_of(record)

    def build(parameters: Parameters) -> sa.ClauseElement:
        until = next(parameters)
        due = _waking(record, shape, parameters, also=[table.c.wake_at]).with_for_update(skip_locked=True).cte("due")
        same = [due.c[column.name] == column for column in key_columns(record)]
        taken = sa.update(table).ordered_values((table.c.wake_at, until), (table.c.version, table.c.version + ONE))
        return taken.where(*same).returning(*table.c, due.c.wake_at.label("due_at"))

    return text_of(dialect, build)


@kept
def lock_space(dialect: sa.Dialect) -> str:
    """Keep out others that change when a space is due; no row where one is just at it: the space."""
    due = SPACE_DUE.c.space
    return text_of(dialect, lambda p: sa.select(due).where(due == next(p)).with_for_update(skip_locked=True))


@kept
def due_spaces(dialect: sa.Dialect) -> str:
    """Spaces that are due, the longest first: the present, how many."""
    due = SPACE_DUE.c.next_due

    def build(parameters: Parameters) -> sa.ClauseElement:
        wanted = sa.select(SPACE_DUE.c.space).where(due <= next(parameters)).order_by(due, SPACE_DUE.c.space)
        return wanted.limit(next(parameters)).offset(ZERO)

    return text_of(dialect, build)


@kept
def hasten(dialect: sa.Dialect) -> str:
    """Have a space due no later than at a time: the space, the time."""

    def build(parameters: Parameters) -> sa.ClauseElement:
        made = upsert(dialect, SPACE_DUE).values(space=next(parameters), next_due=next(parameters))
        sooner = made.excluded.next_due < SPACE_DUE.c.next_due
        return made.on_conflict_do_update(
            index_elements=[SPACE_DUE.c.space], set_={"next_due": made.excluded.next_due}, where=sooner
        )

    return text_of(dialect, build)


@kept
def recount(dialect: sa.Dialect) -> str:
    """Have a space due when the first of its rows wakes: the space once for each of `WAKING`, and once more."""

    def build(parameters: Parameters) -> sa.ClauseElement:
        wakes = [
            sa.select(sa.func.min(table.c.wake_at).label("wake_at")).where(table.c.space == next(parameters))
            for table in map(table_of, WAKING)
        ]
        first = sa.union_all(*wakes).subquery()
        soonest = sa.func.coalesce(sa.select(sa.func.min(first.c.wake_at)).scalar_subquery(), _FAR)
        return sa.update(SPACE_DUE).values(next_due=soonest).where(SPACE_DUE.c.space == next(parameters))

    return text_of(dialect, build)


def _waking(
    record: Record, shape: Shape, parameters: Parameters, *, also: Sequence[sa.Column[Any]] = ()
) -> sa.Select[Any]:
    table = table_of(record)
    due = (table.c.space == next(parameters), table.c.wake_at <= next(parameters))
    wanted = (*due, *matching(shape, Renderer(record, table, parameters)))
    first = sa.select(*key_columns(record), *also).where(*wanted).order_by(table.c.wake_at, *key_columns(record)[1:])
    return first.limit(next(parameters)).offset(ZERO)
