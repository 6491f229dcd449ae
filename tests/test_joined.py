"""The caller's transaction: what a loop does in it stands or falls with it (N16)."""

import sqlite3
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from clientloop import ClientLoop, Conflict, InvalidValue, ManualClock, hookimpl

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Listener:
    """Remembers what it was told."""

    def __init__(self):
        self.heard = []

    @hookimpl
    def clientloop_on_feedback_received(self, facts):
        """Remember the facts."""
        self.heard += facts


@pytest.fixture
def listener():
    """An observer."""
    return Listener()


@pytest.fixture
def path(tmp_path):
    """A file with a table of the application's own."""
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as connection:
        connection.execute("create table orders (number integer primary key)")
    connection.close()
    return path


@pytest.fixture
def loop(path, listener):
    """A loop in the application's file."""
    with ClientLoop.open(f"sqlite:///{path}", clock=ManualClock(NINE), plugins=[listener]) as opened:
        yield opened


@contextmanager
def plain(path):
    """A connection of the sqlite3 module, in a transaction."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("pragma foreign_keys = on")
    connection.execute("begin immediate")
    try:
        yield (
            connection,
            connection.execute,
            lambda: connection.execute("commit"),
            lambda: connection.execute("rollback"),
        )
    finally:
        connection.close()


@contextmanager
def alchemy(path):
    """A connection of SQLAlchemy, which begins by itself."""
    engine = sa.create_engine(f"sqlite:///{path}", poolclass=sa.NullPool)
    sa.event.listen(engine, "connect", lambda raw, _: raw.execute("pragma foreign_keys = on"))
    with engine.connect() as connection:
        yield connection, connection.exec_driver_sql, connection.commit, connection.rollback
    engine.dispose()


both = pytest.mark.parametrize("connect", [plain, alchemy])


def orders(path):
    """How many orders the application has."""
    connection = sqlite3.connect(path)
    try:
        return connection.execute("select count(*) from orders").fetchone()[0]
    finally:
        connection.close()


def complain(loop):
    """A customer complains."""
    return loop.feedback.receive(kind="complaint", channel="form", text="Broken", reply_to="ana@example.com")


@both
def test_the_callers_rollback_leaves_nothing(loop, path, connect):
    """After a rollback neither the application's row nor the feedback is there."""
    with connect(path) as (connection, execute, _, rollback):
        execute("insert into orders values (1)")
        with loop.joined(connection) as joined:
            item = joined.feedback.move(complain(joined), "assign", by="desk", to="mia")
            assert joined.feedback.get(item.id).state == "assigned"
        rollback()
    assert orders(path) == 0
    assert len(loop.inbox()) == 0
    assert len(loop.outbox.list()) == 0


@both
def test_the_callers_commit_leaves_both(loop, path, connect):
    """After a commit the application's row and the feedback with all that belongs to it are there."""
    with connect(path) as (connection, execute, commit, _):
        execute("insert into orders values (1)")
        with loop.joined(connection) as joined:
            item = joined.feedback.move(complain(joined), "assign", by="desk", to="mia")
        commit()
    assert orders(path) == 1
    assert loop.feedback.get(item.id) == item
    assert [message.template for message in loop.feedback.outbox(item)] == ["received"]
    assert [row.move for row in loop.feedback.history(item)] == ["receive", "assign"]


@both
def test_a_conflict_leaves_the_transaction_usable(loop, path, connect):
    """A refused move undoes itself alone; the caller goes on, and what was done before is kept."""
    item = complain(loop)
    loop.feedback.move(item, "assign", by="desk", to="mia")
    with connect(path) as (connection, execute, commit, _):
        execute("insert into orders values (1)")
        with loop.joined(connection) as joined:
            with pytest.raises(Conflict):
                joined.feedback.move(item, "assign", by="desk", to="tim")
            second = complain(joined)
        execute("insert into orders values (2)")
        commit()
    assert orders(path) == 2
    assert loop.feedback.get(item.id).owner == "mia"
    assert loop.feedback.get(second.id).state == "new"


@both
def test_observers_hear_of_a_joined_unit_when_the_caller_says_so(loop, path, listener, connect):
    """Only the caller knows whether the transaction was committed: observers are told by `notify`, once."""
    with connect(path) as (connection, execute, commit, _):
        execute("insert into orders values (1)")
        with loop.joined(connection) as joined:
            item = complain(joined)
        commit()
        assert listener.heard == []
        joined.notify()
        joined.notify()
    assert [fact.subject for fact in listener.heard] == [item.id]


def test_a_connection_in_no_transaction_is_refused(loop, path):
    """A bare sqlite3 connection that is in no transaction would commit by itself: it is refused with what to do."""
    connection = sqlite3.connect(path)
    try:
        with pytest.raises(InvalidValue, match=r"(?i)begin"), loop.joined(connection):
            pass
    finally:
        connection.close()


def test_something_else_is_refused(loop):
    """What is no connection at all is refused."""
    with pytest.raises(InvalidValue), loop.joined("shop.db"):
        pass
