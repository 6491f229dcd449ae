"""Many things from another system at once: what is there already is left out, and a chunk is one commit.

A chunk is first written as if all of it were new. Only if the store refuses it as a duplicate is each of its keys
looked up, so that a first run pays for no look-ups and a second one writes nothing. What is kept between chunks is
bounded, so memory does not grow with the source.
"""

from collections import Counter
from collections.abc import Iterable, Sequence, Set
from types import TracebackType
from typing import Self

from attrs import evolve

from clientloop.errors import Conflict
from clientloop.model.asking import Answer
from clientloop.model.interactions import Interaction
from clientloop.model.units import Unit
from clientloop.model.where import eq
from clientloop.services.asking.recording import recorded
from clientloop.services.batches import in_batches, rank
from clientloop.services.bulk.entries import Chunk, Count, Entry, Key, Origin
from clientloop.services.bulk.persons import Persons
from clientloop.services.context import Context
from clientloop.services.scratch import Scratch

#: What entries are kept as.
Kept = Interaction | Answer

#: How often a chunk is tried: numbers for people may be taken, and others may write at the same time.
TRIES = 5


class Bulk:
    """Writes entries of another system, chunk by chunk.

    Args:
        context: The space.
        dry_run: Whether to count only and write nothing.
    """

    def __init__(self, context: Context, *, dry_run: bool = False) -> None:
        """Write nothing yet."""
        self._context = context
        self._rehearsed = Scratch() if dry_run else None
        self._persons = Persons(context, rehearsed=self._rehearsed)
        self._look_first = dry_run

    def write(self, entries: Sequence[Entry]) -> Counter[Count]:
        """Write a chunk, all that is new of it, in one commit.

        Returns:
            What was counted; on a dry run, what would have been.

        Raises:
            Conflict: Others write the same at the same time, again and again.
            StoreError: The store failed; nothing of the chunk is written.
        """
        tries = 0
        while True:
            try:
                return self._try(entries)
            except Conflict:
                # who was refused because others got on is refused no longer than they go on: that is no try
                if not self._persons.heed_others():
                    tries += 1
                    if tries == TRIES:
                        raise
                    self._persons.forget()
                self._look_first = True

    def _try(self, entries: Sequence[Entry]) -> Counter[Count]:
        chunk = Chunk()
        new = self._new(entries, chunk)
        self._persons.look_up(entry.person for entry, _ in new if entry.person is not None)
        for entry, origin in new:
            self._add(entry, origin, chunk)
        self._commit(chunk)
        # where one entry was known, the next probably are as well
        self._look_first = self._rehearsed is not None or chunk.counts[Count.DUPLICATES] > 0
        return chunk.counts

    def _commit(self, chunk: Chunk) -> None:
        if self._rehearsed is not None:
            for place in chunk.origins:
                self._rehearsed.set(_scratch_key(place), 1)
        elif chunk.changes or chunk.answers:
            _, answers = recorded(self._context, chunk.answers, added=chunk.added)
            changes = sorted((*chunk.changes, *answers.changes), key=rank)
            # what may be refused goes first: of two that add persons, one waits here, and has not written anything yet
            written = (*self._persons.adding(chunk), *changes)
            self._context.commit(Unit(written, (*chunk.facts, *answers.facts)))
        self._persons.remember(chunk)

    def _add(self, entry: Entry, origin: str, chunk: Chunk) -> None:
        customers = chunk.counts[Count.CUSTOMERS_ADDED]
        customer = None if entry.person is None else self._persons.customer(entry.person, chunk)
        entry.write(chunk, customer, origin)
        # what is nothing but a person is a duplicate, if the person is a customer already
        is_new = entry.key is not None or chunk.counts[Count.CUSTOMERS_ADDED] > customers
        chunk.counts[Count.ADDED if is_new else Count.DUPLICATES] += 1

    # Which entries are there already

    def _new(self, entries: Sequence[Entry], chunk: Chunk) -> list[tuple[Entry, str]]:
        """The entries that are not there yet, each with the origin to write it under."""
        taken = self._taken(entries) if self._look_first else frozenset[Origin]()
        new = []
        for entry in entries:
            origin = "" if entry.key is None else self._free_origin(entry.KEPT, entry.key, taken, chunk)
            if origin is None:
                chunk.counts[Count.DUPLICATES] += 1
            else:
                new.append((entry, origin))
        return new

    def _free_origin(self, cls: type[Kept], key: Key, taken: Set[Origin], chunk: Chunk) -> str | None:
        """The origin to write an entry under; None if the entry is there already."""
        if key.mended_line is not None:
            return self._free_origin_of_mended(cls, key, chunk)
        place = (key.channel, key.origin)
        if place in taken or place in chunk.origins:
            return None
        chunk.origins.add(place)
        return key.origin

    def _free_origin_of_mended(self, cls: type[Kept], key: Key, chunk: Chunk) -> str | None:
        """A mended entry may have become like others: it gets the first free number, unless it has one already."""
        while True:
            place = (key.channel, key.origin)
            if place not in chunk.origins and not self._is_rehearsed(place):
                found = self._with_origins(cls, key.channel, [key.origin])
                if not found:
                    chunk.origins.add(place)
                    return key.origin
                if _line_of(found[0]) == key.mended_line:
                    return None
            key = evolve(key, number=(key.number or 0) + 1)

    def _taken(self, entries: Iterable[Entry]) -> Set[Origin]:
        """Which origins of some entries are there already."""
        asked: dict[tuple[type[Kept], str], list[str]] = {}
        for entry in entries:
            if entry.key is not None:
                asked.setdefault((entry.KEPT, entry.key.channel), []).append(entry.key.origin)
        places = {(channel, origin) for (_, channel), origins in asked.items() for origin in origins}
        taken = {place for place in places if self._is_rehearsed(place)}
        for (cls, channel), origins in asked.items():
            taken |= {(channel, found.origin or "") for found in self._with_origins(cls, channel, origins)}
        return taken

    def _with_origins(self, cls: type[Kept], channel: str, origins: Iterable[str]) -> list[Kept]:
        where = eq("channel", channel)
        pages = in_batches(self._context, cls, "origin", origins, where=where, order="by_origin")
        return [found for _, page in pages for found in page]

    def _is_rehearsed(self, place: Origin) -> bool:
        return self._rehearsed is not None and self._rehearsed.get(_scratch_key(place)) is not None

    def close(self) -> None:
        """Let go of what a dry run has noted."""
        if self._rehearsed is not None:
            self._rehearsed.close()

    def __enter__(self) -> Self:
        """The object itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """As `close`."""
        self.close()


def _line_of(kept: Kept) -> object:
    """The line that a mended entry came from."""
    return (kept.source if isinstance(kept, Interaction) else kept.extra).get("line")


def _scratch_key(place: Origin) -> bytes:
    return f"origin\0{place[0]}\0{place[1]}".encode()
