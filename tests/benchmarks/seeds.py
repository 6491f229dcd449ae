"""Files with many items, to begin from: every item is a copy of one that was walked through the public API.

Five million items by the API would take most of an hour, so the copies are written by SQL, in the order of their ids:
without syncs, and with the indexes made at the end, that of words too. What was said are words as frequent as in
natural language. Of a hundred items, 95 have ended (every fifth of them a complaint that went all its way, the others
questions that were answered by phone), 4 are worked on by one of `OWNERS`, 1 has just come and its acknowledgement is
in the outbox. The items are spread over two years, and over customers who have some sixty interactions each; the next
deadlines of open items are in the sixty days around the present.

A file is kept, named by its size and by what it is made from, and used again; five million
items are ten gigabytes.
"""

from __future__ import annotations

import hashlib
import sqlite3
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from itertools import chain, islice
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from attrs import evolve

from clientloop.model.customers import Customer, Identity
from clientloop.model.record import Record, record_of
from clientloop.model.refs import CROCKFORD
from clientloop.sql import due, statements
from clientloop.stores.sqlite import SqliteStore
from tests.benchmarks import walked, words
from tests.benchmarks.ours import open_loop
from tests.benchmarks.walked import Copy, Walked
from tests.benchmarks.words import CUSTOMERS, natural, person

#: So many people work on items, however many items there are.
OWNERS = [f"agent-{number}" for number in range(50)]

#: Items for each customer: with two interactions an item, a page of a timeline is full.
ITEMS_PER_CUSTOMER = 30

#: Words of which every item has one or the other.
HALVES = ("morning", "evening")

#: Items whose rows are written together.
CHUNK = 2_000

#: The share of items that have ended.
ENDED = 0.95

DAY = 86_400_000_000

#: The time over which the items came.
SPAN = 730 * DAY

Rows = dict[Record, list[Any]]  # Any: sequences of database values


def seed(directory: Path, items: int) -> Path:
    """The file with so many items; it is made the first time.

    Args:
        directory: Where such files are kept.
        items: How many items.
    """
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"seed-{items}-{_made_from()}.db"
    if not path.exists():
        unfinished = path.with_suffix(".unfinished")
        unfinished.unlink(missing_ok=True)
        fill(unfinished, items)
        unfinished.rename(path)
        Path(f"{unfinished}-turnstile").unlink(missing_ok=True)
    return path


def customers_of(items: int) -> int:
    """How many customers a file with so many items has."""
    return max(CUSTOMERS, items // ITEMS_PER_CUSTOMER)


def customer_id(number: int) -> UUID:
    """The id of the customer with this number; older than all items."""
    return UUID(int=0x7 << 76 | 0b10 << 62 | number)


def fill(path: Path, items: int) -> None:
    """Make a file with so many items, and the customers who write."""
    open_loop(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF", "cache_size = -500000"):
            connection.execute(f"PRAGMA {pragma}")
        later = connection.execute(
            "SELECT type, name, sql FROM sqlite_schema WHERE type IN ('index', 'trigger') AND sql IS NOT NULL"
        ).fetchall()
        for kind, name, _ in later:
            connection.execute(f'DROP {kind} "{name}"')
        for rows in chain([_customers(customers_of(items))], _chunks(items)):
            _write(connection, rows)
        for sql in (*_SEARCHABLE, *[sql for _, _, sql in later]):
            connection.execute(sql)
        connection.execute(due.hasten(SqliteStore.dialect), ("main", 0))
        connection.execute("PRAGMA journal_mode = WAL")


#: What the triggers would have done with each item.
_SEARCHABLE = (
    "INSERT INTO clientloop_search_item SELECT row_number() OVER (ORDER BY id), space, id FROM clientloop_feedback",
    "INSERT INTO clientloop_search (clientloop_search) VALUES ('rebuild')",
    "INSERT INTO clientloop_search (clientloop_search) VALUES ('optimize')",
)


def _write(connection: sqlite3.Connection, rows: Rows) -> None:
    connection.execute("BEGIN")
    for record, values in rows.items():
        connection.executemany(statements.insert(SqliteStore.dialect, record), values)
    connection.execute("COMMIT")


def _customers(count: int) -> Rows:
    sample = walked.known()
    rows: Rows = defaultdict(list)
    for number in range(count):
        who, key = person(number), customer_id(number)
        addresses = {"email": who.email, "phone": who.phone}
        made: list[Customer | Identity] = [evolve(sample.customer, id=key, name=who.name)]
        for identity in sample.identities:
            address = addresses[identity.kind]
            made.append(evolve(identity, customer=key, value=address, given=address))
        for record in made:
            rows[record_of(type(record))].append(record_of(type(record)).encode(record))
    return rows


def _chunks(items: int) -> Iterator[Rows]:
    copies = _copies(items)
    while chunk := list(islice(copies, CHUNK)):
        rows: Rows = defaultdict(list)
        for item, copy in chunk:
            for template in item.rows:
                rows[template.record].append(template.copy(copy))
        yield rows


def _copies(items: int) -> Iterator[tuple[Walked, Copy]]:
    ended, under_way = (walked.solved(), *4 * [walked.answered()]), (walked.new(), *4 * [walked.assigned()])
    chance, now, customers = Random(items), time.time_ns() // 1000, customers_of(items)
    for number in range(items):
        item = chance.choice(ended if chance.random() < ENDED else under_way)
        at = now - SPAN + SPAN * number // items
        wake_at = now + chance.randrange(-30 * DAY, 30 * DAY)
        named = {
            "ref": _ref(number),
            "owner": chance.choice(OWNERS),
            "origin": f"seed-{number}",
            "due": wake_at,
            "wake_at": wake_at,
            "body": f"{natural(chance)} {HALVES[number % 2]}",
        }
        ids = [customer_id(number % customers).bytes, *[_id(at, part, number) for part in range(1, item.ids)]]
        yield item, Copy(ids, at - item.received_at, named)


def _id(at: int, part: int, number: int) -> bytes:
    """An id of version 7, in the order of time."""
    return (at // 1000 << 80 | 0x7 << 76 | part << 64 | 0b10 << 62 | number).to_bytes(16)


def _ref(number: int) -> str:
    """A number for people: as scattered as random ones, and never the same twice."""
    scattered = number * 0x9E3779B97F4A7C15 % 2**40
    return "".join(CROCKFORD[scattered >> shift & 31] for shift in range(35, -1, -5))


#: What a file must agree with: its tables, and the processes that are stored in it.
_SHAPE = (
    "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name",
    "SELECT body FROM clientloop_definition ORDER BY name",
)


def _made_from() -> str:
    """A short name for the tables, the processes and the code that a file is made from."""
    digest = hashlib.blake2b(digest_size=4)
    for module in (__file__, walked.__file__, words.__file__):
        digest.update(Path(module).read_bytes())
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "empty.db")
        open_loop(path).close()
        with closing(sqlite3.connect(path)) as connection:
            for query in _SHAPE:
                for (text,) in connection.execute(query):
                    digest.update(text.encode())
    return digest.hexdigest()
