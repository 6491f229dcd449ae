"""Files that are damaged: what SQLite can tell is told by an error of ours, and what can be read is read."""

import os
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from random import Random

import pytest

from clientloop.errors import ClientLoopError, SchemaOutdated, StoreCorrupt, StoreError
from clientloop.model.schema import CLASSES
from clientloop.model.spaces import Space
from clientloop.model.units import Insert, Unit
from clientloop.services.keeping.checking import check_all
from clientloop.stores.sqlite import SqliteStore
from tests.conftest import Size
from tests.faults.acks import Acks, Unheard
from tests.faults.conftest import Figures
from tests.faults.firm import USE_CASES
from tests.faults.forks import run
from tests.faults.house import SPACE
from tests.faults.judge import judge
from tests.faults.places import SqlitePlace

ADDED = Unit((Insert(Space(space="other")),))

#: What SQLite writes at a time.
PAGE = 4096


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> SqlitePlace:
    """A firm in a file."""
    return SqlitePlace(tmp_path_factory.mktemp("damaged"))


@pytest.fixture
def file(place: SqlitePlace) -> Path:
    """Its file, whole."""
    place.begin_anew()
    return Path(place.url.removeprefix("sqlite:///"))


def flip(dice: Random, content: bytearray) -> None:
    """Bytes are others than they were."""
    for _ in range(dice.choice((1, 10, 100))):
        content[dice.randrange(len(content))] = dice.randrange(256)


def misplace(dice: Random, content: bytearray) -> None:
    """Pages are not written, hold anything, or what belongs elsewhere."""
    for _ in range(dice.choice((1, 5, 20))):
        to, other = (PAGE * dice.randrange(len(content) // PAGE) for _ in range(2))
        content[to : to + PAGE] = dice.choice((bytes(PAGE), dice.randbytes(PAGE), content[other : other + PAGE]))


def truncate(dice: Random, content: bytearray) -> None:
    """The end is gone."""
    del content[dice.randrange(1, len(content)) :]


def read(store: SqliteStore) -> None:
    """Read all that there is."""
    for cls in CLASSES:
        list(store.pages(cls, SPACE))


def write(place: SqlitePlace, store: SqliteStore) -> None:
    """Write, if the firm can be opened: what is in no page that is left was never there, as far as anybody can tell."""
    if store.get(Space, (SPACE,)) is not None:
        USE_CASES["receive"](place.house.view(store, run=1), Unheard(), 2)


def error_of(do: Callable[[], object]) -> ClientLoopError | None:
    """How something ends: any error must be one of ours."""
    try:
        do()
    except ClientLoopError as error:
        return error
    return None


def is_helpful(error: ClientLoopError, file: Path) -> bool:
    """Whether an error says where it struck and what to do."""
    return bool(error.hint) and (str(file) in error.message or "damaged where it is stored" in error.message)


def is_whole(store: SqliteStore) -> bool:
    """Whether a check finds nothing wrong."""
    try:
        return not list(check_all(store, [SPACE]))
    except ClientLoopError:
        return False


@pytest.mark.parametrize("damage", [flip, misplace, truncate])
def test_damage_is_told_as_far_as_sqlite_can_tell(
    place: SqlitePlace, file: Path, damage: Callable[[Random, bytearray], None], size: Size, figures: Figures
) -> None:
    """Whatever a file holds, all that happens is an error of ours; what SQLite finds wrong is found by a check too."""
    whole, seen = file.read_bytes(), Counter[str]()
    for number in range(size.pick(small=3, ci=80, night=5_000)):
        place.begin_anew()
        content = bytearray(whole)
        damage(Random(f"{damage.__name__}/{number}"), content)
        file.write_bytes(content)
        with closing(SqliteStore(file)) as store:
            does = {
                "migrating": store.migrate,
                "reading": lambda: read(store),
                "writing": lambda: write(place, store),
            }
            told = {name: error for name, do in does.items() if (error := error_of(do))}
            looks_whole = is_whole(store)
        assert all(is_helpful(error, file) for error in told.values()), told
        assert not (looks_whole and "reading" in told), number
        seen.update(files=1, checking=not looks_whole, **dict.fromkeys(told, 1))
    assert seen["checking"]
    figures(f"files damaged by {damage.__name__}, and where that was told", **seen, raw_errors=0)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE clientloop_member SET roles = '['",
        "UPDATE clientloop_member SET languages = CAST(x'ff' AS TEXT)",
        "UPDATE sqlite_master SET name = CAST(x'ff' AS TEXT), sql = 'CREATE' WHERE name = 'clientloop_member'",
        "DELETE FROM sqlite_master WHERE name = 'clientloop_member'",
        "UPDATE sqlite_master SET sql = replace(sql, 'content', 'c0ntent') WHERE name = 'clientloop_raw_body'",
    ],
    ids=["value", "text", "schema", "table", "column"],
)
def test_damage_within_pages_is_told(file: Path, statement: str) -> None:
    """What only its meaning shows, where every page is whole, ends with an error of ours too, and a check finds it."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(statement)
    with closing(SqliteStore(file)) as store:
        error = error_of(lambda: read(store))
        assert isinstance(error, StoreCorrupt | SchemaOutdated)
        assert is_helpful(error, file)
        assert not is_whole(store)


def test_an_empty_file_is_no_store(file: Path) -> None:
    """A file without a byte is not taken for a store in which there is nothing."""
    file.write_bytes(b"")
    with closing(SqliteStore(file)) as store:
        for do in (partial(read, store), partial(store.commit, ADDED)):
            with pytest.raises(StoreError, match=rf"{file}.*migrate\(\)"):
                do()
    assert file.stat().st_size == 0


def test_a_file_of_another_kind_is_left_as_it_is(file: Path) -> None:
    """Where the first page is not SQLite's, everything is StoreCorrupt, and nothing is written."""
    file.write_bytes(b"Dear customer, " + file.read_bytes()[15:])
    content = file.read_bytes()
    with closing(SqliteStore(file)) as store:
        for do in (store.migrate, partial(read, store), partial(store.commit, ADDED)):
            with pytest.raises(StoreCorrupt, match=rf"{file}.*backup"):
                do()
    assert file.read_bytes() == content


