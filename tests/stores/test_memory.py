"""The memory store, judged by the suite for all stores."""

from collections.abc import Callable

import pytest

from clientloop.errors import InvalidValue
from clientloop.model.interactions import Interaction
from clientloop.model.units import Insert, Unit
from clientloop.model.where import eq
from clientloop.ports.store import StoreCapabilities
from clientloop.stores.memory import MemoryStore
from clientloop.testing import StoreSuite, sample
from tests.growth import LIMIT, growth


class TestMemoryStore(StoreSuite):
    """The conformance suite."""

    @pytest.fixture
    def store(self) -> MemoryStore:
        """A fresh store."""
        return MemoryStore()


def test_two_stores_share_nothing() -> None:
    """What is kept in one store is not seen in another, also when both were opened by the same URL."""
    first, second = MemoryStore.open("memory:"), MemoryStore.open("memory:")
    first.commit(Unit((Insert(sample(Interaction)),)))
    assert second.page(Interaction, "main").items == ()


@pytest.mark.parametrize("url", ["memory:shop", "memory://", "memory"])
def test_a_store_in_memory_has_no_name(url: str) -> None:
    """Nobody is to believe that a second store of the same name has the same records."""
    with pytest.raises(InvalidValue, match="write memory: alone"):
        MemoryStore.open(url)


def test_it_promises_nothing_beyond_the_process() -> None:
    """It neither joins a transaction, nor survives the process, nor is shared with another."""
    assert MemoryStore().capabilities() == StoreCapabilities(joins=False, durable=False, shared=False)


def intake(count: int) -> Callable[[], None]:
    """Looks each row up by its origin, and then inserts it."""
    store = MemoryStore()
    rows = [sample(Interaction, each, channel="shop", origin=f"{each * 7919 % count}") for each in range(count)]

    def work() -> None:
        for row in rows:
            known = eq("channel", row.channel) & eq("origin", row.origin)
            if not store.page(Interaction, "main", where=known, order="by_origin", limit=1):
                store.commit(Unit((Insert(row),)))
        assert len(list(store.pages(Interaction, "main"))) == count

    return work


def test_idempotent_intake_does_not_slow_down_as_it_grows() -> None:
    """Rows pinned by a condition are found and not searched: four times the rows take less than eight times as long."""
    assert growth(intake, 200) < LIMIT
