"""The PostgreSQL store, judged by the suite for all stores, and what it promises beyond."""

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from attrs import evolve

from clientloop.errors import CommitUnknown, Conflict, Duplicate, InvalidValue, StoreError
from clientloop.model.codec import FAR
from clientloop.model.customers import Customer
from clientloop.model.feedback import Feedback, Timer, Transition
from clientloop.model.messages import OutboundMessage
from clientloop.model.spaces import Space
from clientloop.model.staff import Member
from clientloop.model.units import Delete, Insert, Unit, Update
from clientloop.stores.postgres import PostgresStore, connections
from clientloop.stores.postgres import store as module
from clientloop.stores.postgres.connections import BEGIN_WRITING
from clientloop.testing import StoreSuite
from clientloop.testing.samples import SAMPLE_TIME, inserts, sample
from tests.faults.forks import run
from tests.postgres import Server
from tests.proxy import Side, a_proxy

HOUR = timedelta(hours=1)


@pytest.fixture
def url(postgres: Server) -> str:
    """An empty store's database."""
    return postgres.empty_database()


@pytest.fixture
def store(url: str) -> Iterator[PostgresStore]:
    """A fresh store."""
    with closing(PostgresStore(url)) as store:
        yield store


class TestPostgresStore(StoreSuite):
    """The conformance suite."""

    @pytest.fixture
    def store(self, postgres: Server) -> PostgresStore:
        """An empty store."""
        return postgres.empty_store()


def hang_up(url: str) -> int:
    """End all other sessions of the database; how many there were."""
    with psycopg.connect(url, autocommit=True) as connection:
        ended = connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return len(ended.fetchall())


def test_the_store_says_what_it_can(store: PostgresStore) -> None:
    """Workers and callers read it from the capabilities."""
    can = store.capabilities()
    assert (can.joins, can.durable, can.shared, can.wakes) == (True, True, True, True)


@pytest.mark.parametrize("url", ["postgresql://h/x?nonsense=1", "postgresql://h/x?host"])
def test_what_is_no_address_is_refused(url: str) -> None:
    """The message shows how one is written."""
    with pytest.raises(InvalidValue, match="postgresql://user@host/database"):
        PostgresStore.open(url)


def test_a_database_that_is_not_there_is_named(postgres: Server) -> None:
    """The reason is the server's own, at once, and without the password."""
    with closing(PostgresStore.open(postgres.of("nowhere") + "&password=hush")) as store:
        with pytest.raises(StoreError, match='"nowhere" does not exist') as refused:
            store.get(Space, ("main",))
        assert "hush" not in str(refused.value)


def test_tables_that_are_not_there_are_asked_for(postgres: Server) -> None:
    """What was never migrated says so."""
    with closing(PostgresStore.open(postgres.of("postgres"))) as store, pytest.raises(StoreError, match=r"migrate\(\)"):
        store.get(Space, ("main",))


