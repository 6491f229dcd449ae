from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.benchmarks.rows import CONTESTS
from tests.benchmarks.sides import NotAvailable, copy_database, find
from tests.benchmarks.timing import interleave


def test_a_side_is_found_by_name() -> None:
    """The module's name is relative to the benchmarks."""
    assert find("timing:interleave") is interleave


@pytest.mark.parametrize("name", ["no_such_module:Store", "timing:NoSuchSide"])
def test_a_missing_side_says_which(name: str) -> None:
    """A rival that is not installed, or a side that is not written, is reported and not an error."""
    with pytest.raises(NotAvailable, match=f"^{name}: "):
        find(name)


def test_rows_are_told_apart_by_name() -> None:
    """The command line chooses rows by their names."""
    names = [(row.label, contest.against) for contest in CONTESTS for row in contest.rows]

    assert len(set(names)) == len(names)


def test_a_copy_has_what_the_log_still_holds(tmp_path: Path) -> None:
    """A copy of the file alone would lose what was committed and not yet written back."""
    with closing(sqlite3.connect(tmp_path / "old.db", isolation_level=None)) as old:
        old.execute("PRAGMA journal_mode = WAL")
        old.execute("CREATE TABLE item (id INTEGER PRIMARY KEY)")
        old.execute("INSERT INTO item VALUES (7)")

        copied = copy_database(tmp_path / "old.db", tmp_path / "new.db")

    with closing(sqlite3.connect(copied)) as new:
        assert new.execute("SELECT id FROM item").fetchall() == [(7,)]
