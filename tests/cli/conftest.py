"""A command line that runs within the test, in an empty folder, and is read."""

import json
from io import StringIO
from typing import Any

import pytest
from attrs import frozen
from rich.console import Console

from clientloop import ClientLoop, ManualClock
from clientloop.cli.app import execute
from clientloop.cli.demo.cast import at
from clientloop.cli.options import STORE_VARIABLE
from clientloop.cli.screen import Screen

#: A Monday morning in Ljubljana.
NINE = at("2026-03-02 09:00")

URL = "sqlite:///shop.db"


@frozen
class Done:
    """What came of a command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it wrote for a program."""
        return json.loads(self.out)


def screen(out: StringIO, err: StringIO, *, terminal: bool = False, width: int = 100) -> Screen:
    """A screen that can be read."""
    kinds = {"force_terminal": terminal, "width": width, "highlight": False, "markup": False, "emoji": False}
    return Screen(out=Console(file=out, **kinds), err=Console(file=err, **kinds))


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    """Commands run in an empty folder, and know nothing of the machine's own settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(STORE_VARIABLE, raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    return tmp_path


@pytest.fixture
def run():
    """Runs a command: `run("inbox", "--json")`."""

    def run(*arguments: str, terminal: bool = False) -> Done:
        out, err = StringIO(), StringIO()
        code = execute(arguments, screen(out, err, terminal=terminal))
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
