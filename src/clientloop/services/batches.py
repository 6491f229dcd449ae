"""Many records at once: looked up by one field, some hundred in one question, and written in few statements."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from clientloop.model.page import Page
from clientloop.model.schema import CLASSES
from clientloop.model.units import Change, Insert
from clientloop.model.where import ALL, Where, eq, one_of
from clientloop.services.context import Context

R = TypeVar("R")
V = TypeVar("V")

#: Values in one question: always the same number, so that a store prepares it once.
BATCH = 100


def in_batches(
    context: Context,
    cls: type[R],
    field: str,
    values: Iterable[V],
    *,
    where: Where = ALL,
    order: str = "key",
    limit: int = BATCH,
) -> Iterator[tuple[Sequence[V], Page[R]]]:
    """Ask for the records whose field has one of many values.

    Args:
        context: The space.
        cls: The records' class.
        field: The field.
        values: The values.
        where: What else the records must satisfy.
        order: An index that begins with what `where` pins and goes on with the field, or `key`.
        limit: How many records one question may bring; its page has a `next`, if there are more.

    Yields:
        Some of the values, and the records that have one of them.
    """
    for batch in batches(values):
        asked = where & one_of(field, padded(batch))
        yield batch, context.store.page(cls, context.space.space, where=asked, order=order, limit=limit)


def rows_with(
    context: Context, cls: type[R], field: str, values: Iterable[object], *, where: Where = ALL, order: str = "key"
) -> Iterator[R]:
    """All records whose field has one of some values, however many share one.

    Args:
        context: The space.
        cls: The records' class.
        field: The field.
        values: The values; a single one is asked for by itself.
        where: What else the records must satisfy.
        order: As of `in_batches`.
    """
    for batch in batches(values):
        asked = eq(field, batch[0]) if len(batch) == 1 else one_of(field, padded(batch))
        yield from context.store.pages(cls, context.space.space, where=asked & where, order=order)


def batches(values: Iterable[V]) -> Iterator[Sequence[V]]:
    """Values in batches of which each fits into one question."""
    left = iter(values)
    while batch := list(islice(left, BATCH)):
        yield batch


def padded(batch: Sequence[V]) -> Sequence[V]:
    """A batch made as long as all others by repeating its last value: what a condition asks for stays the same.

    >>> len(padded([1, 2, 3])), set(padded([1, 2, 3]))
    (100, {1, 2, 3})
    """
    return [*batch, *[batch[-1]] * (BATCH - len(batch))]


def rank(change: Change) -> int:
    """What sorts changes of many things: what others point to first, and records of one class together.

    Stores write these fastest. The changes of each single thing must not lean on their order.
    """
    return _RANKS[type(change.record)] if isinstance(change, Insert) else len(_RANKS)


_RANKS = {cls: number for number, cls in enumerate(CLASSES)}
