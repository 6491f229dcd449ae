"""Encoded rows in dictionaries, with the keys, indexes and references that a database would keep; without a lock."""

from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from operator import itemgetter
from typing import Any

from attrs import frozen

from clientloop.errors import Duplicate, InvalidValue, MissingReference
from clientloop.model.codec import integer
from clientloop.model.page import order_key
from clientloop.model.record import Record
from clientloop.model.units import Row

#: Sorts after every value that can follow in an `order_key`.
_LAST = ((2, None),)

#: The part of an order's entry that it is sorted by.
_SORTED_BY = itemgetter(0)

#: The rows of one space in one order: what each is sorted by, and its key.
_Entries = list[tuple[tuple[tuple[bool, Any], ...], Row]]  # Any: int, str, bytes or None


class Tables:
    """The tables of all records, and the journal by which a failed unit is undone.

    Args:
        records: The declarations by name of the table.
    """

    def __init__(self, records: Iterable[Record]) -> None:
        """Begin with empty tables."""
        #: What was done, the row before it with each step.
        self.journal: list[tuple[Table, Row, Row | None]] = []
        self._tables = {record.name: Table(record, self) for record in records}

    def __iter__(self) -> Iterator["Table"]:
        """Over all tables."""
        return iter(self._tables.values())

    def __getitem__(self, name: str) -> "Table":
        """The table of this name."""
        return self._tables[name]

    def of(self, record: Record) -> "Table":
        """The table of a record.

        Raises:
            InvalidValue: The record is not in the schema.
        """
        table = self._tables.get(record.name)
        if table is None or table.record is not record:
            raise InvalidValue(f"{record.name} is not kept here", hint="records are listed in clientloop.model.schema")
        return table

    @contextmanager
    def all_or_nothing(self) -> Generator[None]:
        """Undo what is done to the tables within the block if it fails."""
        try:
            yield
        except BaseException:
            for table, key, before in reversed(self.journal):
                table.place(key, before)
            raise
        finally:
            self.journal.clear()


@frozen
class _Unique:
    """A unique index: which row holds which values."""

    #: The columns, `space` first.
    columns: tuple[str, ...]
    #: The key of the row that holds these values.
    holders: dict[Row, Row]


