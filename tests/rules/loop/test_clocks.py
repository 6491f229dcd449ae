"""Deadlines of an item: their lengths, their steps, and what happens while they stand still."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from clientloop import ClientLoop, ManualClock
from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.calendar import Calendar, Clock, Hours, Span, days, hours, working_days, working_hours
from clientloop.model.codec import instant, microseconds
from clientloop.model.customers import CustomerClass
from clientloop.model.feedback import Deadline, Feedback, Priority
from clientloop.model.process import DeadlineRule, Since, deadline
from clientloop.rules.loop import clocks
from clientloop.rules.loop.settings import Settings
from clientloop.rules.time.worktime import is_open, worked_us

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday
FIRST = microseconds(datetime(2026, 1, 1, tzinfo=UTC))
HOUR, DAY = 3_600_000_000, 86_400_000_000

LUNCH = (Hours.parse("08:00-12:00"), Hours.parse("13:00-17:00"))
CALENDARS = (
    Calendar.standard("UTC"),
    Calendar.around_the_clock("America/New_York"),
    Calendar(
        name="shop", zone="Europe/Ljubljana", week={**dict.fromkeys(range(5), LUNCH), 5: LUNCH[:1]},
        holidays=frozenset({date(2026, 1, 1), date(2026, 4, 6)}),
    ),
)  # fmt: skip

calendars = st.sampled_from(CALENDARS)
starts = st.integers(FIRST, FIRST + 300 * DAY)
lengths = st.one_of(
    st.builds(working_days, st.integers(1, 12)),
    st.builds(working_hours, st.integers(1, 60)),
    st.builds(hours, st.integers(1, 200)),
)


def begun(rule: DeadlineRule, calendar: Calendar, start: int, **changes: object) -> Deadline:
    """The deadline of an item of no class and normal priority that was received when it starts."""
    arguments: dict[str, object] = {
        "kind": "complaint", "priority": Priority.NORMAL, "customer_class": None, "received": start, "now": start,
        "date": None, "settings": Settings(calendar=calendar),
    }  # fmt: skip
    return clocks.begin(rule, **{**arguments, **changes})  # type: ignore[arg-type]  # as listed above


def is_open_or_closing(calendar: Calendar, at: int) -> bool:
    """Whether somebody works just before or just after an instant."""
    return worked_us(calendar, at - 1, at + 1) > 0


def passed_between(clock: Clock, calendar: Calendar, start: int, end: int) -> int:
    """How much time of a clock passes."""
    return worked_us(calendar, start, end) if clock is Clock.WORKING else end - start


@given(
    calendar=calendars,
    start=starts,
    length=lengths,
    pauses=st.lists(st.tuples(st.fractions(0, 1), st.integers(0, 20 * DAY)), max_size=8),
)
def test_pauses_move_the_end_by_exactly_the_time_paused(
    calendar: Calendar, start: int, length: Span, pauses: Sequence[tuple[float, int]]
) -> None:
    """However often a deadline stands still, its end moves by what its own clock counted meanwhile, and no less."""
    rule = deadline("solution", length, waits=True)
    clock = begun(rule, calendar, start)
    first_due, now, paused = clock.due, start, 0
    for share, pause in pauses:
        now += int(share * (clock.due - now))
        clock = clocks.pause(clock, now=now, calendar=calendar)
        assert (clock.wake, clocks.due_of({"solution": clock})) == (None, None)
        clock = clocks.resume(rule, clock, paused=now, now=now + pause, calendar=calendar)
        paused += passed_between(length.clock, calendar, now, now + pause)
        now += pause
    assert passed_between(length.clock, calendar, first_due, clock.due) == paused
    assert length.clock is Clock.ELAPSED or is_open_or_closing(calendar, clock.due)


@given(calendar=calendars, start=starts, length=lengths, late=st.integers(1, 9 * DAY), pause=st.integers(0, 9 * DAY))
def test_a_deadline_that_was_late_is_as_late_after_a_pause(
    calendar: Calendar, start: int, length: Span, late: int, pause: int
) -> None:
    """What was missed before the wait is not mended by it, and grows no worse."""
    rule = deadline("solution", length, waits=True)
    clock = begun(rule, calendar, start)
    now = clock.due + late
    after = clocks.resume(
        rule, clocks.pause(clock, now=now, calendar=calendar), paused=now, now=now + pause, calendar=calendar
    )
    assert after.due == clock.due + pause


def test_a_wait_after_hours_does_not_bring_the_end_forward() -> None:
    """What is due when the firm opens is due then also if it stood still for an hour of the evening before."""
    calendar, rule = CALENDARS[0], deadline("solution", working_days(1), waits=True)
    evening = microseconds(datetime(2026, 3, 9, 20, tzinfo=UTC))
    clock = begun(rule, calendar, microseconds(datetime(2026, 3, 6, 18, tzinfo=UTC)))
    assert instant(clock.due) == datetime(2026, 3, 10, 9, tzinfo=UTC)
    paused = clocks.pause(clock, now=evening, calendar=calendar)
    assert clocks.resume(rule, paused, paused=evening, now=evening + HOUR, calendar=calendar).due == clock.due


rising = st.lists(st.integers(1, 400), max_size=3, unique=True).map(sorted)
visits = st.lists(st.tuples(st.booleans(), st.integers(0, 8 * DAY)), min_size=1, max_size=12)


rules = st.builds(
    lambda length, reminders, levels: deadline(
        "reply", length, waits=True, remind=tuple(map(hours, reminders)), then="lapse", again=tuple(map(hours, levels))
    ),
    lengths,
    rising,
    rising,
)


@given(rule=rules, calendar=calendars, start=starts, visits=visits)
def test_every_step_comes_once_in_order_whatever_happens(
    rule: DeadlineRule, calendar: Calendar, start: int, visits: Sequence[tuple[bool, int]]
) -> None:
    """Workers come when they come and the customer lets the firm wait: no step comes twice, early, or is left out."""
    clock, now = begun(rule, calendar, start), start
    taken: list[int] = []
    for waits, passing in [*visits, (False, 400 * DAY)]:
        if waits:
            standing = clocks.pause(clock, now=now, calendar=calendar)
            clock = clocks.resume(rule, standing, paused=now, now=now + passing, calendar=calendar)
        now += passing
        while clock.wake is not None and clock.wake <= now:
            taken.append(clock.step)
            following = clocks.passed(rule, clock, calendar)
            assert following.wake is None or following.wake >= clock.wake
            clock = following
    assert taken == sorted(set(taken))
    first, last = len(rule.remind), len(rule.remind) + len(rule.again)
    assert set(range(first, last + 1)) <= set(taken)
    assert clock.wake is None


def test_reminders_that_would_come_at_the_end_are_left_out() -> None:
    """Nobody is reminded of a deadline on the day on which it ends anyway."""
    rule = deadline("reply", days(2), remind=(days(1), days(2), days(3)), then="lapse")
    clock = begun(rule, CALENDARS[0], FIRST)
    steps = []
    while clock.wake is not None:
        steps.append((clocks.moves_of_step(rule, clock.step), (clock.wake - FIRST) // DAY))
        clock = clocks.passed(rule, clock, CALENDARS[0])
    assert steps == [(("remind",), 1), (("lapse",), 2)]


@given(calendar=calendars, now=starts, priority=st.sampled_from(Priority))
def test_escalations_wait_for_the_next_opening(calendar: Calendar, now: int, priority: Priority) -> None:
    """While the calendar is open, and for what is critical, at once; else at the first open instant, and no later."""
    at = clocks.when_to_escalate(calendar, now, priority=priority)
    if priority is Priority.CRITICAL or is_open(calendar, instant(now)):
        assert at == now
    else:
        assert at > now
        assert is_open(calendar, instant(at))
        assert worked_us(calendar, now, at) == 0


def test_only_deadlines_of_the_firm_count_as_missed() -> None:
    """A customer who does not reply makes nobody late, nor does a clock that stands still."""
    ours, theirs = deadline("solution", hours(1)), deadline("reply", hours(1), then="lapse")
    clock = begun(ours, CALENDARS[0], FIRST)
    assert not clocks.is_late(ours, clock, clock.due)
    assert clocks.is_late(ours, clock, clock.due + 1)
    assert not clocks.is_late(theirs, clock, clock.due + 1)
    assert not clocks.is_late(ours, evolve(clock, left=0), clock.due + 1)


A_FASTER = {CustomerClass.A: {"complaint.solution": working_days(2)}}
SOLUTION = deadline("solution", working_days(10), critical=hours(6), during="new", waits=True)


@pytest.mark.parametrize(
    ("customer_class", "priority", "kind", "due"),
    [
        (None, Priority.NORMAL, "complaint", datetime(2026, 3, 16, 9, tzinfo=UTC)),
        (CustomerClass.A, Priority.NORMAL, "complaint", datetime(2026, 3, 4, 9, tzinfo=UTC)),
        (CustomerClass.A, Priority.NORMAL, "idea", datetime(2026, 3, 16, 9, tzinfo=UTC)),
        (CustomerClass.B, Priority.HIGH, "complaint", datetime(2026, 3, 16, 9, tzinfo=UTC)),
        (CustomerClass.A, Priority.CRITICAL, "complaint", datetime(2026, 3, 2, 15, tzinfo=UTC)),
    ],
)
def test_class_and_priority_set_the_length(
    customer_class: CustomerClass | None, priority: Priority, kind: str, due: datetime
) -> None:
    """A class may have a length of its own for a deadline of a kind; what is critical is due by its own length."""
    settings = Settings(calendar=CALENDARS[0], class_deadlines=A_FASTER)
    clock = begun(
        SOLUTION, settings.calendar, microseconds(NINE),
        settings=settings, customer_class=customer_class, priority=priority, kind=kind,
    )  # fmt: skip
    assert instant(clock.due) == due


def test_a_deadline_counts_from_the_receipt_where_it_says_so() -> None:
    """A letter that lay for a day has a day less to its first answer, and its whole time to the solution."""
    receipt, now = microseconds(NINE), microseconds(NINE) + DAY
    for since, due in ((Since.RECEIPT, receipt + 2 * DAY), (Since.MOVE, now + 2 * DAY)):
        clock = begun(deadline("first_answer", days(2), since=since), CALENDARS[0], now, received=receipt)
        assert clock.due == due


def test_a_deadline_by_date_needs_the_date() -> None:
    """What was promised for a date is due then; without one the deadline cannot start."""
    rule = deadline("promise", None)
    assert instant(begun(rule, CALENDARS[0], FIRST, date=NINE).due) == NINE
    with pytest.raises(InvalidValue, match="'promise' needs a date"):
        begun(rule, CALENDARS[0], FIRST)


def received(loop: ClientLoop, customer_class: CustomerClass | None, priority: Priority | None = None) -> Feedback:
    """A complaint of a customer of a class."""
    customer = loop.customers.add(name=f"Of class {customer_class}", customer_class=customer_class)
    return loop.feedback.receive(
        kind="complaint", channel="phone", text="Broken", customer=customer, priority=priority
    )  # fmt: skip


def test_the_class_of_a_customer_sets_priority_and_deadlines_of_what_comes_in() -> None:
    """An item gets the priority and the deadlines that the firm has set for the class, unless a priority is given."""
    with ClientLoop.open("memory:", clock=ManualClock(NINE), entry_points=False) as loop:
        loop.settings.set("class_priority", {CustomerClass.A: Priority.CRITICAL, CustomerClass.B: Priority.HIGH})
        loop.settings.set("class_deadlines", {CustomerClass.B: {"complaint.solution": working_days(4)}})
        priorities = [received(loop, each).priority for each in (CustomerClass.A, CustomerClass.B, None)]
        assert priorities == [Priority.CRITICAL, Priority.HIGH, Priority.NORMAL]
        assert received(loop, CustomerClass.A, Priority.LOW).priority is Priority.LOW
        due = {
            each: next(instant(clock.due) for clock in received(loop, each).deadlines if clock.name == "solution")
            for each in (CustomerClass.A, CustomerClass.B, None)
        }
        assert [(at.day, at.hour) for at in due.values()] == [(4, 9), (6, 9), (16, 9)]


@pytest.mark.parametrize(
    ("name", "length", "says"),
    [
        ("complaint.solutoin", hours(1), "did you mean 'solution'"),
        ("complant.solution", hours(1), "did you mean 'complaint'"),
        ("complaint.next_update", hours(0), "in no time at all"),
    ],
)
def test_a_length_of_a_class_is_of_a_deadline_that_there_is(name: str, length: Span, says: str) -> None:
    """A misspelt deadline, and one of no length, is refused when it is set, and the settings stay as they were."""
    with ClientLoop.open("memory:", entry_points=False) as loop:
        error = InvalidValue if not length.amount else UnknownName
        with pytest.raises(error, match=says):
            loop.settings.set("class_deadlines", {CustomerClass.A: {name: length}})
        assert loop.settings.get().class_deadlines == {}
