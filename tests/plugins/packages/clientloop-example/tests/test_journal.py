"""The store passes the suite that clientloop judges all stores by, and keeps what it was given."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from clientloop_example.journal import JournalStore

from clientloop.errors import StoreCorrupt
from clientloop.model.spaces import Space
from clientloop.model.units import Delete, Insert, Unit, Update
from clientloop.ports.store import Store
from clientloop.testing import StoreSuite


class TestJournalStore(StoreSuite):
    """All that any store must do and refuse."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        """A fresh one."""
        store = JournalStore(tmp_path / "fresh.jsonl")
        yield store
        store.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with three commits."""
    path = tmp_path / "shop.jsonl"
    store = JournalStore.open(f"journal:///{path}")
    store.commit(Unit((Insert(Space(space="one")), Insert(Space(space="two")))))
    store.commit(Unit((Update(Space, ("one",), {"region": "SI"}),)))
    store.commit(Unit((Delete(Space, ("two",)),)))
    store.close()
    return path


def spaces(path: Path) -> list[Space | None]:
    """Both spaces, as the file has them."""
    store = JournalStore(path)
    found = [store.get(Space, (name,)) for name in ("one", "two")]
    store.close()
    return found


def test_what_was_committed_is_there_when_the_file_is_opened_again(path: Path) -> None:
    """Inserts, updates and deletions are all done again."""
    assert spaces(path) == [Space(space="one", region="SI", version=2), None]


def test_a_line_that_a_crash_cut_short_never_happened(path: Path) -> None:
    """The last commit had not returned; those before it stand, and the next one follows them."""
    whole = path.read_bytes()
    path.write_bytes(whole[:-2])
    assert spaces(path) == [Space(space="one", region="SI", version=2), Space(space="two")]
    store = JournalStore(path)
    store.commit(Unit((Delete(Space, ("two",)),)))
    store.close()
    assert path.read_bytes() == whole


def test_another_file_is_refused(path: Path) -> None:
    """Nothing is written to a file that is no journal."""
    path.write_text("Dear diary\n", encoding="utf-8")
    with pytest.raises(StoreCorrupt, match="no journal"):
        JournalStore(path)
    assert path.read_text(encoding="utf-8") == "Dear diary\n"
