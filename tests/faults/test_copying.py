"""A copy that is killed: it goes on where it was, everything arrives once, and memory stays flat."""

import json
import resource
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path
from random import Random
from signal import SIGKILL
from urllib.parse import urlencode

import pytest
from attrs import mutable

from clientloop import copy_space
from clientloop.app.opening import open_store
from clientloop.errors import Sealed
from clientloop.plugins.registry import Registry
from clientloop.ports.store import Store
from clientloop.services.keeping import streams
from clientloop.services.keeping.checking import check
from clientloop.services.keeping.copying import Copied, Phase, Progress
from clientloop.services.keeping.seals import seal_of
from clientloop.services.keeping.streams import COPIED, rows
from clientloop.stores.sqlite import SqliteStore
from tests.benchmarks import seeds
from tests.conftest import Size
from tests.faults.conftest import Figures
from tests.faults.forks import run
from tests.faults.places import SqlitePlace
from tests.faults.statements import Count, Executioner, Point, points, watched

#: By how much the memory of a copy may grow, whatever the size of the space: two caches of SQLite and some batches.
MOST_MEGABYTES = 64

#: How the statements of units begin.
WRITES = ("BEGIN IMMEDIATE", "INSERT", "UPDATE", "DELETE", "COMMIT")


@mutable
class Doom(Executioner):
    """Kills the process at some statement once the copy has come so far."""

    #: The share of records that is copied before.
    share: float = 0
    #: Whether it has come so far.
    armed: bool = False

    def hear(self, far: Progress) -> None:
        """How far it is."""
        self.armed = self.armed or (far.phase is Phase.COPYING and far.rows >= self.share * far.total)

    def before(self, sql: str) -> None:
        """Perhaps here."""
        if self.armed:
            super().before(sql)

    def after(self) -> None:
        """Or here."""
        if self.armed:
            super().after()


@pytest.fixture
def target(request: pytest.FixtureRequest, size: Size, tmp_path: Path) -> str:
    """Where the large space goes: in a plain run a file, for the sake of its length; else a server."""
    if size is Size.SMALL:
        return f"sqlite:///{tmp_path}/target.db"
    from psycopg.conninfo import conninfo_to_dict

    return f"postgresql:///?{urlencode(conninfo_to_dict(request.getfixturevalue('postgres').empty_database()))}"


def test_a_copy_that_is_killed_three_times_arrives_whole(
    target: str, size: Size, tmp_path: Path, figures: Figures, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed within three of its units, a copy ends with equal digests, nothing twice, in memory that does not grow."""
    items, kills, dice = size.pick(small=100, ci=100_000, night=1_000_000), 3, Random(0)
    monkeypatch.setattr(seeds, "CUSTOMERS", 1)  # that is how many there are at least
    # in a child, for what this process had once used its children could use unseen
    assert run(partial(seeds.fill, tmp_path / "source.db", items), hangs=3600) == 0
    source, told = f"sqlite:///{tmp_path}/source.db", tmp_path / "told.json"
    for kill in range(kills):
        point = Point(dice.randrange(1, 10), after=dice.random() < 0.5)
        doom = Doom(point, share=(kill + 1) / (kills + 1))
        assert run(partial(_copy, source, target, doom, told), hangs=3600) == -SIGKILL
        assert not told.exists()
    assert run(partial(_copy, source, target, None, told), hangs=3600) == 0
    done = json.loads(told.read_text())
    figures("copies killed", kills=kills, items=items, records=done["rows"], megabytes_more=done["megabytes"])
    assert (done["resumed"], done["mended"]) == (True, 0)
    assert done["rows"] > 8 * items
    assert done["megabytes"] < MOST_MEGABYTES
    with opened(source) as here, opened(target) as there:
        assert_equal(here, there, most=size.pick(small=None, ci=20_000, night=20_000))


def _copy(source: str, target: str, doom: Doom | None, told: Path) -> None:
    """Copy in a child; whoever lives to the end tells what it was like."""
    before = _peak()
    if doom is None:
        copied = copy_space(source, target)
    else:
        with watched(target, doom):
            copied = copy_space(source, target, progress=doom.hear)
    words = {"rows": copied.rows, "mended": copied.mended, "resumed": copied.resumed, "megabytes": _peak() - before}
    told.write_text(json.dumps(words))


def _peak() -> int:
    """The most memory that the process ever had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


@pytest.mark.usefixtures("some_units")
def test_a_copy_may_be_killed_at_any_statement_that_writes(tmp_path: Path, size: Size, figures: Figures) -> None:
    """Before and after each of them, in either store: the next copy ends it, and only then is the target open."""
    place, empty, file = SqlitePlace(tmp_path), tmp_path / "empty.db", tmp_path / "target.db"
    with closing(SqliteStore(empty)) as store:
        store.migrate()
    place.begin_anew()
    seen = Count([])
    with watched(place.url, seen):
        copy_space(place.url, f"sqlite:///{tmp_path}/counted.db")
    tried = [point for point in points(seen.seen) if seen.seen[point.number - 1].startswith(WRITES)]
    tried = tried[:: size.pick(small=len(tried) // 4, ci=10, night=1)]
    for point in tried:
        place.begin_anew()
        for beside in ("-wal", "-shm"):
            Path(f"{file}{beside}").unlink(missing_ok=True)
        file.write_bytes(empty.read_bytes())
        _kill_and_go_on(place.url, f"sqlite:///{file}", point)
    figures("copies killed around a statement", points=len(tried), statements=len(seen.seen), lost=0, doubled=0)
    assert len(tried) > 3


@pytest.fixture
def some_units(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few records a unit, so that a small firm makes many."""
    monkeypatch.setattr(streams, "BATCH", 20)


def _kill_and_go_on(source: str, target: str, point: Point) -> None:
    def doomed() -> Copied:
        with watched(source, Executioner(point)):
            return copy_space(source, target)

    assert run(doomed) == -SIGKILL, point
    with opened(source) as here, opened(target) as there:
        moved = seal_of(here, "main") is not None and seal_of(there, "main") is None
        if not moved:
            assert copy_space(source, target).mended == 0, point
        assert_equal(here, there)
        assert list(check(there, "main")) == [], point
        with pytest.raises(Sealed):
            copy_space(source, target)


def opened(url: str) -> "closing[Store]":
    """A store."""
    return closing(open_store(REGISTRY, url))


REGISTRY = Registry(builtins=("clientloop.stores.plugin",), entry_points=False)


def assert_equal(here: Store, there: Store, *, most: int | None = None) -> None:
    """Both hold the same records of every class; of many, the first are looked at.

    Args:
        here: One store.
        there: The other.
        most: How many of each class; all if not given.
    """
    for cls in COPIED:
        pairs: Iterator[tuple[object, object]] = zip(rows(here, cls, "main"), rows(there, cls, "main"), strict=True)
        for one, other in islice(pairs, most):
            assert one == other
