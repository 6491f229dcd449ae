"""The store in a PostgreSQL database."""

import re
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any, Self

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus

from clientloop.errors import ClientLoopError, CommitUnknown, InvalidValue, StoreBusy, StoreError
from clientloop.model.record import Record, record_of
from clientloop.model.units import Insert, Row, Unit
from clientloop.ports.store import Store, StoreCapabilities
from clientloop.sql import due, statements
from clientloop.sql.changes import Step
from clientloop.sql.conditions import Shape
from clientloop.sql.plans import Overflow
from clientloop.sql.work import Cursor
from clientloop.stores.postgres.connections import BEGIN_READING, BEGIN_WRITING, Connection, Links
from clientloop.stores.postgres.errors import ConnectionLost, Work
from clientloop.stores.postgres.joined import join
from clientloop.stores.postgres.listening import Ear
from clientloop.stores.postgres.migration import migrate
from clientloop.stores.postgres.speaking import PostgresSpeaker, in_order
from clientloop.stores.postgres.statements import finding, insert_all

#: The one option of an address that is not libpq's.
_CONNECTIONS = re.compile(r"([?&])connections=([^&]*)(?:&|$)")

#: How many connections a process can be given at most.
_MOST = 9999

#: How often a unit is tried anew that met another one: each time one of both has gone through.
_TRIES = 10

#: How many rows are inserted by one statement instead of one each.
_MANY = 4

#: How many seconds to wait before a unit is tried anew, times the number of the try.
_PAUSE = 0.002


class PostgresStore(PostgresSpeaker):
    """Keeps records in a PostgreSQL database, which any number of machines may share.

    The database may also hold an application's own tables: those of clientloop begin with `clientloop_`, and lie where
    the user's `search_path` puts them. A unit is one trip to the server.

    Args:
        conninfo: A connection string of libpq, or a URL.
        connections: How many a process opens at most; more threads than that wait for one another.

    Raises:
        InvalidValue: It is no address of a database, or so many connections are too few or too many.
    """

    def __init__(self, conninfo: str, *, connections: int = 16) -> None:
        """Note where the database is; a connection is made when it is needed."""
        if not 1 <= connections <= _MOST:
            hint = "write it like ?connections=4, or leave it out"
            raise InvalidValue(f"`connections` is no number from 1 to {_MOST}", hint=hint)
        try:
            known = conninfo_to_dict(conninfo)
        except psycopg.Error:  # which quotes what may be a part of the password
            raise InvalidValue(
                "this is no address of a PostgreSQL database",
                hint="write it like postgresql://user@host/database, and in it %40 for @, %25 for % and so on where "
                "they belong to a name or a password",
            ) from None
        self._place = f"database {known.get('dbname') or known.get('user') or ''} on {known.get('host') or 'localhost'}"
        self._links = Links(conninfo, self._place, most=connections)
        self._ear = Ear(self._links)

    @classmethod
    def open(cls, url: str) -> Self:
        """The store in the database that a URL names.

        Args:
            url: `postgresql://user:password@host:port/database?options`, as libpq reads it; besides `connections=4`,
                how many a process opens at most.

        Raises:
            InvalidValue: It names no database, or no number of connections.
        """
        asked = _CONNECTIONS.search(url)
        if asked is None:
            return cls(url)
        most = int(asked[2]) if re.fullmatch("[0-9]{1,4}", asked[2]) else 0  # which is refused
        return cls(_CONNECTIONS.sub(r"\1", url), connections=most)

    def migrate(self) -> None:
        """Make an empty database ready, or bring one of an older version up to date; harmless when that is done."""
        with Work(self._place), self._links.lent() as connection:
            migrate(connection, self._links.conninfo, self._place)

    def close(self) -> None:
        """Close all connections; closing twice is harmless."""
        self._ear.close()
        self._links.close()

    def capabilities(self) -> StoreCapabilities:
        """What the store can do beyond the obligatory."""
        return StoreCapabilities(joins=True, durable=True, shared=True, wakes=True)

    def wait_for_due(self, timeout: timedelta) -> bool:
        """Wait until some commit has made a space due earlier, or until a time has gone by.

        Args:
            timeout: How long to wait at most.

        Returns:
            Whether something was heard, or may have been said before this store listened.
        """
        with Work(self._place):
            return self._ear.hears(timeout.total_seconds())

    @contextmanager
    def joined(self, connection: object) -> Generator[Store]:
        """A store whose units become part of the caller's transaction; what they write is seen there at once.

        Each unit is a savepoint: one that is refused leaves the transaction as it was. The transaction is the caller's
        to begin, to commit and to try again.

        Args:
            connection: SQLAlchemy's `Connection` by psycopg (`postgresql+psycopg://`), or a `psycopg.Connection` that
                is in a transaction or begins one by itself.

        Raises:
            InvalidValue: It is neither, or commits each statement by itself.
        """
        yield join(connection)

    def commit(self, unit: Unit) -> None:
        """Make all changes of a unit, in order, or none of them.

        A unit that the server rolled back because it met another one (a deadlock, a serialization failure) is tried
        anew: it is plain data, and nothing of it has happened. Where the connection was lost, nobody knows what has
        happened: it is tried anew where it inserts what proves that, for this is there already or is not.

        Raises:
            CommitUnknown: The connection was lost, and nothing proves whether the unit has happened.
        """
        steps = self._steps(unit.changes)
        if not steps:
            return None
        proof = [change.record for change in unit.changes if isinstance(change, Insert) and _proves(change.record)]
        in_doubt = False
        for number in range(1, _TRIES + 1):
            try:
                return self._commit(steps)
            except StoreBusy as error:
                if number == _TRIES:
                    raise (_unknown(error) if in_doubt else error) from error
                time.sleep(_PAUSE * number)
            except ConnectionLost as error:
                if number == _TRIES or not proof:
                    raise _unknown(error) from error
                in_doubt = True
                self._links.forget_broken()
            except ClientLoopError as error:
                if in_doubt and self._is_done(proof, error):
                    return None
                raise
        return None

    def _commit(self, steps: Sequence[Step]) -> None:
        """Make the steps in one trip; what is refused there is tried step by step, to say which it was."""
        with Work(self._place), self._links.lent() as connection:
            try:
                _in_one_trip(connection, steps)
            except psycopg.Error:
                if connection.broken:
                    raise
                connection.execute("ROLLBACK", prepare=False)
            else:
                return
        self._make_all(steps)

    def _is_done(self, proof: Sequence[object], error: ClientLoopError) -> bool:
        """Whether a unit that is refused now had happened before.

        Raises:
            CommitUnknown: It was not refused, but could not be tried.
        """
        if isinstance(error, StoreError):
            raise _unknown(error) from error
        found = [self.get(type(each), _key(each)) for each in proof]
        return any(here == made or (here and _is_ours_alone(made)) for here, made in zip(found, proof, strict=True))

    def _claimed(self, record: Record, shape: Shape, wanted: Row, until: int) -> list[Row]:
        """In a trip; when the space is due next is counted in another one, for later is early enough."""
        rows = in_order(record, self._fetch(due.take(self.dialect, record, shape), (until, *wanted)))
        if len(rows) < wanted[-1]:
            with suppress(StoreError), self._writing() as work:
                self._recount(work.cursor, wanted[0])
        return rows

    def _fetch(self, sql: str, parameters: Sequence[Any]) -> list[Any]:
        """The answer to one question; one that a lost connection swallowed is asked once more."""
        try:
            return self._asked(sql, parameters)
        except ConnectionLost:
            self._links.forget_broken()
            return self._asked(sql, parameters)

    def _asked(self, sql: str, parameters: Sequence[Any]) -> list[Any]:
        with Work(self._place), self._links.lent() as connection:
            return connection.execute(sql.encode(), parameters).fetchall()

    @contextmanager
    def _reading(self) -> Generator[Cursor]:
        try:
            with Work(self._place), self._links.begun(BEGIN_READING) as cursor:
                yield cursor
        except InvalidValue as error:
            if isinstance(error.__cause__, psycopg.errors.NumericValueOutOfRange):
                raise Overflow(error.message) from error.__cause__
            raise

    @contextmanager
    def _writing(self) -> Generator[Work]:
        with Work(self._place) as work, self._links.begun(BEGIN_WRITING) as work.cursor:
            yield work


