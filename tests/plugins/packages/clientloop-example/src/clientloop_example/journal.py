"""A store in one file of JSON lines, one for each commit: for small amounts, and to be read by people.

All rows are in memory too, and every commit copies the tables, so that a commit that fails leaves nothing to undo.
"""

import json
import os
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from clientloop.errors import Conflict, Duplicate, InvalidValue, MissingReference, StoreCorrupt, StoreError
from clientloop.model.codec import integer, microseconds
from clientloop.model.page import Page, order_key, pack_cursor, unpack_position
from clientloop.model.plan import Group, Plan
from clientloop.model.record import Record, record_of
from clientloop.model.schema import RECORDS
from clientloop.model.spaces import Space
from clientloop.model.units import Add, Change, Delete, Insert, Row, Unit, Update
from clientloop.model.where import ALL, Where, compile_test
from clientloop.ports.store import Store, StoreCapabilities
from clientloop.rules.measures.aggregation import aggregate

R = TypeVar("R")

#: By name of the record and by key.
Tables = dict[str, dict[Row, Row]]


class JournalStore(Store):
    """Keeps what a file says, and adds a line to it for every commit. One process at a time may have the file open.

    Args:
        path: The file; made if it is not there.
    """

    @classmethod
    def open(cls, url: str) -> "JournalStore":
        """The store in the file of a URL: `journal:///shop.jsonl` beside the program, `journal:////var/shop.jsonl`."""
        return cls(Path(url.removeprefix("journal:///")))

    def __init__(self, path: Path) -> None:
        """Read the file."""
        self._lock = threading.Lock()
        self._tables: Tables = {name: {} for name in RECORDS}
        try:
            self._file = path.open("a+b", buffering=0)
            self._replay()
        except OSError as error:
            raise StoreError(f"cannot open {path} ({error.strerror})") from error

    def get(self, cls: type[R], key: tuple[object, ...]) -> R | None:
        """The record with this primary key, or None."""
        record = _kept(cls)
        row = self._tables[record.name].get(record.encode_key(key))
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
        """One page of the records of a space, sorted anew each time."""
        _check_limit(limit)
        record = _kept(cls)
        columns, test = record.order(order), compile_test(where, record)

        def position(row: Row) -> Any:  # Any: what `order_key` gives
            return order_key(_values(record, row, columns))

        rows = sorted(filter(test, self._rows(record, space)), key=position, reverse=descending)
        if after is not None:
            seen = order_key(unpack_position(after, [record.columns[name].codec for name in columns]))
            rows = [row for row in rows if (position(row) < seen if descending else position(row) > seen)]
        token = pack_cursor(_values(record, rows[limit - 1], columns)) if len(rows) > limit else None
        return Page(tuple(record.decode(row) for row in rows[:limit]), token)

    def aggregate(self, space: str, plan: Plan) -> Sequence[Group]:
        """Add up what a plan declares."""
        return aggregate(self._rows(_kept(plan.cls), space), plan)

    def commit(self, unit: Unit) -> None:
        """Make all changes of a unit, in order, or none of them."""
        changes = [_checked(change) for change in unit.changes]
        with self._lock:
            draft = _Draft(self._tables)
            for change in changes:
                change(draft)
            self._keep(draft)

    def claim(
        self, cls: type[R], space: str, *, now: datetime, lease: timedelta, limit: int, where: Where = ALL
    ) -> Sequence[R]:
        """Take records whose `wake_at` has come, earliest first, for the length of a lease."""
        _check_limit(limit)
        record = _kept(cls)
        if not (record.wakes and record.versioned):
            raise InvalidValue(f"{record.name} is not claimed", hint="only records with wake_at and version are")
        due, until = microseconds(now), microseconds(now + lease)
        with self._lock:
            draft = _Draft(self._tables)
            among = filter(compile_test(where, record), self._rows(record, space))
            rows = sorted((_wake(record, row), record.key_of(row), row) for row in among)
            claimed = [_changed(record, row, {"wake_at": until}) for wake, _, row in rows if wake <= due][:limit]
            for row in claimed:
                draft.put(record, row)
            self._keep(draft)
        return [record.decode(row) for row in claimed]

    def spaces(self) -> Sequence[str]:
        """The names of all spaces that were ever opened, sorted."""
        return sorted(space for (space,) in self._tables[record_of(Space).name])

    def due_spaces(self, *, now: datetime, limit: int = 100) -> Sequence[str]:
        """Spaces that have something to claim, the longest due first."""
        _check_limit(limit)
        due = microseconds(now)
        waking = [record for record in RECORDS.values() if record.wakes]
        wakes = sorted((_wake(each, row), row[0]) for each in waking for row in self._tables[each.name].values())
        return list(dict.fromkeys(space for wake, space in wakes if wake <= due))[:limit]

    def migrate(self) -> None:
        """Nothing to do: the first version of the file is the last so far."""

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def capabilities(self) -> StoreCapabilities:
        """A commit that has returned is on the disk."""
        return StoreCapabilities(durable=True)

    def _rows(self, record: Record, space: str) -> list[Row]:
        stored = record.encode_value("space", space)
        return [row for key, row in self._tables[record.name].items() if key[0] == stored]

    def _replay(self) -> None:
        """Do again what every line says; what a crash left of the last one never happened."""
        self._file.seek(0)
        whole, newline, _ = self._file.read().rpartition(b"\n")
        self._file.truncate(len(whole) + len(newline))
        try:
            for line in whole.splitlines():
                for name, key, row in json.loads(line, object_hook=_unpacked):
                    _place(self._tables, name, tuple(key), None if row is None else tuple(row))
        except (ValueError, KeyError, TypeError) as error:
            raise StoreCorrupt(f"{self._file.name} is no journal of clientloop") from error

    def _keep(self, draft: "_Draft") -> None:
        """Write what a draft changed to the disk, then make it what everybody reads."""
        if not draft.touched:
            return
        rows = [(name, key, draft.tables[name].get(key)) for name, key in draft.touched]
        before = self._file.seek(0, os.SEEK_END)
        try:
            self._file.write(json.dumps(rows, default=_packed).encode() + b"\n")
            os.fsync(self._file.fileno())
        except OSError as error:
            self._file.truncate(before)
            raise StoreError(f"cannot write to {self._file.name} ({error.strerror})") from error
        self._tables = draft.tables


