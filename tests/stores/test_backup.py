"""A copy of a SQLite file that is in use."""

import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest

from clientloop import ClientLoop
from clientloop.errors import InvalidValue, NotSupported, StoreCorrupt, StoreError, StoreFull
from clientloop.model.feedback import Feedback
from clientloop.services.keeping.checking import check
from clientloop.stores.memory import MemoryStore
from clientloop.stores.sqlite import SqliteStore, backup


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a firm to which nobody has said anything."""
    path = tmp_path_factory.mktemp("backup") / "shop.db"
    ClientLoop.open(f"sqlite:///{path}", entry_points=False).close()
    return path


@pytest.fixture
def loop(made: Path, tmp_path: Path) -> Iterator[ClientLoop]:
    """A firm in a file."""
    path = shutil.copy(made, tmp_path / "shop.db")
    with ClientLoop.open(f"sqlite:///{path}", entry_points=False) as loop:
        yield loop


def say(loop: ClientLoop, words: str) -> str:
    """A customer says something; its number once that is kept."""
    return loop.feedback.receive(kind="idea", channel="form", text=words).ref


def refs(path: Path) -> set[str]:
    """The numbers of all items in a file, which holds together."""
    with closing(SqliteStore(path)) as store:
        assert list(check(store, "main")) == []
        assert store.damage() == ()
        return {item.ref for item in store.pages(Feedback, "main")}


def test_the_copy_is_a_store(loop: ClientLoop, tmp_path: Path) -> None:
    """What was kept is in it, it keeps a log as any store does, and one can go on working in it."""
    kept = say(loop, "Deliver on Saturdays")
    loop.store.backup(tmp_path / "copy.db")
    with closing(sqlite3.connect(tmp_path / "copy.db")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    with ClientLoop.open(f"sqlite:///{tmp_path}/copy.db", entry_points=False) as copy:
        later = say(copy, "Deliver on Sundays")
    assert refs(tmp_path / "copy.db") == {kept, later}
    assert refs(tmp_path / "shop.db") == {kept}


def test_writers_go_on_meanwhile(loop: ClientLoop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each copy is of one moment: all that was acknowledged before it began is in it, and no part of a unit."""
    monkeypatch.setattr(backup, "_PAGES", 8)  # so that writes come in between
    acknowledged, stop = [say(loop, f"Number {number}") for number in range(20)], Event()

    def write() -> None:
        while not stop.is_set():
            acknowledged.append(say(loop, f"Number {len(acknowledged)}"))

    with ThreadPoolExecutor(2) as pool:
        writers = [pool.submit(write) for _ in range(2)]
        try:
            for number in range(2):
                before, target = set(acknowledged), tmp_path / f"copy{number}.db"
                loop.store.backup(target)
                assert before <= refs(target)
        finally:
            stop.set()
    assert [writer.result() for writer in writers] == [None, None]
    assert len(acknowledged) > 20


def test_no_file_is_written_over(loop: ClientLoop, tmp_path: Path) -> None:
    """A backup under the name of a file, be it the store's own, is refused, and the file stays as it is."""
    (tmp_path / "copy.db").write_text("mine")
    for name in ("copy.db", "shop.db"):
        with pytest.raises(InvalidValue, match="exists already"):
            loop.store.backup(tmp_path / name)
    assert (tmp_path / "copy.db").read_text() == "mine"


def test_a_file_that_appears_meanwhile_is_not_written_over(
    loop: ClientLoop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else's file of the same name stays as it is, and nothing is left beside it."""
    monkeypatch.setattr(backup, "_sync", lambda _: (tmp_path / "copy.db").write_text("mine"))
    before = set(tmp_path.iterdir())
    with pytest.raises(InvalidValue, match="exists by now"):
        loop.store.backup(tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_text() == "mine"
    assert set(tmp_path.iterdir()) - before == {tmp_path / "copy.db"}


@pytest.mark.parametrize("place", ["missing/copy.db", "file/copy.db"])
def test_a_folder_that_is_none_is_told(loop: ClientLoop, tmp_path: Path, place: str) -> None:
    """Where no file can be made, the error says so."""
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"copy\.db"):
        loop.store.backup(tmp_path / place)


def test_a_full_disk_is_told(loop: ClientLoop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy for which there is no room leaves nothing behind, and the store works as before."""

    class Small(sqlite3.Connection):
        """A connection to a file that may have a few pages only."""

        def __init__(self, *args: object, **options: object) -> None:
            super().__init__(*args, **options)  # type: ignore[arg-type]  # passed on as they come
            self.execute("PRAGMA max_page_count = 10")

    monkeypatch.setattr(sqlite3, "connect", Small)
    before = set(tmp_path.iterdir())
    with pytest.raises(StoreFull):
        loop.store.backup(tmp_path / "copy.db")
    assert set(tmp_path.iterdir()) == before
    assert say(loop, "Still here")


def test_a_damaged_copy_gets_no_name(loop: ClientLoop, tmp_path: Path) -> None:
    """Where the store is damaged its copy is too: that is told, and no file looks like a backup."""
    say(loop, "Deliver on Saturdays")
    loop.close()
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as connection:
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'clientloop_feedback_by_ref'"
        ).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * size + 3)
        file.write(b"\0\0")  # the index says that it has no rows
    with closing(SqliteStore(path)) as store:
        assert any("by_ref" in fault for fault in store.damage())
        with pytest.raises(StoreCorrupt, match="by_ref"):
            store.backup(tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="folders are not synced there")
def test_the_copy_and_its_name_are_synced(loop: ClientLoop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The copy is synced before it gets its name, its folder after that: a power cut leaves a whole backup or none."""
    synced: list[tuple[bool, bool]] = []
    target, fsync = tmp_path / "copy.db", os.fsync

    def note(file: int) -> None:
        synced.append((Path(f"/proc/self/fd/{file}").resolve().is_dir(), target.exists()))
        fsync(file)

    monkeypatch.setattr(os, "fsync", note)
    loop.store.backup(target)
    assert synced == [(False, False), (True, True)]


def test_where_a_file_has_one_name_only_the_copy_is_renamed(
    loop: ClientLoop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On file systems without links, as memory sticks have, the copy gets its name all the same."""

    def refuse(*_: object) -> None:
        raise PermissionError("no links here")

    kept = say(loop, "Deliver on Saturdays")
    monkeypatch.setattr(os, "link", refuse)
    loop.store.backup(tmp_path / "copy.db")
    assert refs(tmp_path / "copy.db") == {kept}


def test_memory_has_no_backup(tmp_path: Path) -> None:
    """What goes with the process is not written to a file."""
    with pytest.raises(NotSupported, match="in memory"):
        MemoryStore().backup(tmp_path / "copy.db")
