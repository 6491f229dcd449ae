"""What is overdue, recounted from the rows of the items one by one."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from clientloop import ClientLoop, ManualClock, UnknownName
from clientloop.model.codec import instant
from clientloop.model.customers import Customer
from clientloop.model.feedback import Feedback, Priority
from clientloop.model.interactions import Interaction
from clientloop.model.units import Insert, Unit
from clientloop.model.where import eq
from clientloop.reports.keys import LoopKey
from clientloop.reports.overdue import OverdueRow
from clientloop.testing.fakes import FakeChannels
from tests.reports.play import ZONE, Player, open_firm

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PROMISES = ("first_answer", "solution")

#: Which team has the items of a channel, and how urgent the items of a kind are.
TEAMS = {"email": "post", "form": None}
PRIORITIES = {"complaint": Priority.CRITICAL, "idea": Priority.LOW}

KEYS = {
    None: lambda item: None,
    LoopKey.OWNER: lambda item: item.owner,
    LoopKey.TEAM: lambda item: item.team,
    LoopKey.KIND: lambda item: item.kind,
}


@pytest.fixture(scope="module", params=["memory:", "sqlite:///{}/firm.db"])
def firm(request, tmp_path_factory):
    """A firm after three weeks of work, with workers that have lagged for thirty hours."""
    url = request.param.format(tmp_path_factory.mktemp("firm"))
    with open_firm() as played:
        Player(played, seed=4).play(70)
        played.clock.advance(30 * HOUR)
        with open_firm(url, clock=played.clock) as loop:
            records = [record for cls in (Customer, Interaction) for record in played.store.pages(cls, "main")]
            records += [
                evolve(item, team=TEAMS[item.channel], priority=PRIORITIES.get(item.kind, item.priority))
                for item in played.store.pages(Feedback, "main")
            ]
            loop.store.commit(Unit(tuple(map(Insert, records))))
            yield loop


def overdue(loop):
    """The items that are overdue, by looking at every one."""
    now = loop.clock.now()
    return [item for item in loop.store.pages(Feedback, "main") if item.is_open and item.due and item.due <= now]


def missed(item, now):
    """The promises that an item has missed: those it has noted, and those that run and are past due."""
    running = {clock.name for clock in item.deadlines if clock.left is None and instant(clock.due) <= now}
    return (running | {*item.late}) & {*PROMISES}


def counted(key, items, now):
    """The row that some overdue items come to."""
    names = Counter(name for item in items for name in missed(item, now))
    return OverdueRow(
        key=key,
        items=len(items),
        critical=sum(item.priority is Priority.CRITICAL for item in items),
        oldest_due=min((item.due for item in items), default=None),
        missed={name: names[name] for name in PROMISES},
    )


@pytest.mark.parametrize("by", KEYS)
def test_every_number_is_that_of_the_items(firm, by):
    """All rows, and the total, say what looking at every single item says."""
    now, rows = firm.clock.now(), defaultdict(list)
    for item in overdue(firm):
        rows[KEYS[by](item)].append(item)
    report = firm.reports.overdue(by=by)
    assert (report.by, report.at) == (by, now)
    assert report.total == counted(None, overdue(firm), now)
    wanted = [counted(key, rows[key], now) for key in sorted(rows, key=lambda key: (key is None, str(key)))]
    assert list(report.rows) == (wanted if by else [])


def test_the_firm_is_late_with_everything(firm):
    """The firm is no punctual one: items are late with and without a promise, noted and not noted yet."""
    now, items = firm.clock.now(), overdue(firm)
    assert {frozenset(missed(item, now)) for item in items} == {
        frozenset(), frozenset({"solution"}), frozenset({"first_answer"}), frozenset(PROMISES),
    }  # fmt: skip
    assert any(missed(item, now) > {*item.late} & {*PROMISES} for item in items)
    assert any(missed(item, now) and missed(item, now) == {*item.late} & {*PROMISES} for item in items)
    assert {None, "mia", "tim"} == {item.owner for item in items}


def test_items_are_chosen(firm):
    """A condition narrows the report to some items; months are those of the firm's zone."""
    chosen = [item for item in overdue(firm) if item.kind == "question"]
    assert firm.reports.overdue(where=eq("kind", "question")).total == counted(None, chosen, firm.clock.now())
    (first,) = {row.key for row in firm.reports.overdue(by=LoopKey.MONTH).rows if row.key.month == 1}
    assert firm.space.zone == ZONE
    assert str(first) == "2026-01-01"


def test_an_item_is_overdue_from_the_moment_on_at_which_it_is_due():
    """Not a microsecond before, and no longer once the customer was told."""
    channels = FakeChannels("phone")
    with ClientLoop.open("memory:", clock=ManualClock(NINE), plugins=[channels], entry_points=False) as loop:
        sunday = "Open on Sunday?"
        item = loop.feedback.receive(kind="question", channel="phone", text=sunday, priority=Priority.CRITICAL)
        assert item.due is not None
        loop.clock.set(item.due - timedelta(microseconds=1))
        assert loop.reports.overdue(by=LoopKey.KIND).rows == ()
        assert loop.reports.overdue().total == counted(None, [], loop.clock.now())
        loop.clock.set(item.due)
        total = loop.reports.overdue().total
        assert (total.items, total.critical, total.oldest_due) == (1, 1, item.due)
        loop.feedback.move(item, "answer", by="mia", text="No.", told="called back")
        assert loop.reports.overdue().total.items == 0


def test_closed_items_and_other_firms_are_not_overdue():
    """What has ended is not overdue, whatever its deadlines were; nor is what another firm has forgotten."""
    with ClientLoop.open("memory:", clock=ManualClock(NINE), entry_points=False) as loop:
        item = loop.feedback.receive(kind="question", channel="phone", text="Open on Sunday?")
        loop.in_space("other").feedback.receive(kind="question", channel="phone", text="Open on Sunday?")
        loop.feedback.move(item, "not_feedback", by="mia", reason="wrong number")
        loop.clock.advance(9 * DAY)
        assert loop.reports.overdue().total.items == 0


def test_an_unknown_key_is_refused():
    """A key that reports are not split by is refused, with near matches."""
    with ClientLoop.open("memory:", entry_points=False) as loop, pytest.raises(UnknownName, match="'owner'"):
        loop.reports.overdue(by="ownr")
