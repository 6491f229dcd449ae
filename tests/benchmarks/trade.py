"""The file of the contest on relationships: interactions over four years, and answers, written by plain inserts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from uuid import UUID

from attrs import evolve

from clientloop.model.asking import Answer, Instrument, Occasion
from clientloop.model.codec import microseconds
from clientloop.model.customers import Customer
from clientloop.model.interactions import Interaction, InteractionKind
from clientloop.model.record import record_of
from clientloop.model.units import Row
from clientloop.stores.sqlite import SqliteStore
from clientloop.testing import sample

SPACE = "main"

#: When it begins, and the time that all is told of.
BEGIN, AS_OF = datetime(2022, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)

#: How often each kind happens, among 100 interactions.
KINDS = {
    InteractionKind.PURCHASE: 38,
    InteractionKind.RETURN: 3,
    InteractionKind.VISIT: 32,
    InteractionKind.MESSAGE_IN: 15,
    InteractionKind.MESSAGE_OUT: 12,
}

#: Interactions for each customer, for each answer, and in one draw.
_EACH, _ANSWERS, _BATCH = 100, 50, 10_000

#: Customers, of a hundred, with whom nothing ever happened.
_SILENT = 5


def seed(folder: Path, interactions: int) -> Path:
    """The file with so many interactions, made if it is not there yet."""
    path = folder / f"trade-{interactions}.db"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        made = path.with_suffix(".new")
        made.unlink(missing_ok=True)
        make(made, interactions)
        made.rename(path)
    return path


def make(path: Path, interactions: int) -> None:
    """Write a file with so many interactions."""
    with closing(SqliteStore(path)) as store:
        store.migrate()
    chance = Random(interactions)
    customers = [UUID(int=chance.getrandbits(128)) for _ in range(max(interactions // _EACH, 20))]
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF", "cache_size = -262144"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN")
        indexes = _taken_off(connection)
        _write(connection, Customer, _customers(customers))
        _write(connection, Interaction, _interactions(chance, customers, interactions))
        _write(connection, Answer, _answers(chance, customers, interactions // _ANSWERS))
        for sql in indexes:
            connection.execute(sql)
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL")


def _taken_off(connection: sqlite3.Connection) -> list[str]:
    """Drop the indexes, which are made faster once all rows are there; gives what makes them again."""
    found = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        " AND tbl_name IN ('clientloop_interaction', 'clientloop_answer')"
    ).fetchall()
    for name, _ in found:
        connection.execute(f"DROP INDEX {name}")
    return [sql for _, sql in found]


def _write(connection: sqlite3.Connection, cls: type, rows: Iterable[Row]) -> None:
    record = record_of(cls)
    columns, marks = ", ".join(record.columns), ", ".join("?" * len(record.columns))
    connection.executemany(f"INSERT INTO clientloop_{record.name} ({columns}) VALUES ({marks})", rows)


def _customers(ids: Iterable[UUID]) -> Iterator[Row]:
    one, encode = sample(Customer, space=SPACE), record_of(Customer).encode
    return (encode(evolve(one, id=id_)) for id_ in ids)


def _interactions(chance: Random, customers: list[UUID], count: int) -> Iterator[Row]:
    """In the order of time; most amounts are small, and customers buy with habits of their own."""
    record = record_of(Interaction)
    one = sample(Interaction, space=SPACE, channel="shop", currency="EUR")
    row = dict(zip(record.columns, record.encode(one), strict=True))
    begin, length = microseconds(BEGIN), microseconds(AS_OF) - microseconds(BEGIN)
    known = [id_.bytes for number, id_ in enumerate(customers) if number % 100 >= _SILENT]
    weights = [chance.paretovariate(1.2) for _ in known]
    kinds, shares = [kind.value for kind in KINDS], list(KINDS.values())
    for first in range(0, count, _BATCH):
        size = min(_BATCH, count - first)
        drawn = zip(chance.choices(known, weights, k=size), chance.choices(kinds, shares, k=size), strict=True)
        for number, (customer, kind) in enumerate(drawn, start=first):
            at = begin + length * number // count
            row.update(id=_id(at, number), customer=customer, kind=kind, occurred_at=at, recorded_at=at, amount=None)
            if kind == InteractionKind.PURCHASE:
                row["amount"] = int(chance.lognormvariate(8, 1))
            elif kind == InteractionKind.RETURN:
                row["amount"] = -int(chance.lognormvariate(7, 1))
            yield tuple(row.values())


def _answers(chance: Random, customers: list[UUID], count: int) -> Iterator[Row]:
    record = record_of(Answer)
    one = sample(
        Answer,
        space=SPACE,
        question="recommend",
        instrument=Instrument.NPS,
        occasion=Occasion.RELATIONAL,
        scale="0-10",
        channel="form",
        customer=customers[0],
    )
    row = dict(zip(record.columns, record.encode(one), strict=True))
    begin, length = microseconds(BEGIN), microseconds(AS_OF) - microseconds(BEGIN)
    for number in range(count):
        at = begin + length * number // count
        row.update(id=_id(at, number), customer=chance.choice(customers).bytes, answered_at=at, recorded_at=at)
        row["rating"] = min(10, int(chance.triangular(0, 12, 10)))
        yield tuple(row.values())


def _id(at: int, number: int) -> bytes:
    """An id that grows with time, as new ones do."""
    return (at // 1000).to_bytes(6) + (7 << 76 | 2 << 62 | number).to_bytes(10)
