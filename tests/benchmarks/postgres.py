"""Our store on PostgreSQL against psycopg executing the very same statements, one after another.

Three databases of one server take part, as three files do in `rivals.raw_sqlite`. The far sides reach the server by a
process that holds back each answer for a millisecond, as a network would.
"""

from __future__ import annotations

import atexit
import subprocess
import sys
from contextlib import ExitStack
from functools import cache, partial
from typing import TYPE_CHECKING, Any, ClassVar
from unittest.mock import patch
from urllib.parse import urlsplit

from tests.benchmarks import ours
from tests.benchmarks.sides import NotAvailable
from tests.benchmarks.timing import Operation, Run
from tests.benchmarks.words import CUSTOMERS, person

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.postgres import Server

#: The statements of a question or a unit, each with its rows; a unit has a transaction of its own.
Trip = tuple[bool, tuple[tuple[bytes, tuple[Any, ...]], ...]]  # Any: rows mix int, str, bytes and None


@cache
def _server() -> Server:
    """The server of all sides, until the program ends."""
    try:
        from tests.postgres import a_server
    except ModuleNotFoundError as error:
        raise NotAvailable(f"PostgreSQL: {error}") from error
    stack = ExitStack()
    atexit.register(stack.close)
    server = stack.enter_context(a_server())
    server.set("fsync = on", "full_page_writes = on")
    return server


@cache
def _seed() -> str:
    """The name of a database with the customers who write."""
    with ours.open_loop(_server().new_database("seed")) as loop:
        for who in map(person, range(CUSTOMERS)):
            loop.customers.add(name=who.name, email=who.email, phone=who.phone)
    return "seed"


def _far(url: str) -> str:
    """The same database behind a network."""
    return _server().behind(_port(), urlsplit(url).path.strip("/"))


@cache
def _port() -> int:
    command = [sys.executable, "-m", "tests.proxy", _server().socket, "1"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    atexit.register(partial(process.communicate, timeout=10))
    assert process.stdout is not None, "a pipe was asked for"
    return int(process.stdout.readline())


def _copy(side: type, name: str) -> str:
    """The URL of a new copy of the seed."""
    return _server().new_database(f"{name}_{side.__name__}".lower(), template=_seed())


class Store(ours.Store):
    """Receives and moves on PostgreSQL."""

    #: What becomes of a database's URL.
    reach: ClassVar[Any] = staticmethod(lambda url: url)  # Any: a function, which a class would take for a method

    def __init__(self, database: str = "ours") -> None:
        """Open a copy of the seed."""
        self.url = self.reach(_copy(type(self), database))
        super().__init__(self.url)


class FarStore(Store):
    """The same behind a network."""

    reach = staticmethod(_far)


class Replay:
    """psycopg: one statement after another, between BEGIN and COMMIT where there were several."""

    #: Our side, whose statements are repeated.
    side: ClassVar[type[Store]] = Store

    def __init__(self) -> None:
        """Open two databases that are made alike."""
        import psycopg

        self._recorded = self.side("recorded")
        self._told: set[Operation] = set()
        url = self.side.reach(_copy(self.side, "replayed"))
        self._connection = psycopg.connect(url, autocommit=True, cursor_factory=psycopg.RawCursor)

    def receive(self, count: int, /) -> Run:
        """Record `count` receipts, and prepare to replay them."""
        return self._repeat(self._recorded.receive, count)

    def move(self, count: int, /) -> Run:
        """Record `count` moves, and prepare to replay them."""
        return self._repeat(self._recorded.move, count)

    def close(self) -> None:
        """Close both."""
        self._connection.close()
        self._recorded.close()

    def _repeat(self, operation: Operation, count: int) -> Run:
        trips: list[Trip] = []
        run = operation(count)
        with _recorded_in(trips):
            run()
        if operation not in self._told:
            self._told.add(operation)
            said = sum(len(statements) + (2 if is_unit else 0) for is_unit, statements in trips)
            sys.stderr.write(f"  {operation.__name__}: {len(trips) / count:.1f} trips, one by one {said / count:.1f}\n")
        return partial(self._replay, trips)

    def _replay(self, trips: Sequence[Trip]) -> None:
        execute = self._connection.cursor().execute
        for is_unit, statements in trips:
            if is_unit:
                execute("BEGIN")
            for sql, row in statements:
                cursor = execute(sql, row)
                if cursor.description is not None:
                    cursor.fetchall()
            if is_unit:
                execute("COMMIT")


class FarReplay(Replay):
    """The same behind a network."""

    side = FarStore


def _recorded_in(trips: list[Trip]) -> Any:  # Any: a context of the standard library's
    """A block in which what our store says to PostgreSQL is noted."""
    from clientloop.stores.postgres import PostgresStore, store

    asked, made = PostgresStore._asked, store._in_one_trip

    def ask(self: PostgresStore, sql: str, parameters: Sequence[Any]) -> list[Any]:
        trips.append((False, ((sql.encode(), tuple(parameters)),)))
        return asked(self, sql, parameters)

    def make(connection: Any, steps: Sequence[Any]) -> None:
        trips.append((True, tuple((step.sql.encode(), tuple(row)) for step in steps for row in step.rows)))
        made(connection, steps)

    stack = ExitStack()
    stack.enter_context(patch.object(PostgresStore, "_asked", ask))
    stack.enter_context(patch.object(store, "_in_one_trip", make))
    return stack
