"""Migrations that end early: whatever happens, tables are of the old version or of the new one, and never between."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from clientloop.sql.migrations import HEAD
from clientloop.stores.sqlite import migration
from tests.conftest import Size
from tests.faults.conftest import Figures
from tests.faults.forks import die, run
from tests.faults.versions import Database

if TYPE_CHECKING:
    from tests.postgres import Server

#: The versions that a store may be of before: none, where it is new.
VERSIONS = ("", *(f"{number:04}" for number in range(1, int(HEAD))))

#: As it is before the tests of a plain run take copies of tables that were made once.
BRING_UP_TO_DATE = migration.bring_up_to_date


class Interruption(Exception):
    """What goes wrong."""


def goes_wrong() -> None:
    """Anything that the migration did not expect."""
    raise Interruption


@pytest.fixture(autouse=True)
def migrations_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Migrations that migrate, in a plain run too."""
    monkeypatch.setattr(migration, "bring_up_to_date", BRING_UP_TO_DATE)


class InFolder:
    """SQLite files in a folder.

    Args:
        folder: Where they are made.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def new(self, name: str, like: str | None = None) -> Database:
        """A new one, empty or a copy of another."""
        if like is not None:
            shutil.copy(self._folder / like, self._folder / name)
        return Database.in_file(self._folder / name)


class OnServer:
    """Databases on a server.

    Args:
        server: A server of PostgreSQL's.
    """

    def __init__(self, server: "Server") -> None:
        self._server = server

    def new(self, name: str, like: str | None = None) -> Database:
        """A new one, empty or a copy of another."""
        return Database.on_server(self._server.new_database(name, template=like or "template1"))


class Shelf:
    """Stores of any version, each made once and then copied.

    Args:
        places: Where they are.
    """

    def __init__(self, places: InFolder | OnServer) -> None:
        self._places, self._numbers, self._made = places, count(), set[str]()

    def take(self, version: str) -> Database:
        """A store of a version, or an empty place if that is empty."""
        like = f"version_{version}" if version else None
        if like is not None and like not in self._made:
            self._places.new(like).migrate_to(version)
            self._made.add(like)
        return self._places.new(f"taken_{next(self._numbers)}", like)

    @cached_property
    def schema(self) -> list[str]:
        """The tables of a store that is made today."""
        new = self.take("")
        migrate(new)
        return new.schema()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shelf(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """Stores of any version."""
    if request.param == "sqlite":
        return Shelf(InFolder(tmp_path_factory.mktemp("versions")))
    return Shelf(OnServer(request.getfixturevalue("postgres")))


#: Of the moments of a migration, the one after which all is done.
COMMIT = 0


@contextmanager
def struck(number: int, how: Callable[[], None]) -> Iterator[list[int]]:
    """A block in which something happens before the nth statement of SQLAlchemy's, or before its commit.

    Yields:
        The numbers of the statements that there were.
    """
    passed: list[int] = []

    def statement(*_: object) -> None:
        passed.append(len(passed) + 1)
        if passed[-1] == number:
            how()

    def commit(_: object) -> None:
        if number == COMMIT:
            how()

    moments: dict[str, Callable[..., None]] = {"before_cursor_execute": statement, "commit": commit}
    for moment, heard in moments.items():
        sa.event.listen(sa.Engine, moment, heard)
    try:
        yield passed
    finally:
        for moment, heard in moments.items():
            sa.event.remove(sa.Engine, moment, heard)


def migrate(place: Database) -> None:
    """Make tables ready, as any process would that begins."""
    with closing(place.store()) as store:
        store.migrate()


def fails(place: Database, number: int) -> Sequence[int]:
    """An error on the way; the same process may try again."""
    with struck(number, goes_wrong) as passed, pytest.raises(Interruption):
        migrate(place)
    return passed


def dies(place: Database, number: int) -> None:
    """A process that is killed."""

    def live() -> None:
        with struck(number, die):
            migrate(place)

    assert run(live) < 0


@pytest.fixture
def versions(size: Size) -> Sequence[str]:
    """The versions that are tried: in a plain run the last, which has the shortest way."""
    return size.pick(small=VERSIONS[-1:], ci=VERSIONS, night=VERSIONS)


@pytest.mark.parametrize("end", [dies, fails])
def test_an_interrupted_migration_has_not_begun(
    shelf: Shelf, versions: Sequence[str], end: Callable[[Database, int], object], size: Size, figures: Figures
) -> None:
    """Whichever statement it ends at, also the commit, tables are as they were; then they become those of a new one."""
    for version in versions:
        place = shelf.take(version)
        before, statements = place.state(), fails(place, COMMIT)
        assert place.state() == before
        # on the way from no version to the last, every statement of every version is met
        step = size.pick(small=len(statements), ci=1 if end is dies and not version else 10, night=1)
        tried = [*statements[::-step], COMMIT]
        for number in tried:
            end(place, number)
            assert place.state() == before, number
        migrate(place)
        assert (place.version(), place.schema(), place.rows()) == (HEAD, shelf.schema, before[-1])
        figures(f"{place.kind}: a migration from version {version or 'none'} {end.__name__}", times=len(tried), mixed=0)
