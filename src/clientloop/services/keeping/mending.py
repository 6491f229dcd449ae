"""What makes a copy equal again to a source that has changed since: both are read side by side, along the key."""

from collections.abc import Iterator
from functools import partial
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeVar

from clientloop.errors import Conflict
from clientloop.model.page import order_key
from clientloop.model.record import Record, record_of
from clientloop.model.schema import RECORDS
from clientloop.model.units import Change, Delete, Insert, Update
from clientloop.ports.store import Store
from clientloop.services.keeping.streams import rows

R = TypeVar("R")

#: Names of the records that others point to: these cannot be replaced, only changed.
_POINTED_TO = frozenset(name for record in RECORDS.values() for name in record.references.values())


def removals(source: Store, target: Store, cls: type, space: str) -> Iterator[list[Change]]:
    """What removes from the target each record of a class that the source no longer has.

    Args:
        source: What is right.
        target: What is to become so.
        cls: The class.
        space: The space.

    Yields:
        The changes for one record.
    """
    record = record_of(cls)
    for right, wrong in _side_by_side(record, rows(source, cls, space), rows(target, cls, space)):
        if right is None:
            yield [Delete(cls, _key(record, wrong))]


def corrections(source: Store, target: Store, cls: type, space: str) -> Iterator[list[Change]]:
    """What adds to the target each record of a class that it lacks, and changes those that are otherwise.

    Args:
        source: What is right.
        target: What is to become so.
        cls: The class.
        space: The space.

    Yields:
        The changes for one record.

    Raises:
        Conflict: A record is newer in the target than in the source.
    """
    record = record_of(cls)
    for right, wrong in _side_by_side(record, rows(source, cls, space), rows(target, cls, space)):
        if wrong is None:
            yield [Insert(right)]
        elif right is not None:
            yield from _correction(record, right, wrong)


def _side_by_side(record: Record, source: Iterator[R], target: Iterator[R]) -> Iterator[tuple[R | None, R | None]]:
    """The records of both sides by their keys; None where a side has none."""
    ours, theirs = map(partial(_keyed, record, 0), source), map(partial(_keyed, record, 1), target)
    for _, both in groupby(merge(ours, theirs, key=itemgetter(0)), key=itemgetter(0)):
        found = {side: each for _, side, each in both}
        yield found.get(0), found.get(1)


def _keyed(record: Record, side: int, each: R) -> tuple[Any, int, R]:  # Any: what sorts keys as stores do
    return order_key(record.key_of(record.encode(each))), side, each


def _correction(record: Record, right: object, wrong: object) -> Iterator[list[Change]]:
    """What makes one record of the target that of the source, unless it is."""
    stored = zip(record.columns, record.encode(right), record.encode(wrong), strict=True)
    changed = {name: getattr(right, name) for name, ours, theirs in stored if ours != theirs}
    if not changed:
        return
    key = _key(record, right)
    if record.name not in _POINTED_TO:
        yield [Delete(record.cls, key), Insert(right)]
        return
    changed.pop("version", None)
    later = [Update(record.cls, key, {})] * (_newer(record, right, wrong) - 1)  # each counts the version up by one
    yield [Update(record.cls, key, changed), *later]


def _newer(record: Record, right: Any, wrong: Any) -> int:  # Any: records of this class
    """By how many changes the source is ahead."""
    if not record.versioned:
        return 1
    ahead: int = right.version - wrong.version
    if ahead < 1:
        raise Conflict(
            f"{record.label(record.key_of(record.encode(right)))} was changed in the target",
            hint="nobody may work in it before the copy is complete: empty the target, and copy again",
        )
    return ahead


def _key(record: Record, each: object) -> tuple[object, ...]:
    return tuple([getattr(each, name) for name in record.key])
