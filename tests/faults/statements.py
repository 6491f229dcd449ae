"""Who sees each statement of a store before and after it is executed, and may end the process there."""

import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from attrs import frozen, mutable

from clientloop.stores.sqlite import connections
from tests.faults.forks import die

#: How many seconds are enough for others to come between.
_MOMENT = 0.002


class Watch:
    """Sees statements; does nothing about them."""

    def before(self, sql: str) -> None:
        """A statement is about to be executed."""

    def after(self) -> None:
        """It was executed."""


@mutable
class Count(Watch):
    """Writes down all statements."""

    #: Their beginnings, in order.
    seen: list[str]

    def before(self, sql: str) -> None:
        """One more."""
        self.seen.append(sql[:40])


@frozen
class Point:
    """A point at which a process is killed."""

    #: At which statement, from 1 on.
    number: int
    #: Whether it was executed.
    after: bool

    def __str__(self) -> str:
        """As a message calls it."""
        return f"{'after' if self.after else 'before'} statement {self.number}"


@mutable
class Executioner(Watch):
    """Kills the process at a point."""

    point: Point
    seen: int = 0

    def before(self, sql: str) -> None:
        """Perhaps here."""
        self.seen += 1
        if self.point == Point(self.seen, after=False):
            die()

    def after(self) -> None:
        """Or here."""
        if self.point == Point(self.seen, after=True):
            die()


@mutable
class Slow(Watch):
    """Waits a moment after each statement, while it is asked to, so that others come between two of them."""

    asked: bool = False

    def after(self) -> None:
        """Perhaps wait."""
        if self.asked:
            time.sleep(_MOMENT)

    def within(self, act: Callable[..., Any]) -> Callable[..., Any]:  # Any: whatever it takes and gives
        """An act in which it is asked to."""

        def slowly(*args: Any, **options: Any) -> Any:
            self.asked = True
            try:
                return act(*args, **options)
            finally:
                self.asked = False

        return slowly


class _Cursor:
    """A cursor of SQLite that is watched. Any: it hands on whatever the store and the driver say."""

    def __init__(self, cursor: Any, watch: Watch) -> None:
        self._cursor, self._watch = cursor, watch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def execute(self, sql: str, *rows: Any) -> Any:
        """Execute a statement."""
        return self._watched(self._cursor.execute, sql, *rows)

    def executemany(self, sql: str, *rows: Any) -> Any:
        """Execute it for each row."""
        return self._watched(self._cursor.executemany, sql, *rows)

    def _watched(self, execute: Callable[..., Any], sql: str, *rows: Any) -> Any:
        self._watch.before(sql)
        execute(sql, *rows)
        self._watch.after()
        return self


def _watch_sqlite(patch: pytest.MonkeyPatch, watch: Watch) -> None:
    class Link(connections.Link):
        """A link whose statements are watched, but for those that open it."""

        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self.cursor: Any = _Cursor(self.cursor, watch)

    patch.setattr(connections, "Link", Link)


def _watch_postgres(patch: pytest.MonkeyPatch, watch: Watch) -> None:
    import psycopg

    def watched(execute: Callable[..., Any]) -> Callable[..., Any]:
        def watched_execute(cursor: Any, sql: Any, *rows: Any, **options: Any) -> Any:
            watch.before(sql.decode() if isinstance(sql, bytes) else str(sql))
            answer = execute(cursor, sql, *rows, **options)
            watch.after()
            return answer

        return watched_execute

    for name in ("execute", "executemany"):
        patch.setattr(psycopg.RawCursor, name, watched(getattr(psycopg.Cursor, name)), raising=False)


_WATCHES: Mapping[str, Callable[[pytest.MonkeyPatch, Watch], None]] = {
    "sqlite": _watch_sqlite,
    "postgresql": _watch_postgres,
}


@contextmanager
def watched(url: str, watch: Watch) -> Generator[None]:
    """A block in which all statements of the stores of a URL's sort are watched."""
    with pytest.MonkeyPatch.context() as patch:
        _WATCHES[url.partition(":")[0]](patch, watch)
        yield


def points(statements: Sequence[str]) -> Iterator[Point]:
    """Before and after each of these statements."""
    for number in range(1, len(statements) + 1):
        yield Point(number, after=False)
        yield Point(number, after=True)


def around(statements: Sequence[str], first: str) -> Iterator[Point]:
    """Before the first statement that begins so, and before and after the commit of its transaction."""
    begins = next(number for number, sql in enumerate(statements, 1) if sql.startswith(first))
    commit = next(number for number in range(begins, len(statements) + 1) if statements[number - 1] == "COMMIT")
    yield Point(begins, after=False)
    yield Point(commit, after=False)
    yield Point(commit, after=True)
