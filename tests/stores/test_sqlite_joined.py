"""Units within a transaction of the application's own: by sqlite3, by SQLAlchemy, and what is refused."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from clientloop.errors import Conflict, InvalidValue, MissingReference, NotSupported, StoreBusy, StoreError
from clientloop.model.customers import Customer
from clientloop.model.feedback import Timer
from clientloop.model.interactions import Interaction
from clientloop.model.spaces import Space
from clientloop.model.units import Insert, Unit, Update
from clientloop.stores.sqlite import SqliteStore
from clientloop.testing import Caller, JoinSuite
from clientloop.testing.samples import SAMPLE_TIME, inserts, sample

SPACE = Space(space="main")
ADDED = Unit((Insert(SPACE),))
ORDER = "INSERT INTO shop_order (id) VALUES (1)"


@pytest.fixture
def shop(file: Path) -> Iterator[SqliteStore]:
    """A store in a file that has a table of the application's too."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE shop_order (id INTEGER PRIMARY KEY)")
    with closing(SqliteStore(file)) as store:
        yield store


class InShop:
    """A suite over the store in the shop's file."""

    @pytest.fixture
    def store(self, shop: SqliteStore) -> SqliteStore:
        """The store."""
        return shop


def connected(file: Path, **options: object) -> sqlite3.Connection:
    """A connection of the application's own."""
    connection = sqlite3.connect(file, **options)  # type: ignore[call-overload]  # passes options on
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


