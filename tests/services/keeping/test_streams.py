"""What is copied is read and written some records at a time, so that memory stays flat."""

from clientloop.model.channels import RawBody
from clientloop.model.customers import Customer
from clientloop.model.interactions import Text
from clientloop.model.spaces import Space
from clientloop.model.units import Unit
from clientloop.services.keeping.copying import End, copy_space
from clientloop.services.keeping.streams import BATCH, WEIGHT, batches
from clientloop.stores.memory import MemoryStore
from clientloop.testing import inserts, sample


class WatchedStore(MemoryStore):
    """A store that knows the longest page that was asked of it, and the largest unit."""

    page_of = unit_of = 0

    def page(self, *args, limit=50, **options):
        """One page."""
        self.page_of = max(self.page_of, limit)
        return super().page(*args, limit=limit, **options)

    def commit(self, unit: Unit) -> None:
        """One unit."""
        self.unit_of = max(self.unit_of, len(unit.changes))
        super().commit(unit)


def test_no_page_and_no_unit_grows_with_the_space():
    """However many records there are, a batch of them is in memory, on both sides."""
    source, target = WatchedStore(), WatchedStore()
    source.commit(inserts(sample(Space), *[sample(Customer, number) for number in range(3 * BATCH)]))
    copy_space(End(store=source, name="one:"), End(store=target, name="other:"), "main")
    assert source.page_of <= BATCH
    assert target.page_of <= BATCH
    assert target.unit_of == BATCH + 1, "that many customers, and how far the copy has come"


def test_long_records_make_small_batches():
    """Of records that may be long each, few are read at once, and a unit ends when it is heavy."""
    store = WatchedStore()
    store.commit(inserts(*[sample(RawBody, number, content=bytes(WEIGHT // 4)) for number in range(9)]))
    store.page_of = 0
    assert [len(records) for records, _ in batches(store, RawBody, "main")] == [4, 4, 1]
    assert store.page_of <= 2


def test_short_texts_are_gathered():
    """Texts are read in small pages, but as long as they are short many go into one unit."""
    store = WatchedStore()
    store.commit(inserts(*[sample(Text, number) for number in range(BATCH + 1)]))
    assert [len(records) for records, _ in batches(store, Text, "main")] == [BATCH, 1]


def test_a_batch_says_what_comes_behind_it():
    """What a batch came with asks for the records behind it; the last has nothing behind it."""
    store = MemoryStore()
    store.commit(inserts(*[sample(Customer, number) for number in range(BATCH + 1)]))
    (_, after), (_, end) = batches(store, Customer, "main")
    assert end is None
    (rest,) = batches(store, Customer, "main", after=after)
    assert rest == ([sample(Customer, BATCH)], None)
    assert list(batches(store, Text, "main")) == []
