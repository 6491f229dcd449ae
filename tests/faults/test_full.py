"""A disk without room: nothing is half written, what is there can be read, and work goes on once there is room."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from clientloop import ClientLoop, ManualClock
from clientloop.errors import StoreFull
from clientloop.model.feedback import Feedback
from clientloop.stores.sqlite import connections
from tests.conftest import Size
from tests.faults.acks import Acks, Unheard
from tests.faults.conftest import Figures
from tests.faults.firm import USE_CASES
from tests.faults.house import SPACE, START
from tests.faults.judge import judge
from tests.faults.places import SqlitePlace

#: When there is room again: whatever was held while there was none is free by then.
LATER = START + timedelta(hours=1)

#: What a caller is told to do.
HINT = "free some space: nothing was written"


class PackedPlace(SqlitePlace):
    """A file that fits as it is: no page has room, and pages are small, so that most steps need new ones.

    Args:
        folder: Where it is.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        with closing(sqlite3.connect(self._furnished, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("PRAGMA page_size = 512")
            connection.execute("VACUUM")
            connection.execute("PRAGMA journal_mode = WAL")
            #: How many pages it has.
            self.pages: int = connection.execute("PRAGMA page_count").fetchone()[0]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> PackedPlace:
    """A firm."""
    return PackedPlace(tmp_path_factory.mktemp("packed"))


@contextmanager
def limited(pages: int) -> Iterator[None]:
    """A block in which SQLite files have no more pages than these."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connections, "_PRAGMAS", (*connections._PRAGMAS, f"PRAGMA max_page_count = {pages}"))
        yield


def work(loop: ClientLoop, name: str, acks: Acks) -> str | None:
    """Do a use case as far as there is room, then read; what is said to do about the want of room."""
    hint = None
    try:
        USE_CASES[name](loop, acks, 1)
    except StoreFull as full:
        hint = full.hint
    assert list(loop.store.pages(Feedback, SPACE))
    return hint


def test_every_step_may_be_the_one_that_finds_no_room(place: PackedPlace, size: Size, figures: Figures) -> None:
    """Whatever room there is, a use case ends with nothing torn, and is done once there is more."""
    refused, house = 0, place.house
    for name in size.pick(small=("work", "answer"), ci=USE_CASES, night=USE_CASES):
        for room in count(step=size.pick(small=8, ci=1, night=1)):
            place.begin_anew()
            with limited(place.pages + room), house.opened(place.url, run=1) as loop:
                hint = work(loop, name, Acks(place.acks))
            with house.opened(place.url, run=2, clock=ManualClock(LATER)) as loop:
                assert judge(loop, place.acks, place.sent).faults == (), f"{name} with room for {room} pages"
                USE_CASES[name](loop, Unheard(), 1)
                assert judge(loop, place.acks, place.sent).faults == (), f"{name} done after room for {room} pages"
            if hint is None:
                break
            assert hint == HINT
            refused += 1
    assert refused > 0
    figures("full disks", refused=refused, lost=0, torn=0)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of two megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False).returncode:
        pytest.skip("needs the right to mount a disk: a small one not tested")
    yield folder
    subprocess.run(["umount", folder], check=True)


def fill(folder: Path) -> Path:
    """A file that takes all the room there is."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    return ballast


def test_a_disk_that_fills_up(place: PackedPlace, small_disk: Path) -> None:
    """What was acknowledged before a disk was full can be read, also by a new process; work goes on with more room."""
    place.begin_anew()
    shutil.copy(place.url.removeprefix("sqlite:///"), small_disk)
    house, acks, url = place.house, Acks(place.acks), f"sqlite:///{small_disk}/firm.db"
    with house.opened(url, run=1) as loop:
        USE_CASES["work"](loop, acks, 1)
        ballast = fill(small_disk)
        assert work(loop, "escalate", acks) == HINT
        assert judge(loop, place.acks, place.sent).faults == ()
    with house.opened(url, run=2) as loop:
        assert work(loop, "escalate", acks) == HINT
        assert judge(loop, place.acks, place.sent).faults == ()
        ballast.unlink()
        assert work(loop, "escalate", acks) is None
        assert judge(loop, place.acks, place.sent).faults == ()
