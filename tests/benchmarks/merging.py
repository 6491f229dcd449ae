"""Merging two customers with long histories and undoing it, against moving their rows by hand-written SQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from clientloop import ClientLoop
from clientloop.model.customers import Customer
from clientloop.model.interactions import Interaction, InteractionKind
from clientloop.model.units import Insert, Unit
from tests.benchmarks.ours import open_loop
from tests.benchmarks.recording import Statement
from tests.benchmarks.recording import Unit as Statements
from tests.benchmarks.rivals.raw_sqlite import RawSqlite
from tests.benchmarks.timing import Run

#: What happened with each of the two customers.
MANY, FEW = 10_000, 10

#: Rows in one commit.
_CHUNK = 1_000


class Store:
    """Our store with two customers who turn out to be one person."""

    def __init__(self, path: Path, *, interactions: int = MANY) -> None:
        """Open the file, and give it the two customers."""
        self._loop = open_loop(path)
        self._kept, self._absorbed = (_customer(self._loop, name, interactions) for name in ("Ana", "Bor"))

    def merge_and_undo(self, count: int, /) -> Run:
        """Prepare so many merges, each undone at once."""

        def run() -> None:
            for _ in range(count):
                merge = self._loop.customers.merge(self._kept, self._absorbed, by="desk", reason="called")
                self._loop.customers.unmerge(merge, by="desk")

        return run

    def close(self) -> None:
        """Close the file."""
        self._loop.close()


class FewRows(Store):
    """As `Store`, with customers of whom little is kept."""

    def __init__(self, path: Path) -> None:
        """Open the file, and give it the two customers."""
        super().__init__(path, interactions=FEW)


class Repointed:
    """The same two customers; a merge points every interaction to the other, and notes which, as it is to be undone."""

    def __init__(self, path: Path) -> None:
        """Give the file the two customers, and open it anew."""
        with open_loop(path) as loop:
            kept, absorbed = (_customer(loop, name, MANY) for name in ("Ana", "Bor"))
        self._raw = RawSqlite(path)
        self._raw.run(lambda _: (Statement("CREATE TABLE moved (id BLOB PRIMARY KEY) WITHOUT ROWID"),), 1)
        ours = ("main", absorbed.id.bytes)
        self._units: tuple[Statements, Statements] = (
            (
                Statement(
                    "INSERT INTO moved SELECT id FROM clientloop_interaction WHERE space = ? AND customer = ?", ours
                ),
                Statement(
                    "UPDATE clientloop_interaction SET customer = ? WHERE space = ? AND customer = ?",
                    (kept.id.bytes, *ours),
                ),
            ),
            (
                Statement(
                    "UPDATE clientloop_interaction SET customer = ? WHERE space = ? AND id IN (SELECT id FROM moved)",
                    (absorbed.id.bytes, "main"),
                ),
                Statement("DELETE FROM moved"),
            ),
        )

    def merge_and_undo(self, count: int, /) -> Run:
        """Prepare so many merges, each undone at once."""
        return lambda: self._raw.run(lambda number: self._units[number % 2], 2 * count)

    def close(self) -> None:
        """Close the file."""
        self._raw.close()


def _customer(loop: ClientLoop, name: str, interactions: int) -> Customer:
    """A new customer with so many purchases."""
    customer, now = loop.customers.add(name=name), datetime.now(UTC)
    for first in range(0, interactions, _CHUNK):
        rows = [
            Interaction(
                space=customer.space, id=loop.context.new_id(), kind=InteractionKind.PURCHASE, channel="shop",
                customer=customer.id, occurred_at=now - timedelta(minutes=number), recorded_at=now,
            )
            for number in range(first, min(first + _CHUNK, interactions))
        ]  # fmt: skip
        loop.store.commit(Unit(tuple(map(Insert, rows))))
    return customer
