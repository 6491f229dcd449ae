"""The store port: one write verb, a few reads, claims. A backend takes a day, and the conformance suite judges it."""

from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from time import sleep
from typing import TypeVar
from uuid import UUID

from attrs import frozen

from clientloop.errors import InvalidValue, NotSupported
from clientloop.model.codec import CODECS
from clientloop.model.feedback import Feedback
from clientloop.model.interactions import Text
from clientloop.model.page import Page, check_limit, pack_cursor, unpack_position
from clientloop.model.plan import Group, Plan
from clientloop.model.units import Unit
from clientloop.model.where import ALL, Where, lt, one_of
from clientloop.rules.words import Sought

R = TypeVar("R")

#: How many items a search reads at a time where the store has no index of words.
_READ = 200


@frozen(kw_only=True)
class StoreCapabilities:
    """What a store can do beyond the obligatory."""

    #: Whether units can join a transaction of the caller's.
    joins: bool = False
    #: Whether a commit that has returned survives a power cut.
    durable: bool = False
    #: Whether several processes may work on the same data at once.
    shared: bool = False
    #: Whether `wait_for_due` hears of the commits of other processes.
    wakes: bool = False


class Store(ABC):
    """Where records live.

    Every record class is declared in `clientloop.model.schema`; a store derives its tables from there, so that a record
    added later breaks no backend. Keys are tuples of field values with the space first. Objects are thread-safe.

    What every store refuses, refuse too, with the same errors: the conformance suite `clientloop.testing.StoreSuite`
    holds all to it.
    """

    @classmethod
    def open(cls, url: str) -> "Store":
        """The store behind a URL such as `sqlite:///shop.db`, not migrated yet.

        Args:
            url: What follows its scheme is for the store to read.

        Raises:
            NotSupported: This store is made in another way only.
            StoreError: It cannot be reached.
        """
        raise NotSupported(
            f"{cls.__name__} is not opened by a URL", hint="make the object, and pass it to ClientLoop.open"
        )

    @abstractmethod
    def get(self, cls: type[R], key: tuple[object, ...]) -> R | None:
        """The record with this primary key, or None.

        Args:
            cls: The record's class.
            key: Its key, the space first.
        """

    @abstractmethod
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
        """One page of the records of a space, read along a declared index.

        Args:
            cls: The records' class.
            space: The space.
            where: Which records.
            order: Name of an index of the record, or `key`.
            after: The `next` of the page before.
            limit: How many at most; at least 1.
            descending: Whether to read the order backwards.

        Raises:
            UnknownName: The record has no such field or order.
            InvalidValue: `after` is no token of this order, or a value fits no field.
        """

    def search(
        self, space: str, words: str, *, where: Where = ALL, after: str | None = None, limit: int = 50
    ) -> Page[Feedback]:
        """A page of the items in whose words all words that are asked for occur, the latest recorded first.

        The words of an item are its `Text`: subject and body. What a word is, and what is asked for, `rules.words`
        says for every store. This method reads items and texts page by page; a store that keeps an index of words
        does better, and may take the order in which items came for that in which they were recorded.

        Args:
            space: The space.
            words: What to search for: words, beginnings such as `refund*`, words that follow one another in double
                quotes.
            where: Which of the items.
            after: The `next` of the page before.
            limit: How many at most; at least 1.

        Raises:
            InvalidValue: There is no word, `after` is no token of a search, or a value of the condition fits no field.
            UnknownName: The condition speaks of a field that items do not have.
        """
        sought = Sought.read(words)
        check_limit(limit)
        earlier = ALL if after is None else lt("id", _position(after))
        found = tuple(islice(self._found(space, sought, where & earlier), limit + 1))
        return Page(found[:limit], pack_cursor((found[limit - 1].id.bytes,)) if len(found) > limit else None)

    def _found(self, space: str, sought: Sought, where: Where) -> Iterator[Feedback]:
        """The items that hold what is sought, backwards by their keys, which rise with time."""
        after: str | None = None
        while True:
            page = self.page(Feedback, space, where=where, after=after, limit=_READ, descending=True)
            theirs = one_of("id", [item.id for item in page])
            texts = self.page(Text, space, where=theirs, limit=_READ)
            fitting = {text.id for text in texts if sought.is_in(text.subject, text.body)}
            yield from (item for item in page if item.id in fitting)
            after = page.next
            if after is None:
                return

    @abstractmethod
    def aggregate(self, space: str, plan: Plan) -> Sequence[Group]:
        """Add up what a plan declares, sorted by the encoded keys; groups without rows are absent.

        Sums are exact however large. A plan without keys gives exactly one group, also of no rows.

        Args:
            space: The space.
            plan: What to add up.

        Raises:
            UnknownName: The record has no such field.
        """

    @abstractmethod
    def commit(self, unit: Unit) -> None:
        """Make all changes of a unit, in order, or none of them.

        Args:
            unit: The changes; its facts are the caller's business.

        Raises:
            Duplicate: A key or a unique index is taken.
            MissingReference: A record points to one that does not exist, or one that is pointed to would go.
            Conflict: A guarded record has another version or is gone.
            InvalidValue: A value fits no field.
            StoreError: The storage failed.
        """

    @abstractmethod
    def claim(
        self, cls: type[R], space: str, *, now: datetime, lease: timedelta, limit: int, where: Where = ALL
    ) -> Sequence[R]:
        """Take records whose `wake_at` has come, earliest first; no other worker gets them before the lease ends.

        In one atomic step `wake_at` becomes the end of the lease and `version`, the fencing token, counts up. Whoever
        holds a claim finishes it by a unit guarded by that version; a late holder then gets `Conflict`. What is damaged
        and cannot be read is claimed and not returned: it is told to the log, and comes again after its lease.

        Args:
            cls: A record with `wake_at` and `version`, such as `Timer` or `OutboundMessage`.
            space: The space.
            now: The present, aware.
            lease: How long the claim holds.
            limit: How many at most.
            where: Which of the records, by their values before the claim.

        Returns:
            The records as they are after the claim.

        Raises:
            UnknownName: The record has no such field.
            InvalidValue: It is not claimed, or a value of the condition fits no field.
        """

    @abstractmethod
    def spaces(self) -> Sequence[str]:
        """The names of all spaces that were ever opened, sorted: those with a record `Space`."""

    @abstractmethod
    def due_spaces(self, *, now: datetime, limit: int = 100) -> Sequence[str]:
        """Spaces that have, or may have, something to claim, the longest due first.

        Args:
            now: The present, aware.
            limit: How many at most.
        """

    def wait_for_due(self, timeout: timedelta) -> bool:
        """Wait until some commit may have made a space due earlier, or until a time has gone by.

        Workers call this between their rounds. A store that hears of the commits of others returns at once; this
        method sleeps.

        Args:
            timeout: How long to wait at most.

        Returns:
            Whether the store heard of something; without it, look all the same.
        """
        sleep(timeout.total_seconds())
        return False

    @abstractmethod
    def migrate(self) -> None:
        """Make an empty store ready, or bring one of an older version up to date; harmless when there is nothing to do.

        Raises:
            SchemaOutdated: The store was written by a newer version of clientloop.
        """

    @abstractmethod
    def close(self) -> None:
        """Let go of everything the store holds open; closing twice is harmless."""

    def backup(self, target: Path) -> None:
        """Write a copy of all data, as it is at one moment, while others go on working.

        Args:
            target: The file to write, which must not exist yet.

        Raises:
            InvalidValue: There is such a file.
            NotSupported: This store is backed up by tools of its own.
            StoreError: The copy cannot be written.
        """
        raise NotSupported(
            f"{type(self).__name__} writes no backup", hint="use the tools of the database, such as pg_dump"
        )

    def damage(self) -> Sequence[str]:
        """What the storage finds wrong with itself, a sentence for each fault; nothing where it has no way to look.

        Raises:
            SchemaOutdated: It was written by another version of clientloop, and so cannot be judged.
        """
        return ()

    def capabilities(self) -> StoreCapabilities:
        """What the store can do beyond the obligatory."""
        return StoreCapabilities()

    def pages(
        self, cls: type[R], space: str, *, where: Where = ALL, order: str = "key", size: int = 500
    ) -> Iterator[R]:
        """All records of a space that satisfy a condition, read page by page.

        Args:
            cls: The records' class.
            space: The space.
            where: Which records.
            order: Name of an index of the record, or `key`.
            size: How many a page.
        """
        page = self.page(cls, space, where=where, order=order, limit=size)
        yield from page
        while page.next:
            page = self.page(cls, space, where=where, order=order, limit=size, after=page.next)
            yield from page

    @contextmanager
    def joined(self, connection: object) -> Generator["Store"]:
        """A store whose units become part of the caller's transaction.

        Args:
            connection: The caller's connection, in a transaction.

        Raises:
            NotSupported: This store cannot join.
        """
        raise NotSupported(
            f"{type(self).__name__} cannot join a transaction",
            hint="see capabilities().joins",
        )
        yield self  # makes this a generator, as contextmanager needs


def _position(token: str) -> UUID:
    """The item that a page of a search ended with."""
    (key,) = unpack_position(token, [CODECS[UUID]])
    if len(key) != 16:
        raise InvalidValue(f"{token!r:.40} is no page token", hint="pass `page.next` of the same search on as it came")
    return UUID(bytes=key)
