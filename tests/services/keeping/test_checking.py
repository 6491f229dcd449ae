"""The check of a store: each rule is broken by hand, and no other one reports."""

import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import pytest
from attrs import evolve

from clientloop import ClientLoop, check_store, hookimpl
from clientloop.errors import NotFound, SchemaOutdated
from clientloop.model.asking import Answer
from clientloop.model.channels import RawBody, RawState, StoredRaw, TakenEvent
from clientloop.model.customers import Customer, Purpose
from clientloop.model.deals import Deal, DealOutcome, DealStep
from clientloop.model.feedback import Feedback, Outcome, Timer, Transition
from clientloop.model.improvements import Improvement
from clientloop.model.interactions import Text
from clientloop.model.messages import Delivery, DeliveryState, MessageState, OutboundMessage
from clientloop.model.page import Page
from clientloop.model.permission import ContactBudget
from clientloop.model.planning import Appointment
from clientloop.model.process import OWNER, Process, move, tell
from clientloop.model.record import record_of
from clientloop.model.relationships import Standing
from clientloop.model.schema import RECORDS
from clientloop.model.spaces import SpaceDue
from clientloop.model.staff import Absence, Member
from clientloop.model.threads import ThreadName
from clientloop.model.units import Change, Delete, Insert, Unit, Update
from clientloop.model.where import ALL, Where, eq, gt, ne
from clientloop.model.work import Role, Task
from clientloop.ports.store import Store
from clientloop.services.keeping import around
from clientloop.services.keeping.checking import RULES, check, check_all, spaces_of
from clientloop.stores.sqlite import SqliteStore
from tests.conftest import Size
from tests.services.keeping import shop
from tests.services.persons import NINE

R = TypeVar("R")

