"""Deadlines that come due: each step once, whatever the workers do."""

import logging
import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from attrs import evolve

from clientloop import ClientLoop, ManualClock
from clientloop.app import Ran
from clientloop.errors import Conflict
from clientloop.model.calendar import Calendar, Clock, Hours, hours
from clientloop.model.codec import microseconds as _us
from clientloop.model.feedback import Deadline, Feedback, Outcome, Priority, Timer, Transition
from clientloop.model.process import OWNER as OWNERS
from clientloop.model.process import SYSTEM as WORKERS
from clientloop.model.process import Process, deadline, move, notify, start
from clientloop.model.staff import Team
from clientloop.model.units import Delete, Insert, Unit, Update
from clientloop.plugins import hookimpl
from clientloop.services.loop.timers import LEASE, due_steps, fire_due
from clientloop.testing.fakes import FakeChannels
from clientloop.testing.invariants import broken_invariants
from tests.test_processes import CUSTOMER, DAY, NINE, OWNER, Firm

HOUR = timedelta(hours=1)


def steps(loop: ClientLoop, item: Feedback) -> list[tuple[str, str]]:
    """The steps that the system took on an item: move and deadline."""
    return [(row.move, row.data["deadline"]) for row in loop.feedback.history(item) if "deadline" in row.data]


def claimed(firm: Firm) -> Timer:
    """The one due timer, claimed as a worker does."""
    (timer,) = firm.loop.store.claim(Timer, "main", now=firm.clock.now(), lease=LEASE, limit=9)
    return timer


def test_after_a_pause_of_the_workers_nothing_is_said_twice(firm: Firm) -> None:
    """Five steps that come at once are five rows in the journal, and one message to the customer."""
    item = firm.receive("complaint")
    firm.clock.advance(30 * DAY)
    firm.loop.run_due()
    told = Counter(message.template for message in firm.post.sent if message.to == "ana@example.com")
    taken = steps(firm.loop, item)
    assert len(taken) >= 5
    assert len(set(taken)) < len(taken)  # each level of a deadline
    assert told == {"new_date": 1}


def test_steps_are_taken_in_the_order_in_which_they_came(firm: Firm) -> None:
    """A worker that comes late takes the earliest step first, and writes down when it did."""
    item = firm.receive("complaint")
    firm.clock.advance(3 * DAY)
    firm.loop.run_due()
    assert [name for _, name in steps(firm.loop, item)] == ["first_answer", "first_answer", "next_update"]
    assert {row.at for row in firm.loop.feedback.history(item) if "deadline" in row.data} == {NINE + 3 * DAY}


def test_what_is_refused_is_noted_and_comes_no_more(firm: Firm) -> None:
    """An offer that the customer's word forbids is not made; the journal says why, and the timer is gone."""
    firm.loop.settings.set("offers", {})
    item = firm.move(firm.bring("complaint", "informed"), "confirm", CUSTOMER)
    firm.clock.advance(8 * DAY)
    firm.loop.run_due()
    last = firm.loop.feedback.history(item)[-1]
    assert (last.move, last.by, last.data["deadline"]) == ("passed", "system", "next_sale")
    assert "an offer that follows the product" in last.data["refused"][0]
    assert list(firm.loop.store.pages(Timer, "main")) == []
    assert firm.loop.run_due().timers == 0


def test_what_cannot_be_done_is_escalated(firm: Firm) -> None:
    """A loop that should end by itself but may not goes to a superior instead of nowhere."""
    item = firm.receive("complaint", reachable=False)
    item = firm.move(item, "reject", "s", reason="worn out")
    firm.clock.advance(31 * DAY)
    firm.loop.run_due()
    assert ("escalate", "appeal") in steps(firm.loop, item)
    assert firm.loop.feedback.get(item.id).state == "rejected"


def test_two_workers_with_one_timer_take_its_step_once(firm: Firm) -> None:
    """Whoever commits second, with a lease that has ended, changes nothing."""
    item = firm.receive("complaint")
    firm.clock.advance(DAY)
    slow = due_steps(firm.loop.context, claimed(firm))
    firm.clock.advance(LEASE)
    firm.loop.run_due()
    with pytest.raises(Conflict):
        firm.loop.context.commit(slow)
    assert steps(firm.loop, item) == [("escalate", "first_answer")]


