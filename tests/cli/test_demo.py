"""The demo: the same on every run, quick, and its rates are those of its journal."""

import os
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from attrs import asdict

from clientloop import ClientLoop
from clientloop.cli.demo import cast
from clientloop.cli.demo.month import MONTH
from clientloop.cli.demo.stage import played
from clientloop.cli.demo.words import matters
from clientloop.model.feedback import Feedback
from clientloop.model.messages import Delivery
from clientloop.reports.keys import LoopKey
from tests.reports import journal

#: Ten times what a run took when it was measured.
PATIENCE = 30.0

MAIN = "import sys; sys.argv[0] = 'clientloop'; from clientloop.cli import main; main()"


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """The firm after its month, and the item whose story is told."""
    with played(tmp_path_factory.mktemp("demo") / "demo.db") as (loop, story):
        yield loop, story


@pytest.fixture(scope="module")
def items(stage):
    """Every item."""
    loop, _ = stage
    return list(loop.store.pages(Feedback, loop.space.space))


@pytest.fixture(scope="module")
def stories(stage, items):
    """What the journals of all items tell."""
    loop, _ = stage
    return [journal.read(item, loop.feedback.history(item)) for item in items]


def _later(moment, days):
    """So many working days after a time, worked out naively, day by day, by the hours of the firm."""
    wall = moment.astimezone(ZoneInfo(cast.ZONE))
    while not cast.CALENDAR.hours_on(wall.date()):
        wall = (wall + timedelta(days=1)).replace(hour=0, minute=0)
    while days:
        wall += timedelta(days=1)
        days -= bool(cast.CALENDAR.hours_on(wall.date()))
    return wall


def _dropped(stories, now):
    """How many open items nobody has touched for five working days past due."""
    return sum(story.outcome == "open" and now >= _later(max(story.item.due, story.touched_at), 5) for story in stories)


@pytest.mark.parametrize("by", [None, LoopKey.KIND, LoopKey.CHANNEL, LoopKey.OWNER])
def test_rates_are_those_of_the_journal(stage, stories, by):
    """Counts, rates and times that the demo shows are those that a judge adds up from its journal of moves."""
    loop, _ = stage
    report, now = loop.reports.loop(by=by), loop.clock.now()
    for row in report.rows or (report.total,):
        mine = [story for story in stories if by is None or row.key == _value(story, by)]
        told = Counter(journal.counts(mine, now)) | Counter()
        told["dropped"] = _dropped(mine, now)
        assert asdict(row.counts) == {name: told[name] for name in asdict(row.counts)}
        for name, share in asdict(row.rates, recurse=False).items():
            assert share.whole >= share.part >= 0, name
        for name, (observed, censored, median, p90) in journal.times(mine, now).items():
            found = getattr(row, name)
            assert (found.observed, found.censored, found.median, found.p90) == (observed, censored, median, p90)


def _value(story, by):
    return story.owner if by is LoopKey.OWNER else getattr(story.item, by.value)


def test_rates_are_the_counts_divided(stage):
    """The shares that are printed are the counts, divided as they say."""
    loop, _ = stage
    total = loop.reports.loop().total
    counts = total.counts
    assert (total.rates.closed.part, total.rates.closed.whole) == (counts.closed, counts.items)
    assert (total.rates.confirmed.part, total.rates.confirmed.whole) == (counts.confirmed, counts.closed)
    assert (total.rates.on_time.part, total.rates.on_time.whole) == (counts.kept, counts.kept + counts.missed)


def _demo(folder, *arguments, seed, zone):
    """What the demo prints on a machine with another hash seed, zone and width; it is well within 20 s."""
    environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "COLUMNS": str(60 + int(seed))}
    command = [sys.executable, "-c", MAIN, "demo", *arguments]
    begun = time.monotonic()
    done = subprocess.run(command, capture_output=True, check=True, cwd=folder, env=environment)
    assert time.monotonic() - begun < PATIENCE, "the demo hangs"
    return done.stdout.decode("utf-8")


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """What the demo prints, and the folder in which it has kept its store."""
    folder = tmp_path_factory.mktemp("kept")
    return _demo(folder, "--keep", "demo.db", seed="1", zone="UTC"), folder


