"""What the store port itself does."""

import re
from pathlib import Path

import pytest

from clientloop.errors import NotSupported
from clientloop.model.customers import Customer
from clientloop.model.feedback import Feedback
from clientloop.model.interactions import Text
from clientloop.model.where import eq
from clientloop.ports.store import Store, StoreCapabilities
from clientloop.stores.memory import MemoryStore
from clientloop.testing import inserts, sample, sample_id
from tests.ports.methods import METHODS

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "write-a-store.md"


class Bare(Store):
    """A store that implements what it must, and nothing well."""

    def get(self, cls, key):
        """Nothing."""

    def page(self, cls, space, **options):
        """Nothing."""

    def aggregate(self, space, plan):
        """Nothing."""

    def commit(self, unit):
        """Nothing."""

    def claim(self, cls, space, **options):
        """Nothing."""

    def spaces(self):
        """Nothing."""

    def due_spaces(self, *, now, limit=100):
        """Nothing."""

    def migrate(self):
        """Nothing."""

    def close(self):
        """Nothing."""


@pytest.mark.parametrize(
    "verb", ["get", "page", "aggregate", "commit", "claim", "spaces", "due_spaces", "migrate", "close"]
)
def test_a_store_implements_every_verb(verb: str) -> None:
    """A class that leaves out an obligatory verb cannot be made."""
    lacking = type("Lacking", (Bare,), {verb: getattr(Store, verb)})
    with pytest.raises(TypeError, match=verb):
        lacking()


def test_what_is_optional_refuses_by_name() -> None:
    """A store promises nothing unasked; what it does not implement says so, with the class and a hint."""
    assert Bare().capabilities() == StoreCapabilities(joins=False, durable=False, shared=False)
    with pytest.raises(NotSupported, match="Bare cannot join") as caught, Bare().joined(object()):
        pass
    assert caught.value.hint
    with pytest.raises(NotSupported, match="Bare is not opened by a URL"):
        Bare.open("bare:")


class Counting(MemoryStore):
    """Notes the sizes of the pages it was asked for."""

    def __init__(self) -> None:
        """Begin with no page."""
        super().__init__()
        self.limits: list[int] = []

    def page(self, *arguments, limit=50, **options):
        """The page, noted."""
        self.limits.append(limit)
        return super().page(*arguments, limit=limit, **options)


def test_pages_are_read_as_they_are_needed() -> None:
    """`pages` asks for one page after another, and for none before its rows are wanted."""
    store = Counting()
    store.commit(inserts(*(sample(Customer, number) for number in range(5))))
    reading = store.pages(Customer, "main", size=2)
    assert store.limits == []
    assert [next(reading) for _ in range(3)] == [sample(Customer, number) for number in range(3)]
    assert store.limits == [2, 2]
    assert len(list(reading)) == 2
    assert store.limits == [2, 2, 2]


def test_pages_pass_condition_and_order_on() -> None:
    """`pages` gives what the condition leaves, in the order asked for."""
    store = MemoryStore()
    store.commit(inserts(*(sample(Customer, number, name=name, locale="sl") for number, name in enumerate("cab"))))
    store.commit(inserts(sample(Customer, 3, name="d")))
    found = store.pages(Customer, "main", where=eq("locale", "sl"), order="by_name", size=2)
    assert [each.name for each in found] == ["a", "b", "c"]


def test_a_store_without_an_index_of_words_searches_all_the_same() -> None:
    """`search` reads as many items as it takes to fill a page, however many come between those that are found."""
    store = MemoryStore()
    records = [
        record
        for number in range(1_000)
        for record in (sample(Feedback, number), sample(Text, number, body="parcel" if number % 300 == 0 else "letter"))
    ]
    store.commit(inserts(*records))
    first = store.search("main", "parcel", limit=3)
    assert [each.id for each in first] == [sample_id(number) for number in (900, 600, 300)]
    second = store.search("main", "parcel", limit=3, after=first.next)
    assert [each.id for each in second] == [sample_id(0)]
    assert second.next is None


def test_the_guide_says_what_to_write_and_what_need_not_be_written():
    """Its table has every method of the port, and calls those obligatory without which there is no store."""
    rows = re.findall(r"^\| `(\w+)` \| (obligatory|has a default) \|", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    assert {name for name, _ in rows} == {*METHODS, "open"}
    assert {name for name, said in rows if said == "obligatory"} == Store.__abstractmethods__