def test_an_item_that_was_moved_after_the_claim_is_left_alone(firm: Firm) -> None:
    """A step that was worked out before somebody answered is not taken; the timer comes when the next one is due."""
    item = firm.receive("question")
    firm.clock.advance(DAY)
    late = due_steps(firm.loop.context, claimed(firm))
    item = firm.loop.feedback.move(item, "answer", by="mia", text="Yes.", told="by phone")
    with pytest.raises(Conflict):
        firm.loop.context.commit(late)
    firm.loop.run_due()
    assert steps(firm.loop, item) == []
    assert broken_invariants(firm.loop) == ()


def test_an_item_that_is_moved_in_the_last_moment_is_looked_at_again(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that loses against a person leaves the item; its step comes when the lease ends, once."""
    item = firm.receive("complaint")
    firm.clock.advance(DAY)
    commit = firm.loop.store.commit

    def late(unit: Unit) -> None:
        monkeypatch.setattr(firm.loop.store, "commit", commit)
        firm.loop.feedback.move(item, "hand_over", by="tim", to="tim")
        commit(unit)

    monkeypatch.setattr(firm.loop.store, "commit", late)
    assert firm.loop.run_due().timers == 1
    assert steps(firm.loop, item) == []
    firm.clock.advance(LEASE)
    firm.loop.run_due()
    assert steps(firm.loop, item) == [("escalate", "first_answer")]


def test_a_timer_with_nothing_due_goes_back_to_sleep(firm: Firm) -> None:
    """A timer whose deadline was stopped after it was claimed sleeps until the item's next step."""
    firm.receive("praise")
    firm.clock.advance(DAY)
    timer = claimed(firm)
    firm.clock.set(NINE + DAY / 2)  # a worker whose clock is ahead of the others
    unit = due_steps(firm.loop.context, timer)
    assert unit == Unit((Update(Timer, ("main", timer.item), {"wake_at": NINE + DAY}, timer.version),))
    firm.loop.context.commit(unit)
    assert broken_invariants(firm.loop) == ()


def test_a_timer_without_a_step_to_come_ends(firm: Firm) -> None:
    """A timer that is claimed while its item is set aside is taken away."""
    item = firm.receive("praise")
    (timer,) = firm.loop.store.pages(Timer, "main")
    firm.move(item, "not_feedback", OWNER, reason="advertising")
    assert due_steps(firm.loop.context, timer) == Unit((Delete(Timer, ("main", item.id), timer.version),))


def test_a_timer_of_no_item_ends(firm: Firm) -> None:
    """A timer that outlived its item, say by an erasure, is taken away."""
    item = firm.receive("praise")
    (timer,) = firm.loop.store.pages(Timer, "main")
    orphan = evolve(timer, item=firm.customer.id)
    assert due_steps(firm.loop.context, orphan).changes == (Delete(Timer, ("main", firm.customer.id), timer.version),)
    assert item.is_open


NIGHT = NINE + timedelta(hours=-6)  # three o'clock on Monday morning
HOURS = {day: [Hours.parse("00:00-06:00"), Hours.parse("22:00-24:00")] for day in range(7)}
OWLS = Calendar(name="owls", zone="UTC", week=HOURS)


def put(firm: Firm, item: Feedback, **changes: object) -> None:
    """An item as routing would have made it."""
    firm.loop.store.commit(Unit((Update(Feedback, (item.space, item.id), changes),)))


def escalations(firm: Firm, item: Feedback) -> list[datetime]:
    """When the system escalated an item."""
    return [row.at for row in firm.loop.feedback.history(item) if row.move == "escalate" and row.by == "system"]


def missed_at_night(firm: Firm, **more: object) -> Feedback:
    """A complaint whose first answer is due at three on Tuesday morning, and not given; it is that time."""
    firm.clock.set(NIGHT)
    item = firm.loop.feedback.receive(kind="complaint", channel="email", text="Broken", **more)  # type: ignore[arg-type]
    due = NIGHT + DAY
    put(firm, item, due=due, deadlines=(evolve(item.deadlines[0], clock=Clock.ELAPSED, due=_us(due), wake=_us(due)),))
    firm.loop.store.commit(Unit((Update(Timer, (item.space, item.id), {"wake_at": due}),)))
    firm.clock.set(due)
    return item


def test_an_escalation_waits_for_working_hours(firm: Firm) -> None:
    """A promise that ends at night is missed at night; superiors and the customer hear of it when the firm opens."""
    item = missed_at_night(firm, reply_to="ana@example.com")
    firm.loop.run_due()
    assert (firm.post.sent, escalations(firm, item)) == ([], [])
    assert [timer.wake_at for timer in firm.loop.store.pages(Timer, "main")] == [NINE + DAY]
    assert firm.loop.feedback.get(item).due == NIGHT + DAY
    assert firm.loop.run_due().timers == 0
    firm.clock.set(NINE + DAY)
    firm.loop.run_due()
    assert escalations(firm, item) == [NINE + DAY]
    assert {message.template for message in firm.post.sent} == {"alert", "new_date"}
    assert firm.loop.feedback.get(item).late == ("first_answer",)


def test_workers_that_were_down_and_come_at_night_disturb_nobody(firm: Firm) -> None:
    """What came due in working hours, but is found after them, waits for the next ones."""
    item = firm.receive("complaint")
    firm.clock.set(NINE + 3 * DAY + timedelta(hours=12))
    firm.loop.run_due()
    assert (firm.post.sent, escalations(firm, item)) == ([], [])
    firm.clock.set(NINE + 4 * DAY)
    firm.loop.run_due()
    assert escalations(firm, item) == [NINE + 4 * DAY] * 4
    assert broken_invariants(firm.loop) == ()


def test_what_is_critical_escalates_round_the_clock(firm: Firm) -> None:
    """A critical complaint that nobody answers within an hour wakes somebody at night."""
    firm.clock.set(NIGHT)
    item = firm.loop.feedback.receive(kind="complaint", channel="email", text="Fire", priority=Priority.CRITICAL)
    firm.clock.advance(timedelta(hours=1))
    firm.loop.run_due()
    assert escalations(firm, item) == [NIGHT + timedelta(hours=1)]


def test_what_becomes_critical_at_night_escalates_at_once(firm: Firm) -> None:
    """A timer that sleeps till morning is looked at anew when the item is urgent after all."""
    item = missed_at_night(firm)
    firm.loop.run_due()
    firm.loop.feedback.move(item.id, "hand_over", by="mia", to="tim", priority=Priority.CRITICAL)
    firm.loop.run_due()
    assert escalations(firm, item) == [NIGHT + DAY]


def test_the_hours_of_an_item_are_those_of_its_calendar(firm: Firm) -> None:
    """A team of the night hears of its items at night, and not by day."""
    firm.loop.settings.set("calendars", {"owls": OWLS})
    for calendar, heard in (("owls", [NIGHT + DAY]), (None, [])):
        item = missed_at_night(firm)
        put(firm, item, calendar=calendar)
        firm.loop.run_due()
        assert escalations(firm, item) == heard


def test_other_steps_do_not_wait_for_working_hours(firm: Firm) -> None:
    """A loop that ends by silence ends at night, and takes an escalation that waits with it."""
    item = firm.move(firm.receive("complaint", reachable=False), "wait", OWNER, text="Which parcel?")
    due = [evolve(clock, due=_us(NINE + hours * HOUR), wake=_us(NINE + hours * HOUR)) for clock, hours in _two(item)]
    put(firm, item, deadlines=tuple(due))
    firm.loop.store.commit(Unit((Update(Timer, (item.space, item.id), {"wake_at": NINE + 9 * HOUR}),)))
    firm.clock.set(NINE + 9 * HOUR)
    firm.loop.run_due()
    assert firm.loop.feedback.get(item.id).is_open
    firm.clock.set(NINE + 12 * HOUR)
    firm.loop.run_due()
    assert (firm.loop.feedback.get(item.id).state, escalations(firm, item)) == ("closed_no_reply", [])
    assert list(firm.loop.store.pages(Timer, "main")) == []


def _two(item: Feedback) -> list[tuple[Deadline, int]]:
    """The first answer at six in the evening, and the last day of the reply three hours later."""
    clocks = {clock.name: clock for clock in item.deadlines}
    return [(clocks["first_answer"], 9), (evolve(clocks["reply_wanted"], step=2), 12)]


def test_steps_that_come_together_alert_nobody_twice(firm: Firm) -> None:
    """After a pause of the workers every superior has one alert, and the team one from the second step on."""
    firm.loop.store.commit(
        Unit((Insert(Team(space="main", name="post", lead="mia", channel="email", address="post@firm.example.com")),))
    )
    item = firm.receive("complaint")
    put(firm, item, team="post")
    firm.clock.advance(30 * DAY)
    firm.loop.run_due()
    alerts = Counter(message.to for message in firm.post.sent if message.template == "alert")
    assert alerts == {"mia@firm.example.com": 1, "post@firm.example.com": 1}


#: A kind whose reminder names a text that nobody wrote.
SPEECHLESS = Process(
    kind="speechless",
    title="Speechless",
    working="new",
    solved=("done",),
    ends={"done": Outcome.DONE},
    receipt=(start("limit"),),
    moves=(
        move("new", "finish", "done", OWNERS),
        move("new", "mumble", "new", WORKERS, notify("unwritten")),
    ),
    deadlines=(deadline("limit", hours(1), during="new", then="mumble"),),
)


class Brings:
    """A plugin that brings a kind without texts."""

    @hookimpl
    def clientloop_register_processes(self) -> Sequence[Process]:
        """The kind."""
        return [SPEECHLESS]


def test_an_item_that_cannot_take_its_step_does_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    """A template that is missing is logged, with the id alone; other items go on, and it is tried again later."""
    clock = ManualClock(NINE)
    with ClientLoop.open("memory:", clock=clock, plugins=[Brings()], entry_points=False) as loop:
        bad = loop.feedback.receive(kind="speechless", channel="email", text="Secret", reply_to="ana@example.com")
        good = loop.feedback.receive(kind="complaint", channel="email", text="Broken")
        clock.advance(DAY)
        with caplog.at_level(logging.ERROR, "clientloop"):
            loop.run_due()
        assert steps(loop, good) == [("escalate", "first_answer")]
        assert steps(loop, bad) == []
        assert str(bad.id) in caplog.text
        assert "ana@" not in caplog.text
        loop.settings.set("texts", {"en.unwritten": {"subject": "Hm", "body": "Hm."}})
        clock.advance(LEASE)
        loop.run_due()
        assert steps(loop, bad) == [("mumble", "limit")]


def test_batches_end_when_nothing_is_due(firm: Firm) -> None:
    """A worker looks at so many items as are due, and at none when there are none."""
    assert fire_due(firm.loop.context) == 0
    for _ in range(3):
        firm.receive("praise")
    firm.clock.advance(DAY)
    assert fire_due(firm.loop.context) == 3
    assert fire_due(firm.loop.context) == 0


@pytest.mark.parametrize("workers", [2, 4])
def test_no_step_is_taken_twice_by_several_workers(workers: int) -> None:
    """Workers that fire 200 timers at once take each step once, and send each message once."""
    clock, post = ManualClock(NINE), FakeChannels("email")
    with ClientLoop.open("memory:", clock=clock, plugins=[post], entry_points=False) as loop:
        items = [
            loop.feedback.receive(kind="complaint", channel="email", text="Broken", reply_to=f"a{number}@example.com")
            for number in range(200)
        ]
        clock.advance(2 * DAY)
        begin = threading.Barrier(workers)

        def work() -> Ran:
            begin.wait()
            return loop.run_due()

        with ThreadPoolExecutor(workers) as pool:
            ran = [future.result(60) for future in [pool.submit(work) for _ in range(workers)]]
        assert sum(each.timers for each in ran) >= len(items)
        taken = Counter(
            (row.item, row.data["deadline"]) for row in loop.store.pages(Transition, "main") if "deadline" in row.data
        )
        assert taken == {(item.id, "first_answer"): 2 for item in items}
        assert Counter(message.to for message in post.sent) == {f"a{number}@example.com": 1 for number in range(200)}
        assert broken_invariants(loop) == ()