def test_two_runs_are_alike_byte_for_byte(kept, tmp_path):
    """They print the same on other machines, but that one which keeps no store tells first how to; it leaves none."""
    printed = _demo(tmp_path, seed="2", zone="America/New_York")
    assert printed.replace("  clientloop demo --keep demo.db\n", "") == kept[0]
    assert list(tmp_path.iterdir()) == []


def test_the_demo_shows_what_a_newcomer_wants_to_see(kept):
    """Its output has the firm, the inbox, one whole story with the words of its messages, the rates, and ways on."""
    shown, _ = kept
    for heading in (
        cast.FIRM,
        "The inbox on Thursday 30 April 15:00",
        "One loop, from the first word to the last",
        "How well the loops work",
        "By kind",
        "Look around",
    ):
        assert heading in shown
    assert "    | From now on I look after it myself" not in shown
    assert "From now on I look after it myself: you will have a table on Saturday. Maja" in shown


def test_what_it_says_to_try_works(run, kept, monkeypatch):
    """Each command at the end of the output runs on the store that was kept."""
    monkeypatch.chdir(kept[1])
    shown = kept[0].partition("Look around\n")[2]
    commands = [line.split() for line in shown.splitlines()]
    assert len(commands) >= 4
    for program, *arguments in commands:
        done = run(*arguments)
        assert program == "clientloop"
        assert (done.out != "", done.err) == (True, "")


def test_the_store_can_be_kept_and_opened(run, kept, monkeypatch):
    """A kept store is a store like any other; a file that is there is not written over."""
    monkeypatch.chdir(kept[1])
    with ClientLoop.open("sqlite:///demo.db") as loop:
        assert len(loop.inbox(limit=500)) > 20
    before = Path("demo.db").read_bytes()
    assert "demo.db is there already" in run("demo", "--keep", "demo.db").err
    assert Path("demo.db").read_bytes() == before


def test_every_kind_and_every_end_is_played(items):
    """The month has about 120 items of all five kinds, and every end of a loop that a month can see."""
    assert 110 <= len(items) <= 130
    assert {item.kind for item in items} == set(MONTH)
    assert {item.outcome.value for item in items} == {
        "open", "confirmed", "silent", "unreachable", "done", "declined", "no_reply", "duplicate", "not_feedback",
    }  # fmt: skip
    assert {item.channel for item in items} == set(cast.CHANNELS)


def test_everything_that_goes_wrong_is_played(stage, items):
    """Staff are late and absent; customers deny, repeat, wait, appeal, reopen; friends are tried in vain."""
    loop, _ = stage
    moves = Counter(row.move for item in items for row in loop.feedback.history(item))
    wanted = (
        "escalate hand_over deny duplicate wait resume remind lapse reject appeal reopen attempt fail lose win "
        "unreachable rekind consult restore park postpone"
    )
    assert [move for move in wanted.split() if not moves[move]] == []
    assert any(item.late for item in items)


def test_messages_bounce_and_none_is_left(stage):
    """Some addresses take no message; every message was handed to a channel."""
    loop, _ = stage
    states = Counter(delivery.state.value for delivery in loop.store.pages(Delivery, loop.space.space))
    assert states["failed"] > 0
    assert states["accepted"] > 300
    assert len(loop.outbox.list()) == 0


def test_the_story_goes_wrong_and_ends_well(stage):
    """The item that is told was late, waited for the customer, was denied, and was confirmed in the end."""
    loop, story = stage
    moves = [row.move for row in loop.feedback.history(story)]
    assert story.late == ("first_answer",)
    assert story.outcome == "confirmed"
    assert [move for move in moves if move in {"wait", "resume", "deny", "confirm", "offer"}] == [
        *("wait", "resume", "deny", "confirm", "offer")
    ]


@pytest.mark.parametrize("kind", MONTH)
def test_what_steps_give_is_known(kind):
    """Every fact that a step gives stands in the words that its way draws from, or is dealt by the player."""
    dealt = {"agent", "stand_in", "redress"}
    for way in MONTH[kind]:
        wanted = {fact for step in way.steps for fact in step.gives.values()} | set(way.data.values())
        for matter in matters(way.words):
            assert wanted - dealt <= set(matter.facts), matter.says
