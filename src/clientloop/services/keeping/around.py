"""Records of a space with what lies near each, some hundred at a time: memory stays flat, however many there are."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

from attrs import field, frozen

from clientloop.model.page import Page
from clientloop.model.plan import Key, Plan
from clientloop.model.record import record_of
from clientloop.model.where import ALL, Where, eq, gt, le, one_of
from clientloop.ports.store import Store
from clientloop.services.batches import BATCH, batches, padded

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
    order: str = field(default="key", kw_only=True)
    #: Whether it is enough to know that it is there: large contents are then not read.
    bare: bool = field(default=False, kw_only=True)
    #: Whether all of them are read: every one that names anything must then name a record of the class.
    whole: bool = field(default=True, kw_only=True)


@frozen
class Pointer:
    """What the records of a class point to: others that they name."""

    #: What holds the names: as messages call it.
    name: str
    #: The classes to one of which each must belong; their keys have one part after `space`.
    to: tuple[type, ...]
    #: What a record names. Any: a record of any class.
    names: Callable[[Any], Iterable[object]]


@frozen
class Scope:
    """What is read with the records of a class."""

    #: What lies near them.
    near: tuple[Near, ...] = ()
    #: What they point to.
    points: tuple[Pointer, ...] = ()


@frozen
class Around:
    """What is known around one record."""

    #: The store.
    store: Store
    #: The space.
    space: str
    _near: Mapping[type, Sequence[Any]]  # Any: records, or the keys of what is read bare
    _known: Mapping[type, Set[object]]

    def all(self, cls: type[R]) -> Sequence[R]:
        """The records of a class that name this one, in the order of their `Near`."""
        return self._near[cls]

    def has(self, cls: type) -> bool:
        """Whether any record of a class names this one."""
        return bool(self._near[cls])

    def knows(self, classes: Iterable[type], name: object) -> bool:
        """Whether a record that this one points to is there.

        Args:
            classes: Those of the pointer.
            name: What the pointer names.
        """
        return any(name in self._known[cls] for cls in classes)


@frozen
class Stretch:
    """Records that follow one another by their keys, with all that is read with them."""

    #: The store.
    store: Store
    #: The space.
    space: str
    #: The records by their ids. Any: of one class.
    rows: Mapping[Id, Any]
    #: What lies near, by class and by the id that it names, also where no record has that. Any: as of `Around`.
    near: Mapping[type, Mapping[Id, Sequence[Any]]]
    #: Which of those are there that the records point to, by class.
    known: Mapping[type, Set[object]]

    def around(self, key: Id) -> Around:
        """What is known around one of the records."""
        near = {cls: named.get(key, ()) for cls, named in self.near.items()}
        return Around(self.store, self.space, near, self.known)


def id_of(row: object) -> Id:
    """The primary key of a record, without its space."""
    return _parts(record_of(type(row)).key[1:])(row)


@cache
def _parts(names: tuple[str, ...]) -> Callable[[object], Id]:
    """Takes some fields of a record."""
    if len(names) == 1:
        (name,) = names
        return lambda row: (getattr(row, name),)
    return attrgetter(*names)


def stretches(store: Store, space: str, cls: type, scope: Scope) -> Iterator[Stretch]:
    """All records of a class, page by page; together the stretches hold all that lies near any.

    Args:
        store: Where they are.
        space: The space.
        cls: Their class.
        scope: What to read with them; what is `whole` lies near records whose key has one part.
    """
    first = record_of(cls).key[1]
    page: Page[Any] = store.page(cls, space, limit=SIZE)  # Any: records of the class
    low: Any = None  # Any: the first part of their key
    while True:
        high = None if page.next is None else getattr(page.items[-1], first)
        yield _stretch(store, space, page.items, scope, _Bounds(low, high))
        if page.next is None:
            return
        page, low = store.page(cls, space, limit=SIZE, after=page.next), high


def stretch_of(store: Store, space: str, key: Id, rows: Sequence[Any], scope: Scope) -> Stretch:
    """One record, or none, as a stretch of its own; what lies near is read in the order in which it is named.

    Args:
        store: Where it is.
        space: The space.
        key: The id of the record.
        rows: The record, if it is there. Any: of any class.
        scope: What to read with it.
    """
    return _stretch(store, space, rows, scope, _Bounds(key[0], key[0]))


@frozen
class _Bounds:
    """After which id a stretch begins, and with which it ends; None where it has no bound. Any: parts of keys."""

    low: Any
    high: Any

    def of(self, column: str) -> Where:
        """The condition that a column lies within; bounds that are the same mean this one id."""
        if self.low is not None and self.low == self.high:
            return eq(column, self.low)
        above = ALL if self.low is None else gt(column, self.low)
        return above if self.high is None else above & le(column, self.high)


def _stretch(store: Store, space: str, rows: Sequence[Any], scope: Scope, bounds: _Bounds) -> Stretch:
    near = {}
    for each in scope.near:
        column = each.by[0]
        firsts = dict.fromkeys(id_of(row)[0] for row in rows)
        wheres = [bounds.of(column)] if each.whole else [one_of(column, padded(batch)) for batch in batches(firsts)]
        near[each.cls] = _lying(store, space, each, wheres)
    return Stretch(store, space, {id_of(row): row for row in rows}, near, _known(store, space, rows, scope.points))


def _lying(
    store: Store, space: str, near: Near, wheres: Iterable[Where]
) -> Mapping[Id, Sequence[Any]]:  # Any: as of `Stretch`
    found = defaultdict[Id, list[Any]](list)
    for where in wheres:
        for key, row in (_bare if near.bare else _full)(store, space, near, where):
            if None not in key:
                found[key].append(row)
    return found


def _full(store: Store, space: str, near: Near, where: Where) -> Iterator[tuple[Id, Any]]:  # Any: a record
    rows: Iterator[Any] = store.pages(near.cls, space, where=where, order=near.order, size=SIZE)
    named = _parts(near.by)
    return ((named(row), row) for row in rows)


def _bare(store: Store, space: str, near: Near, where: Where) -> Iterator[tuple[Id, Id]]:
    plan = Plan(cls=near.cls, where=where, keys=tuple(map(Key, near.by)))
    return ((group.keys, group.keys) for group in store.aggregate(space, plan))


def _known(
    store: Store, space: str, rows: Sequence[Any], points: Sequence[Pointer]
) -> Mapping[type, Set[object]]:  # Any: records of one class
    known: defaultdict[type, set[object]] = defaultdict(set)
    for pointer in points:
        named = {name for row in rows for name in pointer.names(row)}
        for cls in pointer.to:
            named -= known[cls]
            known[cls].update(_there(store, space, cls, named))
            named -= known[cls]
    return known


def _there(store: Store, space: str, cls: type, names: Iterable[object]) -> Iterator[object]:
    (column,) = record_of(cls).key[1:]
    for batch in batches(names):
        page: Page[Any] = store.page(cls, space, where=one_of(column, padded(batch)), limit=BATCH)  # Any: as `cls` is
        for row in page:
            yield getattr(row, column)