class _Draft:
    """The tables as a unit is about to leave them."""

    def __init__(self, tables: Tables) -> None:
        """Begin with what there is."""
        self.tables = {name: dict(rows) for name, rows in tables.items()}
        self.touched: dict[tuple[str, Row], None] = {}

    def insert(self, record: Record, row: Row) -> None:
        """Add a row."""
        key = record.key_of(row)
        if key in self.tables[record.name]:
            raise Duplicate(f"{record.label(key)} exists already", hint="update it, or insert under another key")
        self.put(record, row)

    def put(self, record: Record, row: Row) -> None:
        """Set a row, if all that it must agree with agrees."""
        key = record.key_of(row)
        for index in record.indexes:
            values = _values(record, row, index.columns)
            if index.unique and None not in values and self._holds(record, row[0], index.columns, values, besides=key):
                raise Duplicate(f"{record.label(key)}: another one has its {' and '.join(index.columns)}")
        for column, target in record.references.items():
            pointed = _values(record, row, ("space", column))
            if pointed[1] is not None and pointed not in self.tables[target]:
                raise MissingReference(f"{record.label(key)} points to a {target} that does not exist")
        self._set(record, key, row)

    def remove(self, record: Record, key: Row) -> None:
        """Take a row away, if nothing points to it."""
        for other in RECORDS.values():
            for column, target in other.references.items():
                if target == record.name and self._holds(other, key[0], (column,), key[1:], besides=None):
                    raise MissingReference(f"{record.label(key)} is still pointed to by a {other.name}")
        self._set(record, key, None)

    def expected(self, record: Record, key: Row, version: int | None) -> Row:
        """The row with this key and, if one is named, this version."""
        row = self.tables[record.name].get(key)
        if row is None:
            raise Conflict(f"{record.label(key)} is gone")
        if version is not None and _values(record, row, ("version",)) != (version,):
            raise Conflict(f"{record.label(key)} has no longer version {version}", hint="load it again")
        return row

    def _holds(self, record: Record, space: str, columns: tuple[str, ...], values: Row, *, besides: Row | None) -> bool:
        return any(
            key[0] == space and key != besides and _values(record, row, columns) == values
            for key, row in self.tables[record.name].items()
        )

    def _set(self, record: Record, key: Row, row: Row | None) -> None:
        self.touched[record.name, key] = None
        _place(self.tables, record.name, key, row)


