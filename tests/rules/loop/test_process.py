"""Declarations of processes: what is refused when they are registered, and what items follow when they change."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from clientloop import ClientLoop
from clientloop.errors import InvalidValue, PluginError, UnknownName
from clientloop.model.calendar import hours, working_days
from clientloop.model.feedback import Outcome
from clientloop.model.process import (
    CUSTOMER,
    OWNER,
    SUPERIOR,
    SYSTEM,
    Move,
    Need,
    Place,
    Process,
    Since,
    Until,
    deadline,
    do,
    given,
    move,
    start,
    tell,
)
from clientloop.plugins import hookimpl
from clientloop.presets.common import COMMON
from clientloop.presets.processes import PROCESSES
from clientloop.rules.loop.process import prepare

FINISH = move("new", "finish", "done", OWNER)
TOO_LONG = move("new", "lapse", "done", SYSTEM)

VISIT = Process(
    kind="visit",
    title="Visit",
    working="new",
    solved=("done",),
    ends={"done": Outcome.DONE},
    receipt=(start("solution"), start("next_update")),
    moves=(FINISH,),
)


class Brings:
    """A plugin that brings processes."""

    def __init__(self, *processes: Process) -> None:
        self.processes = processes

    @hookimpl
    def clientloop_register_processes(self) -> Sequence[Process]:
        """Its processes."""
        return self.processes


def visit(*moves: Move, **changes: Any) -> Process:
    """The process of a visit with further moves."""
    return evolve(VISIT, moves=(FINISH, *moves), **changes)


#: What is wrong with a process, and how the refusal says so.
WRONG = {
    "no end within reach": (
        visit(move("new", "start", "started", OWNER)),
        "state 'started' cannot reach an end",
    ),
    "a circle": (
        visit(move("new", "ask", "asked", OWNER), move("asked", "ask", "asked", OWNER)),
        "state 'asked' cannot reach an end",
    ),
    "an end only by the common moves": (
        evolve(VISIT, moves=(move("new", "keep", "new", OWNER),)),
        "state 'new' cannot reach an end",
    ),
    "an unreachable state": (
        visit(move("lost", "find", "done", OWNER)),
        "nothing leads to state 'lost'",
    ),
    "an unreachable end": (
        evolve(VISIT, ends={**VISIT.ends, "burnt": Outcome.DONE}),
        "nothing leads to state 'burnt'",
    ),
    "an unknown role": (
        visit(move("new", "skip", "done", frozenset({"boss"}))),  # type: ignore[arg-type]  # that is the point
        "move 'skip' names an unknown role: boss",
    ),
    "no role": (visit(move("new", "skip", "done", frozenset())), "move 'skip' names an unknown role: none"),
    "an unknown clock": (
        evolve(VISIT, deadlines=(deadline("solution", "3 wd"),)),  # type: ignore[arg-type]  # that is the point
        "deadline 'solution' names no known clock",
    ),
    "an unknown guard": (visit(move("new", "skip", "done", OWNER, Need("tasks_dine"))), "did you mean 'tasks_done'"),
    "an unknown effect": (visit(move("new", "skip", "done", OWNER, do("reopn"))), "did you mean 'reopen'"),
    "an unknown deadline": (visit(move("new", "skip", "done", OWNER, start("solutoin"))), "did you mean 'solution'"),
    "an unknown deadline at the receipt": (evolve(VISIT, receipt=(start("next"),)), "no deadline 'next'"),
    "a deadline in an unknown state": (
        evolve(VISIT, deadlines=(deadline("solution", hours(1), during="nwe"),)),
        "no state 'nwe' (did you mean 'new'",
    ),
    "a deadline that wants a move its state lacks": (
        visit(move("new", "start", "started", OWNER), move("started", "lapse", "done", SYSTEM),
              deadlines=(deadline("limit", hours(1), during="new, started", then="lapse"),)),
        "deadline 'limit' wants 'lapse', which state 'new' does not have",
    ),
    "a deadline of all states that wants a move one lacks": (
        visit(TOO_LONG, move("new", "start", "started", OWNER), move("started", "finish", "done", OWNER),
              deadlines=(deadline("limit", hours(1), waits=True, then="lapse"),)),
        "deadline 'limit' wants 'lapse', which state 'started' does not have",
    ),
    "a deadline that wants a move of a person": (
        evolve(VISIT, deadlines=(deadline("limit", hours(1), during="new", then="finish"),)),
        "deadline 'limit' wants 'finish', which the system may not do",
    ),
    "a reminder where none can be made": (
        evolve(VISIT, deadlines=(deadline("limit", hours(3), during="done", remind=(hours(1),), then="reopen"),)),
        "deadline 'limit' wants 'remind', which state 'done' does not have",
    ),
    "a deadline without a length or a date": (
        visit(move("new", "plan", "done", OWNER, start("date")), deadlines=(deadline("date", None),)),
        "move 'plan' starts the deadline 'date', which has no length, and asks for no date",
    ),
    "a receipt that waits for a date": (
        evolve(VISIT, receipt=(start("date"),), deadlines=(deadline("date", None),)),
        "the receipt starts the deadline 'date', which has no length",
    ),
    "a circle of telling": (
        evolve(VISIT, deadlines=(deadline("next_update", hours(0), until=Until.TOLD),)),
        "deadline 'next_update' starts anew when the customer is told",
    ),
    "a circle of telling since the receipt": (
        evolve(VISIT, deadlines=(deadline("next_update", hours(9), since=Since.RECEIPT, until=Until.TOLD),)),
        "deadline 'next_update' starts anew when the customer is told",
    ),
    "a message without a template": (visit(move("new", "skip", "done", OWNER, tell(""))), "without a template"),
    "a move said twice": (visit(move("new", "finish", "done", SUPERIOR)), "state 'new' has the move 'finish' twice"),
    "a deadline said twice": (
        evolve(VISIT, deadlines=(deadline("limit", hours(1)), deadline("limit", hours(2)))),
        "deadline 'limit' is declared twice",
    ),
    "an unknown working state": (evolve(VISIT, working="wroking"), "no state 'wroking'"),
    "an unknown solved state": (evolve(VISIT, solved=("doen",)), "no state 'doen'"),
}  # fmt: skip


@pytest.mark.parametrize(("process", "phrase"), WRONG.values(), ids=WRONG)
def test_a_wrong_process_is_refused_with_its_fault(process: Process, phrase: str) -> None:
    """What is wrong with a declaration is said when it is made ready."""
    with pytest.raises(InvalidValue) as refusal:
        prepare(process, COMMON)
    assert phrase in str(refusal.value)


@pytest.mark.parametrize(("process", "phrase"), WRONG.values(), ids=WRONG)
def test_a_plugin_with_a_wrong_process_is_refused(process: Process, phrase: str) -> None:
    """An application that passes a plugin with a wrong process hears at once which one and why."""
    with pytest.raises(PluginError) as refusal:
        ClientLoop.open("memory:", plugins=[Brings(process)], entry_points=False)
    assert phrase in str(refusal.value)
    assert "'visit'" in str(refusal.value)


def test_all_faults_are_named_at_once() -> None:
    """An author with several mistakes sees all of them in one refusal."""
    moves = (
        move("new", "start", "started", OWNER),
        move("lost", "find", "done", frozenset()),
        move("new", "skip", "done", OWNER, Need("hope"), do("pray"), start("never")),
    )
    with pytest.raises(InvalidValue) as refusal:
        prepare(visit(*moves), COMMON)
    phrases = ("'started' cannot reach", "to state 'lost'", "unknown role", "guard 'hope'", "effect 'pray'", "'never'")
    assert [phrase for phrase in phrases if phrase not in str(refusal.value)] == []


GOOD = {
    "moves from any open state": visit(
        move("new", "start", "started", OWNER), move(Place.OPEN, "cancel", "cancelled", CUSTOMER),
        ends={**VISIT.ends, "cancelled": Outcome.DECLINED},
    ),
    "a way over the working state": evolve(
        VISIT,
        working="started",
        moves=(move("new", "start", Place.WORKING, OWNER), move("started", "finish", "done", OWNER)),
    ),
    "a date that is given": visit(
        move("new", "plan", "new", OWNER, given("date"), start("date")), deadlines=(deadline("date", None),)
    ),
    "moves of the kind in place of common ones": visit(move("new", "escalate", Place.SAME, OWNER | SYSTEM)),
    "a deadline that runs while nobody waits": visit(
        TOO_LONG, deadlines=(deadline("limit", hours(1), waits=True, then="lapse"),)
    ),
}  # fmt: skip


@pytest.mark.parametrize("process", GOOD.values(), ids=GOOD)
def test_what_only_looks_wrong_is_taken(process: Process) -> None:
    """Moves from all open states, or to the working state, count as ways to an end."""
    assert prepare(process, COMMON).process is process


@pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.kind)
def test_moves_of_a_kind_go_before_the_common_ones(process: Process) -> None:
    """Whatever a kind declares is what its items do; the common moves fill up what it leaves open."""
    loop = prepare(process, COMMON)
    for row in process.moves:
        for source in row.sources:
            assert loop.row(source, row.name).who == row.who
    assert {"escalate", "wait", "duplicate"} <= set(loop.moves_from("new"))


SECOND = evolve(
    VISIT,
    version=2,
    solved=("done",),
    moves=(move("new", "plan", "planned", OWNER), move("planned", "finish", "done", OWNER)),
    deadlines=(deadline("solution", working_days(2), during="new, planned", waits=True),),
)


def opened(path: Path, *processes: Process) -> ClientLoop:
    """The store in a file, opened by an application that declares these processes."""
    return ClientLoop.open(f"sqlite:///{path / 'shop.db'}", plugins=[Brings(*processes)], entry_points=False)


def receive(loop: ClientLoop) -> Any:
    """One visit."""
    return loop.feedback.receive(kind="visit", channel="phone", text="Please come by")


def test_running_items_keep_the_version_they_began_with(tmp_path: Path) -> None:
    """An item goes on by its old process when only the new one is declared; a new item follows the new one."""
    with opened(tmp_path, VISIT) as loop:
        old = receive(loop)
    with opened(tmp_path, SECOND) as loop:
        new = receive(loop)
        assert (old.process, new.process) == (1, 2)
        assert "finish" in loop.feedback.next_moves(old)
        assert "finish" not in loop.feedback.next_moves(new)
        assert loop.feedback.move(old, "finish", by="mia").state == "done"
        assert loop.feedback.move(new, "plan", by="mia").state == "planned"


def test_both_versions_can_be_declared_side_by_side(tmp_path: Path) -> None:
    """With both versions declared, new items follow the newer one, whatever the order."""
    with opened(tmp_path, SECOND, VISIT) as loop:
        assert receive(loop).process == 2


def test_a_changed_process_needs_a_new_version(tmp_path: Path) -> None:
    """A process that says something else under the version that is stored is refused; what is stored stays."""
    with opened(tmp_path, VISIT) as loop:
        item = receive(loop)
    with pytest.raises(InvalidValue, match="its version is still 1"):
        opened(tmp_path, evolve(SECOND, version=1))
    with opened(tmp_path, VISIT) as loop:
        assert "finish" in loop.feedback.next_moves(item)


def test_a_kind_whose_plugin_is_gone_goes_on_but_takes_nothing_new(tmp_path: Path) -> None:
    """Items of a kind that nobody declares any more are moved by the stored process; new ones are refused."""
    with opened(tmp_path, VISIT) as loop:
        item = receive(loop)
    with opened(tmp_path) as loop:
        assert loop.feedback.move(item, "finish", by="mia").state == "done"
        with pytest.raises(UnknownName, match="no kind of feedback 'visit'"):
            receive(loop)


def test_a_declaration_is_prepared_once() -> None:
    """Whoever asks for it again gets the same; one that says the same, but is another, is looked at for itself."""
    first = prepare(VISIT, COMMON)
    assert prepare(VISIT, COMMON) is first
    assert prepare(evolve(VISIT), COMMON) is not first
