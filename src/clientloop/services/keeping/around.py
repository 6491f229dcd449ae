"""Records of a space with what lies near each, some hundred at a time: memory stays flat, however many there are."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from attrs import frozen

from clientloop.model.page import Page
from clientloop.model.plan import Key, Plan
from clientloop.model.record import record_of
from clientloop.model.where import ALL, Where, eq, ge, gt, le
from clientloop.ports.store import Store

R = TypeVar("R")

#: Records read at a time.
SIZE = 500

#: A primary key without its space. Any: each part has a type of its own.
Id = tuple[Any, ...]


@frozen
class Near:
    """What lies near the records of a class: those of another one that name them."""

    #: The class of what lies near.
    cls: type
    #: Its columns that hold the key of the record, after `space`.
    by: tuple[str, ...]
    #: The index that begins with these columns, or `key`.
    order: str = "key"
    #: Whether it is enough to know that it is there: large contents are then not read.
    bare: bool = False


@frozen
class Around:
    """What lies near one record."""

    #: The store.
    store: Store
    #: The space.
    space: str
    #: By class. Any: records, or the keys of what is read bare.
    near: Mapping[type, Sequence[Any]]

    def all(self, cls: type[R]) -> Sequence[R]:
        """The records of a class that name this one, in the order of their `Near`."""
        return self.near[cls]

    def has(self, cls: type) -> bool:
        """Whether any record of a class names this one."""
        return bool(self.near[cls])


@frozen
class Stretch:
    """Records that follow one another by their keys, with all that lies near them."""

    #: The store.
    store: Store
    #: The space.
    space: str
    #: The records by their ids. Any: of one class.
    rows: Mapping[Id, Any]
    #: What lies near, by class and by the id that it names, also where no record has that. Any: as of `Around`.
    near: Mapping[type, Mapping[Id, Sequence[Any]]]

    def around(self, key: Id) -> Around:
        """What lies near one of the records."""
        return Around(self.store, self.space, {cls: named.get(key, ()) for cls, named in self.near.items()})


def id_of(row: object) -> Id:
    """The primary key of a record, without its space."""
    return tuple([getattr(row, name) for name in record_of(type(row)).key[1:]])


def stretches(store: Store, space: str, cls: type, near: Sequence[Near]) -> Iterator[Stretch]:
    """All records of a class, page by page, and what lies near; together the stretches hold all that does.

    Args:
        store: Where they are.
        space: The space.
        cls: Their class.
        near: What to read with them.
    """
    record = record_of(cls)
    leads, is_whole = record.key[1], len(record.key) == 2
    page: Page[Any] = store.page(cls, space, limit=SIZE)  # Any: records of the class
    low: Any = None  # Any: the first part of their key
    while True:
        high = None if page.next is None else getattr(page.items[-1], leads)
        within = _Within(low, high, open_below=is_whole)
        rows = {id_of(row): row for row in page.items}
        yield Stretch(store, space, rows, {each.cls: _lying(store, space, each, within) for each in near})
        if page.next is None:
            return
        # of a key with several parts, the first may go on from page to page
        page, low = store.page(cls, space, limit=SIZE, after=page.next), high


def stretch_of(store: Store, row: Any, near: Sequence[Near]) -> Stretch:  # Any: a record of any class
    """One record as a stretch of its own; what lies near is read in the order in which it is named.

    Args:
        store: Where it is.
        row: The record.
        near: What to read with it.
    """
    key = id_of(row)
    within = _Within(key[0], key[0], open_below=False)
    return Stretch(store, row.space, {key: row}, {each.cls: _lying(store, row.space, each, within) for each in near})


@frozen
class _Within:
    """Bounds of a stretch; None where it has none. Any: the first part of a key."""

    low: Any
    high: Any
    open_below: bool

    def of(self, column: str) -> Where:
        """The condition that a column lies within."""
        if self.low is not None and self.low == self.high:
            return eq(column, self.low)
        above = ALL if self.low is None else (gt if self.open_below else ge)(column, self.low)
        return above if self.high is None else above & le(column, self.high)


def _lying(store: Store, space: str, near: Near, within: _Within) -> Mapping[Id, Sequence[Any]]:  # Any: as of `Stretch`
    where, found = within.of(near.by[0]), defaultdict[Id, list[Any]](list)
    if near.bare:
        plan = Plan(cls=near.cls, where=where, keys=tuple(map(Key, near.by)))
        return {group.keys: (group.keys,) for group in store.aggregate(space, plan) if None not in group.keys}
    rows: Iterator[Any] = store.pages(near.cls, space, where=where, order=near.order, size=SIZE)
    for row in rows:
        key = tuple([getattr(row, name) for name in near.by])
        if None not in key:
            found[key].append(row)
    return found