NOBODY = UUID(int=0xDEAD)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a healthy firm."""
    path = tmp_path_factory.mktemp("keeping") / "shop.db"
    shop.make(path)
    return path


@pytest.fixture
def path(made: Path, tmp_path: Path) -> Path:
    """A copy of the file, to be broken."""
    return Path(shutil.copy(made, tmp_path / "shop.db"))


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    """The store in it."""
    with closing(SqliteStore(path)) as store:
        yield store


def one(store: Store, cls: type[R], where: Where = ALL) -> R:
    """The first of some records."""
    return next(iter(store.page(cls, "main", where=where, limit=1)))


def key_of(row: object) -> tuple[object, ...]:
    """The primary key of a record."""
    return tuple(getattr(row, name) for name in record_of(type(row)).key)


def changed(row: object, **changes: object) -> Update:
    """A change of a record that minds no version."""
    return Update(type(row), key_of(row), changes)


def gone(row: object) -> Delete:
    """A record is taken away."""
    return Delete(type(row), key_of(row))


def moved(item: Feedback, **changes: object) -> list[Change]:
    """An item is changed, and its journal has a row for that."""
    row = Transition(
        space=item.space, item=item.id, number=item.version + 1, source=item.state, move="note", target=item.state,
        by="mia", role=Role.OWNER, at=NINE,
    )  # fmt: skip
    return [changed(item, **changes), Insert(row)]


def worked_on(store: Store) -> Feedback:
    """The complaint that is open, with a deadline."""
    return one(store, Feedback, eq("kind", "complaint") & eq("title", "Late"))


def journal(store: Store, number: int) -> Transition:
    """A row of the journal of the question that was answered, which has four."""
    answered = one(store, Feedback, eq("title", "When?"))
    row = store.get(Transition, ("main", answered.id, number))
    assert row is not None
    return row


def again(row: Transition) -> Transition:
    """A row like the last one, which follows on it."""
    return evolve(row, number=row.number + 1, source=row.target)


def later(timer: Timer) -> list[Change]:
    """A timer that nobody has claimed, and that comes too late."""
    return [gone(timer), Insert(evolve(timer, wake_at=timer.wake_at + timedelta(seconds=1), version=1))]


def delivered(store: Store, template: str) -> Delivery:
    """A message that a channel took."""
    return one(store, Delivery, eq("template", template))


def waiting(store: Store) -> OutboundMessage:
    """The message to a customer that waits in the outbox, and a move of its item for it."""
    return one(store, OutboundMessage, eq("template", "declined"))


def as_delivered(message: OutboundMessage) -> Delivery:
    """What would be kept of a message that a channel took."""
    return Delivery(
        space=message.space, message=message.id, channel=message.channel, to=message.to, purpose=Purpose.INTERNAL,
        template=message.template, state=DeliveryState.ACCEPTED, attempts=1, at=NINE,
    )  # fmt: skip


def text_of(store: Store, number: UUID) -> Text:
    """The words of an interaction."""
    return one(store, Text, eq("id", number))


def stands(store: Store) -> Standing:
    """A standing with a history."""
    return one(store, Standing, gt("number", 0))


#: What breaks which rule, as the changes that do: the store itself lets them pass.
BROKEN: Sequence[tuple[str, Callable[[Store], list[Change]]]] = (
    ("journal_numbered", lambda store: [gone(journal(store, 1))]),
    (
        "journal_numbered",
        lambda store: [gone(journal(store, 4)), changed(journal(store, 3), target=journal(store, 4).target)],
    ),
    ("journal_numbered", lambda store: [Insert(again(journal(store, 4)))]),
    ("journal_chained", lambda store: [changed(journal(store, 2), source="nowhere")]),
    ("journal_agrees", lambda store: [changed(journal(store, 4), target="nowhere")]),
    ("item_ended", lambda store: moved(worked_on(store), closed_at=NINE)),
    ("item_ended", lambda store: moved(worked_on(store), outcome=Outcome.DONE)),
    ("item_ended", lambda store: moved(one(store, Feedback, eq("is_open", False)), closed_at=None)),
    ("item_due", lambda store: moved(worked_on(store), due=NINE + timedelta(days=100))),
    ("item_due", lambda store: moved(worked_on(store), due=None, is_open=False, outcome=Outcome.DONE, closed_at=NINE)),
    ("item_limited", lambda store: [*moved(worked_on(store), due=None, deadlines=()), gone(timer_of(store))]),
    ("item_timed", lambda store: [gone(timer_of(store))]),
    ("item_timed", lambda store: later(timer_of(store))),
    (
        "item_timed",
        lambda store: [Insert(evolve(timer_of(store), item=one(store, Feedback, eq("is_open", False)).id))],
    ),
    ("item_worded", lambda store: [gone(text_of(store, worked_on(store).id))]),
    ("item_acknowledged", lambda store: [gone(delivered(store, "received"))]),
    ("item_awaited", lambda store: [gone(waiting(store))]),
    ("message_scheduled", lambda store: [changed(waiting(store), wake_at=None)]),
    ("message_scheduled", lambda store: [changed(waiting(store), state=MessageState.PARKED)]),
    ("message_once", lambda store: [Insert(as_delivered(waiting(store)))]),
    ("message_kept", lambda store: [gone(text_of(store, delivered(store, "answer").message))]),
    ("raw_kept", lambda store: [gone(one(store, RawBody))]),
    ("raw_read", lambda store: [changed(one(store, StoredRaw), state=RawState.RECEIVED)]),
    ("raw_read", lambda store: [changed(one(store, StoredRaw), wake_at=NINE)]),
    ("customer_merged", lambda store: [changed(one(store, Customer, ne("absorbed", ())), absorbed=())]),
    ("customer_merged", lambda store: [changed(one(store, Customer, ne("merged_into", None)), merged_into=None)]),
    ("answer_superseded", lambda store: [changed(one(store, Answer, ne("superseded_at", None)), superseded_at=None)]),
    ("answer_superseded", lambda store: [changed(one(store, Answer, eq("superseded_at", None)), superseded_at=NINE)]),
    ("standing_agrees", lambda store: [changed(stands(store), stage="nowhere")]),
    ("standing_agrees", lambda store: [changed(stands(store), number=9)]),
    ("deal_agrees", lambda store: [changed(one(store, Deal), stage="lead")]),
    ("deal_agrees", lambda store: [changed(one(store, Deal), outcome=DealOutcome.WON)]),
    ("deal_agrees", lambda store: [changed(one(store, DealStep, eq("number", 2)), source="offer")]),
    ("deal_agrees", lambda store: [gone(one(store, DealStep, eq("number", 1)))]),
    ("ended", lambda store: [changed(one(store, Deal), closed_at=NINE)]),
    ("ended", lambda store: [changed(one(store, Task, eq("is_open", True)), done_at=NINE)]),
    ("ended", lambda store: [changed(one(store, Task, eq("is_open", False)), done_at=None)]),
    ("ended", lambda store: [changed(one(store, Appointment), done_at=NINE)]),
    ("ended", lambda store: [changed(one(store, Improvement), done_at=NINE)]),
    ("pointing", lambda store: [changed(one(store, ThreadName), message=NOBODY)]),
    ("pointing", lambda store: [changed(one(store, TakenEvent), became=NOBODY)]),
    ("pointing", lambda store: [changed(delivered(store, "answer"), item=NOBODY)]),
    ("pointing", lambda store: [changed(one(store, Absence), deputy=None), gone(one(store, Member))]),
    ("pointing", lambda store: [changed(one(store, ContactBudget), sent={"survey": {str(NOBODY): 1}})]),
    ("pointing", lambda store: moved(worked_on(store), improvement=NOBODY)),
    ("space_due", lambda store: [changed(one(store, SpaceDue), next_due=2**62)]),
)

#: What breaks which rule, as SQL: the store would refuse it.
DAMAGED: Sequence[tuple[str, str]] = (
    ("pointing", "DELETE FROM clientloop_customer WHERE merged_into IS NULL AND absorbed = '[]'"),
    ("pointing", "DELETE FROM clientloop_raw"),
    ("pointing", "DELETE FROM clientloop_interaction WHERE kind = 'message_out'"),
    (
        "unique",
        "DROP INDEX clientloop_feedback_by_ref; UPDATE clientloop_feedback SET ref = 'AAAAAAAA' WHERE is_open",
    ),
    ("readable", "UPDATE clientloop_feedback SET outcome = 'unheard_of'"),
    ("readable", "UPDATE clientloop_transition SET role = 'unheard_of'"),
    ("readable", "UPDATE clientloop_text SET body = CAST(x'ff' AS TEXT)"),
    ("readable", "UPDATE clientloop_setting SET value = 'no JSON'"),
)


def timer_of(store: Store) -> Timer:
    """The timer of the complaint."""
    return one(store, Timer, eq("item", worked_on(store).id))


def broken_rules(store: Store) -> set[str]:
    """The rules that are broken in the space."""
    return {breach.rule for breach in check(store, "main")}


def test_every_rule_is_broken_here() -> None:
    """The tables below and above break every rule but that of the storage, which has a test of its own."""
    assert {rule for rule, _ in (*BROKEN, *DAMAGED)} | {"storage"} == set(RULES)


def test_a_healthy_store_is_clean(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store with something of everything breaks no rule, however few records are read at a time."""
    read = Counter[str]()
    assert list(check(store, "main", progress=lambda name, more: read.update({name: more}))) == []
    assert read["feedback"] == 5
    monkeypatch.setattr(around, "SIZE", 2)
    assert list(check(store, "main")) == []