class Table:
    """The rows of one record.

    Args:
        record: The declaration.
        tables: The tables of all records, to which references lead.
    """

    def __init__(self, record: Record, tables: Tables) -> None:
        """Begin empty."""
        self.record = record
        self._tables = tables
        self._positions = {name: position for position, name in enumerate(record.columns)}
        self._spaces: dict[str, dict[Row, Row]] = {}
        self._orders: dict[str, dict[tuple[str, ...], _Entries]] = {}
        self._uniques = [_Unique(("space", *index.columns), {}) for index in record.indexes if index.unique]
        self._pointed: Counter[Row] = Counter()

    def values(self, row: Row, columns: Iterable[str]) -> Row:
        """What a row holds in some columns."""
        return tuple([row[self._positions[name]] for name in columns])

    def key_of(self, row: Row) -> Row:
        """The primary key of a row."""
        return self.values(row, self.record.key)

    def get(self, key: Row) -> Row | None:
        """The row with this key, or None."""
        return self._spaces.get(key[0], {}).get(key)

    def rows(self, space: str) -> Iterable[Row]:
        """All rows of a space, in no order."""
        return self._spaces.get(space, {}).values()

    def changed(self, row: Row, changes: Mapping[str, object], *, count: bool = True) -> Row:
        """The row with other values in some columns, and its version counted up unless told otherwise."""
        changed = list(row)
        for name, value in changes.items():
            changed[self._positions[name]] = value
        if count and self.record.versioned:
            changed[self._positions["version"]] = integer(row[self._positions["version"]] + 1)
        return tuple(changed)

    def insert(self, row: Row) -> None:
        """Add a row.

        Raises:
            Duplicate: Its key or a unique index is taken.
            MissingReference: It points to a row that does not exist.
        """
        key = self.key_of(row)
        if self.get(key) is not None:
            raise Duplicate(f"{self.record.label(key)} exists already", hint="update it, or insert under another key")
        self.put(row)

    def put(self, row: Row) -> None:
        """Set a row in the place of the one with its key, if there is one.

        Raises:
            Duplicate: A unique index is taken.
            MissingReference: It points to a row that does not exist.
        """
        key = self.key_of(row)
        self._check_uniques(key, row)
        self._check_references(key, row)
        self._journaled(key, row)

    def remove(self, key: Row) -> None:
        """Take a row away.

        Raises:
            MissingReference: Another row points to it.
        """
        if self._pointed[key]:
            raise MissingReference(
                f"{self.record.label(key)} is still pointed to", hint="delete what points to it first, in the same unit"
            )
        self._journaled(key, None)

    def place(self, key: Row, row: Row | None) -> None:
        """Set or take away a row without question or journal, and bring all indexes up to date."""
        rows = self._spaces.setdefault(key[0], {})
        before = rows.pop(key, None)
        if before is not None:
            self._unlink(key, before)
        if row is not None:
            rows[key] = row
            self._link(key, row)

    def along(
        self,
        space: str,
        columns: tuple[str, ...],
        *,
        prefix: Row = (),
        start: Row | None = None,
        descending: bool = False,
    ) -> Iterator[Row]:
        """The rows of a space in the order of some columns.

        Args:
            space: The space.
            columns: The columns after `space`, the key's among them.
            prefix: What the rows hold in the first of the columns.
            start: What the row before the first held in all of the columns.
            descending: Whether to read the order backwards.
        """
        entries = self._order(space, columns)
        first = bisect_left(entries, order_key(prefix), key=_SORTED_BY)
        end = bisect_left(entries, order_key(prefix) + _LAST, key=_SORTED_BY)
        if start is not None and descending:
            end = min(end, bisect_left(entries, order_key(start), key=_SORTED_BY))
        elif start is not None:
            first = max(first, bisect_right(entries, order_key(start), key=_SORTED_BY))
        positions = range(first, end)
        rows = self._spaces.get(space, {})
        return (rows[entries[at][1]] for at in (reversed(positions) if descending else positions))

    def spaces(self) -> Iterable[str]:
        """The spaces that have rows, or had some."""
        return self._spaces

    def _order(self, space: str, columns: tuple[str, ...]) -> _Entries:
        """The rows of a space in an order: sorted when first asked for, kept in order from then on."""
        orders = self._orders.setdefault(space, {})
        if columns not in orders:
            rows = self._spaces.get(space, {})
            orders[columns] = sorted((order_key(self.values(row, columns)), key) for key, row in rows.items())
        return orders[columns]

    def _check_uniques(self, key: Row, row: Row) -> None:
        for unique in self._uniques:
            if unique.holders.get(self.values(row, unique.columns), key) != key:
                what = " and ".join(unique.columns[1:])
                raise Duplicate(f"{self.record.label(key)}: another one has its {what}", hint="load that one instead")

    def _check_references(self, key: Row, row: Row) -> None:
        for column, target in self.record.references.items():
            pointed = self.values(row, ("space", column))
            table = self._tables[target]
            if pointed[1] is not None and table.get(pointed) is None:
                raise MissingReference(
                    f"{self.record.label(key)} points to {table.record.label(pointed)}, which does not exist",
                    hint="insert what others point to first, in the same unit",
                )

    def _journaled(self, key: Row, row: Row | None) -> None:
        self._tables.journal.append((self, key, self.get(key)))
        self.place(key, row)

    def _link(self, key: Row, row: Row) -> None:
        for unique in self._uniques:
            values = self.values(row, unique.columns)
            if None not in values:
                unique.holders[values] = key
        for target, pointed in self._pointers(row):
            target[pointed] += 1
        for columns, entries in self._orders.get(key[0], {}).items():
            insort(entries, (order_key(self.values(row, columns)), key), key=_SORTED_BY)

    def _unlink(self, key: Row, row: Row) -> None:
        for unique in self._uniques:
            unique.holders.pop(self.values(row, unique.columns), None)
        for target, pointed in self._pointers(row):
            target[pointed] -= 1
            if not target[pointed]:
                del target[pointed]
        for columns, entries in self._orders.get(key[0], {}).items():
            del entries[bisect_left(entries, order_key(self.values(row, columns)), key=_SORTED_BY)]

    def _pointers(self, row: Row) -> Iterator[tuple["Counter[Row]", Row]]:
        """The counters of the tables that a row points to, and the keys there."""
        for column, target in self.record.references.items():
            pointed = self.values(row, ("space", column))
            if pointed[1] is not None:
                yield self._tables[target]._pointed, pointed  # noqa: SLF001  # a table of the same sort