def _checked(change: Change) -> Callable[[_Draft], None]:
    """What a change does to a draft; what is wrong with the change itself is refused before anything is done."""
    match change:
        case Insert(instance):
            record = _kept(type(instance))
            row = record.encode(instance)
            return lambda draft: draft.insert(record, row)
        case Update(cls, key, changes, version):
            record, at = _guarded(cls, key, version)
            values = record.encode_changes(changes)
            return lambda draft: draft.put(record, _changed(record, draft.expected(record, at, version), values))
        case Delete(cls, key, version):
            record, at = _guarded(cls, key, version)
            return lambda draft: draft.remove(record, record.key_of(draft.expected(record, at, version)))
        case Add(zero, deltas):
            record = _kept(type(zero))
            return _adding(record, record.encode(zero), record.encode_deltas(deltas))
    raise InvalidValue(f"{type(change).__name__} is no change", hint="give Insert, Update, Delete or Add")


def _adding(record: Record, zero: Row, deltas: dict[str, int]) -> Callable[[_Draft], None]:
    def add(draft: _Draft) -> None:
        row = draft.tables[record.name].get(record.key_of(zero))
        held = _values(record, row or zero, tuple(deltas))
        sums = {name: integer((value or 0) + deltas[name]) for name, value in zip(deltas, held, strict=True)}
        if row is None:
            draft.insert(record, _changed(record, zero, sums, count=False))
        else:
            draft.put(record, _changed(record, row, sums))

    return add


def _guarded(cls: type, key: tuple[object, ...], version: int | None) -> tuple[Record, Row]:
    record = _kept(cls)
    if version is not None and not record.versioned:
        raise InvalidValue(f"{record.name} has no version to guard by")
    return record, record.encode_key(key)


def _kept(cls: type) -> Record:
    record = record_of(cls)
    if RECORDS.get(record.name) is not record:
        raise InvalidValue(f"{record.name} is not kept here", hint="records are listed in clientloop.model.schema")
    return record


def _changed(record: Record, row: Row, changes: dict[str, Any], *, count: bool = True) -> Row:
    """The row with other values, and its version counted up. Any: int, str, bytes or None."""
    values = dict(zip(record.columns, row, strict=True)) | changes
    if count and record.versioned:
        values["version"] = integer(values["version"] + 1)
    return tuple(values.values())


def _values(record: Record, row: Row, columns: tuple[str, ...]) -> Row:
    held = dict(zip(record.columns, row, strict=True))
    return tuple(held[name] for name in columns)


def _wake(record: Record, row: Row) -> int:
    return int(_values(record, row, ("wake_at",))[0])


def _place(tables: Tables, name: str, key: Row, row: Row | None) -> None:
    if row is None:
        tables[name].pop(key, None)
    else:
        tables[name][key] = row


def _check_limit(limit: int) -> None:
    if limit < 1:
        raise InvalidValue(f"the limit is {limit}", hint="ask for at least 1")


def _packed(value: bytes) -> dict[str, str]:
    return {"hex": value.hex()}


def _unpacked(found: dict[str, str]) -> bytes:
    return bytes.fromhex(found["hex"])
