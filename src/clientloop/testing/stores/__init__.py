"""The conformance suite of stores: what `MemoryStore` and the databases all do and refuse."""

from clientloop.testing.stores.claims import Claims
from clientloop.testing.stores.conditions import Conditions
from clientloop.testing.stores.folds import Folds
from clientloop.testing.stores.joins import Caller, JoinSuite
from clientloop.testing.stores.pages import Pages
from clientloop.testing.stores.refusals import Refusals
from clientloop.testing.stores.sums import Sums
from clientloop.testing.stores.threads import Threads
from clientloop.testing.stores.values import Values
from clientloop.testing.stores.words import Words
from clientloop.testing.stores.writes import Writes

__all__ = ["Caller", "JoinSuite", "StoreSuite"]


class StoreSuite(Writes, Refusals, Values, Pages, Conditions, Sums, Folds, Words, Claims, Threads):
    """Judges a store; subclass it and give a fresh, migrated store as the fixture `store`.

    Every record of `clientloop.model.schema` is tried, so a record that is added later is tried by itself. Tests that
    draw cases take as many as the active Hypothesis profile says, or fewer. A store that can join the caller's
    transaction is judged by `JoinSuite` too.

    >>> import pytest
    >>> import pytest
    >>> class TestMyStore(StoreSuite):
    ...     @pytest.fixture
    ...     def store(self):
    ...         store = MyStore("test.db")
    ...         store.migrate()
    ...         yield store
    ...         store.close()
    """
