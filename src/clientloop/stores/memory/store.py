"""The store that keeps records in the memory of the process: for tests, demos and dry runs."""

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain, islice, takewhile
from pathlib import Path
from typing import Any, TypeVar

from clientloop.errors import Conflict, InvalidValue, NotSupported
from clientloop.model.codec import integer, microseconds
from clientloop.model.page import Page, check_limit, order_key, pack_cursor, unpack_position
from clientloop.model.plan import Group, Plan
from clientloop.model.record import Record, record_of
from clientloop.model.schema import RECORDS
from clientloop.model.spaces import Space
from clientloop.model.units import Add, Change, Delete, Insert, Row, Unit, Update
from clientloop.model.where import ALL, Where, choices, compile_test, equalities
from clientloop.ports.store import Store
from clientloop.rules.measures.aggregation import aggregate
from clientloop.stores.memory.rows import Table, Tables

R = TypeVar("R")

#: Makes one change; called under the lock, after the change was checked as far as it can be without the rows.
_Step = Callable[[], None]


class MemoryStore(Store):
    """Keeps the same encoded rows that a database would, and so refuses the same; nothing outlives the object.

    >>> from clientloop.model.spaces import Space
    >>> store = MemoryStore()
    >>> store.commit(Unit((Insert(Space(space="main", region="SI")),)))
    >>> store.get(Space, ("main",)).region
    'SI'
    """

    @classmethod
    def open(cls, url: str) -> "MemoryStore":
        """A new store, empty and nobody else's.

        Args:
            url: `memory:`.

        Raises:
            InvalidValue: It says more.
        """
        if url != "memory:":
            raise InvalidValue("a store in memory has no name", hint="write memory: alone; each one is a new store")
        return cls()

    def __init__(self) -> None:
        """Begin empty."""
        self._lock = threading.Lock()
        self._tables = Tables(RECORDS.values())
        self._prepare: dict[type, Callable[[Any], _Step]] = {  # Any: each function takes its own sort of change
            Insert: self._insert,
            Update: self._update,
            Delete: self._delete,
            Add: self._add,
        }

    def get(self, cls: type[R], key: tuple[object, ...]) -> R | None:
        """The record with this primary key, or None."""
        record = record_of(cls)
        stored = record.encode_key(key)
        with self._lock:
            row = self._tables.of(record).get(stored)
        return None if row is None else record.decode(row)

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
        test = compile_test(where, record)
        start = None if after is None else unpack_position(after, [record.columns[name].codec for name in columns])
        prefixes = _prefixes(record, columns, where, descending=descending)
        stored_space = record.encode_value("space", space)
        table = self._tables.of(record)
        with self._lock:
            rows = chain.from_iterable(
                table.along(stored_space, columns, prefix=prefix, start=start, descending=descending)
                for prefix in prefixes
            )
            found = list(islice(filter(test, rows), limit + 1))
        last = table.values(found[limit - 1], columns) if len(found) > limit else None
        items = tuple([record.decode(row) for row in found[:limit]])
        return Page(items, None if last is None else pack_cursor(last))

    def aggregate(self, space: str, plan: Plan) -> Sequence[Group]:
        """Add up what a plan declares, sorted by the encoded keys."""
        record = record_of(plan.cls)
        stored_space = record.encode_value("space", space)
        with self._lock:
            rows = list(self._tables.of(record).rows(stored_space))
        return aggregate(rows, plan)

    def commit(self, unit: Unit) -> None:
        """Make all changes of a unit, in order, or none of them."""
        steps = [self._step(change) for change in unit.changes]
        with self._lock, self._tables.all_or_nothing():
            for step in steps:
                step()

    def claim(
        self, cls: type[R], space: str, *, now: datetime, lease: timedelta, limit: int, where: Where = ALL
    ) -> Sequence[R]:
        """Take records whose `wake_at` has come, earliest first, for the length of a lease."""
        check_limit(limit)
        record = record_of(cls)
        if not (record.wakes and record.versioned):
            raise InvalidValue(f"{record.name} is not claimed", hint="only records with wake_at and version are")
        table, due, until = self._tables.of(record), microseconds(now), microseconds(now + lease)
        stored_space, test = record.encode_value("space", space), compile_test(where, record)
        with self._lock, self._tables.all_or_nothing():
            found = islice(filter(test, _due(table, stored_space, due)), limit)
            claimed = [table.changed(row, {"wake_at": until}) for row in found]
            for row in claimed:
                table.put(row)
        return [record.decode(row) for row in claimed]

    def spaces(self) -> Sequence[str]:
        """The names of all spaces that were ever opened, sorted."""
        table = self._tables.of(record_of(Space))
        with self._lock:
            return sorted(space for space in table.spaces() if table.rows(space))

    def due_spaces(self, *, now: datetime, limit: int = 100) -> Sequence[str]:
        """Spaces that have something to claim, the longest due first."""
        check_limit(limit)
        due = microseconds(now)
        with self._lock:
            waiting = sorted(
                (_wake(table, row), space)
                for table in self._tables
                if table.record.wakes
                for space in table.spaces()
                for row in islice(_due(table, space, due), 1)
            )
        return list(dict.fromkeys(space for _, space in waiting))[:limit]

    def migrate(self) -> None:
        """Nothing to do: the store is as old as the process."""

    def close(self) -> None:
        """Nothing to let go of: the records stay as long as the object does."""

    def backup(self, target: Path) -> None:
        """Refused: the records are as old as the process, and go with it."""
        raise NotSupported("records in memory have no backup", hint="keep them in a file: sqlite:///shop.db")

    def _step(self, change: Change) -> _Step:
        prepare = self._prepare.get(type(change))
        if prepare is None:
            raise InvalidValue(f"{type(change).__name__} is no change", hint="give Insert, Update, Delete or Add")
        return prepare(change)

    def _insert(self, change: Insert) -> _Step:
        table, row = self._encoded(change.record)
        return lambda: table.insert(row)

    def _update(self, change: Update) -> _Step:
        table, key = self._guarded(change)
        changes = table.record.encode_changes(change.changes)

        def step() -> None:
            table.put(table.changed(_expected(table, key, change.version), changes))

        return step

    def _delete(self, change: Delete) -> _Step:
        table, key = self._guarded(change)

        def step() -> None:
            _expected(table, key, change.version)
            table.remove(key)

        return step

    def _add(self, change: Add) -> _Step:
        table, zero = self._encoded(change.zero)
        deltas = table.record.encode_deltas(change.deltas)

        def step() -> None:
            row = table.get(table.key_of(zero))
            sums = _sums(table, row or zero, deltas)
            if row is None:
                table.insert(table.changed(zero, sums, count=False))
            else:
                table.put(table.changed(row, sums))

        return step

    def _encoded(self, instance: object) -> tuple[Table, Row]:
        record = record_of(type(instance))
        return self._tables.of(record), record.encode(instance)

    def _guarded(self, change: Update | Delete) -> tuple[Table, Row]:
        record = record_of(change.cls)
        if change.version is not None and not record.versioned:
            raise InvalidValue(f"{record.name} has no version to guard by", hint="leave the argument `version` out")
        return self._tables.of(record), record.encode_key(change.key)


