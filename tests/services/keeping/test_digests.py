"""Digests tell whether two stores hold the same."""

import pytest

from clientloop.model.customers import Customer
from clientloop.services.keeping.digests import digest_of
from clientloop.services.keeping.streams import BATCH
from clientloop.stores.memory import MemoryStore
from clientloop.testing import inserts, sample


def digest(*customers: Customer):
    """The digest of some customers."""
    store = MemoryStore()
    store.commit(inserts(*customers))
    return digest_of(store, Customer, "main")


SOME = [sample(Customer, number) for number in range(4)]


def test_the_order_does_not_count():
    """However records came and are sorted, their digest is the same."""
    assert digest(*SOME) == digest(*reversed(SOME))
    assert digest(*SOME).rows == 4


@pytest.mark.parametrize(
    "others",
    [
        SOME[:3],
        [*SOME[:3], sample(Customer, 3, name="name 4")],
        [*SOME[:3], sample(Customer, 3, version=2)],
        [*SOME[:3], sample(Customer, 4)],
        [*SOME, sample(Customer, 4)],
    ],
    ids=["one less", "another name", "another version", "another id", "one more"],
)
def test_any_difference_counts(others):
    """One record less, more or otherwise makes another digest."""
    assert digest(*SOME).sum != digest(*others).sum


def test_where_a_field_ends_counts():
    """The same characters spread over the fields otherwise are another record."""
    one, other = ({"name": name, "locale": locale} for name, locale in (("ab", "c"), ("a", "bc")))
    assert digest(sample(Customer, **one)) != digest(sample(Customer, **other))


def test_each_space_is_its_own():
    """Records of another space are not read."""
    store = MemoryStore()
    store.commit(inserts(*SOME, sample(Customer, 9, space="other")))
    assert digest_of(store, Customer, "main") == digest(*SOME)


def test_whoever_waits_hears_how_far_it_is():
    """All records that were read are told of, a batch at a time."""
    store = MemoryStore()
    store.commit(inserts(*[sample(Customer, number) for number in range(BATCH + 3)]))
    heard: list[int] = []
    digest_of(store, Customer, "main", told=heard.append)
    assert heard == [BATCH, 3]
