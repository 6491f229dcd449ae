"""What the tests of the store suite share."""

import itertools
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import pytest

from clientloop.errors import ClientLoopError
from clientloop.model.page import order_key
from clientloop.model.record import record_of
from clientloop.model.schema import CLASSES, RECORDS
from clientloop.model.spaces import SpaceDue
from clientloop.model.units import Delete, Insert, Row, Unit, Update
from clientloop.ports.store import Store
from clientloop.testing.samples import inserts

R = TypeVar("R")

#: Every record that callers write; `SpaceDue` is kept by the store itself.
WRITTEN: tuple[type[object], ...] = tuple(cls for cls in CLASSES if cls is not SpaceDue)

#: Every reference: the class that points, by which column, and the class pointed to.
REFERENCES: tuple[tuple[type[object], str, type[object]], ...] = tuple(
    (cls, column, RECORDS[name].cls) for cls in CLASSES for column, name in record_of(cls).references.items()
)

_spaces = itertools.count(1)


class Suite:
    """What every part of the suite asks for."""

    @pytest.fixture
    def store(self) -> Iterator[Store]:
        """A fresh, migrated store: for the subclass to give."""
        raise NotImplementedError("give the store to be judged as the fixture `store`")


def fresh_space() -> str:
    """The name of a space that nothing else uses: the examples of one test share a store."""
    return f"space-{next(_spaces)}"


def key_of(instance: object) -> tuple[object, ...]:
    """The primary key of a record as field values."""
    return tuple(getattr(instance, name) for name in record_of(type(instance)).key)


def put(store: Store, *instances: object) -> None:
    """Insert records and those that they point to, as far as these are not there yet."""
    given = {id(instance) for instance in instances}
    changes = [
        change
        for change in inserts(*instances).changes
        if isinstance(change, Insert)
        and (id(change.record) in given or store.get(type(change.record), key_of(change.record)) is None)
    ]
    store.commit(Unit(tuple(changes)))


def update(instance: object, *, version: int | None = None, **changes: object) -> Update:
    """An update of a record."""
    return Update(type(instance), key_of(instance), changes, version)


def delete(instance: object, *, version: int | None = None) -> Delete:
    """The deletion of a record."""
    return Delete(type(instance), key_of(instance), version)


def snapshot(store: Store, *spaces: str) -> dict[tuple[str, type], list[object]]:
    """All that a store holds in some spaces."""
    return {(space, cls): list(store.page(cls, space, limit=1_000)) for space in spaces or ("main",) for cls in WRITTEN}


def assert_refused(store: Store, unit: Unit, error: type[ClientLoopError], *spaces: str) -> ClientLoopError:
    """Assert that a unit is refused for this very reason and leaves nothing behind; gives the error."""
    before = snapshot(store, *spaces)
    with pytest.raises(error) as caught:
        store.commit(unit)
    assert caught.value.code == error.code
    assert snapshot(store, *spaces) == before
    return caught.value


def encoded(instances: Iterable[object]) -> list[Row]:
    """The database rows of records."""
    return [record_of(type(instance)).encode(instance) for instance in instances]


def in_order(cls: type[R], instances: Iterable[R], order: str, *, descending: bool = False) -> list[R]:
    """Records of one class as pages list them, by the declaration alone."""
    record = record_of(cls)
    positions = [list(record.columns).index(name) for name in record.order(order)]

    def sort_key(instance: R) -> Any:  # Any: what an order_key is made of
        row = record.encode(instance)
        return order_key(tuple(row[position] for position in positions))

    return sorted(instances, key=sort_key, reverse=descending)