def cut_off(dice: Random, log: Path) -> None:
    """The end of the log is gone."""
    os.truncate(log, dice.randrange(log.stat().st_size))


def spoil(dice: Random, log: Path) -> None:
    """Some bytes of the log are others."""
    content = bytearray(log.read_bytes())
    flip(dice, content)
    log.write_bytes(content)


def remove(_: Random, log: Path) -> None:
    """The log is gone."""
    log.unlink()


@contextmanager
def at_work(place: SqlitePlace, folder: Path) -> Iterator[Path]:
    """The files of a firm in the middle of its work, copied as if its machine had stopped then; how the log is called.

    Yields:
        A copy of the file, with its log beside it.
    """
    place.begin_anew()
    with place.house.opened(place.url, run=1) as loop:
        for name in ("receive", "work"):
            USE_CASES[name](loop, Acks(place.acks), 1)
        for beside in ("", "-wal", "-shm"):
            shutil.copy(place.url.removeprefix("sqlite:///") + beside, folder / f"firm.db{beside}")
    yield folder / "firm.db"


@pytest.mark.parametrize("damage", [cut_off, spoil, remove])
def test_a_damaged_log_leads_back_to_whole_units(
    place: SqlitePlace, tmp_path: Path, damage: Callable[[Random, Path], None], size: Size, figures: Figures
) -> None:
    """What was written into a log before it was damaged is there unit by unit; nothing is half there."""
    times = size.pick(small=1, ci=30, night=600)
    for number in range(times):
        with at_work(place, tmp_path) as copy:
            damage(Random(f"{damage.__name__}/{number}"), Path(f"{copy}-wal"))
        with place.house.opened(f"sqlite:///{copy}") as loop:
            assert judge(loop, place.acks, place.sent).broken == ()
            assert loop.store.damage() == ()
            USE_CASES["receive"](loop, Unheard(), 9)
    figures(f"logs damaged by {damage.__name__}", files=times, torn=0)


@pytest.mark.parametrize("content", [None, b"", bytes(32768), b"\xff" * 40_000])
def test_nothing_depends_on_shared_memory(place: SqlitePlace, tmp_path: Path, content: bytes | None) -> None:
    """Without the index of the log, or with any other, everything is there: it is made anew."""
    with at_work(place, tmp_path) as copy:
        shared = Path(f"{copy}-shm")
        shared.unlink()
        if content is not None:
            shared.write_bytes(content)
    with place.house.opened(f"sqlite:///{copy}") as loop:
        verdict = judge(loop, place.acks, place.sent)
    assert verdict.acknowledged
    assert verdict.faults == ()


def as_nobody(do: Callable[[], None]) -> None:
    """Do something in a child that is not root, to whom all files are open."""

    def live() -> None:
        if os.geteuid() == 0:
            os.setgid(65534)
            os.setuid(65534)
        do()

    assert run(live) == 0


@pytest.fixture
def foreign(file: Path) -> Iterator[Path]:
    """A copy of the file where others may look: the folders of pytest are root's alone."""
    folder = Path(tempfile.mkdtemp(prefix="clientloop-"))
    shutil.copy(file, folder)
    yield folder / file.name
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("of_folder", "of_file", "can_be_read"),
    [(0o777, 0o444, True), (0o555, 0o666, False), (0o000, 0o666, False)],
    ids=["file", "folder", "everything"],
)
def test_missing_rights_are_said(foreign: Path, of_folder: int, of_file: int, can_be_read: bool) -> None:
    """What may not be written, or not be read, is a StoreError that says so; with rights work goes on."""
    foreign.chmod(of_file)
    foreign.parent.chmod(of_folder)

    def live() -> None:
        with closing(SqliteStore(foreign)) as store:
            ends = [error_of(lambda: read(store)), error_of(lambda: store.commit(ADDED))]
        assert (ends[0] is None) is can_be_read
        for error in filter(None, ends):
            assert "rights" in str(error)
            assert is_helpful(error, foreign)
        assert isinstance(ends[1], StoreError)

    as_nobody(live)
    foreign.parent.chmod(0o755)
    foreign.chmod(0o644)
    with closing(SqliteStore(foreign)) as store:
        store.commit(ADDED)
        read(store)
