"""A block of work on a database, in which its driver's errors become clientloop's."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Any, NamedTuple, Protocol, Self

from clientloop.errors import ClientLoopError, Conflict
from clientloop.model.units import Row
from clientloop.sql.changes import Step


class Cursor(Protocol):
    """What is asked of a driver's cursor. Any: rows and parameters mix int, str, bytes and None."""

    @property
    def rowcount(self) -> int:
        """How many rows the last statement changed."""
        ...

    def execute(self, sql: str, parameters: Sequence[Any] = ..., /) -> object:
        """Execute a statement."""
        ...

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]], /) -> object:
        """Execute a statement for one row of parameters after another."""
        ...

    def fetchall(self) -> list[Any]:
        """All rows of the answer."""
        ...


class Meaning(NamedTuple):
    """What an error of the database is to the caller."""

    error: type[ClientLoopError]
    hint: str | None = None


class Work(ABC):
    """A block of work on a database.

    Args:
        place: What the store is called in messages.
    """

    __slots__ = ("_place", "cursor", "row", "step")

    #: Executes the statements of the block; set by who opens it.
    cursor: Cursor

    def __init__(self, place: str) -> None:
        """Begin with nothing being written."""
        self._place = place
        #: The step being made, and the row it is at: for the message if the database refuses it.
        self.step: Step | None = None
        self.row: Row = ()

    def __enter__(self) -> Self:
        """Begin the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Raise what an error means in its place."""
        cause = getattr(error, "orig", None) or error  # SQLAlchemy wraps what the driver raises
        meant = None if cause is None else self._meant(cause)
        if meant is not None:
            raise meant from cause

    @abstractmethod
    def _meant(self, cause: BaseException) -> ClientLoopError | None:
        """What an error means; None of one that is ours or the caller's."""

    def _error(self, meaning: Meaning, said: str, fault: Callable[[Step], tuple[Row, str]]) -> ClientLoopError:
        """An error of the database, in its own words; in ours, where it refused a row of a step.

        Args:
            meaning: What it means.
            said: What the database said.
            fault: Finds the row that a step was refused for, and says what is wrong with it.
        """
        message = f"{self._place}: {said}"
        if self.step is not None and issubclass(meaning.error, Conflict):
            row, wrong = fault(self.step)
            message = f"{self.step.label(row)} {wrong}"
        return meaning.error(message, hint=meaning.hint)
