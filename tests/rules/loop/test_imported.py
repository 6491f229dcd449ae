"""Feedback from another system comes in the state that it had, with the clocks of that state and honest times."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.customers import CustomerClass
from clientloop.model.facts import FactName
from clientloop.model.feedback import Feedback, Outcome, Priority, Timer, Transition
from clientloop.model.interactions import Interaction, InteractionKind, Precision, Text
from clientloop.model.units import Insert, Unit
from clientloop.presets.common import COMMON
from clientloop.presets.processes import PROCESSES
from clientloop.rules.loop.case import Loop
from clientloop.rules.loop.imported import TIMES, Arrivals, Stated, arrival_state, doubtful
from clientloop.rules.loop.process import prepare
from clientloop.rules.loop.receipt import Words
from clientloop.testing.invariants import broken_invariants
from tests.test_processes import OPEN_STATES, Firm

LOOPS = {process.kind: prepare(process, COMMON) for process in PROCESSES}
COMPLAINT = LOOPS["complaint"]

NOW = datetime(2026, 3, 4, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

#: These need a date that no file gives: when an idea is to be done, or looked at again.
NEED_A_DATE = {("idea", "promised"): "promise", ("idea", "parked"): "review"}


def arrive(firm: Firm, loop: Loop, state: str = "new", **times: datetime) -> tuple[Feedback, Unit]:
    """An item as it comes from another system, and is stored."""
    context = firm.loop.context
    now, number = context.now(), context.new_id()
    stated = {name: Stated(at) for name, at in times.items()}
    words = Words(
        interaction=Interaction(
            space="main", id=number, kind=InteractionKind.FEEDBACK, channel="email", recorded_at=now
        ),
        text=Text(space="main", id=number, body="Words"),
    )
    moved = Arrivals(context.kit, now).arrive(
        loop,
        {"space": "main", "id": number, "ref": context.kit.new_ref(), "channel": "email", "priority": Priority.NORMAL,
         "customer_class": None, "data": {"status": "As it was"}},
        words,
        state=state,
        times=stated,
        doubts=doubtful(stated, loop=loop, state=state, now=now),
    )  # fmt: skip
    context.commit(moved.unit)
    return firm.loop.feedback.get(number), moved.unit


def clocks(item: Feedback) -> dict[str, tuple[int, int | None, int | None]]:
    """When each deadline of an item is due, when its next step comes, and what is left of it while it stands still."""
    return {clock.name: (clock.due, clock.wake, clock.left) for clock in item.deadlines}


@pytest.mark.parametrize(("kind", "state"), [*OPEN_STATES, *((kind, "waiting") for kind in LOOPS)])
def test_an_item_comes_as_if_it_had_walked_here(firm: Firm, kind: str, state: str) -> None:
    """An imported item has the clocks of one that its moves brought into the state, those aside that need a date."""
    walked = firm.bring(kind, "new" if state == "waiting" else state)
    if state == "waiting":
        walked = firm.move(walked, "wait", "o", text="Which one?")
    came, _ = arrive(firm, LOOPS[kind], state, received_at=firm.clock.now())
    wanted = clocks(walked)
    wanted.pop(NEED_A_DATE.get((kind, state), ""), None)
    assert clocks(came) == wanted
    assert (came.state, came.is_open, came.resume_to) == (walked.state, True, walked.resume_to)
    assert came.waiting_since == walked.waiting_since
    assert broken_invariants(firm.loop) == ()


@pytest.mark.parametrize("kind", LOOPS)
def test_the_moves_of_the_state_go_on_from_there(firm: Firm, kind: str) -> None:
    """A waiting item can be resumed and is then back where a new one begins, with its clocks running."""
    came, _ = arrive(firm, LOOPS[kind], "waiting")
    item = firm.move(came, "resume", "o")
    assert item.state == "new"
    assert all(clock.left is None for clock in item.deadlines)


def test_the_journal_agrees_with_the_state(firm: Firm) -> None:
    """The first row is the receipt, the second brings the item into its state; both are the library's own."""
    item, _ = arrive(firm, COMPLAINT, "working")
    rows = [(row.number, row.source, row.move, row.target, row.by) for row in firm.loop.feedback.history(item)]
    assert rows == [(1, "", "receive", "new", "system"), (2, "new", "import", "working", "system")]
    assert item.version == 2


