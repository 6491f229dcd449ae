"""Clocks that jump, go back and skip days, and seconds too many: what is due comes once, and nothing waits forever."""

import io
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from clientloop import ClientLoop, ManualClock
from clientloop.channels.desk.channel import Desk
from clientloop.channels.mail.dates import read_date
from clientloop.channels.webhook.shapes import read_event
from clientloop.errors import BadPayload, ClientLoopError, InvalidValue, StoreError
from clientloop.exchange.mapping import FeedbackMapping
from clientloop.model.calendar import Calendar, Hours, days, hours, working_days, working_hours
from clientloop.model.channels import ChannelState
from clientloop.model.feedback import Feedback, Transition
from clientloop.model.planning import Appointment, Routine
from clientloop.model.process import NEW
from clientloop.model.units import Unit, Update
from clientloop.model.where import eq
from clientloop.ports.events import Raw
from clientloop.rules.time.worktime import add_worked, deadline, worked
from clientloop.services.intake.polling import keep_polling
from clientloop.services.loop.timers import LEASE, fire_due
from clientloop.services.outgoing.batch import send_batch
from clientloop.services.routines import keep_routines
from clientloop.testing import Fault
from clientloop.testing.failing import no_faults
from tests.channels.webhook.samples import MESSAGE
from tests.faults.failing import Firm, Trials
from tests.faults.house import SPACE, START
from tests.faults.judge import judge
from tests.faults.sink import SINK, WELL, Sent, Wires

HOUR, DAY, YEAR = timedelta(hours=1), timedelta(days=1), timedelta(days=365)

#: How far a clock jumps.
JUMPS = (HOUR, -HOUR, DAY, -DAY, YEAR, -YEAR, timedelta(minutes=7), timedelta(0))


def clock_of(loop: ClientLoop) -> ManualClock:
    """Its clock, to be moved."""
    assert isinstance(loop.clock, ManualClock)
    return loop.clock


# -- Timers


def steps(loop: ClientLoop) -> Counter[tuple[str, str]]:
    """How many steps each deadline of what nobody has touched has taken, but for those that come again and again."""
    return Counter(
        (item.ref, deadline)
        for item in loop.store.pages(Feedback, SPACE)
        for row in loop.store.pages(Transition, SPACE, where=eq("item", item.id))
        if item.state == NEW and item.channel != WELL and (deadline := str(row.data.get("deadline"))) in ONCE
    )


#: The deadlines that come once, each in two steps: it is told to a superior, and to the one above.
ONCE = frozenset({"first_answer", "solution"})


