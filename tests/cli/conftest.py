"""A command line that runs within the test, in an empty folder, and is read."""

from io import StringIO

import pytest

from clientloop import ClientLoop, ManualClock
from clientloop.cli.app import execute
from clientloop.cli.demo.cast import at
from clientloop.cli.options import MEMBER_VARIABLE, STORE_VARIABLE
from tests.cli.terminal import Done, screen

#: A Monday morning in Ljubljana.
NINE = at("2026-03-02 09:00")

URL = "sqlite:///shop.db"


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    """Commands run in an empty folder, and know nothing of the machine's own settings."""
    monkeypatch.chdir(tmp_path)
    for variable in (STORE_VARIABLE, MEMBER_VARIABLE, "NO_COLOR"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    return tmp_path


@pytest.fixture
def run():
    """Runs a command: `run("inbox", "--json")`."""

    def run(*arguments: str, terminal: bool = False, width: int = 100, typed: str = "") -> Done:
        out, err = StringIO(), StringIO()
        code = execute(arguments, screen(out, err, terminal=terminal, width=width, typed=typed))
        return Done(code, out.getvalue(), err.getvalue())

    return run


@pytest.fixture
def clock():
    """The clock of the shop."""
    return ManualClock(NINE)


@pytest.fixture
def shop(clock, monkeypatch):
    """A shop in a store of its own, which commands find without being told; the shop's own view on it."""
    monkeypatch.setenv(STORE_VARIABLE, URL)
    with ClientLoop.open(URL, zone="Europe/Ljubljana", region="SI", clock=clock, entry_points=False) as loop:
        yield loop
