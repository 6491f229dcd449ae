"""Pairs of things that have a key in common, of more things than fit into memory."""

import sqlite3
from collections import deque
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from types import TracebackType
from typing import Self

_TABLES = (
    "CREATE TABLE thing (number INTEGER PRIMARY KEY, body BLOB)",
    "CREATE TABLE entry (key INTEGER, place TEXT, number INTEGER)",
    "CREATE TABLE pair (one INTEGER, other INTEGER)",
)

#: Grouping sorts, which SQLite does in files where memory does not suffice.
_PAIRS = """
SELECT first.body, second.body FROM (SELECT one, other FROM pair GROUP BY one, other)
JOIN thing AS first ON first.number = one JOIN thing AS second ON second.number = other
"""

#: KiB of the file that stay in memory.
_CACHE = 32_768


class Neighbours:
    """Finds the pairs of things that have a key in common; all is kept in a temporary file.

    Under one key, things stand in the order of their places, and each is paired with so many that follow it: all of
    them, unless the key is crowded. So the pairs grow as the things do, however many of them have the same key.

    Args:
        reach: How many that follow under the same key.

    >>> with Neighbours(reach=1) as neighbours:
    ...     for body in (b"c", b"a", b"b"):
    ...         neighbours.add(body, keys=["x", "y"], place=body.decode())
    ...     sorted(neighbours.pairs()), neighbours.crowded, neighbours.left_out
    ([(b'a', b'b'), (b'c', b'b')], 2, 2)
    """

    def __init__(self, *, reach: int) -> None:
        """Begin empty."""
        self._reach = reach
        self._added = 0
        self._file = sqlite3.connect("", isolation_level=None)  # no name: a temporary file, gone when it is closed
        for statement in ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", f"PRAGMA cache_size = -{_CACHE}"):
            self._file.execute(statement)
        for table in _TABLES:
            self._file.execute(table)
        self._file.execute("BEGIN")
        #: Keys under which not all are paired with one another.
        self.crowded = 0
        #: Pairs under such keys that are not made, one under several keys counted under each.
        self.left_out = 0

    def add(self, body: bytes, *, keys: Iterable[str], place: str) -> None:
        """Add a thing.

        Args:
            body: What stands for it in the pairs.
            keys: Its keys.
            place: Where it stands among others of its keys.
        """
        number = self._added = self._added + 1
        self._file.execute("INSERT INTO thing VALUES (?, ?)", (number, body))
        self._file.executemany("INSERT INTO entry VALUES (?, ?, ?)", ((_hash(key), place, number) for key in keys))

    def pairs(self) -> Iterator[tuple[bytes, bytes]]:
        """Each pair once; in it, who was added first comes first. To be asked for once, when all are added."""
        self._file.executemany("INSERT INTO pair VALUES (?, ?)", self._near())
        yield from self._file.execute(_PAIRS)

    def _near(self) -> Iterator[tuple[int, int]]:
        before: deque[int] = deque(maxlen=self._reach)
        last, together = None, 0
        for key, number in self._file.execute("SELECT key, number FROM entry ORDER BY key, place, number"):
            if key != last:
                self._note(together)
                before.clear()
                last, together = key, 0
            for other in before:
                yield (number, other) if number < other else (other, number)
            before.append(number)
            together += 1
        self._note(together)

    def _note(self, together: int) -> None:
        """Note the pairs that were left out of so many that have one key."""
        beyond = together - 1 - self._reach
        if beyond > 0:
            self.crowded += 1
            self.left_out += beyond * (beyond + 1) // 2

    def close(self) -> None:
        """Forget everything."""
        self._file.close()

    def __enter__(self) -> Self:
        """The object itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Forget everything."""
        self.close()


def _hash(key: str) -> int:
    """Eight bytes of a key: that two keys share them only pairs some more."""
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), signed=True)
