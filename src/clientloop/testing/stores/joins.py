"""The suite of stores whose units can join the caller's transaction."""

from collections.abc import Callable, Iterator

import pytest
from attrs import frozen

from clientloop.errors import Duplicate
from clientloop.model.customers import Customer
from clientloop.model.feedback import Feedback
from clientloop.model.interactions import Text
from clientloop.model.units import Insert, Unit
from clientloop.ports.store import Store
from clientloop.testing.samples import sample
from clientloop.testing.stores.kit import Suite, key_of, put, update


@frozen
class Caller:
    """An application's own transaction, for `JoinSuite`."""

    #: What is passed to `joined`, in a transaction.
    connection: object
    #: Commits the transaction.
    commit: Callable[[], None]
    #: Rolls it back.
    rollback: Callable[[], None]


class JoinSuite(Suite):
    """Judges `joined`; subclass it and give the fixtures `store` and `caller`: a `Caller` on the same database."""

    @pytest.fixture
    def caller(self) -> Iterator[Caller]:
        """The caller's transaction: for the subclass to give."""
        raise NotImplementedError("give the caller's transaction as the fixture `caller`")

    def test_the_store_says_that_it_joins(self, store: Store) -> None:
        """The capabilities of the store name what this suite judges."""
        assert store.capabilities().joins

    def test_the_callers_commit_keeps_the_units(self, store: Store, caller: Caller) -> None:
        """Units are seen within the transaction at once, and by others once the caller has committed."""
        with store.joined(caller.connection) as joined:
            put(joined, sample(Customer, 1))
            joined.commit(Unit((update(sample(Customer, 1), version=1, name="after"),)))
            assert joined.get(Customer, key_of(sample(Customer, 1))) == sample(Customer, 1, name="after", version=2)
            assert store.get(Customer, key_of(sample(Customer, 1))) is None
        caller.commit()
        assert list(store.page(Customer, "main")) == [sample(Customer, 1, name="after", version=2)]

    def test_the_callers_rollback_leaves_nothing(self, store: Store, caller: Caller) -> None:
        """Units go with the caller's transaction, also the first and also after a refused one."""
        with store.joined(caller.connection) as joined:
            put(joined, sample(Customer, 1))
            with pytest.raises(Duplicate):
                put(joined, sample(Customer, 1))
        caller.rollback()
        assert store.page(Customer, "main").items == ()

    def test_a_refused_unit_leaves_the_transaction_usable(self, store: Store, caller: Caller) -> None:
        """Nothing of the refused unit stays, what was before it does, and more units follow."""
        with store.joined(caller.connection) as joined:
            put(joined, sample(Customer, 1))
            with pytest.raises(Duplicate):
                joined.commit(Unit((Insert(sample(Customer, 2)), Insert(sample(Customer, 1)))))
            put(joined, sample(Customer, 3))
        caller.commit()
        assert list(store.page(Customer, "main")) == [sample(Customer, 1), sample(Customer, 3)]

    def test_words_come_and_go_with_the_callers_transaction(self, store: Store, caller: Caller) -> None:
        """What a unit said is found within the transaction at once, and after a rollback by nobody."""
        with store.joined(caller.connection) as joined:
            put(joined, sample(Feedback, 1), sample(Text, 1, body="the parcel"))
            assert list(joined.search("main", "parcel")) == [sample(Feedback, 1)]
            assert store.search("main", "parcel").items == ()
        caller.rollback()
        assert store.search("main", "parcel").items == ()

    def test_an_error_of_the_callers_is_the_callers(self, store: Store, caller: Caller) -> None:
        """An exception within the block passes through; the transaction is still the caller's to end."""

        def fail() -> None:
            with store.joined(caller.connection) as joined:
                put(joined, sample(Customer, 1))
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()
        caller.commit()
        assert list(store.page(Customer, "main")) == [sample(Customer, 1)]
