"""The commands on processes and plugins."""

from collections.abc import Sequence
from importlib import metadata
from importlib.metadata import EntryPoint

import pytest

from clientloop.presets.common import COMMON
from clientloop.presets.processes import PROCESSES
from clientloop.rules.loop import drawing
from clientloop.rules.loop.process import prepare


def test_processes_lists_every_kind(run):
    """Each kind has a line with its states and its ends; no store is needed, and none is made."""
    lines = run("processes").out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == [process.kind for process in PROCESSES]
    assert "closed_confirmed" in lines[1]


@pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.kind)
def test_a_process_is_shown_as_tables(run, process):
    """Every row of the drawn process stands in the table of moves or of deadlines."""
    shown = [line.split() for line in run("processes", "show", process.kind).out.splitlines()]
    loop = prepare(process, COMMON)
    for row in (*drawing.table(loop), *drawing.deadline_table(loop.deadlines)):
        assert " ".join(row).split() in shown


def test_a_process_is_drawn_in_mermaid(run):
    """With --mermaid the output is the drawing and nothing else."""
    loop = prepare(PROCESSES[0], COMMON)
    assert run("processes", "show", "complaint", "--mermaid").out == drawing.mermaid(loop)


def test_an_unknown_kind_is_refused_with_the_nearest(run):
    """A misspelt kind is told with near matches."""
    assert "did you mean 'complaint'?" in run("processes", "show", "complant").err


@pytest.fixture
def broken(monkeypatch):
    """An installed plugin that cannot be imported."""
    point = EntryPoint(name="torn", value="no_such_module", group="clientloop")
    found = metadata.entry_points

    def entry_points(*, group: str) -> Sequence[EntryPoint]:
        return [point] if group == "clientloop" else found(group=group)

    monkeypatch.setattr(metadata, "entry_points", entry_points)


def test_plugins_lists_what_works(run):
    """Every plugin has a line with its status and what it adds."""
    out = run("plugins").out
    assert "store memory, postgres, postgresql, sqlite" in out
    assert "process complaint, idea, question, praise, referral" in out


def test_plugins_says_why_one_is_broken(run, broken):
    """A broken plugin is listed with its cause, for people and for programs."""
    line = next(line for line in run("plugins").out.splitlines() if line.startswith("torn"))
    assert line.split()[1] == "broken"
    assert "No module named 'no_such_module'" in line
    [report] = [each for each in run("plugins", "--json").json if each["name"] == "torn"]
    assert report["status"] == "broken"
    assert "no_such_module" in report["cause"]


def test_doctor_finds_the_broken_plugin(run, broken, shop):
    """The doctor names a broken plugin and says what to do."""
    done = run("doctor")
    assert done.code == 1
    assert "wrong  the plugin 'torn'" in done.out
