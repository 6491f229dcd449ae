import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clientloop import ClientLoop
from tests.services.intake.mailing import Firm as Mailing
from tests.services.intake.wires import Script, firm


@pytest.fixture
def script() -> Script:
    """What the channels do."""
    return Script()


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a migrated store without a firm."""
    path = tmp_path_factory.mktemp("empty") / "store.db"
    ClientLoop.open(f"sqlite:///{path}", space="none", entry_points=False).close()
    return path


@pytest.fixture(params=["memory", "sqlite"])
def opened(
    request: pytest.FixtureRequest, empty_file: Path, tmp_path: Path
) -> Iterator[Callable[[Script], ClientLoop]]:
    """Opens firms, each on a store of its own of one sort."""
    loops: list[ClientLoop] = []

    def open_(script: Script) -> ClientLoop:
        url = "memory:"
        if request.param == "sqlite":
            url = f"sqlite:///{shutil.copy(empty_file, tmp_path / f'{len(loops)}.db')}"
        loops.append(firm(url, script))
        return loops[-1]

    yield open_
    for loop in loops:
        loop.close()


@pytest.fixture
def loop(opened: Callable[[Script], ClientLoop], script: Script) -> ClientLoop:
    """A firm with both channels."""
    return opened(script)


@pytest.fixture(params=["memory", "sqlite"])
def mailing(request: pytest.FixtureRequest, empty_file: Path, tmp_path: Path) -> Iterator[Mailing]:
    """A firm that people write to, on a store of each sort."""
    url = "memory:"
    if request.param == "sqlite":
        url = f"sqlite:///{shutil.copy(empty_file, tmp_path / 'mailing.db')}"
    made = Mailing(url)
    yield made
    made.loop.close()
