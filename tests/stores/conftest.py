"""What the tests of the SQLite store share."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from clientloop.stores.sqlite import SqliteStore


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a migrated store without records."""
    path = tmp_path_factory.mktemp("empty") / "store.db"
    with closing(SqliteStore(path)) as store:
        store.migrate()
    return path


@pytest.fixture
def file(empty_file: Path, tmp_path: Path) -> Path:
    """A file of a store, ready and without records."""
    return shutil.copy(empty_file, tmp_path / "store.db")


@pytest.fixture
def sqlite_store(file: Path) -> Iterator[SqliteStore]:
    """A fresh store."""
    with closing(SqliteStore(file)) as store:
        yield store
