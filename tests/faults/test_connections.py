"""Connections to PostgreSQL that fail where a transaction begins or ends: given back always, and judged rightly."""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, cast

import psycopg
import pytest

from clientloop.errors import CommitUnknown
from clientloop.model.customers import Customer
from clientloop.model.units import Unit, Update
from clientloop.stores.postgres import PostgresStore, connections
from clientloop.stores.postgres import store as module
from clientloop.stores.postgres.connections import BEGIN_WRITING
from clientloop.testing.samples import inserts, sample
from tests.postgres import Server

ANA = sample(Customer, 1)

#: How many connections a store may have: one that is not given back is missed at once.
FEW = 2


class Interruption(Exception):
    """What a handler of signals raises anywhere, as Celery's does for a task that takes too long."""


class Execute:
    """Executes statements, and then raises an error for each that begins with some word.

    Args:
        word: The word.
        error: The error.
        loses: Whether the connection is lost by it.
    """

    def __init__(self, word: str, error: BaseException, *, loses: bool) -> None:
        """Remember how it is done really."""
        self._word, self._error, self._loses = word, error, loses
        self._really: Callable[..., Any] = psycopg.Connection.execute  # Any: psycopg's own types

    def __get__(self, connection: Any, _: object) -> Callable[..., Any]:  # Any: as above
        """As a method of a connection."""

        def execute(query: str | bytes, *arguments: Any, **options: Any) -> Any:
            cursor = self._really(connection, query, *arguments, **options)
            said = query if isinstance(query, str) else query.decode()
            if not said.startswith(self._word):
                return cursor
            if self._loses:
                connection.pgconn.finish()
            raise self._error

        return execute


@pytest.fixture
def store(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[PostgresStore]:
    """A store of few connections that waits for one no longer than it takes to open it."""
    monkeypatch.setattr(connections, "PATIENCE", 1.0)
    with closing(PostgresStore(postgres.empty_database(), connections=FEW)) as store:
        store.commit(inserts(ANA))
        yield store


@pytest.mark.parametrize(
    ("error", "loses"),
    [
        (KeyboardInterrupt(), False),
        (Interruption(), False),
        (psycopg.errors.InsufficientResources(), False),
        (psycopg.OperationalError("server closed the connection unexpectedly"), True),
    ],
    ids=["key", "signal", "refused", "lost"],
)
def test_a_connection_that_cannot_begin_is_given_back(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch, error: BaseException, loses: bool
) -> None:
    """Whatever goes wrong there, and however often: afterwards there are as many connections as before."""
    with monkeypatch.context() as patched:
        patched.setattr(psycopg.Connection, "execute", Execute("BEGIN", error, loses=loses))
        for _ in range(FEW):
            with pytest.raises(type(error)), store._links.begun(BEGIN_WRITING):
                pytest.fail("it has begun")
    for _ in range(FEW):
        assert list(store.page(Customer, "main")) == [ANA]


@pytest.mark.parametrize("error", [psycopg.errors.DiskFull, psycopg.errors.IoError, psycopg.errors.InternalError_])
@pytest.mark.parametrize("by_steps", [True, False], ids=["steps", "trip"])
def test_whatever_a_server_says_that_dies_at_a_commit_the_outcome_is_unknown(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch, error: type[psycopg.Error], by_steps: bool
) -> None:
    """A full disk may end it after the transaction was written: nobody says that nothing has happened."""
    really = module._in_one_trip

    def trip(connection: psycopg.Connection[Any], steps: Any) -> None:  # Any: as of what it replaces
        if by_steps:
            raise psycopg.OperationalError("the unit was refused")
        really(connection, steps)
        connection.pgconn.finish()
        raise error("could not write")

    monkeypatch.setattr(module, "_in_one_trip", trip)
    with monkeypatch.context() as patched:
        if by_steps:
            patched.setattr(psycopg.Connection, "execute", Execute("COMMIT", error("could not write"), loses=True))
        with pytest.raises(CommitUnknown, match="could not write"):
            store.commit(Unit((Update(Customer, ("main", ANA.id), {"name": "Eva"}, None),)))
    assert [each.name for each in store.page(Customer, "main")] == ["Eva"]


def test_an_interruption_is_not_lost_with_the_connection(store: PostgresStore) -> None:
    """Who is interrupted hears of that, also where the transaction cannot be rolled back any more."""

    def interrupted() -> None:
        with store._links.begun(BEGIN_WRITING) as cursor:
            cast("psycopg.Cursor[Any]", cursor).connection.pgconn.finish()  # Any: rows mix types
            raise Interruption

    with pytest.raises(Interruption):
        interrupted()
    assert list(store.page(Customer, "main")) == [ANA]