@pytest.fixture
def connection(file: Path, shop: SqliteStore) -> Iterator[sqlite3.Connection]:
    """A connection of the application's own, in a transaction."""
    with closing(connected(file, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection


@pytest.fixture
def engine(file: Path, shop: SqliteStore) -> Iterator[sa.Engine]:
    """An engine of the application's own, as SQLAlchemy makes it, with foreign keys."""
    engine = made_engine(file)
    yield engine
    engine.dispose()


def made_engine(file: Path, **options: object) -> sa.Engine:
    """An engine whose connections enforce foreign keys."""
    engine = sa.create_engine(f"sqlite:///{file}", **options)  # type: ignore[arg-type]  # passes options on

    @sa.event.listens_for(engine, "connect")
    def enforce(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA foreign_keys = ON")

    return engine


class TestJoiningSqlite3(InShop, JoinSuite):
    """The conformance suite over a connection of the module `sqlite3`."""

    @pytest.fixture
    def caller(self, connection: sqlite3.Connection) -> Caller:
        """The application's transaction."""
        return Caller(connection, connection.commit, connection.rollback)


class TestJoiningDjango(InShop, JoinSuite):
    """The conformance suite over a connection as Django keeps it: it begins by itself, and rows have a factory."""

    @pytest.fixture
    def caller(self, file: Path, shop: SqliteStore) -> Iterator[Caller]:
        """The application's transaction."""
        with closing(connected(file, detect_types=sqlite3.PARSE_DECLTYPES)) as connection:
            connection.row_factory = lambda _, row: {"row": row}
            connection.text_factory = bytes
            connection.execute(ORDER)
            yield Caller(connection, connection.commit, connection.rollback)


class TestJoiningSqlalchemy(InShop, JoinSuite):
    """The conformance suite over a connection of SQLAlchemy's that has not begun anything."""

    @pytest.fixture
    def caller(self, engine: sa.Engine) -> Iterator[Caller]:
        """The application's transaction."""
        with engine.connect() as connection:
            yield Caller(connection, connection.commit, connection.rollback)


class TestJoiningSqlalchemyThatBegins(InShop, JoinSuite):
    """The conformance suite over SQLAlchemy set up to send BEGIN itself, as its documentation advises."""

    @pytest.fixture
    def caller(self, file: Path, shop: SqliteStore) -> Iterator[Caller]:
        """The application's transaction."""
        engine = made_engine(file)

        @sa.event.listens_for(engine, "connect")
        def plain(connection: sqlite3.Connection, _: object) -> None:
            connection.isolation_level = None
            connection.row_factory = sqlite3.Row
            connection.text_factory = bytes

        @sa.event.listens_for(engine, "begin")
        def begin(connection: sa.Connection) -> None:
            connection.exec_driver_sql("BEGIN")

        with engine.connect() as connection:
            yield Caller(connection, connection.commit, connection.rollback)
        engine.dispose()


def orders(file: Path) -> int:
    """How many orders the application has."""
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute("SELECT count(*) FROM shop_order").fetchone()[0]


def sqlite3_case(file: Path) -> tuple[object, Callable[[str], object], Callable[[], None], Callable[[], None]]:
    """A connection in a transaction, how the application executes on it, commits and rolls back."""
    connection = connected(file)
    connection.execute("BEGIN IMMEDIATE")
    return connection, connection.execute, connection.commit, connection.rollback


def alchemy_case(file: Path) -> tuple[object, Callable[[str], object], Callable[[], None], Callable[[], None]]:
    """The same of SQLAlchemy."""
    connection = made_engine(file, poolclass=sa.NullPool).connect()
    return connection, connection.exec_driver_sql, connection.commit, connection.rollback


@pytest.fixture(params=[sqlite3_case, alchemy_case], ids=["sqlite3", "sqlalchemy"])
def application(
    request: pytest.FixtureRequest, file: Path, shop: SqliteStore
) -> Iterator[tuple[object, Callable[[str], object], Callable[[], None], Callable[[], None]]]:
    """A connection with what the application does on it, by either library."""
    case = request.param(file)
    yield case
    case[0].close()


Application = tuple[object, Callable[[str], object], Callable[[], None], Callable[[], None]]


def test_the_callers_rollback_leaves_neither_side(shop: SqliteStore, file: Path, application: Application) -> None:
    """Rows of the application and units go together, whichever came first."""
    connection, execute, _, rollback = application
    with shop.joined(connection) as joined:
        joined.commit(ADDED)
        execute(ORDER)
        joined.commit(Unit((Update(Space, ("main",), {"zone": "Europe/Ljubljana"}, 1),)))
    rollback()
    assert (shop.get(Space, ("main",)), orders(file)) == (None, 0)


def test_the_callers_commit_keeps_both_sides(shop: SqliteStore, file: Path, application: Application) -> None:
    """Rows of the application and units are there together, and not before."""
    connection, execute, commit, _ = application
    execute(ORDER)
    with shop.joined(connection) as joined:
        joined.commit(ADDED)
        assert (shop.get(Space, ("main",)), orders(file)) == (None, 0)
    commit()
    assert (shop.get(Space, ("main",)), orders(file)) == (SPACE, 1)


def test_a_conflict_takes_nothing_of_the_callers(shop: SqliteStore, file: Path, application: Application) -> None:
    """A refused unit leaves what the application did before it, and lets it go on."""
    connection, execute, commit, _ = application
    execute(ORDER)
    with shop.joined(connection) as joined:
        joined.commit(ADDED)
        stale = Update(Space, ("main",), {"zone": "Europe/Ljubljana"}, 7)
        for unit, error in (
            (Unit((Insert(sample(Customer)), stale)), Conflict),
            (Unit((Insert(sample(Interaction, customer=sample(Customer).id)),)), MissingReference),
        ):
            with pytest.raises(error):
                joined.commit(unit)
        assert joined.page(Customer, "main").items == ()
        joined.commit(inserts(sample(Customer)))
    execute("INSERT INTO shop_order (id) VALUES (2)")
    commit()
    assert (shop.get(Space, ("main",)), orders(file)) == (SPACE, 2)
    assert list(shop.page(Customer, "main")) == [sample(Customer)]


def test_a_joined_store_does_all_that_a_store_does(shop: SqliteStore, application: Application) -> None:
    """Pages, sums and claims see what is not committed, and many rows at once are written as one by one."""
    connection, _, commit, _ = application
    timers = [sample(Timer, number, wake_at=SAMPLE_TIME) for number in range(3)]
    with shop.joined(connection) as joined:
        joined.commit(inserts(*timers))
        assert joined.due_spaces(now=SAMPLE_TIME) == ["main"]
        claimed = joined.claim(Timer, "main", now=SAMPLE_TIME, lease=timedelta(hours=1), limit=10)
        assert [timer.version for timer in claimed] == [2, 2, 2]
    commit()
    assert list(shop.page(Timer, "main")) == claimed


def test_sqlalchemy_may_go_on_after_its_commit(shop: SqliteStore, engine: sa.Engine) -> None:
    """Units after the application's commit belong to its next transaction."""
    with engine.connect() as connection, shop.joined(connection) as joined:
        joined.commit(ADDED)
        connection.commit()
        joined.commit(Unit((Update(Space, ("main",), {"zone": "Europe/Ljubljana"}, 1),)))
        connection.rollback()
    assert shop.get(Space, ("main",)) == SPACE


def test_a_session_joins_by_its_connection(shop: SqliteStore, engine: sa.Engine) -> None:
    """The connection of SQLAlchemy's Session is one of its transaction."""
    from sqlalchemy.orm import Session

    with Session(engine) as session, shop.joined(session.connection()) as joined:
        joined.commit(ADDED)
        session.commit()
    assert shop.get(Space, ("main",)) == SPACE


def test_the_callers_settings_are_given_back(shop: SqliteStore, connection: sqlite3.Connection) -> None:
    """Factories of rows and texts are the caller's again after each call, also after a refused one."""
    connection.row_factory = factory = sqlite3.Row
    connection.text_factory = bytes
    with shop.joined(connection) as joined:
        joined.commit(ADDED)
        with pytest.raises(Conflict):
            joined.commit(ADDED)
        assert joined.get(Space, ("main",)) == SPACE
        assert (connection.row_factory, connection.text_factory) == (factory, bytes)


def test_a_writer_in_the_way_makes_the_joined_store_busy(shop: SqliteStore, file: Path, engine: sa.Engine) -> None:
    """While another transaction writes, joining fails with StoreBusy once the caller's own timeout has passed."""
    with closing(connected(file)) as other, engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 20")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy), shop.joined(connection) as joined:
            joined.commit(ADDED)


def test_a_snapshot_that_is_too_old_makes_the_joined_store_busy(shop: SqliteStore, file: Path) -> None:
    """A transaction that read before somebody else wrote cannot write any more, and the hint says what helps."""
    with closing(connected(file, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM shop_order").fetchall()
        shop.commit(ADDED)
        with shop.joined(connection) as joined, pytest.raises(StoreBusy, match="BEGIN IMMEDIATE"):
            joined.commit(Unit((Insert(Space(space="other")),)))


@pytest.mark.parametrize("given", [None, "sqlite:///shop.db", object()])
def test_what_is_no_connection_is_refused(shop: SqliteStore, given: object) -> None:
    """Anything else is an InvalidValue that says what to give."""
    with pytest.raises(InvalidValue, match="give a SQLAlchemy Connection"), shop.joined(given):
        pass


def test_a_connection_without_a_transaction_is_refused(shop: SqliteStore, file: Path) -> None:
    """On a connection of sqlite3 that commits by itself a unit would stay whatever the caller does next."""
    with closing(connected(file)) as connection:
        with pytest.raises(InvalidValue, match="BEGIN IMMEDIATE"), shop.joined(connection):
            pass
        connection.execute("BEGIN IMMEDIATE")
        with shop.joined(connection) as joined:
            connection.commit()
            with pytest.raises(InvalidValue, match="BEGIN IMMEDIATE"):
                joined.commit(ADDED)
    assert shop.get(Space, ("main",)) is None


def test_sqlalchemy_in_autocommit_is_refused(shop: SqliteStore, file: Path) -> None:
    """A connection that commits each statement has no transaction, by whichever way it was set."""
    engine = made_engine(file, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection, pytest.raises(InvalidValue, match="AUTOCOMMIT"), shop.joined(connection):
        pass
    engine.dispose()


def test_a_connection_to_another_database_is_refused(shop: SqliteStore) -> None:
    """A connection of SQLAlchemy's on another kind of database is an InvalidValue."""
    from sqlalchemy.dialects import postgresql

    connection = sa.create_mock_engine("postgresql://", lambda *_: None)
    assert connection.dialect.name == postgresql.dialect.name
    with pytest.raises(InvalidValue, match="SQLite"), shop.joined(connection):
        pass


def test_foreign_keys_must_be_enforced(shop: SqliteStore, file: Path) -> None:
    """A connection that lets rows point nowhere is refused, with the statement that mends it."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(NotSupported, match="PRAGMA foreign_keys = ON"), shop.joined(connection):
            pass


def test_a_joined_store_makes_no_tables(shop: SqliteStore, connection: sqlite3.Connection) -> None:
    """Migrating is refused, closing leaves the caller's connection open, and joining again is not supported."""
    with shop.joined(connection) as joined:
        with pytest.raises(NotSupported, match="migrate"):
            joined.migrate()
        with pytest.raises(NotSupported), joined.joined(connection):
            pass
        assert not joined.capabilities().joins
        joined.close()
    assert connection.execute("SELECT 1").fetchall() == [(1,)]


def test_tables_must_be_there(tmp_path: Path, shop: SqliteStore) -> None:
    """In a database without the tables the error says how to make them."""
    with closing(connected(tmp_path / "empty.db")) as connection:
        connection.execute("BEGIN IMMEDIATE")
        with shop.joined(connection) as joined, pytest.raises(StoreError, match="migrate"):
            joined.commit(ADDED)
