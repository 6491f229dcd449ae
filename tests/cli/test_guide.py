"""The tour of the guide to the command line: every line of it, typed in order, does what the guide says."""

import re
import shlex
from itertools import chain, count
from pathlib import Path

import pytest

from clientloop import ClientLoop
from clientloop.cli.options import MEMBER_VARIABLE, STORE_VARIABLE
from clientloop.model.routing import Route
from clientloop.model.where import eq
from clientloop.model.work import Role
from tests.cli.conftest import URL

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "command-line.md"

#: The sections that make up the tour.
TOUR = ("Do the daily work", "Find a customer", "Give work to people", "Learn from many items")


def _lines() -> list[str]:
    """The commands of the tour, in order."""
    sections = re.split(r"^## ", GUIDE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    found = [section for section in sections if section.splitlines()[0] in TOUR]
    assert len(found) == len(TOUR)
    blocks = re.findall(r"^```sh\n(.*?)^```", "\n".join(found), re.DOTALL | re.MULTILINE)
    return [line.removeprefix("clientloop ") for block in blocks for line in block.splitlines()]


@pytest.fixture
def guided(clock, monkeypatch):
    """The shop that the guide speaks of."""
    monkeypatch.setenv(STORE_VARIABLE, URL)
    monkeypatch.setenv(MEMBER_VARIABLE, "maja")
    refs = chain(("7K3M9QXA", "5T2W8BNH"), (f"A{number:07}" for number in count()))
    with ClientLoop.open(
        URL, zone="Europe/Ljubljana", region="SI", clock=clock, entry_points=False, refs=refs.__next__
    ) as loop:
        for name, roles in (("maja", [Role.OWNER]), ("tim", [Role.OWNER]), ("marko", [Role.OWNER, Role.SUPERIOR])):
            loop.staff.add(name, roles=roles)
        loop.settings.set("routing", (Route(name="rest", where=eq("kind", "question"), member="maja"),))
        ana = loop.customers.add(name="Ana Bizjak", email="ana@example.com")
        loop.customers.add(name="Bizjak Ana", email="ana+shop@example.com")
        loop.customers.add(name="Novak Bo", email="bo+shop@example.com")
        bo = loop.customers.add(name="Bo Novak", email="bo@example.com", phone="040 123 456")
        for text, category in (("The parcel came broken", "delivery"), ("It broke outdoors", "use")):
            loop.feedback.receive(kind="complaint", channel="email", customer=ana, text=text, category=category)
        for who, text in ((bo, "No parcel came"), (ana, "Another parcel came broken")):
            item = loop.feedback.receive(
                kind="complaint", channel="email", customer=who, text=text, category="delivery", rating=1, scale="1-5"
            )
            loop.feedback.move(item, "assign", to="tim", by="maja")
        yield loop


def test_every_line_of_the_tour_works(run, guided):
    """Each command of the tour, typed in the order of the guide, succeeds on the shop that the guide speaks of."""
    lines = _lines()
    assert len(lines) > 40
    for line in lines:
        done = run(*shlex.split(line), "--now", "2026-03-02T10:00", typed="q\n")
        assert (done.code, done.err) == (0, ""), line
        assert done.out != "", line
    story = guided.feedback.history("7K3M9QXA")
    assert [row.move for row in story][-4:] == ["tag", "resolve", "inform", "confirm"]


def test_the_talk_that_the_guide_shows_is_the_talk_there_is(run, guided):
    """The screen that the guide shows is what the program writes."""
    run("move", "7K3M9QXA", "assign", "--set", "to=maja", "--now", "2026-03-02T09:00")
    shown = re.search(r"^```text\n(key .*?)^```", GUIDE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert shown is not None
    talk = run("inbox", "--mine", "-i", "--now", "2026-03-02T09:00", typed="q\n").out
    assert [line.rstrip() for line in talk.strip().splitlines()][:-1] == shown[1].strip().splitlines()