def test_a_new_item_has_but_the_receipt(firm: Firm) -> None:
    """An item that comes as new has one row in its journal, as any other receipt."""
    item, unit = arrive(firm, COMPLAINT)
    assert [row.move for row in firm.loop.feedback.history(item)] == ["receive"]
    assert item.version == 1
    assert [fact.name for fact in unit.facts] == [FactName.FEEDBACK_RECEIVED]


def test_nobody_is_told_that_it_has_come(firm: Firm) -> None:
    """The acknowledgement that a firm sends on a channel is not sent for what comes from another system."""
    firm.loop.settings.set("acknowledge", frozenset({"email"}))
    _, unit = arrive(firm, COMPLAINT)
    firm.loop.run_due()
    assert {type(change.record) for change in unit.changes if isinstance(change, Insert)} == {
        Interaction, Text, Feedback, Transition, Timer,
    }  # fmt: skip
    assert firm.post.sent == []


def test_what_was_closed_elsewhere_is_outside_the_loop(firm: Firm) -> None:
    """A closed item has no clocks and no timer, the outcome `imported`, and the times that the source gives."""
    now = firm.clock.now()
    item, unit = arrive(
        firm,
        COMPLAINT,
        "closed_before_import",
        received_at=now - 9 * DAY,
        first_answer_at=now - 8 * DAY,
        solved_at=now - 7 * DAY,
    )
    assert (item.state, item.is_open, item.outcome) == ("closed_before_import", False, Outcome.IMPORTED)
    assert (item.deadlines, item.due, item.late) == ((), None, ())
    assert item.closed_at == item.solved_at == now - 7 * DAY
    assert (item.gross, item.net) == (2 * DAY, None)
    assert not any(isinstance(change, Insert) and isinstance(change.record, Timer) for change in unit.changes)
    assert broken_invariants(firm.loop) == ()


def test_unknown_times_stay_unknown(firm: Firm) -> None:
    """Without times from the source there are none, and nothing is measured; deadlines count from the import."""
    closed, _ = arrive(firm, COMPLAINT, "closed_before_import")
    solved, _ = arrive(firm, COMPLAINT, "resolved")
    for item in (closed, solved):
        assert (item.received_at, item.first_answer_at, item.solved_at, item.closed_at) == (None, None, None, None)
        assert (item.gross, item.net) == (None, None)
    fresh, _ = arrive(firm, COMPLAINT)
    assert min(clock.started for clock in fresh.deadlines) == int(firm.clock.now().timestamp() * 1e6)


def test_the_first_answer_is_on_time_or_late_by_its_own_time(firm: Firm) -> None:
    """What answered a question elsewhere counts when it came, not when it was imported."""
    received = firm.clock.now() - 9 * DAY
    on_time, _ = arrive(firm, LOOPS["question"], "assigned", received_at=received, first_answer_at=received + HOUR)
    late, _ = arrive(firm, LOOPS["question"], "assigned", received_at=received, first_answer_at=received + 2 * DAY)
    unknown, _ = arrive(firm, LOOPS["question"], "assigned", first_answer_at=received + 2 * DAY)
    assert (on_time.late, late.late, unknown.late) == ((), ("first_answer",), ())
    for item in (on_time, late, unknown):
        assert "first_answer" not in clocks(item)


def test_an_unanswered_item_counts_from_its_receipt(firm: Firm) -> None:
    """The deadline of the first answer of an old item is missed on arrival, and its next step comes at once."""
    received = firm.clock.now() - 9 * DAY
    item, _ = arrive(firm, LOOPS["question"], received_at=received)
    assert item.due == received + DAY
    firm.loop.run_due()
    assert firm.loop.feedback.get(item.id).late == ("first_answer",)


def test_times_that_cannot_be_are_kept_and_not_measured(firm: Firm) -> None:
    """Both of two times in the wrong order go to the item's data, and the fields stay empty."""
    now = firm.clock.now()
    item, _ = arrive(
        firm,
        COMPLAINT,
        "closed_before_import",
        received_at=now - 9 * DAY,
        first_answer_at=now - DAY,
        solved_at=now - 2 * DAY,
    )
    assert item.data == {
        "status": "As it was",
        "doubtful": {
            "first_answer_at": (now - DAY).isoformat(),
            "solved_at": (now - 2 * DAY).isoformat(),
        },
    }
    assert (item.received_at, item.first_answer_at, item.solved_at) == (now - 9 * DAY, None, None)
    assert (item.closed_at, item.gross) == (None, None)


