"""Sessions of PostgreSQL that meet at a chosen moment: a plain one holds its transaction open, the store comes by."""

import io
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from clientloop.app import ClientLoop
from clientloop.exchange.mapping import CustomersMapping
from clientloop.exchange.report import ImportReport
from clientloop.model.customers import Customer
from clientloop.model.feedback import Feedback, Timer
from clientloop.model.units import Insert, Unit, Update
from clientloop.stores.postgres import PostgresStore, migration
from clientloop.testing.samples import SAMPLE_TIME, inserts, sample
from tests.postgres import Server

HOUR = timedelta(hours=1)

#: Seconds after which somebody waits for ever.
HANGS = 60

#: How many times a unit meets the same other one, in one trip and step by step: it must be tried anew as a whole.
DEADLOCKS = 2

ANA, EVA = sample(Customer, 1), sample(Customer, 2)


@pytest.fixture
def url(postgres: Server) -> str:
    """An empty store's database."""
    return postgres.empty_database()


@pytest.fixture
def store(url: str) -> Iterator[PostgresStore]:
    """A store whose own session is the one that a deadlock ends, for the other one waits longer before it looks.

    Who waits looks once, after this time: by then the other one must wait too.
    """
    with closing(PostgresStore(f"{url}&options=-c%20deadlock_timeout%3D700ms")) as store:
        yield store


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """A thread for what may have to wait."""
    with ThreadPoolExecutor(1) as pool:
        yield pool


@pytest.fixture
def other(url: str, pool: ThreadPoolExecutor) -> Iterator[psycopg.Connection[Any]]:
    """Another session, in transactions of its own, which gives in to nobody; closed first, lest anybody waits for it.

    Any: rows mix types.
    """
    with closing(psycopg.connect(url, options=f"-c deadlock_timeout=1h -c lock_timeout={HANGS}s")) as connection:
        yield connection


def met(other: psycopg.Connection[Any], doing: "Future[Any]") -> bool:
    """Wait until somebody waits for a lock, or is through: whether he waits. Any: whatever is done."""
    ends = time.monotonic() + HANGS
    while time.monotonic() < ends and not doing.done():
        if other.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchall():
            return True
        time.sleep(0.005)
    assert doing.done(), "he neither waits nor ends"
    return False


def change(other: psycopg.Connection[Any], customer: Customer) -> None:
    """Have the other session change a customer, as soon as it may."""
    other.execute("UPDATE clientloop_customer SET name = 'Another' WHERE id = %s", (customer.id.bytes,))


def test_a_deadlock_is_nobodys_business(
    store: PostgresStore, other: psycopg.Connection[Any], pool: ThreadPoolExecutor
) -> None:
    """However often a unit is the one that is ended: nothing of it has happened, so it is tried anew."""
    store.commit(Unit((Insert(ANA), Insert(EVA))))
    names = {"name": "Changed"}
    unit = Unit(tuple(Update(Customer, ("main", each.id), names, None) for each in (ANA, EVA)))
    change(other, EVA)
    doing = pool.submit(store.commit, unit)
    for _ in range(DEADLOCKS):
        assert met(other, doing), "it has changed Ana, and waits for Eva"
        other.execute("SAVEPOINT before")
        change(other, ANA)
        other.execute("ROLLBACK TO before")
    other.rollback()
    doing.result(HANGS)
    assert [each.name for each in store.page(Customer, "main")] == ["Changed", "Changed"]


def test_what_another_is_claiming_is_passed_over(
    store: PostgresStore, other: psycopg.Connection[Any], pool: ThreadPoolExecutor
) -> None:
    """Nobody waits for a worker that is just claiming: there is other work."""
    store.commit(inserts(*(sample(Timer, number, wake_at=SAMPLE_TIME) for number in (1, 2, 3))))
    with store.joined(other) as joined:
        (taken,) = joined.claim(Timer, "main", now=SAMPLE_TIME, lease=HOUR, limit=1)
        doing = pool.submit(store.claim, Timer, "main", now=SAMPLE_TIME, lease=HOUR, limit=2)
        waits = met(other, doing)
        other.commit()
    left = {sample(Timer, number).item for number in (1, 2, 3)} - {taken.item}
    assert not waits
    assert {each.item for each in doing.result(HANGS)} == left


def test_what_is_being_added_counts_before_it_is_committed(
    store: PostgresStore, other: psycopg.Connection[Any], pool: ThreadPoolExecutor
) -> None:
    """What is not committed yet is seen by nobody, but counts: a space is never due later than its rows."""
    store.commit(inserts(sample(Feedback, 1), sample(Timer, 1, wake_at=SAMPLE_TIME)))
    with store.joined(other) as joined:
        joined.commit(inserts(sample(Timer, 2, wake_at=SAMPLE_TIME + HOUR)))
        doing = pool.submit(store.claim, Timer, "main", now=SAMPLE_TIME, lease=3 * HOUR, limit=5)
        met(other, doing)
        other.commit()
    assert len(doing.result(HANGS)) == 1
    assert store.due_spaces(now=SAMPLE_TIME + HOUR) == ["main"]


def test_of_two_who_migrate_at_once_one_does(postgres: Server) -> None:
    """The other waits, and then sees what there is, whatever isolation the database has by default."""
    url = postgres.new_database("strict")
    with psycopg.connect(url) as other, ThreadPoolExecutor(2) as pool:
        other.execute("ALTER DATABASE strict SET default_transaction_isolation = 'repeatable read'")
        other.commit()
        other.execute("SELECT pg_advisory_xact_lock(%s)", (migration._LOCK,))
        doing = [pool.submit(migrated, url) for _ in range(2)]
        ends = time.monotonic() + HANGS
        while other.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchall() != [(2,)]:
            assert time.monotonic() < ends, "they do not wait"
            time.sleep(0.005)
        other.commit()
        assert [each.result(HANGS) for each in doing] == [(), ()]
    postgres.drop_database("strict")


def migrated(url: str) -> tuple[Customer, ...]:
    """Migrate a database, as a process that has just begun; the customers in it."""
    with closing(PostgresStore(url)) as store:
        store.migrate()
        return store.page(Customer, "main").items


def take(loop: ClientLoop, *names: str) -> ImportReport:
    """Import persons, each with an address."""
    mapping = CustomersMapping(source="shop", columns={"name": "name", "email": "email"})
    lines = (f"{name},{name}@example.com\n" for name in names)
    return loop.imports.customers(io.StringIO("name,email\n" + "".join(lines)), mapping)


@pytest.mark.parametrize("known", [(), ("Mia",)], ids=["first", "later"])
def test_who_is_being_added_is_not_added_by_another(
    url: str, other: psycopg.Connection[Any], pool: ThreadPoolExecutor, known: tuple[str, ...]
) -> None:
    """Who is not committed yet is seen by no other import, but it waits before it adds persons, and looks again."""
    with ClientLoop.open(url, entry_points=False) as loop:
        take(loop, *known)
        with loop.joined(other) as joined:
            take(joined, "Ana", "Ivo")
        doing = pool.submit(take, loop, "Ana", "Eva")
        waits = met(other, doing)
        other.commit()
        assert doing.result(HANGS).customers_added == 1
        assert [each.name for each in loop.customers.list()] == ["Ana", "Eva", "Ivo", *known]
    assert waits
