"""The deadlines of an item: when they start, stop, go on and come due. Times are microseconds since 1970 in UTC."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from attrs import evolve

from clientloop.errors import InvalidValue
from clientloop.model.calendar import Calendar, Clock
from clientloop.model.codec import microseconds
from clientloop.model.customers import CustomerClass
from clientloop.model.feedback import Deadline, Priority
from clientloop.model.process import DeadlineRule, Since
from clientloop.rules.loop.settings import Settings
from clientloop.rules.time.worktime import add_worked_us, deadline_us, worked_us

#: The move by which a deadline that nobody met reaches people.
ESCALATE = "escalate"


def begin(
    rule: DeadlineRule,
    *,
    kind: str,
    priority: Priority,
    customer_class: CustomerClass | None,
    received: int,
    now: int,
    date: datetime | None,
    settings: Settings,
) -> Deadline:
    """Start a deadline.

    Args:
        rule: Its declaration.
        kind: The kind of feedback, for lengths that the firm has set.
        priority: Critical items may have a length of their own.
        customer_class: The class of the customer may have one, too.
        received: The original receipt.
        now: The move that starts it.
        date: The end that was given, for a rule without a length.
        settings: What the firm has set.

    Raises:
        InvalidValue: The rule has no length and no date was given.
    """
    since = received if rule.since is Since.RECEIPT else now
    span = settings.span(kind, rule.name, customer_class) or rule.within
    if priority is Priority.CRITICAL and rule.critical is not None:
        span = rule.critical
    if span is not None:
        due, clock = deadline_us(settings.calendar, since, span), span.clock
    elif date is not None:
        due, clock = microseconds(date), Clock.ELAPSED
    else:
        raise InvalidValue(f"the deadline {rule.name!r} needs a date", hint="give date=... with the move")
    return next_step(rule, Deadline(rule.name, clock, since, due, 0, None), settings.calendar)


def next_step(rule: DeadlineRule, clock: Deadline, calendar: Calendar) -> Deadline:
    """The deadline with the time of its next step; reminders that would come when it is due already are left out."""
    step = clock.step
    while step < len(rule.remind) and deadline_us(calendar, clock.started, rule.remind[step]) >= clock.due:
        step += 1
    wake = _step_time(rule, clock, step, calendar)
    return Deadline(clock.name, clock.clock, clock.started, clock.due, step, wake)


def _step_time(rule: DeadlineRule, clock: Deadline, step: int, calendar: Calendar) -> int | None:
    after_due = step - len(rule.remind)
    if after_due < 0:
        return deadline_us(calendar, clock.started, rule.remind[step])
    if after_due == 0:
        return clock.due
    if after_due <= len(rule.again):
        return deadline_us(calendar, clock.due, rule.again[after_due - 1])
    return None


def passed(rule: DeadlineRule, clock: Deadline, calendar: Calendar) -> Deadline:
    """The deadline after its step has been taken: each step comes once."""
    return next_step(rule, evolve(clock, step=clock.step + 1), calendar)


def moves_of_step(rule: DeadlineRule, step: int) -> tuple[str, ...]:
    """The moves that a step tries, in order."""
    after_due = step - len(rule.remind)
    if after_due < 0:
        return ("remind",)
    return rule.then if after_due == 0 else (ESCALATE,)


def when_to_escalate(calendar: Calendar, now: int, *, priority: Priority) -> int:
    """When the system may escalate an item: at once while the calendar is open, else at its next opening.

    The promise stays what it is: only the step that disturbs people waits for their working hours. Critical items
    disturb them round the clock.

    Args:
        calendar: By which the item's deadlines count.
        now: The present, in microseconds since 1970 in UTC.
        priority: How urgent the item is.

    >>> from datetime import UTC
    >>> saturday = microseconds(datetime(2026, 1, 3, 12, tzinfo=UTC))
    >>> calendar = Calendar.standard("UTC")
    >>> (when_to_escalate(calendar, saturday, priority=Priority.HIGH) - saturday) / 3_600_000_000
    45.0
    >>> when_to_escalate(calendar, saturday, priority=Priority.CRITICAL) == saturday
    True
    """
    return now if priority is Priority.CRITICAL else add_worked_us(calendar, now, 0)


def pause(clock: Deadline, *, now: int, calendar: Calendar) -> Deadline:
    """Stop a deadline: what is left of it is kept on its own clock; how late it was, in elapsed time."""
    left = clock.due - now
    if left > 0 and clock.clock is Clock.WORKING:
        left = worked_us(calendar, now, clock.due)
    return evolve(clock, wake=None, left=left)


def resume(rule: DeadlineRule, clock: Deadline, *, paused: int, now: int, calendar: Calendar) -> Deadline:
    """Let a stopped deadline go on, with what was left of it.

    Args:
        rule: Its declaration.
        clock: The stopped deadline.
        paused: When it was stopped.
        now: When it goes on.
        calendar: Whose working time it counts.
    """
    left = clock.left or 0
    due = now + left
    if left >= 0 and clock.clock is Clock.WORKING:
        due = add_worked_us(calendar, now, left)
    shifted = evolve(clock, started=clock.started + now - paused, due=due, left=None)
    return next_step(rule, shifted, calendar)


def is_late(rule: DeadlineRule, clock: Deadline, now: int) -> bool:
    """Whether a deadline that somebody should have met was missed."""
    return ESCALATE in rule.then and clock.left is None and now > clock.due


def due_of(clocks: Mapping[str, Deadline]) -> int | None:
    """The earliest of the running deadlines."""
    return min((clock.due for clock in clocks.values() if clock.left is None), default=None)


def wake_of(clocks: Iterable[Deadline]) -> int | None:
    """When the next step of any deadline comes."""
    return min((clock.wake for clock in clocks if clock.wake is not None), default=None)
