"""One store in several threads: nothing is lost, nothing is seen half done."""

import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier, Event

import pytest

from clientloop.errors import Conflict, Duplicate
from clientloop.model.customers import Customer
from clientloop.model.interactions import Interaction
from clientloop.model.messages import OutboundMessage
from clientloop.model.plan import Aggregate, How, Plan
from clientloop.model.units import Add, Insert, Unit
from clientloop.ports.store import Store
from clientloop.testing.samples import sample
from clientloop.testing.stores.kit import Suite, key_of, put, update

THREADS = 8
ROUNDS = 15


def at_once(work: Callable[[int], object]) -> list[object]:
    """What the work of each thread gave, all begun at the same moment."""
    start = Barrier(THREADS)

    def run(number: int) -> object:
        start.wait(timeout=30)
        return work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


class Threads(Suite):
    """Tests of a store that several threads share."""

    @pytest.fixture(autouse=True)
    def restless(self) -> Iterator[None]:
        """Let Python change threads often, so that what can come between does."""
        before = sys.getswitchinterval()
        sys.setswitchinterval(1e-5)
        yield
        sys.setswitchinterval(before)

    def test_what_one_thread_wrote_another_reads(self, store: Store) -> None:
        """Every thread sees its own commit and, once all are done, everybody's."""

        def write(number: int) -> object:
            put(store, sample(Customer, number))
            return store.get(Customer, key_of(sample(Customer, number)))

        assert at_once(write) == [sample(Customer, number) for number in range(THREADS)]
        assert list(store.page(Customer, "main")) == [sample(Customer, number) for number in range(THREADS)]

    def test_adding_at_once_loses_nothing(self, store: Store) -> None:
        """Eight threads that add to one counter, which none has made before, never conflict; the sum is right."""
        zero = sample(OutboundMessage)

        def add(_: int) -> None:
            for _ in range(ROUNDS):
                store.commit(Unit((Add(zero, {"attempts": 1}),)))

        at_once(add)
        found = store.get(OutboundMessage, key_of(zero))
        assert found is not None
        assert found.attempts == THREADS * ROUNDS

    def test_guarded_updates_at_once_lose_nothing(self, store: Store) -> None:
        """Eight threads that load, change and commit by version, and try again on Conflict, never undo each other."""
        put(store, sample(OutboundMessage))

        def count_one() -> bool:
            found = store.get(OutboundMessage, key_of(sample(OutboundMessage)))
            assert found is not None
            time.sleep(0)  # let another thread in between, as it will be sooner or later
            try:
                store.commit(Unit((update(found, version=found.version, attempts=found.attempts + 1),)))
            except Conflict:
                return False
            return True

        def count(_: int) -> None:
            for _ in range(ROUNDS):
                assert any(count_one() for _ in range(10_000)), "every try ended in a Conflict"

        at_once(count)
        found = store.get(OutboundMessage, key_of(sample(OutboundMessage)))
        expected = THREADS * ROUNDS
        assert found == sample(OutboundMessage, attempts=expected, version=expected + 1)

    def test_of_equal_inserts_at_once_one_succeeds(self, store: Store) -> None:
        """When all threads insert the same key, one does and the others get a Duplicate and leave nothing."""

        def insert(number: int) -> bool:
            unit = Unit((Insert(sample(Customer, number + 1)), Insert(sample(Customer, 0, name=f"of {number}"))))
            try:
                store.commit(unit)
            except Duplicate:
                return False
            return True

        assert sorted(at_once(insert), key=bool) == [False] * (THREADS - 1) + [True]
        assert len(store.page(Customer, "main")) == 2

    def test_readers_see_whole_units_only(self, store: Store) -> None:
        """While units move an amount from one row to another, no reader sees it in neither or in both.

        Movers and readers each go on until the other side has had its rounds, so that they meet on a busy machine too.
        """
        first, second = sample(Interaction, 1, amount=1_000), sample(Interaction, 2, amount=0)
        put(store, first, second)
        total = Plan(cls=Interaction, aggregates=(Aggregate(How.SUM, "amount"),))
        read, moved = Event(), Event()

        def move() -> None:
            try:
                for moves in count():
                    if moves >= ROUNDS:
                        moved.set()
                    if read.is_set():
                        break
                    store.commit(Unit((Add(first, {"amount": -1}), Add(second, {"amount": 1}))))
            finally:
                moved.set()

        def look(_: int) -> set[object]:
            seen: set[object] = set()
            for looks in count():
                if looks >= ROUNDS and moved.is_set():
                    break
                seen.add(sum(each.amount or 0 for each in store.page(Interaction, "main")))
                seen.update(group.values[0] for group in store.aggregate("main", total))
            return seen

        with ThreadPoolExecutor(3) as pool:
            moving = pool.submit(move)
            try:
                seen = list(pool.map(look, range(2)))
            finally:
                read.set()
            moving.result()
        assert seen == [{1_000}, {1_000}]
        assert store.get(Interaction, key_of(first)) != first
