"""What a long job may remember: dictionaries whose memory is bounded."""

import sqlite3
from collections import OrderedDict
from types import TracebackType
from typing import Generic, Self, TypeVar

K = TypeVar("K")
V = TypeVar("V")

#: Keys kept in memory; some 20 MB of them.
KEPT = 100_000


class Scratch:
    """Keys and values for the length of a job; the first keys stay in memory, all others go to a temporary file.

    Args:
        kept: How many keys stay in memory.

    >>> with Scratch(kept=1) as seen:
    ...     seen.count(b"a"), seen.count(b"b"), seen.count(b"a"), seen.count(b"b")
    (1, 1, 2, 2)
    """

    def __init__(self, *, kept: int = KEPT) -> None:
        """Begin empty; the file is made when it is first needed."""
        self._kept = kept
        self._memory: dict[bytes, int | bytes] = {}
        self._file: sqlite3.Connection | None = None

    def count(self, key: bytes) -> int:
        """How often the key has been counted, this time included."""
        number = int(self.get(key) or 0) + 1
        self.set(key, number)
        return number

    def get(self, key: bytes) -> int | bytes | None:
        """The value of a key, or None."""
        found = self._memory.get(key)
        if found is not None or self._file is None:
            return found
        row = self._file.execute("SELECT value FROM scratch WHERE key = ?", (key,)).fetchone()
        return None if row is None else row[0]

    def set(self, key: bytes, value: int | bytes) -> None:
        """Set the value of a key."""
        if key in self._memory or len(self._memory) < self._kept:
            self._memory[key] = value
        else:
            self._on_disk().execute("INSERT OR REPLACE INTO scratch VALUES (?, ?)", (key, value))

    def _on_disk(self) -> sqlite3.Connection:
        if self._file is None:
            self._file = sqlite3.connect("", isolation_level=None)  # no name: a temporary file, gone when it is closed
            self._file.execute("PRAGMA journal_mode = OFF")
            self._file.execute("PRAGMA synchronous = OFF")
            self._file.execute("CREATE TABLE scratch (key BLOB PRIMARY KEY, value) WITHOUT ROWID")
            self._file.execute("BEGIN")
        return self._file

    def close(self) -> None:
        """Forget everything."""
        self._memory.clear()
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> Self:
        """The dictionary itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Forget everything."""
        self.close()


class Recent(Generic[K, V]):
    """A dictionary that forgets what was not asked for the longest time.

    Args:
        size: How many keys it keeps.

    >>> recent = Recent(size=2)
    >>> for letter in "abc":
    ...     recent.set(letter, letter.upper())
    >>> recent.get("a"), recent.get("c")
    (None, 'C')
    """

    def __init__(self, *, size: int) -> None:
        """Remember nothing yet."""
        self._size = size
        self._kept: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        """The value of a key, or None."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def set(self, key: K, value: V) -> None:
        """Set the value of a key."""
        self._kept[key] = value
        self._kept.move_to_end(key)
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()
