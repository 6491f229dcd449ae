"""A full page found by words, and a full page of somebody's inbox, from the same file."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from random import Random

from tests.benchmarks.growth import FULL, full_pages
from tests.benchmarks.ours import open_loop
from tests.benchmarks.seeds import HALVES, OWNERS
from tests.benchmarks.timing import Run
from tests.benchmarks.words import VOCABULARY, items_per_word, word

#: Ranks of words that a fifth to a half of all items hold.
COMMON = range(5, 15)

#: Ranks of words that, together with a common one, fill a page of 100,000 items.
LESS_COMMON = range(100, 200)

#: How many items hold a rare word.
RARE = 100


class Search:
    """Pages of items found by words, the latest first."""

    def __init__(self, path: Path, items: int) -> None:
        """Open the file, which has so many items."""
        self._loop = open_loop(path)
        self._chance = Random(items)
        rare = next(rank for rank in range(1, VOCABULARY) if items_per_word(items, rank) <= RARE)
        self._rare = range(rare - rare // 5, rare)

    def common(self, count: int, /) -> Run:
        """Prepare to search for a word that many items hold."""
        return self._pages([[self._one(COMMON)] for _ in range(count)])

    def rare(self, count: int, /) -> Run:
        """Prepare to search for a word that few items hold, so that what is found lies all over the file."""
        return self._pages([[self._one(self._rare)] for _ in range(count)])

    def two(self, count: int, /) -> Run:
        """Prepare to search for a common and a less common word."""
        return self._pages([[self._one(COMMON), self._one(LESS_COMMON)] for _ in range(count)])

    def phrase(self, count: int, /) -> Run:
        """Prepare to search for two common words that follow one another."""
        return self._pages([[f'"{self._one(COMMON)} {self._one(COMMON)}"'] for _ in range(count)])

    def apart(self, count: int, /) -> Run:
        """Prepare to search for two words of which every item has one or the other."""
        search = partial(self._loop.feedback.search, " ".join(HALVES), limit=FULL)

        def run() -> None:
            for _ in range(count):
                assert not search().items, "no item has both"

        return run

    def close(self) -> None:
        """Close the file."""
        self._loop.close()

    def _one(self, ranks: range) -> str:
        return word(self._chance.choice(ranks))

    def _pages(self, asked: Sequence[Sequence[str]]) -> Run:
        return full_pages([partial(self._loop.feedback.search, " ".join(words), limit=FULL) for words in asked])


class Inbox:
    """The first page of somebody's open items, whatever is searched for."""

    def __init__(self, path: Path, items: int) -> None:
        """Open the file, which has so many items."""
        self._loop = open_loop(path)
        self._chance = Random(items)

    def page(self, count: int, /) -> Run:
        """Prepare to ask for such pages."""
        owners = self._chance.choices(OWNERS, k=count)
        return full_pages([partial(self._loop.inbox, owner=owner, limit=FULL) for owner in owners])

    common = rare = two = phrase = apart = page

    def close(self) -> None:
        """Close the file."""
        self._loop.close()
