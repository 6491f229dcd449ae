"""The verbs of a store over the cursors of a database driver; how a cursor comes about is left to each database."""

import logging
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any, ClassVar, TypeVar

import sqlalchemy as sa
from attrs import evolve

from clientloop.errors import Conflict, InvalidValue, SchemaOutdated, StoreCorrupt
from clientloop.model.codec import microseconds
from clientloop.model.page import Page, check_limit, order_key, pack_cursor, unpack_position
from clientloop.model.plan import Group, Key, Plan
from clientloop.model.record import Record, record_of
from clientloop.model.units import Change, Row, Unit
from clientloop.model.where import ALL, Where, equalities
from clientloop.ports.store import Store
from clientloop.rules.measures.aggregation import check_plan
from clientloop.rules.measures.folding import fold
from clientloop.sql import due, statements
from clientloop.sql.changes import Guard, Step, steps_of
from clientloop.sql.conditions import Shape, position, split
from clientloop.sql.migrations import HEAD
from clientloop.sql.plans import Form, Overflow, groups, terms_of, way
from clientloop.sql.tables import VERSION_TABLE, table_of
from clientloop.sql.work import Cursor, Work
from clientloop.sql.zones import NO_OFFSET, Calendar, calendar_of, offsets

R = TypeVar("R")

logger = logging.getLogger(__name__)


class SqlStore(Store):
    """Stores records in the tables of `clientloop.sql.tables`."""

    #: How statements are written.
    dialect: ClassVar[sa.Dialect]

    @abstractmethod
    def _fetch(self, sql: str, parameters: Sequence[Any]) -> list[Any]:
        """The answer to one question, outside of any write. Any: database values."""

    @abstractmethod
    def _reading(self) -> AbstractContextManager[Cursor]:
        """A block whose questions are all asked of one state of the data."""

    @abstractmethod
    def _writing(self) -> AbstractContextManager[Work]:
        """A block that happens as a whole or not at all."""

    def get(self, cls: type[R], key: tuple[object, ...]) -> R | None:
        """The record with this primary key, or None."""
        record = record_of(cls)
        rows = self._fetch(statements.get(self.dialect, record), record.encode_key(key))
        return record.decode(rows[0]) if rows else None

    def page(
        self,
        cls: type[R],
        space: str,
        *,
        where: Where = ALL,
        order: str = "key",
        after: str | None = None,
        limit: int = 50,
        descending: bool = False,
    ) -> Page[R]:
        """One page of the records of a space, read along a declared index."""
        check_limit(limit)
        record = record_of(cls)
        columns = record.order(order)
        shape, values = split(where, record)
        pinned = _pinned(record, columns, equalities(where))
        start = [] if after is None else _start(record, columns, pinned, after, descending=descending)
        if start is None:
            return Page(())
        free, further = columns[len(pinned) :], bool(start)
        sql = statements.page(self.dialect, record, shape, free, descending=descending, further=further)
        rows = self._fetch(sql, (record.encode_value("space", space), *start, *values, limit + 1))
        last = _values(record, rows[limit - 1], columns) if len(rows) > limit else None
        return Page(tuple(map(record.decode, rows[:limit])), None if last is None else pack_cursor(last))

    def aggregate(self, space: str, plan: Plan) -> Sequence[Group]:
        """Add up what a plan declares, sorted by the encoded keys."""
        check_plan(plan)
        try:
            return self._added_up(space, plan, wide=False)
        except Overflow:
            return fold(self._added_up(space, evolve(plan, fold=None), wide=True), plan)

    def _added_up(self, space: str, plan: Plan, *, wide: bool) -> Sequence[Group]:
        record = record_of(plan.cls)
        shape, values = split(plan.where, record)
        among = (record.encode_value("space", space), *values)
        terms, taken = terms_of(plan.aggregates, record)
        known = [calendar_of(key, plan.where) for key in plan.keys]
        with self._reading() as cursor:
            form = Form(
                record=record,
                shape=shape,
                keys=plan.keys,
                calendars=tuple(
                    [
                        calendar or self._calendar(cursor, record, key, shape, among)
                        for key, calendar in zip(plan.keys, known, strict=True)
                    ]
                ),
                terms=terms,
                fold=plan.fold,
                wide=wide,
                way=way(record, plan),
            )
            cursor.execute(statements.aggregate(self.dialect, form), (*taken, *among))
            rows = cursor.fetchall()
        return groups(form, rows)

    def _calendar(self, cursor: Cursor, record: Record, key: Key, shape: Shape, parameters: Row) -> Calendar:
        """The offsets of a key's zone, as long as there are times to be bucketed."""
        if key.bucket is None or key.zone == "UTC":
            return Calendar()
        cursor.execute(statements.stretches(self.dialect, record, shape, key.field), parameters)
        found = offsets(key.zone, [number for (number,) in cursor.fetchall() if number is not None])
        return Calendar(offsets=found or NO_OFFSET)

    def commit(self, unit: Unit) -> None:
        """Make all changes of a unit, in order, or none of them."""
        steps = self._steps(unit.changes)
        if steps:
            self._make_all(steps)

    def _steps(self, changes: Sequence[Change]) -> list[Step]:
        """The statements that make some changes."""
        return steps_of(changes, self.dialect)

    def _make_all(self, steps: Sequence[Step]) -> None:
        with self._writing() as work:
            for step in steps:
                self._make(step, work)

    def _make(self, step: Step, work: Work) -> None:
        _, sql, rows, guard, _ = step
        work.step, work.row = step, rows[0]
        cursor = work.cursor
        if len(rows) > 1:
            cursor.executemany(sql, _noted(rows, work))
        else:
            cursor.execute(sql, rows[0])
        if guard is not None and cursor.rowcount == 0:
            raise self._conflict(cursor, step.record, guard)

    def _conflict(self, cursor: Cursor, record: Record, guard: Guard) -> Conflict:
        """Why a change found no row."""
        cursor.execute(statements.get(self.dialect, record), guard.key)
        if not cursor.fetchall():
            return Conflict(f"{record.label(guard.key)} is gone", hint="somebody deleted it, or it never was")
        return Conflict(f"{record.label(guard.key)} has no longer version {guard.version}", hint="load it again")

    def claim(
        self, cls: type[R], space: str, *, now: datetime, lease: timedelta, limit: int, where: Where = ALL
    ) -> Sequence[R]:
        """Take records whose `wake_at` has come, earliest first, for the length of a lease."""
        check_limit(limit)
        record = record_of(cls)
        if not (record.wakes and record.versioned):
            raise InvalidValue(f"{record.name} is not claimed", hint="only records with wake_at and version are")
        stored_space, until = record.encode_value("space", space), microseconds(now + lease)
        shape, values = split(where, record)
        wanted = (stored_space, microseconds(now), *values, limit)
        while rows := self._claimed(record, shape, wanted, until):
            if found := _readable(record, rows):
                return found
        return []  # never for unreadable rows alone: whoever gets nothing looks no further

    def _claimed(self, record: Record, shape: Shape, wanted: Row, until: int) -> list[Row]:
        """Claim rows; note when the space is due next where there are no more."""
        with self._writing() as work:
            rows = self._take(work.cursor, record, shape, wanted, until)
            if len(rows) < wanted[-1]:
                self._recount(work.cursor, wanted[0])
        return rows

    def _take(self, cursor: Cursor, record: Record, shape: Shape, wanted: Row, until: int) -> list[Row]:
        """Claim rows, earliest first: of a space, at a time, by a condition, how many; nobody else writes meanwhile."""
        cursor.execute(due.waking(self.dialect, record, shape), wanted)
        places = {tuple(key): place for place, key in enumerate(cursor.fetchall())}
        if not places:
            return []
        cursor.execute(due.claim(self.dialect, record, shape), (until, *wanted))
        return sorted(self._taken(cursor, record, places), key=lambda row: places[record.key_of(row)])

    def _taken(self, cursor: Cursor, record: Record, keys: Iterable[Row]) -> list[Row]:
        """The rows just claimed, in any order; of one that the driver cannot read, the key."""
        return cursor.fetchall()

    def _recount(self, cursor: Cursor, space: str) -> None:
        """Note when a space is due next; nobody else writes meanwhile."""
        cursor.execute(due.recount(self.dialect), [space] * (len(due.WAKING) + 1))

    def spaces(self) -> Sequence[str]:
        """The names of all spaces that were ever opened, sorted."""
        return [space for (space,) in self._fetch(statements.spaces(self.dialect), ())]

    def due_spaces(self, *, now: datetime, limit: int = 100) -> Sequence[str]:
        """Spaces that have, or may have, something to claim, the longest due first."""
        check_limit(limit)
        return [space for (space,) in self._fetch(due.due_spaces(self.dialect), (microseconds(now), limit))]

    def damage(self) -> Sequence[str]:
        """What the storage finds wrong with itself; what is amiss in tables of another version is no damage.

        Raises:
            SchemaOutdated: The tables are of another version of clientloop.
        """
        ((version,),) = self._fetch(f"SELECT max(version_num) FROM {VERSION_TABLE}", ())
        if version is None:
            return ("it does not say which version its tables have",)
        if version != HEAD:
            raise SchemaOutdated(
                f"the tables have version {version}, and this clientloop knows {HEAD}",
                hint="bring an older store up to date by `clientloop init`; for a newer one, "
                "pip install --upgrade clientloop",
            )
        return ()


