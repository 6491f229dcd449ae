"""The commands that check a store and copy it."""

from pathlib import Path
from uuid import UUID

import pytest

from clientloop.cli import keeping
from clientloop.model.feedback import Timer
from clientloop.model.units import Delete, Unit
from clientloop.services.keeping.checking import RULES
from tests.cli.conftest import URL


@pytest.fixture
def items(shop) -> list[UUID]:
    """Some items, in the shop and in another firm of its store."""
    said = [shop.feedback.receive(kind="idea", channel="form", text=f"Idea {number}").id for number in range(3)]
    shop.in_space("other").feedback.receive(kind="idea", channel="form", text="Elsewhere")
    return said


def without_timers(shop, *items: UUID) -> None:
    """Break the store: nobody will look after these items."""
    shop.store.commit(Unit(tuple(Delete(Timer, ("main", item)) for item in items)))


def test_a_healthy_store_passes(run, items):
    """Nothing is wrong in any firm: the exit code is 0, and it is said how much was read."""
    done = run("check")
    assert done.code == 0
    assert done.out.splitlines()[0].endswith(f" records read; all {len(RULES)} rules hold.")
    assert run("check", terminal=True).code == 0


def test_what_is_broken_is_told(run, shop, items, monkeypatch):
    """The rule, where it is broken and what to do are told, the first places of many; as JSON all."""
    without_timers(shop, *items)
    monkeypatch.setattr(keeping, "_SHOWN", 2)
    done = run("check")
    assert done.code == 1
    rule, *lines, last = done.out.splitlines()
    assert rule == f"{RULES['item_timed'].says} That is not so (item_timed):"
    assert [line.split(":")[0] for line in lines[:2]] == [f"  feedback main {item}" for item in items[:2]]
    assert lines[2:] == ["  and 1 more; --json shows all", f"  What to do: {RULES['item_timed'].do}"]
    assert last.endswith(f" records read; 1 of {len(RULES)} rules are broken.")
    done = run("check", "--json")
    assert done.code == 1
    assert done.json["records"]["feedback"] == 4
    assert [breach["key"] for breach in done.json["breaches"]] == [["main", str(item)] for item in items]
    breach = done.json["breaches"][0]
    assert (breach["rule"], breach["record"]) == ("item_timed", "feedback")
    assert breach["hint"] == RULES["item_timed"].do


def test_one_firm_is_checked_by_its_name(run, shop, items):
    """What is broken in one firm is not looked for in another; a firm that is not there is told."""
    without_timers(shop, items[0])
    assert run("check", "--space", "other").code == 0
    assert run("check", "--space", "main").code == 1
    done = run("check", "--space", "third")
    assert (done.code, done.err.splitlines()[0]) == (1, f"clientloop: {URL} has no space 'third'")


def test_a_store_that_is_not_there_is_not_made(run, empty_folder):
    """A misspelt name is told, and leaves no file."""
    for command in (["check"], ["backup", "copy.db"]):
        done = run(*command, "--store", "sqlite:///shpo.db")
        assert (done.code, done.err.splitlines()[0]) == (1, "clientloop: there is no store sqlite:///shpo.db")
    assert list(empty_folder.iterdir()) == []


def test_a_store_is_copied(run, items):
    """The copy is a store that passes the check, and is never written over."""
    done = run("backup", "monday.db")
    assert done.code == 0
    first, second = done.out.splitlines()
    assert first.startswith(f"{URL} is copied to monday.db, ")
    assert second == "  `clientloop check --store sqlite:///monday.db` looks whether it holds together"
    assert run("check", "--store", "sqlite:///monday.db").code == 0
    size = Path("monday.db").stat().st_size
    again = run("backup", "monday.db")
    assert again.code == 1
    assert "exists already" in again.err
    assert Path("monday.db").stat().st_size == size