@settings(phases=[Phase.explicit, Phase.generate], max_examples=settings().max_examples // 7)
@example([YEAR, -YEAR, YEAR])
@example([DAY, -DAY] * 3)
@given(st.lists(st.sampled_from(JUMPS), max_size=8))
def test_timers_fire_once_however_the_clock_jumps(firm: Firm, jumps: Sequence[timedelta]) -> None:
    """In the end each deadline of each item has taken its two steps, and neither of them twice."""
    _, loop = Trials.start(firm, "memory")
    for jump in jumps:
        clock_of(loop).advance(jump)
        loop.run_due()
    for day in range(4):
        clock_of(loop).set(START + 20 * YEAR + day * DAY)
        loop.run_due()
    taken = steps(loop)
    assert len(taken) == 6
    assert set(taken.values()) == {2}
    assert not judge(loop, firm.acks, firm.sent).broken


def test_what_was_claimed_by_a_clock_ahead_comes_when_that_lease_ends(firm: Firm) -> None:
    """No lease is endless: it holds as long as the clock was ahead, and the lease itself; then each step comes once."""
    store, loop = Trials.start(firm, "memory")
    clock_of(loop).set(START + YEAR)
    store.plan = lambda call: Fault.BEFORE if call.method == "commit" else None
    with pytest.raises(StoreError):
        fire_due(loop.context)  # it has claimed, and is lost
    store.plan = no_faults
    clock_of(loop).set(START + YEAR - DAY)
    assert fire_due(loop.context) == 0
    clock_of(loop).set(START + YEAR + LEASE)
    assert fire_due(loop.context) > 0
    assert set(steps(loop).values()) == {2}
    assert not judge(loop, firm.acks, firm.sent).broken


def test_a_worker_years_ahead_makes_nothing_happen_twice(firm: Firm) -> None:
    """It takes what another holds, whose late commit is refused: every step is in the journal once."""
    store, loop = Trials.start(firm, "memory")
    clock_of(loop).advance(2 * DAY)
    store.plan = lambda call: Fault.HANG if call.method == "commit" and not store.hanging.is_set() else None
    slow = Thread(target=fire_due, args=(loop.context,), daemon=True)
    slow.start()
    assert store.hanging.wait(10)
    ahead = firm.house.view(store, clock=ManualClock(START + 5 * YEAR), run=2)
    assert fire_due(ahead.context) > 0
    store.let_go.set()
    slow.join(10)
    assert not slow.is_alive()
    assert set(steps(loop).values()) == {2}
    assert not judge(loop, firm.acks, firm.sent).faults


def test_a_worker_years_ahead_sends_nothing_twice(firm: Firm) -> None:
    """What another is just sending counts as perhaps sent, and is not sent again where the channel knows no repeat."""
    store, loop = Trials.start(firm, "memory")
    item = loop.feedback.receive(kind="question", channel=SINK, text="Open?", reply_to="eva@example.com")
    loop.feedback.move(item, "answer", by="mia", text="Until six.")
    sent = Sent(firm.sent)
    before = sent.taken()
    store.plan = lambda call: (
        Fault.HANG if call.method == "commit" and not store.hanging.is_set() and sent.taken() != before else None
    )
    slow = Thread(target=send_batch, args=(loop.context,), daemon=True)
    slow.start()
    assert store.hanging.wait(10)
    ahead = firm.house.view(store, clock=ManualClock(START + 5 * YEAR), run=2)
    assert send_batch(ahead.context).claimed > 0
    store.let_go.set()
    slow.join(10)
    assert set((sent.taken() - before).values()) == {1}
    assert not judge(loop, firm.acks, firm.sent).faults


# -- What comes again and again


def test_nothing_sleeps_for_a_year_as_a_clock_was_a_year_ahead(firm: Firm) -> None:
    """Polls and nightly routines that were done by such a clock are due again as soon as a worker begins."""
    _, loop = Trials.start(firm, "memory")
    clock = clock_of(loop)
    keep_routines(loop.context)
    clock.set(START + YEAR)
    loop.run_due()
    loop.channels.poll(WELL)
    clock.set(START)
    keep_routines(loop.context)
    keep_polling(loop.context)
    assert all(routine.wake_at <= START + DAY for routine in loop.store.pages(Routine, SPACE))
    clock.advance(DAY)
    before = {routine.name: routine.done_at for routine in loop.store.pages(Routine, SPACE)}
    loop.run_due()
    done = {routine.name: routine.done_at for routine in loop.store.pages(Routine, SPACE)}
    assert before["relationships"] == START + YEAR
    assert done["relationships"] == START + DAY


@pytest.mark.parametrize(
    ("polled", "next_at", "wakes", "then"),
    [
        (YEAR, YEAR + HOUR, YEAR + HOUR, timedelta(0)),  # polled by a clock ahead
        (-HOUR, timedelta(0), YEAR, timedelta(0)),  # held by one
        (-HOUR, DAY, DAY, DAY),  # at rest, as the channel wants it
        (-HOUR, timedelta(0), timedelta(minutes=9), timedelta(minutes=9)),  # held by a worker now
    ],
)
def test_a_poll_of_a_clock_ahead_is_free_when_a_worker_begins(
    polled: timedelta, next_at: timedelta, wakes: timedelta, then: timedelta
) -> None:
    """Neither when it was last made by such a clock, nor who was lost in it, keeps it from being made now."""
    changes = {"polled_at": START + polled, "next_at": START + next_at, "wake_at": START + wakes}
    wires = Wires(Sent(Path("never written")))
    with ClientLoop.open("memory:", clock=ManualClock(START), plugins=[wires], entry_points=False) as loop:
        loop.store.commit(Unit((Update(ChannelState, (SPACE, WELL), changes),)))
        keep_polling(loop.context)
        found = loop.store.get(ChannelState, (SPACE, WELL))
    assert found is not None
    assert found.wake_at == START + then


# -- Working time
ZONES = ("Europe/Ljubljana", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "America/St_Johns", "UTC")
WEEK = dict.fromkeys(range(7), (Hours.parse("00:30-03:30"), Hours.parse("09:00-17:00")))
#: What clocks do: forward and back, by half an hour, and by a whole day.
CHANGES = tuple(
    datetime.fromisoformat(f"{each}+00:00")
    for each in (
        *("2026-03-29 01:00", "2026-10-25 01:00", "2026-03-08 07:00", "2026-11-01 06:00"),
        *("2026-04-04 15:00", "2026-10-03 15:30", "2011-12-30 10:00"),
    )
)
SPANS = (hours(24), days(2), working_hours(1), working_hours(20), working_days(1), working_days(3))


@example("Europe/Ljubljana", CHANGES[1], (-10, 10), hours(24))
@given(
    st.sampled_from(ZONES),
    st.sampled_from(CHANGES),
    st.tuples(st.integers(-3_000, 3_000), st.integers(-3_000, 3_000)),
    st.sampled_from(SPANS),
)
def test_whoever_comes_later_is_never_due_earlier(
    zone: str, change: datetime, around: tuple[int, int], span: Any
) -> None:
    """Across every change of clocks, deadlines rise with the time at which they begin, and lie after it."""
    calendar = Calendar(name="shop", zone=zone, week=WEEK)
    first, second = (change + timedelta(minutes=minutes) for minutes in sorted(around))
    assert first <= deadline(calendar, first, span) <= deadline(calendar, second, span)
    assert worked(calendar, first, second) <= second - first
    later = add_worked(calendar, first, timedelta(hours=5))
    assert worked(calendar, first, later) == timedelta(hours=5)


# -- A second too many

_LEAP = "2016-12-31T23:59:60"


def by_mail(_: ClientLoop) -> object:
    """The date of a mail."""
    return read_date("Sat, 31 Dec 2016 23:59:60 +0000")


def by_webhook(_: ClientLoop) -> object:
    """The time of a webhook."""
    return read_event(json.dumps({**MESSAGE, "timestamp": f"{_LEAP}Z"}).encode(), "k")


def by_desk(_: ClientLoop) -> object:
    """The time of an entry of an operator's."""
    said = {"sort": "call", "call": "1", "operator": "kim", "text": "Late", "at": f"{_LEAP}+00:00"}
    return Desk().parse(Raw(body=json.dumps(said).encode())).events


def by_table(loop: ClientLoop, *, form: str, text: str) -> object:
    """The time of a row."""
    mapping = FeedbackMapping(
        source="desk", columns={"text": "Text", "received_at": "At"}, dates=(form,),
        default={"kind": "idea", "channel": "form", "state": "new"},
    )  # fmt: skip
    report = loop.imports.feedback(io.StringIO(f"Text,At\nLate,{text}\n"), mapping)
    if report.rejected:
        raise InvalidValue(report.problems[0].reason)
    return [item.received_at for item in loop.store.pages(Feedback, SPACE)]


def by_calendar(loop: ClientLoop, *, line: str) -> object:
    """The time of an appointment."""
    file = io.StringIO(f"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nSUMMARY:Call\n{line}\nEND:VEVENT\nEND:VCALENDAR\n")
    report = loop.imports.icalendar(file)
    assert not report.rejected, report.problems
    return next(iter(loop.store.pages(Appointment, SPACE))).starts_at


def by_card(loop: ClientLoop) -> object:
    """A card says when it was changed, and nobody asks."""
    file = io.StringIO(f"BEGIN:VCARD\nVERSION:4.0\nFN:Ana\nREV:{_LEAP}Z\nBDAY:{_LEAP}Z\nEND:VCARD\n")
    return loop.imports.vcard(file).added


#: What each door makes of the second, or how it refuses it.
LEAPS: Mapping[str, tuple[Callable[[ClientLoop], object], object]] = {
    "mail": (by_mail, datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
    "webhook": (by_webhook, BadPayload),
    "desk": (by_desk, BadPayload),
    "CSV, ISO 8601": (partial(by_table, form="iso", text=f"{_LEAP}Z"), InvalidValue),
    "CSV, a format": (partial(by_table, form="%d.%m.%Y %H:%M:%S", text="31.12.2016 23:59:60"), InvalidValue),
    "calendar, UTC": (
        partial(by_calendar, line="DTSTART:20161231T235960Z"), datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC),
    ),
    "calendar, a zone": (
        partial(by_calendar, line="DTSTART;TZID=Asia/Tokyo:20170101T085960"),
        datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC),
    ),
    "card": (by_card, 1),
}  # fmt: skip


@pytest.mark.parametrize("door", LEAPS)
def test_a_leap_second_is_read_or_refused(door: str) -> None:
    """It is the last second of its minute, or no time; it is never an accident."""
    read, wanted = LEAPS[door]
    with ClientLoop.open("memory:", clock=ManualClock(START), entry_points=False) as loop:
        try:
            found = read(loop)
        except ClientLoopError as error:
            found = type(error)
    assert found == wanted
