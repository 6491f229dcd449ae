"""What the tests of the SQL layer share."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from clientloop.stores.sqlite import SqliteStore


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[SqliteStore]:
    """A fresh store."""
    with closing(SqliteStore(tmp_path / "store.db")) as store:
        store.migrate()
        yield store
