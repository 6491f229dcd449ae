"""The SQLite store, judged by the suite for all stores, and what it promises beyond."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from clientloop.stores.sqlite import SqliteStore
from clientloop.testing import StoreSuite


class TestSqliteStore(StoreSuite):
    """The conformance suite."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[SqliteStore]:
        """A fresh store."""
        store = SqliteStore(tmp_path / "store.db")
        store.migrate()
        yield store
        store.close()
