"""Processes in words and as drawings."""

import re

import pytest
from attrs import evolve

from clientloop.model.calendar import days, hours, working_days
from clientloop.model.feedback import Outcome
from clientloop.model.process import (
    ANYBODY,
    CUSTOMER,
    OWNER,
    SYSTEM,
    Need,
    Party,
    Place,
    Process,
    Since,
    Until,
    deadline,
    do,
    given,
    move,
    notify,
    start,
    task,
    tell,
    within,
)
from clientloop.presets.common import COMMON
from clientloop.presets.processes import PROCESSES
from clientloop.rules.loop.drawing import (
    DEADLINE_HEADINGS,
    MOVE_HEADINGS,
    DeadlineRow,
    MoveRow,
    deadline_table,
    mermaid,
    rows,
    table,
)
from clientloop.rules.loop.effects import EFFECTS
from clientloop.rules.loop.guards import GUARDS
from clientloop.rules.loop.process import prepare

LOOPS = {process.kind: prepare(process, COMMON) for process in PROCESSES}

AGAIN = (days(1), days(2))
REMIND = (working_days(3), hours(96))

#: A small process in which every kind of row stands.
REQUEST = Process(
    kind="request",
    title="Request",
    working="new",
    solved=("granted",),
    ends={"closed": Outcome.DONE},
    receipt=(start("solution"), tell("received")),
    moves=(
        move("new", "grant", "granted", OWNER, given("amount"), within(days(30)), tell("granted"), start("reply")),
        move("granted", "lapse", "closed", OWNER | SYSTEM, notify("alert", Party.SUPERIOR), do("decide")),
        move(Place.OPEN, "note", Place.SAME, ANYBODY, task("executor", "File it", hours(2)), task("expert", "Help")),
        move("closed", "again", Place.WORKING, CUSTOMER),
    ),
    deadlines=(
        deadline("solution", working_days(2), critical=hours(4), during="new", since=Since.RECEIPT, again=AGAIN),
        deadline("reply", working_days(5), during="granted", waits=True, remind=REMIND, then="lapse"),
        deadline("promise", None, until=Until.ANSWERED),
    ),
)  # fmt: skip
LOOP = prepare(REQUEST, COMMON)


def by_name(shown: tuple[MoveRow, ...]) -> dict[str, MoveRow]:
    """The rows by their moves; the first one of a name."""
    return {row.move: row for row in reversed(shown)}


def test_moves_in_words() -> None:
    """The receipt and each move of the kind is one row: from, move, to, who, what it requires and what it causes."""
    assert table(LOOP)[:5] == (
        ("", "receive", "new", "c", "", "solution: 2 working days, critical 4 hours; T received"),
        (
            *("new", "grant", "granted", "o", "amount; within 30 days"),
            "T granted; reply: 5 working days, reminders after 3 and 96 hours, then lapse",
        ),
        ("granted", "lapse", "closed", "o, y (reply)", "", "superior told: alert; who decided is kept"),
        (
            *("open", "note", "same", "anyone", ""),
            "task (executor): File it, 2 hours; task (expert): Help, half of the time that is left",
        ),
        ("closed", "again", "new", "c", "", ""),
    )


def test_a_row_of_the_standard() -> None:
    """A built-in row reads about as a practitioner would write it."""
    assert by_name(table(LOOPS["complaint"]))["inform"] == (
        *("resolved", "inform", "informed", "o", "told"),
        "T done; reply: 5 working days, reminder after 3, then lapse",
    )


def test_moves_common_to_all_follow() -> None:
    """What is common to all kinds stands after the moves of the kind, by the deadlines of the kind."""
    names = [row.move for row in table(LOOPS["praise"])]
    own = [row.name for row in LOOPS["praise"].process.moves]
    assert names == ["receive", *own, *(row.name for row in COMMON.moves)]
    common = by_name(table(LOOPS["idea"]))
    assert common["resume"].target == "where it was"
    assert common["reopen"].target == "assessed"
    assert "next_update: 10 working days" in common["reopen"].causes
    assert common["escalate"].who == "anyone"


def test_a_move_of_the_kind_hides_the_common_one() -> None:
    """A common move that the kind declares for every state anew is not in force, and is not shown."""
    override = move(f"{Place.OPEN}, waiting", "hand_over", Place.SAME, SYSTEM)
    loop = prepare(evolve(REQUEST, moves=(*REQUEST.moves, override)), COMMON)
    assert [row.who for row in table(loop) if row.move == "hand_over"] == ["y"]


