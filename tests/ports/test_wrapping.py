"""The store around another: nothing is forgotten, and nothing is changed on the way."""

from collections.abc import Generator
from contextlib import contextmanager
from inspect import getattr_static, signature

import pytest

from clientloop import ClientLoop
from clientloop.ports.store import Store
from clientloop.ports.wrapping import WrappedStore
from clientloop.stores.memory import MemoryStore
from tests.ports.methods import METHODS, arguments, call, inner


class Noting(WrappedStore):
    """Notes which methods are called."""

    def __init__(self, store: Store) -> None:
        """Nothing was called yet."""
        super().__init__(store)
        self.noted = list[str]()

    @contextmanager
    def calling(self, method: str) -> Generator[None]:
        """Note it."""
        self.noted.append(method)
        yield


#: What comes back where that is not the answer of the store inside.
ANSWERS = {"pages": [1, 2], **dict.fromkeys(("backup", "close", "commit", "migrate"))}


@pytest.mark.parametrize("method", METHODS)
def test_no_method_and_no_argument_of_the_port_is_forgotten(method: str) -> None:
    """Each is passed on with all that was given, and brings back what the store inside brings."""
    inside, given = inner(), arguments(method)
    store = Noting(inside)
    answer = call(store, method, given)
    getattr(inside, method).assert_called_once_with(*given[0], **given[1])
    assert store.noted == [method]
    assert isinstance(answer, Noting) if method == "joined" else answer == ANSWERS.get(method, method)


@pytest.mark.parametrize("method", METHODS)
def test_methods_are_called_as_those_of_the_port(method: str) -> None:
    """Arguments have the names, the order and the defaults that they have there."""
    ours, theirs = (
        [(each.name, each.kind, each.default) for each in signature(getattr_static(cls, method)).parameters.values()]
        for cls in (WrappedStore, Store)
    )
    assert ours == theirs


def test_what_joins_a_transaction_is_wrapped_too() -> None:
    """What the lent store is asked goes through the same."""
    store = Noting(inner())
    with store.joined(object()) as lent:
        assert isinstance(lent, Noting)
        lent.spaces()
    assert store.noted == ["joined", "spaces"]


def test_a_firm_is_opened_on_a_store_that_was_made() -> None:
    """The store is made ready, worked with, and closed with the object."""
    store = Noting(MemoryStore())
    with ClientLoop.open(store, entry_points=False) as loop:
        assert loop.store is store
        item = loop.feedback.receive(kind="idea", channel="form", text="Deliver on Saturdays")
    assert (store.noted[0], store.noted[-1]) == ("migrate", "close")
    with ClientLoop.open(store.store, entry_points=False) as again:
        assert again.feedback.get(item) == item
