"""Power cuts: whatever the disk was doing, what callers were told is there afterwards, and nothing is half there."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest
from attrs import field, frozen

from clientloop.model.spaces import Space
from clientloop.stores.sqlite import SqliteStore, connections, migration
from tests.conftest import Size
from tests.faults.acks import Acks, Unheard
from tests.faults.conftest import Figures
from tests.faults.firm import USE_CASES
from tests.faults.house import SPACE, House
from tests.faults.judge import Verdict, judge
from tests.faults.lines import Lines
from tests.faults.power import Cut, Event, cuts
from tests.faults.recording import Driver, Recorder

#: As it is before the tests of a plain run take copies of tables that were made once.
BRING_UP_TO_DATE = migration.bring_up_to_date

#: What is tried where few cuts show it.
SHORT = {name: USE_CASES[name] for name in ("receive", "work", "escalate")}


@frozen(kw_only=True)
class Recording:
    """A firm's life up to a power cut, which may come at any time."""

    #: Opens the firm.
    house: House
    #: Where the files are by which it is judged: what was acknowledged, and what was sent.
    folder: Path
    #: What the disk was asked for.
    events: Sequence[Event]
    #: After how many of these the firm was founded.
    founded: int
    #: After how many of these lines were written to a file by which the firm is judged, and its size then.
    heard: Sequence[tuple[int, Path, int]] = field(repr=False)

    def points(self, dice: Random, cuts: int) -> list[int]:
        """After how many events the power fails, once the firm is founded: anywhere, or as soon as a caller is told."""
        anywhere, told = range(self.founded, len(self.events) + 1), [after for after, _, _ in self.heard]
        return sorted(dice.choice(dice.choice((anywhere, told))) for _ in range(cuts))

    def told(self, cut: Cut) -> Mapping[Path, int]:
        """How much had been written by then to each file by which the firm is judged."""
        files = {self.folder / name: 0 for name in ("acks", "sent")}
        return files | {path: size for after, path, size in self.heard if after <= cut.after}

    def judge(self, cut: Cut, folder: Path) -> Verdict:
        """Open what a cut has left in a folder, judge it, and go on working."""
        cut.restore(folder)
        for file, size in self.told(cut).items():
            folder.parent.joinpath(file.name).write_bytes(file.read_bytes()[:size])
        with self.house.opened(f"sqlite:///{folder}/firm.db") as loop:
            verdict = judge(loop, folder.parent / "acks", folder.parent / "sent")
            USE_CASES["receive"](loop, Unheard(), 9)
        return verdict


@contextmanager
def recorded(folder: Path, use_cases: Mapping[str, Callable[..., None]]) -> Iterator[Recording]:
    """The life of a firm in which some use cases are done, the second half by another process than the first."""
    recorder, heard = Recorder("clientloop-power"), list[tuple[int, Path, int]]()
    append = Lines.append

    def noted(lines: Lines, *words: str) -> None:
        append(lines, *words)
        heard.append((len(recorder.events), lines.path, lines.path.stat().st_size))

    folder.joinpath("disk").mkdir()
    url, house, names = f"sqlite:///{folder}/disk/firm.db", House(folder / "sent"), list(use_cases)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connections, "sqlite3", Driver(recorder))
        patch.setattr(migration, "bring_up_to_date", BRING_UP_TO_DATE)
        patch.setattr(Lines, "append", noted)
        house.found(url)
        founded = len(recorder.events)
        for run, some in enumerate((names[: len(names) // 2], names[len(names) // 2 :])):
            with house.opened(url, run=run + 1) as loop:
                for name in some:
                    use_cases[name](loop, Acks(folder / "acks"), 1)
    yield Recording(house=house, folder=folder, events=recorder.events, founded=founded, heard=heard)
    recorder.unregister()


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory, size: Size) -> Iterator[Recording]:
    """A life with all use cases."""
    with recorded(tmp_path_factory.mktemp("life"), size.pick(small=SHORT, ci=USE_CASES, night=USE_CASES)) as recording:
        yield recording


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder in which files are found when the power comes back; those by which it is judged lie beside it."""
    folder = tmp_path / "after" / "disk"
    folder.mkdir(parents=True)
    return folder


def is_whole(path: Path) -> bool:
    """Whether SQLite finds nothing wrong with a file; its log is then a part of it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_what_was_acknowledged_outlives_a_power_cut(
    recording: Recording, folder: Path, size: Size, figures: Figures
) -> None:
    """Whenever it comes: every record that was acknowledged is there, no unit in part, no message that nobody knows.

    Many cuts leave the same bytes behind after the same was acknowledged: these are judged once.
    """
    dice, seen, verdicts = Random(6), Counter[str](), dict[object, Verdict]()
    points = recording.points(dice, size.pick(small=8, ci=2_000, night=20_000))
    for cut in cuts(recording.events, points, seed=6):
        cut.restore(folder)
        assert is_whole(folder / "firm.db")
        left = sha256(folder.joinpath("firm.db").read_bytes()).digest(), *recording.told(cut).values()
        if left not in verdicts:
            verdicts[left] = recording.judge(cut, folder)
            assert verdicts[left].faults == (), f"cut after {cut.after} of {len(recording.events)} events"
            assert is_whole(folder / "firm.db")
        seen.update(cuts=1, acknowledged=verdicts[left].acknowledged, repeats=verdicts[left].repeats)
    figures("power cuts", **seen, lost=0, torn=0)


def test_a_power_cut_in_the_first_migration(recording: Recording, folder: Path, size: Size, figures: Figures) -> None:
    """Before anything was acknowledged a file is made ready as if it were new, or is whole already."""
    points = sorted(Random(6).choices(range(recording.founded), k=size.pick(small=2, ci=60, night=600)))
    for cut in cuts(recording.events, points, seed=7):
        cut.restore(folder)
        with closing(SqliteStore(folder / "firm.db")) as store:
            store.migrate()
            store.get(Space, (SPACE,))
        assert is_whole(folder / "firm.db")
    figures("power cuts while a firm is founded", cuts=len(points), broken=0)


def test_the_harness_sees_what_is_not_synced(
    tmp_path: Path, folder: Path, size: Size, figures: Figures, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were commits not synced, as with synchronous = NORMAL, the same cuts would lose what was acknowledged."""
    pragmas = tuple(pragma.replace("FULL", "NORMAL") for pragma in connections._PRAGMAS)
    monkeypatch.setattr(connections, "_PRAGMAS", pragmas)
    with recorded(tmp_path, SHORT) as recording:
        points = recording.points(Random(6), size.pick(small=6, ci=40, night=400))
        losing = 0
        for cut in cuts(recording.events, points, seed=6):
            losing += bool(recording.judge(cut, folder).lost)
    assert losing > 0
    figures("power cuts with NORMAL for FULL, on purpose", cuts=len(points), losing=losing)
