"""A file that others keep locked: writes end in time and say so, reads go on, and nobody waits for the dead."""

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from clientloop.errors import StoreBusy
from clientloop.model.feedback import Feedback
from clientloop.model.spaces import Space
from clientloop.model.units import Insert, Unit
from clientloop.stores.sqlite import SqliteStore
from clientloop.stores.sqlite.turnstile import Turnstile
from tests.conftest import Size
from tests.faults.acks import Acks
from tests.faults.conftest import Figures
from tests.faults.firm import USE_CASES
from tests.faults.forks import HANGS, Fork, die, run
from tests.faults.house import SPACE
from tests.faults.judge import judge
from tests.faults.places import SqlitePlace

#: How many seconds a write waits.
PATIENCE = 0.2

#: Seconds after which a write hangs that has nobody to wait for.
WRITES = 5


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> SqlitePlace:
    """A firm in a file."""
    return SqlitePlace(tmp_path_factory.mktemp("busy"))


@contextmanager
def another_program(file: Path, *statements: str) -> Iterator[Fork]:
    """A block during which another process has executed statements on a file, and has come to no end."""
    heard, says = os.pipe()

    def live() -> None:
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            for statement in statements:
                connection.execute(statement).fetchall()
            os.write(says, b".")
            time.sleep(HANGS)

    fork = Fork(live)
    os.close(says)
    assert os.read(heard, 1) == b".", "it could not execute them"
    os.close(heard)
    try:
        yield fork
    finally:
        fork.kill()


def opened(space: str) -> Unit:
    """What opens a space."""
    return Unit((Insert(Space(space=space)),))


def is_free(file: Path) -> bool:
    """Whether nobody is in the turnstile of a file."""
    lock = os.open(f"{file}-turnstile", os.O_RDWR)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True


@pytest.fixture
def file(place: SqlitePlace) -> Path:
    """The firm's file, as at the beginning."""
    place.begin_anew()
    return Path(place.url.removeprefix("sqlite:///"))


def test_a_writer_of_another_program(place: SqlitePlace, file: Path, size: Size, figures: Figures) -> None:
    """While it writes, each use case ends with StoreBusy after the time given; one may read, and later work goes on."""
    names = size.pick(small=("work", "escalate"), ci=tuple(USE_CASES), night=tuple(USE_CASES))
    acks = Acks(place.acks)
    with closing(SqliteStore(file, timeout=PATIENCE)) as store:
        loop = place.house.view(store, run=1)
        for name in names:
            with another_program(file, "BEGIN IMMEDIATE", "DELETE FROM clientloop_text"):
                begun = time.monotonic()
                with pytest.raises(StoreBusy, match=rf"{file}.*try again"):
                    USE_CASES[name](loop, acks, 1)
                assert time.monotonic() - begun >= PATIENCE
                assert list(store.pages(Feedback, SPACE))
            assert judge(loop, place.acks, place.sent).faults == ()
            USE_CASES[name](loop, acks, 1)
            assert judge(loop, place.acks, place.sent).faults == ()
    figures("another program writes", use_cases=len(names), lost=0)


def test_a_reader_of_another_program(place: SqlitePlace, file: Path) -> None:
    """However long it reads, and sees what was there when it began, all goes on as if it were not there."""
    reading = another_program(file, "BEGIN", "SELECT count(*) FROM clientloop_feedback")
    with reading, place.house.opened(place.url, run=1) as loop:
        for name in ("receive", "work"):
            USE_CASES[name](loop, Acks(place.acks), 1)
        assert judge(loop, place.acks, place.sent).faults == ()
    with place.house.opened(place.url) as loop:
        assert judge(loop, place.acks, place.sent).faults == ()


def test_a_writer_killed_whose_child_lives(file: Path) -> None:
    """A child that was forked before, and has touched nothing, keeps nobody waiting when its parent dies in a write."""
    heard, says = os.pipe()
    lives, ends = os.pipe()

    def idle() -> None:
        os.close(ends)
        os.write(says, b".")
        os.read(lives, 1)  # until the test is over

    def parent() -> None:
        with closing(SqliteStore(file)) as store:
            store.commit(opened("of the parent"))
            Fork(idle)
            assert os.read(heard, 1) == b"."
            with store._writing():
                die()

    def another() -> None:
        with closing(SqliteStore(file)) as store:
            store.commit(opened("of another"))

    fork = Fork(parent)
    try:
        assert not fork.stops()
        fork.kill()
        assert run(another, hangs=WRITES) == 0
    finally:
        for each in (heard, says, lives, ends):
            os.close(each)


def test_a_child_forked_within_a_write(file: Path) -> None:
    """Whatever becomes of it, it lets nobody in before its parent is done; later it writes as anybody does."""
    turnstile = Turnstile(file)

    def leave() -> None:
        turnstile.__exit__(None, None, None)
        turnstile.close()

    with closing(SqliteStore(file)) as store, closing(turnstile):
        store.commit(opened("before"))
        with turnstile:
            assert run(leave) == 0
            assert not is_free(file)
        assert is_free(file)
        assert run(lambda: store.commit(opened("of the child")), hangs=WRITES) == 0
        assert {"before", "of the child"} <= set(store.spaces())