def _expected(table: Table, key: Row, version: int | None) -> Row:
    row = table.get(key)
    if row is None:
        raise Conflict(f"{table.record.label(key)} is gone", hint="somebody deleted it, or it never was")
    if version is not None and table.values(row, ("version",)) != (version,):
        raise Conflict(f"{table.record.label(key)} has no longer version {version}", hint="load it again")
    return row


def _due(table: Table, space: str, now: int) -> Iterator[Row]:
    """The rows whose time to be claimed has come, earliest first."""
    order = ("wake_at", *table.record.key[1:])
    return takewhile(lambda row: _wake(table, row) <= now, table.along(space, order))


def _wake(table: Table, row: Row) -> int:
    (wake,) = table.values(row, ("wake_at",))
    return int(wake)


def _sums(table: Table, row: Row, deltas: dict[str, int]) -> dict[str, int]:
    """What the fields of a row are once the deltas are added, None counted as 0."""
    return {
        name: integer((held or 0) + delta)
        for (name, delta), held in zip(deltas.items(), table.values(row, tuple(deltas)), strict=True)
    }


def _prefix(record: Record, columns: tuple[str, ...], where: Where) -> Row:
    """The database values of the leading columns that the condition pins, so that a page is found and not searched."""
    pinned = equalities(where)
    prefix: list[Any] = []  # Any: int, str, bytes or None
    for name in columns:
        if name not in pinned or (pinned[name] is None and not record.columns[name].codec.holds_none):
            break
        prefix.append(record.encode_value(name, pinned[name]))
    return tuple(prefix)


def _prefixes(record: Record, columns: tuple[str, ...], where: Where, *, descending: bool) -> list[Row]:
    """The prefixes of all rows that the condition can be true of, in order: several, if it leaves some values."""
    prefix = _prefix(record, columns, where)
    next_column = next(iter(columns[len(prefix) :]), None)
    values = choices(where).get(next_column) if next_column else None
    if next_column is None or values is None:
        return [prefix]
    several = {(*prefix, record.encode_value(next_column, value)) for value in values}
    return sorted(several, key=order_key, reverse=descending)
