"""A store around another, for whoever counts, measures, delays or refuses what a store is asked."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self, TypeVar

from clientloop.model.feedback import Feedback
from clientloop.model.page import Page
from clientloop.model.plan import Group, Plan
from clientloop.model.units import Unit
from clientloop.model.where import ALL, Where
from clientloop.ports.store import Store, StoreCapabilities

R = TypeVar("R")


class WrappedStore(Store):
    """Passes every call on to another store, also those for which the port has a default that would do less.

    Override `calling` for what concerns all calls, or single methods, and call theirs by `super()`. What the store
    inside calls of its own does not come by here: `pages` reads its pages itself.

    Args:
        store: The store that does the work; it is closed with this one.

    >>> from clientloop import ClientLoop
    >>> from clientloop.stores.memory import MemoryStore
    >>> class CountingStore(WrappedStore):
    ...     units = 0
    ...
    ...     def commit(self, unit):
    ...         super().commit(unit)
    ...         self.units += 1
    >>> store = CountingStore(MemoryStore())
    >>> with ClientLoop.open(store) as loop:
    ...     before = store.units
    ...     item = loop.feedback.receive(kind="idea", channel="form", text="Deliver on Saturdays")
    ...     store.units - before
    1
    """

    def __init__(self, store: Store) -> None:
        """Keep the store inside."""
        #: The store that does the work.
        self.store = store

    @contextmanager
    def calling(self, method: str) -> Generator[None]:
        """What every call goes through: it is done in the block. This one adds nothing.

        Args:
            method: The method of the port that is called, such as `commit`.
        """
        yield

    def around(self, store: Store) -> Self:
        """The same around another store.

        Args:
            store: The other store, such as one that joins a transaction.
        """
        other = copy(self)
        other.store = store
        return other

    def get(self, cls: type[R], key: tuple[object, ...]) -> R | None:
        """As the store inside."""
        with self.calling("get"):
            return self.store.get(cls, key)

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
        """As the store inside."""
        with self.calling("page"):
            return self.store.page(
                cls, space, where=where, order=order, after=after, limit=limit, descending=descending
            )

    def pages(
        self, cls: type[R], space: str, *, where: Where = ALL, order: str = "key", size: int = 500
    ) -> Iterator[R]:
        """As the store inside; it has been done when all were brought."""
        with self.calling("pages"):
            yield from self.store.pages(cls, space, where=where, order=order, size=size)

    def search(
        self, space: str, words: str, *, where: Where = ALL, after: str | None = None, limit: int = 50
    ) -> Page[Feedback]:
        """As the store inside."""
        with self.calling("search"):
            return self.store.search(space, words, where=where, after=after, limit=limit)

    def aggregate(self, space: str, plan: Plan) -> Sequence[Group]:
        """As the store inside."""
        with self.calling("aggregate"):
            return self.store.aggregate(space, plan)

    def commit(self, unit: Unit) -> None:
        """As the store inside."""
        with self.calling("commit"):
            self.store.commit(unit)

    def claim(
        self, cls: type[R], space: str, *, now: datetime, lease: timedelta, limit: int, where: Where = ALL
    ) -> Sequence[R]:
        """As the store inside."""
        with self.calling("claim"):
            return self.store.claim(cls, space, now=now, lease=lease, limit=limit, where=where)

    def spaces(self) -> Sequence[str]:
        """As the store inside."""
        with self.calling("spaces"):
            return self.store.spaces()

    def due_spaces(self, *, now: datetime, limit: int = 100) -> Sequence[str]:
        """As the store inside."""
        with self.calling("due_spaces"):
            return self.store.due_spaces(now=now, limit=limit)

    def wait_for_due(self, timeout: timedelta) -> bool:
        """As the store inside."""
        with self.calling("wait_for_due"):
            return self.store.wait_for_due(timeout)

    def migrate(self) -> None:
        """As the store inside."""
        with self.calling("migrate"):
            self.store.migrate()

    def close(self) -> None:
        """As the store inside."""
        with self.calling("close"):
            self.store.close()

    def backup(self, target: Path) -> None:
        """As the store inside."""
        with self.calling("backup"):
            self.store.backup(target)

    def damage(self) -> Sequence[str]:
        """As the store inside."""
        with self.calling("damage"):
            return self.store.damage()

    def capabilities(self) -> StoreCapabilities:
        """As the store inside."""
        with self.calling("capabilities"):
            return self.store.capabilities()

    @contextmanager
    def joined(self, connection: object) -> Generator[Store]:
        """As the store inside; the store that it lends is wrapped in the same way."""
        with self.calling("joined"), self.store.joined(connection) as lent:
            yield self.around(lent)
