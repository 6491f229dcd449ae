"""Units within a transaction of the application's own: by psycopg, by SQLAlchemy, and what is refused."""

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest
import sqlalchemy as sa
from psycopg.rows import dict_row

from clientloop.errors import InvalidValue, NotSupported
from clientloop.model.customers import Customer
from clientloop.model.units import Insert, Unit
from clientloop.stores.postgres import PostgresStore
from clientloop.testing import Caller, JoinSuite
from clientloop.testing.samples import sample
from tests.postgres import Server


@pytest.fixture
def url(postgres: Server) -> str:
    """An empty store's database."""
    return postgres.empty_database()


@pytest.fixture
def engine(url: str) -> Iterator[sa.Engine]:
    """An engine of the application's own."""
    made = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=sa.NullPool)
    yield made
    made.dispose()


class InDatabase:
    """A suite over the store in the database."""

    @pytest.fixture
    def store(self, url: str) -> Iterator[PostgresStore]:
        """The store."""
        with closing(PostgresStore(url)) as store:
            yield store


class TestJoiningPsycopg(InDatabase, JoinSuite):
    """The conformance suite over a connection of psycopg's, whose rows have a factory, as Django's may."""

    @pytest.fixture
    def caller(self, url: str) -> Iterator[Caller]:
        """The application's transaction."""
        with closing(psycopg.connect(url, row_factory=dict_row)) as connection:
            connection.execute("SELECT 1")
            yield Caller(connection, connection.commit, connection.rollback)


class TestJoiningPsycopgThatHasNotBegun(InDatabase, JoinSuite):
    """The conformance suite over a connection that begins with the first statement."""

    @pytest.fixture
    def caller(self, url: str) -> Iterator[Caller]:
        """The application's transaction."""
        with closing(psycopg.connect(url)) as connection:
            yield Caller(connection, connection.commit, connection.rollback)


class TestJoiningSqlalchemy(InDatabase, JoinSuite):
    """The conformance suite over a connection of SQLAlchemy's that has not begun anything."""

    @pytest.fixture
    def caller(self, engine: sa.Engine) -> Iterator[Caller]:
        """The application's transaction."""
        with engine.connect() as connection:
            yield Caller(connection, connection.commit, connection.rollback)


def customers(url: str) -> int:
    """How many customers there are, seen from outside."""
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT count(*) FROM clientloop_customer").fetchall()[0][0]


def test_sqlalchemy_commits_what_only_a_unit_wrote(url: str, engine: sa.Engine) -> None:
    """SQLAlchemy knows of a transaction in which nobody but the store has written."""
    with closing(PostgresStore(url)) as store, engine.connect() as connection, store.joined(connection) as joined:
        joined.commit(Unit((Insert(sample(Customer)),)))
        connection.commit()
    assert customers(url) == 1


@pytest.mark.parametrize("level", ["autocommit", "AUTOCOMMIT"])
def test_a_connection_without_transactions_is_refused(url: str, engine: sa.Engine, level: str) -> None:
    """Where each statement commits itself, a unit could be torn."""
    with (
        closing(PostgresStore(url)) as store,
        closing(psycopg.connect(url, autocommit=True)) as plain,
        engine.connect().execution_options(isolation_level="AUTOCOMMIT") as alchemy,
        pytest.raises(InvalidValue, match="commits each statement by itself"),
        store.joined(plain if level == "autocommit" else alchemy),
    ):
        pass


def test_a_connection_that_commits_within_the_block_is_refused(url: str) -> None:
    """A unit after the caller's transaction has ended finds none."""
    with closing(PostgresStore(url)) as store, closing(psycopg.connect(url, autocommit=True)) as connection:
        connection.execute("BEGIN")
        with store.joined(connection) as joined:
            connection.execute("COMMIT")
            with pytest.raises(InvalidValue, match="no transaction to join"):
                joined.commit(Unit((Insert(sample(Customer)),)))
    assert customers(url) == 0


@pytest.mark.parametrize("other", ["postgresql://", 7])
def test_what_is_no_connection_is_refused(url: str, other: object) -> None:
    """The message says what to give."""
    refused = pytest.raises(InvalidValue, match="no connection to PostgreSQL")
    with closing(PostgresStore(url)) as store, refused, store.joined(other):
        pass


def test_a_connection_to_another_database_is_refused(url: str) -> None:
    """SQLAlchemy speaks to many; only by psycopg is it understood here."""
    engine = sa.create_engine("sqlite://")
    refused = pytest.raises(InvalidValue, match="no connection to PostgreSQL")
    with closing(PostgresStore(url)) as store, engine.connect() as connection, refused, store.joined(connection):
        pass


def test_a_joined_store_makes_no_tables(url: str) -> None:
    """Migrations are no part of the caller's transaction."""
    refused = pytest.raises(NotSupported, match="cannot be migrated")
    with (
        closing(PostgresStore(url)) as store,
        psycopg.connect(url) as connection,
        store.joined(connection) as joined,
        refused,
    ):
        joined.migrate()


def test_an_error_of_a_question_leaves_the_transaction_usable(url: str) -> None:
    """Even a failed read is within a savepoint, for PostgreSQL would refuse all that follows."""
    with closing(PostgresStore(url)) as store, closing(psycopg.connect(url)) as connection:
        with store.joined(connection) as joined:
            joined.commit(Unit((Insert(sample(Customer)),)))
            with pytest.raises(InvalidValue):
                joined.get(Customer, ("nul\0", sample(Customer).id))
        connection.commit()
    assert customers(url) == 1