def test_the_system_comes_at_its_deadlines() -> None:
    """A move of the system names the deadlines at which it is made, reminders too."""
    complaint = by_name(table(LOOPS["complaint"]))
    assert complaint["remind"].who == "y (reply_wanted, reply)"
    assert by_name(table(LOOPS["praise"]))["offer"].who == "o, y (follow_up)"
    assert [row.who for row in table(LOOPS["complaint"]) if row.move == "lapse"] == ["y (reply)", "y (reply_wanted)"]


def test_deadlines_in_words() -> None:
    """Each deadline is one row: its length, from when, where, what meets it, whether it waits, and what happens."""
    shown = {row.deadline: row for row in deadline_table(LOOP.deadlines)}
    assert shown["solution"] == (
        *("solution", "2 working days, critical 4 hours", "the receipt", "new", "leaving these states", ""),
        "escalate; escalate again after 1 day and 2 days",
    )
    assert shown["reply"] == (
        *("reply", "5 working days", "the move that starts it", "granted", "leaving these states", "stops"),
        "reminders after 3 and 96 hours; lapse",
    )
    assert shown["promise"][1:5] == (
        *("to the date given", "the move that starts it", "all open states"),
        "the first answer of a person",
    )
    assert shown["next_update"].met_by == "telling the customer, then anew"
    assert list(shown) == list(LOOP.deadlines)


def test_a_deadline_that_is_not_there_is_named_only() -> None:
    """What is common to all can be shown without a kind, though it starts deadlines of the kinds."""
    reopen = by_name(rows(COMMON.moves, {}))["reopen"]
    assert reopen.causes == "counted as reopened; solution; next_update; superior told: alert; owner told: wrote"
    assert reopen.target == Place.WORKING


def test_headings_fit() -> None:
    """Every column has a heading."""
    assert len(MOVE_HEADINGS) == len(MoveRow._fields)
    assert len(DEADLINE_HEADINGS) == len(DeadlineRow._fields)


@pytest.mark.parametrize("guard", sorted(GUARDS))
def test_every_guard_has_words(guard: str) -> None:
    """Whatever a move requires can be said."""
    need = Need(guard, fields=("cause",), span=days(1), count=3)
    (row,) = rows([evolve(REQUEST.moves[0], needs=(need,))], {})
    assert row.requires


@pytest.mark.parametrize("effect", sorted(EFFECTS))
def test_every_effect_has_words(effect: str) -> None:
    """Whatever a move causes can be said."""
    (row,) = rows([evolve(REQUEST.moves[0], causes=(do(effect),))], {})
    assert row.causes


def test_a_drawing() -> None:
    """Moves of the kind are arrows with the roles, also where they stay; common ones stand in a note, by source."""
    assert (
        mermaid(LOOP)
        == """\
stateDiagram-v2
    [*] --> new
    new --> granted: grant (o)
    granted --> closed: lapse (o, y)
    new --> new: note (anyone)
    granted --> granted: note (anyone)
    closed --> new: again (c)
    closed --> [*]
    note right of new
        from open: wait, write, duplicate, not_feedback, rekind, split, escalate, remind, update, hand_over
        from waiting: resume, lapse, duplicate, not_feedback, rekind, split, escalate, remind, update, hand_over
        from closed: reopen
        from closed_not_feedback: restore
        from any: note, tag, untag, watch, unwatch, link
    end note
"""
    )


@pytest.mark.parametrize("kind", sorted(LOOPS))
def test_every_own_move_is_drawn(kind: str) -> None:
    """An arrow leads from each source of each move of the kind, and from every end of the kind to the end of all."""
    loop, drawn = LOOPS[kind], mermaid(LOOPS[kind])
    arrows = set(re.findall(r"^ +(\S+) --> \S+: (\w+) \(", drawn, re.MULTILINE))
    assert arrows == {(source, row.name) for row in loop.process.moves for source in row.sources}
    assert set(re.findall(r"(\w+) --> \[\*\]", drawn)) == set(loop.process.ends)


def test_names_that_mermaid_reads_otherwise() -> None:
    """A state or move of a plugin with a reserved or strange name is given a plain one and shown as it is."""
    odd = 'a:b; "q" --> c'
    process = Process(
        kind="odd",
        title="Odd",
        working="end",
        solved=(odd,),
        ends={odd: Outcome.DONE},
        moves=(move("new", "x: #1\n", "end", OWNER), move("end", "end note", odd, OWNER)),
        deadlines=(deadline("solution", days(1)),),
    )
    lines = mermaid(prepare(process, COMMON)).splitlines()
    assert [line.strip() for line in lines[1:8]] == [
        'state "end" as state_1',
        'state "a#58;b#59; #34;q#34; --#62; c" as state_2',
        "[*] --> new",
        "new --> state_1: x#58; #35;1#10; (o)",
        "state_1 --> state_2: end note (o)",
        "state_2 --> [*]",
        "note right of new",
    ]
