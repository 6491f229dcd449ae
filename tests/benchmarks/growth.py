"""Our store with few items or with many: what is asked all day long must not take longer as data grow.

What is timed works on the file of `seeds` itself: the pages only read, and a claim's lease is over when it begins, so
that what was claimed stays due, behind all others, and the file can be used again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from clientloop.model.feedback import Feedback, Timer
from clientloop.model.messages import OutboundMessage
from clientloop.model.page import Page
from clientloop.services.loop import timers
from clientloop.services.outgoing import batch
from tests.benchmarks.ours import open_loop
from tests.benchmarks.seeds import OWNERS, customer_id, customers_of
from tests.benchmarks.timing import Run

#: Rows of a page.
FULL = 50


class Store:
    """The store in a file with many items."""

    def __init__(self, path: Path, items: int) -> None:
        """Open the file, which has so many items."""
        self._loop = open_loop(path)
        self._customers = customers_of(items)
        self._chance = Random(items)
        self._next: str | None = None

    def inbox(self, count: int, /) -> Run:
        """Prepare to ask for the first page of somebody's open items."""
        owners = self._chance.choices(OWNERS, k=count)
        return full_pages([partial(self._loop.inbox, owner=owner, limit=FULL) for owner in owners])

    def agenda(self, count: int, /) -> Run:
        """Prepare to ask for page after page of all open items."""
        return full_pages([self._next_of_agenda] * count)

    def timeline(self, count: int, /) -> Run:
        """Prepare to ask for the first page of what happened with a customer."""
        numbers = self._chance.choices(range(self._customers), k=count)
        timeline = self._loop.customers.timeline
        return full_pages([partial(timeline, customer_id(number), limit=FULL) for number in numbers])

    def claim_timers(self, count: int, /) -> Run:
        """Prepare to claim due timers, as many at once as a worker does."""
        return self._claim(Timer, timers.BATCH, count)

    def claim_outbox(self, count: int, /) -> Run:
        """Prepare to claim due messages, as many at once as a worker does."""
        return self._claim(OutboundMessage, batch.BATCH, count)

    def close(self) -> None:
        """Close the file."""
        self._loop.close()

    def _next_of_agenda(self) -> Page[Feedback]:
        page = self._loop.inbox(limit=FULL, after=self._next)
        self._next = page.next
        # the last page may be short: the first one follows
        return page if page.next else self._next_of_agenda()

    def _claim(self, cls: type[Timer | OutboundMessage], batch: int, count: int) -> Run:
        store, space, clock = self._loop.store, self._loop.space.space, self._loop.clock

        def run() -> None:
            for _ in range(count):
                claimed = store.claim(cls, space, now=clock.now(), lease=timedelta(0), limit=batch)
                assert len(claimed) == batch, f"{len(claimed)} claimed of {batch}"

        return run


def full_pages(asks: Sequence[Callable[[], Page[Any]]]) -> Run:  # Any: of whatever records
    """Ask for pages, each of which must be full."""

    def run() -> None:
        for ask in asks:
            found = len(ask().items)
            assert found == FULL, f"a page of {found}"

    return run