@pytest.mark.parametrize(
    ("state", "times", "wrong"),
    [
        ("closed_before_import", {"received_at": NOW - DAY, "solved_at": NOW}, set()),
        ("closed_before_import", {"received_at": NOW, "solved_at": NOW}, set()),
        ("closed_before_import", {"received_at": datetime(1, 1, 1, tzinfo=UTC), "solved_at": NOW}, {"received_at"}),
        ("new", {"received_at": datetime(1899, 12, 30, tzinfo=UTC)}, {"received_at"}),
        ("new", {"received_at": datetime(1900, 1, 1, tzinfo=UTC)}, set()),
        ("closed_before_import", {"received_at": NOW - DAY, "first_answer_at": NOW + HOUR}, {"first_answer_at"}),
        ("closed_before_import", {"solved_at": NOW, "closed_at": NOW - HOUR}, {"solved_at", "closed_at"}),
        ("new", {"received_at": NOW - DAY, "solved_at": NOW}, {"solved_at"}),
        ("waiting", {"solved_at": NOW}, {"solved_at"}),
        ("working", {"first_answer_at": NOW, "solved_at": NOW}, {"solved_at"}),
        ("resolved", {"first_answer_at": NOW, "solved_at": NOW}, set()),
        ("resolved", {"closed_at": NOW}, {"closed_at"}),
    ],
)
def test_what_is_doubtful(state: str, times: dict[str, datetime], wrong: set[str]) -> None:
    """Doubtful are times to come or out of reach, two in the wrong order, and the end of what is not ended."""
    stated = {name: Stated(at) for name, at in times.items()}
    assert doubtful(stated, loop=COMPLAINT, state=state, now=NOW) == wrong


def test_a_day_counts_as_its_whole() -> None:
    """An answer on the day of the receipt is not doubted because a day begins at midnight; one of the day before is."""
    noon, today = Stated(NOW), Stated(NOW.replace(hour=0), Precision.DAY)
    yesterday = Stated(NOW.replace(hour=0) - DAY, Precision.DAY)
    judge = {"loop": COMPLAINT, "state": "assigned", "now": NOW}
    assert doubtful({"received_at": noon, "first_answer_at": today}, **judge) == set()
    assert doubtful({"received_at": noon, "first_answer_at": yesterday}, **judge) == {"received_at", "first_answer_at"}


@given(st.dictionaries(st.sampled_from(TIMES), st.integers(-5, 3).map(lambda hours: Stated(NOW + hours * HOUR))))
def test_what_is_left_is_in_order(times: dict[str, Stated]) -> None:
    """Of any times, those that are not doubtful are past and in the order in which such things happen."""
    wrong = doubtful(times, loop=COMPLAINT, state="closed_before_import", now=NOW)
    sure = [times[name].at for name in TIMES if name in times and name not in wrong]
    assert sure == sorted(sure)
    assert all(at <= NOW for at in sure)


def test_only_open_states_and_the_import_s_own_end_are_arrived_at() -> None:
    """Other ends are refused, as how a loop ended elsewhere is not ours to count; unknown states with near matches."""
    assert arrival_state(COMPLAINT, "working") == "working"
    assert arrival_state(COMPLAINT, "closed_before_import") == "closed_before_import"
    with pytest.raises(InvalidValue, match="closed_before_import"):
        arrival_state(COMPLAINT, "closed_confirmed")
    with pytest.raises(UnknownName, match="did you mean 'working'"):
        arrival_state(COMPLAINT, "workin")


def test_priority_and_class_set_the_deadlines(firm: Firm) -> None:
    """What is worked out once is kept apart for each urgency: a critical item is due sooner than a normal one."""
    context = firm.loop.context
    arrivals = Arrivals(context.kit, context.now())
    dues = []
    for priority, customer_class in ((Priority.NORMAL, None), (Priority.CRITICAL, CustomerClass.A)):
        number = context.new_id()
        words = Words(
            interaction=Interaction(
                space="main", id=number, kind=InteractionKind.FEEDBACK, channel="email", recorded_at=context.now()
            ),
            text=Text(space="main", id=number, body="Words"),
        )
        item = {"space": "main", "id": number, "ref": "", "channel": "email"}
        item |= {"priority": priority, "customer_class": customer_class}
        dues.append(arrivals.arrive(COMPLAINT, item, words, times={}).item.due)
    assert dues[1] < dues[0]
