"""Trials of deadlines: what other calendars, lengths and processes would have kept."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from attrs import evolve

from clientloop.errors import InvalidValue
from clientloop.model.calendar import Calendar, Span, working_days
from clientloop.model.customers import CustomerClass
from clientloop.model.process import Process
from clientloop.presets.complaint import COMPLAINT
from clientloop.reports.trials import PromiseTrial
from clientloop.rules.loop.promises import PROMISES, Kept, was_kept
from tests.test_processes import CUSTOMER, DAY, NINE, OWNER, Firm

HOUR = timedelta(hours=1)


@pytest.fixture
def firm() -> Iterator[Firm]:
    """A small firm; Monday, 9 o'clock."""
    firm = Firm()
    yield firm
    firm.loop.close()


def counted(**counts: int) -> PromiseTrial:
    """Counts, with zeros for the rest."""
    names = ("items", "kept", "missed", "running", "was_missed", "better", "worse", "left_out")
    return PromiseTrial(**dict.fromkeys(names, 0) | counts)


def complaint(within: str) -> Process:
    """A complaint with another length of its solution."""
    rules = [
        evolve(rule, within=Span.parse(within)) if rule.name == "solution" else rule for rule in COMPLAINT.deadlines
    ]
    return evolve(COMPLAINT, version=2, deadlines=tuple(rules))


def solved(firm: Firm, days: int) -> None:
    """A complaint that is solved after so many days, and answered on the way."""
    item = firm.receive("complaint")
    firm.clock.advance(days * DAY)
    item = firm.move(firm.move(item, "assign", OWNER, to="mia", told="by phone"), "start", OWNER)
    firm.finish_tasks(item)
    firm.move(item, "resolve", OWNER, cause="carrier", action="sent another")


def test_what_was_is_judged_as_it_was(firm: Firm) -> None:
    """The same rules as those that items followed find the same promises kept."""
    solved(firm, 0)
    firm.receive("complaint")
    firm.clock.advance(20 * DAY)
    firm.loop.run_due()
    firm.receive("complaint")
    total = firm.loop.reports.try_deadlines().total
    assert total["solution"] == counted(items=3, kept=1, missed=1, running=1, was_missed=1)
    assert total["first_answer"] == counted(items=3, kept=1, missed=1, running=1, was_missed=1)
    overdue = firm.loop.feedback.list().items[1]
    assert {was_kept(evolve(overdue, late=()), name, firm.clock.now()) for name in PROMISES} == {Kept.MISSED}


def test_another_length_keeps_other_promises(firm: Firm) -> None:
    """Half of the time is missed by what took seven working days; more of it keeps what was missed."""
    solved(firm, 9)
    trial = firm.loop.reports.try_deadlines(process=complaint("5 wd"))
    assert trial.kinds["complaint"]["solution"] == counted(items=1, missed=1, worse=1)
    solved(firm, 16)
    assert firm.loop.reports.try_deadlines(process=complaint("20 wd")).total["solution"] == counted(
        items=2, kept=2, was_missed=1, better=1
    )
    assert firm.loop.reports.try_deadlines(process=complaint("20 wd"), since=NINE + DAY).total["solution"].items == 1
    assert firm.loop.reports.try_deadlines(process=complaint("20 wd"), until=NINE + DAY).total["solution"].items == 1


def test_another_calendar_and_other_lengths_of_a_class(firm: Firm) -> None:
    """Round the clock, ten working days are ten; a class may have lengths of its own, and none is set."""
    solved(firm, 11)
    settings = firm.loop.settings.get()
    always = evolve(settings, calendar=Calendar.around_the_clock("UTC"))
    assert firm.loop.reports.try_deadlines(settings=always).total["solution"] == counted(items=1, missed=1, worse=1)
    lengths = evolve(settings, class_deadlines={CustomerClass.A: {"complaint.solution": working_days(1)}})
    assert firm.loop.reports.try_deadlines(settings=lengths).total["solution"].missed == 0
    assert firm.loop.settings.get() == settings


def test_waiting_for_the_customer_is_added(firm: Firm) -> None:
    """A week of waiting is a week more."""
    item = firm.move(firm.receive("complaint"), "wait", OWNER, text="Which one?")
    firm.clock.advance(7 * DAY)
    item = firm.move(item, "resume", CUSTOMER)
    firm.clock.advance(8 * DAY)
    firm.loop.run_due()
    assert firm.loop.reports.try_deadlines().total["solution"] == counted(items=1, running=1)


def test_what_nobody_promised_is_left_out(firm: Firm) -> None:
    """Ideas have no first answer; a reopened item has a second promise; what was no feedback has none."""
    firm.receive("idea")
    firm.move(firm.bring("complaint", "informed"), "deny", CUSTOMER)
    firm.move(firm.receive("complaint"), "not_feedback", OWNER, reason="advertising")
    kinds = firm.loop.reports.try_deadlines().kinds
    assert kinds["idea"]["first_answer"] == counted(left_out=1)
    assert kinds["complaint"]["solution"] == counted(left_out=2)
    assert kinds["complaint"]["first_answer"] == counted(items=1, kept=1, left_out=1)


def test_nothing_is_written_and_a_wrong_process_is_refused(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """A trial only reads; a process that could not run is not tried."""
    solved(firm, 1)
    monkeypatch.setattr(firm.loop.store, "commit", None)
    assert firm.loop.reports.try_deadlines(process=complaint("1 wd")).total["solution"].kept == 1
    with pytest.raises(InvalidValue, match="the process of 'complaint' is wrong"):
        firm.loop.reports.try_deadlines(process=evolve(COMPLAINT, solved=("sollved",)))