@pytest.mark.parametrize("rule", dict.fromkeys(rule for rule, _ in BROKEN))
def test_what_is_broken_is_found(made: Path, tmp_path: Path, rule: str, size: Size) -> None:
    """Exactly the rule that was broken reports, and says where and what to do; no other one does."""
    ways = [changes for name, changes in BROKEN if name == rule]
    for number, changes in enumerate(ways[: size.pick(small=1, ci=len(ways), night=len(ways))]):
        with closing(SqliteStore(shutil.copy(made, tmp_path / f"{number}.db"))) as store:
            store.commit(Unit(tuple(changes(store))))
            breaches = list(check(store, "main"))
        assert {breach.rule for breach in breaches} == {rule}
        for breach in breaches:
            assert RECORDS[breach.record].key[0] == "space"
            assert breach.key[0] == "main"
            assert breach.message
            assert breach.hint == RULES[rule].do


@pytest.mark.parametrize(("rule", "sql"), DAMAGED)
def test_what_no_store_would_write_is_found(path: Path, store: Store, rule: str, sql: str) -> None:
    """Damage below the store is found by the rule that it breaks, and by those that follow from it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(sql)
    assert rule in broken_rules(store)


def test_each_orphan_is_named_once(path: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What belonged to a lost item is found row by row, also where each page holds one item."""
    lost = worked_on(store)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM clientloop_feedback WHERE id = ?", (lost.id.bytes,))
        connection.commit()
    for size in (500, 1):
        monkeypatch.setattr(around, "SIZE", size)
        named = Counter(
            (breach.record, breach.key) for breach in check(store, "main") if str(lost.id) in breach.message
        )
        assert set(named.values()) == {1}
        assert {record for record, _ in named} == {"transition", "timer", "task", "outbox", "delivery"}


