"""All records of a space, in the order in which they are copied, some at a time: memory stays flat."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

from clientloop.model.channels import RawBody
from clientloop.model.interactions import Attachment, Text
from clientloop.model.plan import Plan
from clientloop.model.schema import CLASSES
from clientloop.model.spaces import PluginState, SpaceDue
from clientloop.model.where import ALL, Where, ne
from clientloop.ports.store import Store
from clientloop.services.keeping.seals import PLUGIN

R = TypeVar("R")

#: Every record class, what others point to first; a store itself keeps when a space is due.
COPIED: tuple[type, ...] = tuple(cls for cls in CLASSES if cls is not SpaceDue)

#: Records of one batch, and characters or bytes in its long fields.
BATCH, WEIGHT = 500, 4_000_000


class Long(NamedTuple):
    """How records are read that may be long each."""

    #: The field that is long.
    field: str
    #: How many of them are read at a time.
    size: int


_LONG: Mapping[type, Long] = {Text: Long("body", 50), Attachment: Long("content", 2), RawBody: Long("content", 2)}


def rows(store: Store, cls: type[R], space: str) -> Iterator[R]:
    """All records of a class.

    Args:
        store: Where they are.
        cls: The class.
        space: The space.
    """
    return store.pages(cls, space, where=_wanted(cls), size=_size(cls))


def batches(
    store: Store, cls: type[R], space: str, *, after: str | None = None
) -> Iterator[tuple[list[R], str | None]]:
    """All records of a class, as many at once as one unit may well hold.

    Args:
        store: Where they are.
        cls: The class.
        space: The space.
        after: What an earlier batch came with, to go on behind it.

    Yields:
        Some records, and what asks for those behind them: None for the last.
    """
    batch: list[R] = []
    while True:
        page = store.page(cls, space, where=_wanted(cls), limit=_size(cls), after=after)
        batch += page
        after = page.next
        if batch and (after is None or len(batch) >= BATCH or _weight(cls, batch) >= WEIGHT):
            yield batch, after
            batch = []
        if after is None:
            return


def counts(store: Store, space: str) -> Mapping[type, int]:
    """How many records of each class there are to copy.

    Args:
        store: Where they are.
        space: The space.
    """
    found = {cls: store.aggregate(space, Plan(cls=cls, where=_wanted(cls))) for cls in COPIED}
    return {cls: group.values[0] or 0 for cls, (group,) in found.items()}


def _wanted(cls: type) -> Where:
    """Which records: a seal belongs to its store."""
    return ne("plugin", PLUGIN) if cls is PluginState else ALL


def _size(cls: type) -> int:
    return _LONG[cls].size if cls in _LONG else BATCH


def _weight(cls: type, batch: Sequence[object]) -> int:
    return sum(len(getattr(each, _LONG[cls].field)) for each in batch) if cls in _LONG else 0
