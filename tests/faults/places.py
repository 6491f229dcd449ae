"""Where the firm is tried: a store that is put back to its beginning before each try."""

import shutil
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING

from tests.faults.house import House

if TYPE_CHECKING:
    from tests.postgres import Server

#: The databases of a PostgreSQL server: as at the beginning, and where the firm works.
_FURNISHED, _FIRM = "furnished", "firm"


class Place(ABC):
    """A store with a furnished firm in it.

    Args:
        folder: Where files are.
    """

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

    def __init__(self, folder: Path, server: "Server") -> None:
        super().__init__(folder)
        self._server, self.url = server, server.of(_FIRM)
        server.drop_database(_FURNISHED)
        self._found(server.new_database(_FURNISHED))

    def settle(self) -> None:
        """The server sees that they are gone when it next speaks to them, and undoes what they have not committed."""
        self._server.end_sessions(_FIRM)

    def _put_back(self) -> None:
        self._server.drop_database(_FIRM)
        self._server.new_database(_FIRM, template=_FURNISHED)