def test_what_the_storage_finds_is_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The storage's own check comes first, and the rules go on after it."""
    monkeypatch.setattr(store, "damage", lambda: ("row 1 missing from index",))
    (breach,) = check_all(store, ["main"])
    assert (breach.rule, breach.message) == ("storage", "row 1 missing from index")


def test_what_changes_meanwhile_is_no_breach(monkeypatch: pytest.MonkeyPatch) -> None:
    """An item that is moved between the reading of it and of its journal is looked at again, and agrees."""
    with ClientLoop.open("memory:", entry_points=False) as loop:
        item = loop.feedback.receive(kind="idea", channel="form", text="Saturdays")
        page, moves = loop.store.page, iter(["wait", "resume"])

        def moved_meanwhile(cls: type[R], space: str, **asked: Any) -> Page[R]:  # Any: passed on as it comes
            if cls is Transition:
                for name in moves:
                    given = {"text": "Which ones?"} if name == "wait" else {}
                    loop.feedback.move(item.id, name, by="mia", **given)
                    break
            return page(cls, space, **asked)

        monkeypatch.setattr(loop.store, "page", moved_meanwhile)
        assert list(loop.check()) == []
        assert next(moves, None) is None  # it was moved as often as it was read


def test_a_process_may_let_items_lie() -> None:
    """Where a process has no deadline for a state, an item in it needs none; in the states of all kinds it does."""
    row = move("new", "thank", "closed", OWNER, tell("received"))
    note = Process(
        kind="note", title="Note", working="new", solved=("closed",), ends={"closed": Outcome.DONE}, moves=(row,)
    )
    with ClientLoop.open("memory:", plugins=[Kinds(note)], entry_points=False) as loop:
        item = loop.feedback.receive(kind="note", channel="form", text="Just so")
        assert (item.is_open, item.due) == (True, None)
        assert list(loop.check()) == []
        loop.store.commit(Unit(tuple(moved(item, state="waiting"))))
        assert {breach.rule for breach in loop.check()} == {"journal_agrees", "item_limited"}


class Kinds:
    """A plugin that adds a kind of feedback."""

    def __init__(self, *processes: Process) -> None:
        """Note them."""
        self._processes = processes

    @hookimpl
    def clientloop_register_processes(self) -> Sequence[Process]:
        """The processes."""
        return self._processes


def test_all_spaces_are_looked_at(path: Path) -> None:
    """A store is checked space by space, unless one is named; nobody has to be able to work in it."""
    url = f"sqlite:///{path}"
    with ClientLoop.open(url, entry_points=False) as loop:
        other = loop.in_space("other")
        item = other.feedback.receive(kind="idea", channel="form", text="Saturdays")
        assert spaces_of(loop.store) == ["main", "other"]
        loop.store.commit(Unit((Delete(Timer, ("other", item.id)),)))
    assert [breach.key for breach in check_store(url, entry_points=False)] == [("other", item.id)]
    assert list(check_store(url, space="main", entry_points=False)) == []
    with pytest.raises(NotFound, match="no space 'third'"):
        list(check_store(url, space="third", entry_points=False))


@pytest.mark.parametrize("table", ["space", "space_due"])
def test_a_space_is_looked_at_though_a_record_of_it_is_lost(path: Path, table: str) -> None:
    """Of the two records that tell of a space either one will do, and the one of when it is due is missed itself."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(f"DELETE FROM clientloop_raw; DELETE FROM clientloop_{table}")
    found = {breach.rule for breach in check_store(f"sqlite:///{path}", entry_points=False)}
    assert "pointing" in found
    assert ("space_due" in found) == (table == "space_due")


def test_a_store_of_another_version_is_not_damaged(path: Path) -> None:
    """Its owner is told to bring it up to date, and not to restore a backup; a table gone from this one is damage."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("DROP TABLE clientloop_member")
        connection.commit()
        assert "readable" in {breach.rule for breach in check_store(f"sqlite:///{path}", entry_points=False)}
        connection.execute("UPDATE clientloop_version SET version_num = '0001'")
        connection.commit()
    with pytest.raises(SchemaOutdated, match=r"0001(.|\n)*clientloop init"):
        list(check_store(f"sqlite:///{path}", entry_points=False))