def _readable(record: Record, rows: Sequence[Row]) -> list[Any]:  # Any: instances of the record's class
    """The records of claimed rows; of those that cannot be read it is told, and their leases keep them off."""
    found, spoilt = [], []
    for row in rows:
        try:
            found.append(record.decode(row))
        except StoreCorrupt:
            spoilt.append([part.hex() if isinstance(part, bytes) else part for part in record.key_of(row)])
    if spoilt:
        logger.error("%s: rows that cannot be read, to be tried again after a lease: %s", table_of(record), spoilt)
    return found


def _noted(rows: Iterable[Row], work: Work) -> Iterator[Row]:
    for row in rows:
        work.row = row
        yield row


def _pinned(record: Record, columns: Sequence[str], equal: Mapping[str, object]) -> list[object]:
    """The values of the leading columns that a condition pins, along which a page needs no order."""
    values: list[object] = []
    for name in columns:
        if name not in equal or (equal[name] is None and not record.columns[name].codec.holds_none):
            break
        values.append(equal[name])
    return values


def _start(
    record: Record, columns: Sequence[str], pinned: Sequence[object], after: str, *, descending: bool
) -> list[Any] | None:  # Any: int, str or bytes
    """What the position is compared with: nothing where all rows come after it, None where none does."""
    codecs = [record.columns[name].codec for name in columns]
    place = unpack_position(after, codecs)
    count = len(pinned)
    here = tuple([record.encode_value(name, value) for name, value in zip(columns, pinned, strict=False)])
    if place[:count] == here:
        return list(position(place[count:], codecs[count:])) or None
    return None if (order_key(place[:count]) > order_key(here)) is not descending else []


def _values(record: Record, row: Row, columns: Sequence[str]) -> Row:
    by_name = dict(zip(record.columns, row, strict=True))
    return tuple([by_name[name] for name in columns])