def test_a_unit_is_one_trip(store: PostgresStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """From begin to commit everything is sent before the first answer is read; guards, wakes and many rows too."""
    store.commit(inserts(sample(Customer, 1)))
    monkeypatch.setattr(store, "_make_all", None)  # what goes step by step
    unit = inserts(*(sample(Customer, number) for number in range(2, 9)), sample(Timer))
    guarded = Update(Customer, ("main", sample(Customer, 1).id), {"name": "Ana"}, 1)
    store.commit(Unit((*unit.changes, guarded)))
    assert len(store.page(Customer, "main").items) == 8


def test_a_refused_unit_of_one_trip_leaves_nothing(store: PostgresStore) -> None:
    """The change that finds nothing stops what follows, and what went before is undone; the store goes on."""
    store.commit(inserts(sample(Customer, 1)))
    late = Update(Customer, ("main", sample(Customer, 1).id), {"name": "Ana"}, 7)
    for _ in range(20):  # also once statements are prepared
        with pytest.raises(Conflict, match="no longer version 7"):
            store.commit(Unit((Insert(sample(Customer, 2)), late, Insert(sample(Customer, 3)))))
    assert list(store.page(Customer, "main")) == [sample(Customer, 1)]


#: Texts that a list of texts might be mistaken about.
ODD = ("", "NULL", "null", "{}", "{a,b}", '"', "\\", '\\"', ",", " a ", "a\nb", "'", "č", "\u2028", "x" * 10_000)


def test_many_rows_come_back_as_they_were(store: PostgresStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of one class go out together, whatever their texts, and also where fields are empty."""
    monkeypatch.setattr(store, "_make_all", None)  # what goes step by step
    customers = [evolve(sample(Customer, number), name=name) for number, name in enumerate(ODD, start=1)]
    customers += [evolve(sample(Customer, 100 + number), locale=None, merged_into=None) for number in range(2)]
    store.commit(inserts(*customers))
    store.commit(inserts(*(evolve(each, id=uuid4(), locale=None) for each in customers)))
    found = {each.id: each for each in store.pages(Customer, "main")}
    assert [found[each.id] for each in customers] == customers
    assert len(found) == 2 * len(customers)


def test_of_many_rows_the_one_that_is_refused_is_named(store: PostgresStore) -> None:
    """Nothing of the unit is there then."""
    there = sample(Customer, 3)
    store.commit(inserts(there))
    with pytest.raises(Duplicate, match=str(there.id)):
        store.commit(inserts(*(sample(Customer, number) for number in range(1, 9))))
    assert list(store.pages(Customer, "main")) == [there]


@pytest.mark.parametrize("times", range(1, 8))
def test_what_a_refused_unit_would_have_prepared_is_not_believed_to_be_there(store: PostgresStore, times: int) -> None:
    """However often its statements were executed before, they are executed after it."""
    gone = Update(Customer, ("main", sample(Customer).id), {"name": "Ana"}, 1)
    refused = Unit((gone, Insert(sample(Customer, 100))))
    with pytest.raises(Conflict):
        store.commit(refused)
    for number in range(times):
        store.commit(Unit((Insert(sample(Customer, number + 1)),)))
    with pytest.raises(Conflict):
        store.commit(refused)
    store.commit(Unit((Insert(sample(Customer, times + 1)),)))
    assert len(store.page(Customer, "main").items) == times + 1


@pytest.mark.parametrize("verb", ["get", "page", "claim", "aggregate", "commit"])
def test_sessions_that_died_while_idle_are_nobodys_business(store: PostgresStore, url: str, verb: str) -> None:
    """A server that was started again, or a firewall that forgot, costs the next caller nothing but time."""
    from clientloop.model.plan import Aggregate, How, Plan

    do: dict[str, Any] = {  # Any: each returns something else
        "get": lambda: store.get(Customer, ("main", sample(Customer, 1).id)),
        "page": lambda: store.page(Customer, "main").items,
        "claim": lambda: store.claim(Timer, "main", now=SAMPLE_TIME + HOUR, lease=HOUR, limit=5),
        "aggregate": lambda: store.aggregate("main", Plan(cls=Customer, aggregates=(Aggregate(How.COUNT),))),
        "commit": lambda: store.commit(Unit((Insert(sample(Customer, 2)),))) or store.page(Customer, "main").items,
    }
    store.commit(inserts(sample(Customer, 1), sample(Timer, wake_at=SAMPLE_TIME)))
    assert hang_up(url) > 0
    assert do[verb]()


class Losing:
    """Loses the connection after a unit was committed, or before, as often as it is told."""

    def __init__(self, *, times: int, after: bool) -> None:
        """Tell how often, and when."""
        self.times, self.after = times, after
        self.really = module._in_one_trip

    def __call__(self, connection: psycopg.Connection[Any], steps: Any) -> None:  # Any: as of what it replaces
        """Commit, perhaps, and lose the connection, perhaps."""
        if self.times == 0:
            return self.really(connection, steps)
        self.times -= 1
        if self.after:
            self.really(connection, steps)
        connection.close()
        raise psycopg.OperationalError("server closed the connection unexpectedly")


@pytest.mark.parametrize("after", [True, False])
@pytest.mark.parametrize("times", [1, 3])
def test_a_lost_commit_is_resolved_by_its_keys(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch, times: int, after: bool
) -> None:
    """Whether the unit had happened or not, it has happened once; guards that it moved on itself are no conflict."""
    store.commit(inserts(sample(Customer, 1)))
    monkeypatch.setattr(module, "_in_one_trip", Losing(times=times, after=after))
    guarded = Update(Customer, ("main", sample(Customer, 1).id), {"name": "Ana"}, 1)
    store.commit(Unit((guarded, Insert(sample(Customer, 2)))))
    assert [each.name for each in store.page(Customer, "main")] == ["Ana", sample(Customer, 2).name]


def test_a_lost_commit_that_another_came_before_is_a_conflict(
    store: PostgresStore, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That a guard does not hold is no proof that the unit has happened: its own records are not there."""
    store.commit(inserts(sample(Customer, 1)))
    store.commit(Unit((Update(Customer, ("main", sample(Customer, 1).id), {"name": "Eva"}, 1),)))
    monkeypatch.setattr(module, "_in_one_trip", Losing(times=1, after=False))
    guarded = Update(Customer, ("main", sample(Customer, 1).id), {"name": "Ana"}, 1)
    with pytest.raises(Conflict):
        store.commit(Unit((guarded, Insert(sample(Customer, 2)))))
    assert [each.name for each in store.page(Customer, "main")] == ["Eva"]


def test_a_lost_commit_whose_message_has_gone_since_has_happened(
    store: PostgresStore, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a unit inserts may be gone again before anybody asks, as a message that was sent: its journal stays."""
    unit = inserts(sample(Transition, 1), sample(OutboundMessage, 1))

    class Sent(Losing):
        """Loses the connection after the unit, whose message another process sends before anybody asks."""

        def __call__(self, connection: psycopg.Connection[Any], steps: Any) -> None:  # Any: as of what it replaces
            """Commit, and lose the connection."""
            try:
                super().__call__(connection, steps)
            except psycopg.OperationalError:
                with psycopg.connect(url) as another:
                    another.execute("DELETE FROM clientloop_outbox")
                raise

    monkeypatch.setattr(module, "_in_one_trip", Sent(times=1, after=True))
    store.commit(unit)
    assert store.page(OutboundMessage, "main").items == ()
    assert len(store.page(Transition, "main").items) == 1


def test_whatever_the_server_said_in_dying_a_commit_may_have_happened(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that panics for want of room says so with a commit in its log."""

    class Panicking(Losing):
        """Commits; then the server dies, as it says for want of room."""

        def __call__(self, connection: psycopg.Connection[Any], steps: Any) -> None:  # Any: as of what it replaces
            """Commit, and lose the connection."""
            try:
                super().__call__(connection, steps)
            except psycopg.OperationalError as error:
                raise psycopg.errors.DiskFull("could not extend the log") from error

    monkeypatch.setattr(module, "_in_one_trip", Panicking(times=1, after=True))
    store.commit(inserts(sample(Customer, 1)))
    monkeypatch.setattr(module, "_in_one_trip", Panicking(times=1, after=True))
    with pytest.raises(CommitUnknown):
        store.commit(Unit((Update(Customer, ("main", sample(Customer, 1).id), {"name": "Ana"}, 1),)))
    assert [(each.name, each.version) for each in store.page(Customer, "main")] == [("Ana", 2)]


def test_a_lost_commit_of_a_message_alone_is_said_to_be_unknown(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message that is no longer there may have been sent, so it is not put there again."""
    monkeypatch.setattr(module, "_in_one_trip", Losing(times=1, after=False))
    with pytest.raises(CommitUnknown):
        store.commit(inserts(sample(OutboundMessage, 1)))
    assert store.page(OutboundMessage, "main").items == ()


def test_what_another_has_made_under_a_name_proves_nothing(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whose member it is that is there now, nobody can tell; what goes with a person under a new id, anybody can."""
    theirs = sample(Member, 1)
    store.commit(inserts(theirs))
    monkeypatch.setattr(module, "_in_one_trip", Losing(times=1, after=False))
    with pytest.raises(CommitUnknown):
        store.commit(inserts(evolve(theirs, capacity=99)))
    monkeypatch.setattr(module, "_in_one_trip", Losing(times=1, after=False))
    with pytest.raises(Duplicate):
        store.commit(inserts(theirs, sample(Customer, 2)))
    assert list(store.page(Member, "main")) == [theirs]


@pytest.mark.parametrize("after", [True, False])
def test_a_lost_commit_without_a_key_is_said_to_be_unknown(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    """Nothing tells a change that somebody else made from one's own, so it is not made again."""
    store.commit(inserts(sample(Customer, 1)))
    monkeypatch.setattr(module, "_in_one_trip", Losing(times=1, after=after))
    with pytest.raises(CommitUnknown, match="look whether it has happened"):
        store.commit(Unit((Update(Customer, ("main", sample(Customer, 1).id), {"name": "Ana"}, 1),)))
    assert [each.version for each in store.page(Customer, "main")] == [2 if after else 1]


def test_who_waits_is_woken_by_what_becomes_due(store: PostgresStore, url: str) -> None:
    """Also by what was committed before the waiting, but after the last look; not by what was due before."""
    with closing(PostgresStore(url)) as other:
        assert store.wait_for_due(HOUR)  # begins to listen, so there may have been something
        other.commit(inserts(sample(Timer, 1, wake_at=SAMPLE_TIME)))
        assert store.wait_for_due(HOUR)
        other.commit(inserts(sample(Timer, 2, wake_at=SAMPLE_TIME + HOUR)))
        assert not store.wait_for_due(timedelta(seconds=0.2))
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(store.wait_for_due, HOUR)
            time.sleep(0.05)
            other.commit(inserts(sample(Timer, 3, wake_at=SAMPLE_TIME - HOUR)))
            assert waiting.result(60)


def test_who_waits_hears_that_the_server_went_away(store: PostgresStore, url: str) -> None:
    """The caller backs off as after any other failure, then listens anew."""
    assert store.wait_for_due(HOUR)
    hang_up(url)
    with pytest.raises(StoreError):
        store.wait_for_due(HOUR)
    assert store.wait_for_due(HOUR)


def test_a_space_is_never_due_later_than_its_rows(store: PostgresStore, url: str) -> None:
    """Whoever counts anew when a space is due waits for those who are just adding to it."""
    store.commit(inserts(sample(Feedback, 1)))
    ended = threading.Event()

    def count_again() -> None:
        with closing(PostgresStore(url)) as worker:
            while not ended.is_set():
                for timer in worker.claim(Timer, "main", now=SAMPLE_TIME + HOUR, lease=HOUR, limit=50):
                    worker.commit(Unit((Delete(Timer, ("main", timer.item), timer.version),)))

    def add(first: int) -> None:
        with closing(PostgresStore(url)) as writer:
            for number in range(first, first + 40):
                writer.commit(inserts(sample(Timer, number, wake_at=SAMPLE_TIME)))

    with ThreadPoolExecutor(4) as pool:
        worker = pool.submit(count_again)
        writers = [pool.submit(add, 1000 * number) for number in (1, 2, 3)]
        for each in writers:
            each.result(120)
        ended.set()
        worker.result(120)
    with psycopg.connect(url) as connection:
        ((due, first),) = connection.execute(
            "SELECT (SELECT next_due FROM clientloop_space_due WHERE space = 'main'),"
            " (SELECT coalesce(min(wake_at), %s) FROM clientloop_timer)",
            (FAR,),
        ).fetchall()
    assert due <= first


def test_nobody_waits_for_an_application_that_is_slow_to_commit(store: PostgresStore, url: str) -> None:
    """While a joined transaction is open that has added something due, others claim, answer and add."""
    store.commit(inserts(sample(Feedback, 1), sample(Timer, 1, wake_at=SAMPLE_TIME)))
    with psycopg.connect(url) as connection, store.joined(connection) as joined:
        joined.commit(inserts(sample(Timer, 2, wake_at=SAMPLE_TIME)))
        connection.execute("SET LOCAL statement_timeout = '20s'")
        with closing(PostgresStore(f"{url}&options=-c%20lock_timeout%3D2000")) as other:
            assert len(other.claim(Timer, "main", now=SAMPLE_TIME, lease=HOUR, limit=50)) == 1
            other.commit(inserts(sample(Timer, 3, wake_at=SAMPLE_TIME - HOUR)))
        connection.commit()
    assert list(store.due_spaces(now=SAMPLE_TIME)) == ["main"]
    assert len(store.claim(Timer, "main", now=SAMPLE_TIME, lease=HOUR, limit=50)) == 2


def test_a_database_with_another_level_of_isolation_loses_nothing_from_sight(store: PostgresStore, url: str) -> None:
    """Whoever counts when a space is due next sees what was committed before, whatever the database's default is."""
    strict = f"{url}&options=-c%20default_transaction_isolation%3Dserializable"
    with closing(PostgresStore(strict)) as other, other._links.lent() as connection:
        assert connection.execute("SHOW transaction_isolation").fetchall() == [("read committed",)]
        assert "READ COMMITTED" in BEGIN_WRITING


def test_a_server_that_was_away_is_found_as_soon_as_it_is_back(
    postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long it was away, and however often somebody has asked meanwhile."""
    monkeypatch.setattr(connections, "PATIENCE", 0.6)
    with a_proxy(postgres.socket) as proxy, closing(PostgresStore(postgres.behind(proxy.port))) as store:
        postgres.empty_database()
        store.commit(Unit((Insert(sample(Customer, 1)),)))
        proxy.is_away = True
        proxy.hang_up()
        for _ in range(5):
            with pytest.raises(StoreError):
                store.page(Customer, "main")
        proxy.is_away = False
        assert len(store.page(Customer, "main").items) == 1


def test_a_first_connection_may_take_its_time(postgres: Server) -> None:
    """A server far away, or one that has to wake up, is waited for."""

    def late(side: Side, said: bytes) -> int:
        time.sleep(0.3 if side is Side.SERVER else 0)
        return len(said)

    postgres.empty_database()
    with a_proxy(postgres.socket, late) as proxy, closing(PostgresStore(postgres.behind(proxy.port))) as store:
        assert store.page(Customer, "main").items == ()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system that forks: forks of listeners not tested")
def test_a_fork_of_somebody_who_listens_is_free(store: PostgresStore, url: str) -> None:
    """A child has no part in its parent's connections and locks: it listens itself, reads and closes."""
    assert store.wait_for_due(HOUR)
    store.commit(inserts(sample(Customer, 1)))
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(store.wait_for_due, timedelta(seconds=1))
        time.sleep(0.1)  # the lock is held

        def live() -> None:
            assert store.wait_for_due(HOUR)
            assert len(store.page(Customer, "main").items) == 1
            store.close()

        assert run(live, hangs=20) == 0
        assert not waiting.result(60)
    assert len(store.page(Customer, "main").items) == 1


def test_more_threads_than_connections_wait_for_one_another(url: str) -> None:
    """No caller is turned away for want of a connection that another one is about to give back."""
    with closing(PostgresStore(url, connections=2)) as store, ThreadPoolExecutor(8) as pool:
        done = [pool.submit(store.commit, Unit((Insert(sample(Customer, number)),))) for number in range(32)]
        for each in done:
            each.result(60)
        assert len(store.page(Customer, "main").items) == 32
