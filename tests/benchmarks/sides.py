"""What takes part in a benchmark, and how it is found by name."""

from __future__ import annotations

import importlib
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

from tests.benchmarks.timing import Run


class Store(Protocol):
    """A side with a SQLite file: it is made with the path of the file, and each operation commits on its own."""

    def receive(self, count: int, /) -> Run:
        """Prepare to receive the next `count` messages of `words.message`."""
        ...

    def move(self, count: int, /) -> Run:
        """Prepare to move `count` received items that were not moved yet, each loaded from the file first."""
        ...

    def close(self) -> None:
        """Close the file."""
        ...


class NotAvailable(Exception):
    """A side that cannot take part here; the message says why."""


# A class of whichever shape the contest calls for; what it is made with differs, so there is no narrower type.
def find(name: str) -> Any:
    """The class or function that a name such as ``ours:Store`` stands for, in this package.

    Raises:
        NotAvailable: Its module, or a module that this one imports, is not there; or it has no such name.
    """
    module_name, _, attribute = name.partition(":")
    try:
        module = importlib.import_module(f".{module_name}", __package__)
    except ModuleNotFoundError as error:
        raise NotAvailable(f"{name}: {error}") from error
    try:
        return getattr(module, attribute)
    except AttributeError as error:
        raise NotAvailable(f"{name}: not written yet") from error


def copy_database(source: Path, target: Path) -> Path:
    """Copy a SQLite file with what its write-ahead log still holds; returns the target."""
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
    return target
