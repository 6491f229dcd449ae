"""Where the firm is tried: a store that is put back to its beginning before each try."""

import shutil
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pytest

from tests.faults.forks import HANGS
from tests.faults.house import House

if TYPE_CHECKING:
    from tests.postgres import Server

#: Marks a test of the fixture `place` that is done in each.
in_each_place = pytest.mark.parametrize(
    "place",
    ["sqlite", pytest.param("postgresql", marks=pytest.mark.in_ci("a plain run tries SQLite alone"))],
    indirect=True,
)

#: The database of a PostgreSQL server where the firm works.
FIRM = "firm"


class Place(ABC):
    """A store with a furnished firm in it.

    Args:
        folder: Where files are.
    """

    #: The scheme of the store's URL.
    kind: ClassVar[str]
    #: How the store is opened.
    url: str

    def __init__(self, folder: Path) -> None:
        #: What callers were told, and what channels were given.
        self.acks, self.sent = folder / "acks", folder / "sent"
        #: What the processes share that work there.
        self.house = House(self.sent)

    def _found(self, url: str) -> None:
        """Furnish the firm in an empty store."""
        self.house.found(url)
        self._sent_before = self.sent.read_bytes()

    def begin_anew(self) -> None:
        """Put everything back to the beginning."""
        self.acks.unlink(missing_ok=True)
        self.sent.write_bytes(self._sent_before)
        self.settle()
        self._put_back()

    @abstractmethod
    def settle(self) -> None:
        """Wait until nothing is left of processes that were killed."""

    @abstractmethod
    def _put_back(self) -> None:
        """The store as it was when the firm was furnished."""


class SqlitePlace(Place):
    """A SQLite file."""

    kind = "sqlite"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._furnished, self._file = folder / "furnished.db", folder / "firm.db"
        self.url = f"sqlite:///{self._file}"
        self._found(f"sqlite:///{self._furnished}")

    def settle(self) -> None:
        """What the system had of them is gone with them."""

    def _put_back(self) -> None:
        for beside in ("-wal", "-shm"):
            Path(f"{self._file}{beside}").unlink(missing_ok=True)
        shutil.copyfile(self._furnished, self._file)


class PostgresPlace(Place):
    """A database of a PostgreSQL server.

    Args:
        folder: Where files are.
        server: The server.
    """

    kind = "postgresql"

    def __init__(self, folder: Path, server: "Server") -> None:
        super().__init__(folder)
        self._server = server
        server.drop_database(FIRM)
        self.url = server.new_database(FIRM)
        self._found(self.url)
        server.keep_tables(FIRM)

    def settle(self) -> None:
        """The server goes on for a moment with what it was sent, then it sees that they are gone."""
        ends = time.monotonic() + HANGS
        while self._server.has_sessions(FIRM):
            assert time.monotonic() < ends, "a session outlives its process"
            time.sleep(0.001)

    def _put_back(self) -> None:
        self._server.put_tables_back(FIRM)