def _unknown(error: StoreError) -> CommitUnknown:
    return CommitUnknown(error.message, hint="look whether it has happened, then try again")


def _proves(made: object) -> bool:
    """Whether a record that a unit inserts tells afterwards that the unit has happened.

    What is claimed comes and goes: a message that was sent is there no longer. What others too may have made under its
    key, and change, tells nothing either.
    """
    record = record_of(type(made))
    return not record.wakes and (_is_ours_alone(made) or not record.versioned)


def _is_ours_alone(made: object) -> bool:
    """Whether nobody else makes a record with this key, so that it is ours whatever became of it: it has a new id."""
    return record_of(type(made)).key == ("space", "id")


def _in_one_trip(connection: Connection, steps: Sequence[Step]) -> None:
    """Send all at once; the first error has the server skip the rest, the end of the transaction too.

    Raises:
        psycopg.Error: Something was refused, not necessarily with its own error, or the connection was lost.
    """
    with connection.pipeline(), suppress(psycopg.Error):  # the end of the pipeline raises it again
        connection.execute(BEGIN_WRITING, prepare=False)
        for step in map(_shortened, steps):
            sql = step.sql if step.guard is None else finding(step.sql)
            cursor = connection.cursor()
            for row in step.rows:
                cursor.execute(sql.encode(), row)
        connection.execute("COMMIT", prepare=False)
    if connection.info.transaction_status is not TransactionStatus.IDLE:
        raise psycopg.OperationalError("the unit was refused")


def _shortened(step: Step) -> Step:
    """A step that inserts many rows, as one that inserts them together: each statement costs more than its rows."""
    dialect = PostgresSpeaker.dialect
    if len(step.rows) < _MANY or step.sql != statements.insert(dialect, step.record):
        return step
    return step._replace(sql=insert_all(step.record), rows=[tuple(map(list, zip(*step.rows, strict=True)))])


def _key(record: object) -> tuple[object, ...]:
    return tuple(getattr(record, name) for name in record_of(type(record)).key)
