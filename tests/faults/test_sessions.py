"""PostgreSQL that ends sessions, dies and comes back, and networks that cut, or fall silent."""

import gc
import os
from collections.abc import Iterator
from contextlib import closing, suppress
from random import Random

import psycopg
import pytest

from clientloop.errors import ClientLoopError
from clientloop.model.customers import Customer
from clientloop.model.units import Insert, Unit
from clientloop.stores.postgres import PostgresStore
from clientloop.testing.samples import sample
from tests.conftest import Size
from tests.faults.acks import Acks
from tests.faults.conftest import Figures
from tests.faults.firm import USE_CASES
from tests.faults.judge import Verdict, counts_of, judge
from tests.faults.places import FIRM, Place
from tests.faults.sessions import Struck
from tests.postgres import Server
from tests.proxy import Side, a_proxy

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system that forks: sessions not tested")

SEED = 20260303

#: More bytes than anybody says.
NO_END = 1 << 60

#: What is done while a connection is cut: it writes, guards, plans and sends.
CUT = ("receive", "work", "answer", "deal")


@pytest.fixture
def place(postgresql_place: Place) -> Iterator[Place]:
    """A firm in PostgreSQL; what its forks share is not copied for the sake of a collection."""
    postgresql_place.begin_anew()
    gc.freeze()
    yield postgresql_place
    gc.unfreeze()


def passed(figures: Figures, title: str, verdict: Verdict, **counted: int) -> None:
    """Hold a verdict to what is promised, and print it."""
    assert not verdict.faults, verdict.faults
    figures(
        title, **counted, acknowledged=verdict.acknowledged, taken=verdict.taken, repeats=verdict.repeats,
        acknowledged_writes_lost=0, invariants_broken=0,
    )  # fmt: skip


def test_sessions_ended_under_load(place: Place, postgres: Server, size: Size, figures: Figures) -> None:
    """Whoever ends sessions, and whenever: callers get an error or an answer, and both are true."""
    times, chance = size.pick(small=8, ci=500, night=5_000), Random(SEED)
    load = Struck(place=place, chance=chance)
    load.strike(times, lambda: postgres.end_a_session(FIRM, chance))
    passed(figures, "sessions ended under load, postgresql", load.judge(), sessions=times)


def test_the_server_dies_under_load(place: Place, postgres: Server, size: Size, figures: Figures) -> None:
    """All of the server dies at once and comes back from its log; who waited goes on, who was writing knows."""
    times = size.pick(small=1, ci=20, night=200)
    postgres.checkpoint()
    load = Struck(place=place, chance=Random(SEED))
    load.strike(times, postgres.restart)
    passed(figures, "server restarted under load, postgresql", load.judge(), immediate_restarts=times)


def test_a_connection_cut_at_any_byte(place: Place, postgres: Server, size: Size, figures: Figures) -> None:
    """Wherever a connection is cut, in what is said to the server or in what it answers, nothing is done twice."""
    chance, cuts = Random(SEED), size.pick(small=12, ci=200, night=4_000)
    left = dict.fromkeys(Side, NO_END)

    def cut(side: Side, said: bytes) -> int:
        passed = min(len(said), left[side])
        left[side] -= passed
        if passed < len(said):
            left[side] = NO_END
        return passed

    acks = Acks(place.acks)
    with a_proxy(postgres.socket, cut) as proxy:
        url = postgres.behind(proxy.port, FIRM)
        with place.house.opened(place.url) as steady, place.house.opened(url) as loop:
            for number in range(2, cuts + 2):
                name, side = CUT[number % len(CUT)], chance.choice(list(Side))
                left[side] = chance.randrange(12_000)
                with suppress(ClientLoopError):
                    USE_CASES[name](loop, acks, number)
                left.update(dict.fromkeys(Side, NO_END))
                USE_CASES[name](steady, acks, number)
            verdict, found = judge(steady, place.acks, place.sent), counts_of(steady.store)
    assert found == _counts_without_cuts(place, cuts)
    passed(figures, "connection cut at any byte, postgresql", verdict, cuts=cuts)


def _counts_without_cuts(place: Place, times: int) -> dict[str, int]:
    """How many rows there are where the same is done, and nothing happens."""
    place.begin_anew()
    with place.house.opened(place.url) as loop:
        for number in range(2, times + 2):
            USE_CASES[CUT[number % len(CUT)]](loop, Acks(place.acks), number)
        return counts_of(loop.store)


def test_a_server_that_vanished_is_given_up(postgres: Server) -> None:
    """Where not even a packet is acknowledged any more, a unit goes on by another connection, and happens once."""
    postgres.empty_database()
    with a_proxy(postgres.socket) as proxy:
        url = postgres.behind(proxy.port, tcp_user_timeout=500)
        with closing(PostgresStore(url)) as store:
            store.commit(Unit((Insert(sample(Customer, 1)),)))
            try:
                proxy.vanish()
            except PermissionError:
                pytest.skip("needs a system that lets us drop packets: a server that vanishes not tested")
            store.commit(Unit((Insert(sample(Customer, 2)),)))
            proxy.vanish()
            assert len(store.page(Customer, "main").items) == 2


def test_nobody_is_waited_for_who_died_within_a_unit(postgres: Server) -> None:
    """A session that was cut off within a transaction holds its locks only until the server sees that it is gone."""
    url = postgres.empty_database()
    with closing(PostgresStore(url)) as store:
        store.commit(Unit((Insert(sample(Customer, 1)),)))
        with a_proxy(postgres.socket) as proxy:
            held = psycopg.connect(postgres.behind(proxy.port))
            held.execute("UPDATE clientloop_customer SET name = 'Eva'")
            proxy.hang_up()
        store.commit(Unit((Insert(sample(Customer, 2)),)))
        assert [each.name for each in store.page(Customer, "main")] == [sample(Customer, n).name for n in (1, 2)]
        held.close()
