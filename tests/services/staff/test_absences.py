"""Absences: whoever is away keeps no open work, and gets none."""

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest

from clientloop.errors import Conflict, Duplicate, InvalidValue, NotFound, Refused, UnknownName
from clientloop.model.feedback import Feedback
from clientloop.model.staff import Absence
from clientloop.model.units import Unit
from clientloop.services.staff.absences import AGAIN, LEASE, begin_due
from clientloop.testing.invariants import broken_invariants
from tests.test_processes import CUSTOMER, DAY, NINE, Firm

HOUR = timedelta(hours=1)


def owned(firm: Firm, owner: str, kind: str = "complaint") -> Feedback:
    """An item that a member has taken on, with its task."""
    item = firm.loop.feedback.move(firm.receive(kind), "assign", by=owner, to=owner)
    return firm.loop.feedback.move(item, "start", by=owner)


def owner_of(firm: Firm, item: Feedback) -> str | None:
    """Who owns an item now."""
    return firm.loop.feedback.get(item.id).owner


def test_when_an_absence_begins_the_deputy_goes_on(firm: Firm) -> None:
    """Items and tasks that are open go to the deputy by moves of the system, when the time has come and not before."""
    firm.loop.staff.change("mia", deputy="tim")
    item, other = owned(firm, "mia"), owned(firm, "head")
    done = firm.bring("praise", "thanked")
    firm.loop.staff.away("mia", since=NINE + 2 * HOUR, until=NINE + DAY, reason="dentist")
    assert firm.loop.run_due().absences == 0
    assert owner_of(firm, item) == "mia"
    firm.clock.advance(2 * HOUR)
    assert firm.loop.run_due().absences == 1
    assert (owner_of(firm, item), owner_of(firm, other)) == ("tim", "head")
    assert [task.owner for task in firm.loop.tasks.of(item)] == ["tim"]
    last = firm.loop.feedback.history(item)[-1]
    assert (last.move, last.by, last.data) == ("hand_over", "system", {"to": "tim", "reason": "mia is away"})
    assert firm.loop.run_due().absences == 0
    assert firm.loop.feedback.get(done.id).version == done.version
    assert broken_invariants(firm.loop) == ()


def test_the_absence_s_deputy_goes_before_the_member_s_own(firm: Firm) -> None:
    """Who stands in for this absence is named with it."""
    firm.loop.staff.change("mia", deputy="tim")
    item = owned(firm, "mia")
    firm.loop.staff.away("mia", deputy="head")
    firm.loop.run_due()
    assert owner_of(firm, item) == "head"


def test_without_a_deputy_colleagues_share_the_work(firm: Firm) -> None:
    """Colleagues of the same team get it, each so much that the loads are even."""
    staff = firm.loop.staff
    staff.add_team("service")
    staff.change("mia", teams=["service"])
    for name in ("eva", "fay"):
        staff.add(name, teams=["service"])
    items = [owned(firm, "mia") for _ in range(5)]
    owned(firm, "eva")
    staff.away("mia")
    firm.loop.run_due()
    assert sorted(str(owner_of(firm, item)) for item in items) == ["eva", "eva", "fay", "fay", "fay"]


def test_work_that_finds_nobody_is_looked_at_again(firm: Firm, caplog: pytest.LogCaptureFixture) -> None:
    """If all are away, the work stays, is named in the log by its number alone, and is handed over once somebody is."""
    item = owned(firm, "mia")
    for name in ("tim", "head", "mia"):
        firm.loop.staff.away(name)
    with caplog.at_level(logging.WARNING, "clientloop"):
        firm.loop.run_due()
    assert owner_of(firm, item) == "mia"
    assert "2 items and tasks found nobody" in caplog.text
    firm.loop.staff.back("tim")
    firm.loop.run_due()
    assert owner_of(firm, item) == "mia"
    firm.clock.advance(AGAIN)
    firm.loop.run_due()
    assert owner_of(firm, item) == "tim"
    assert {absence.wake_at for absence in firm.loop.store.pages(Absence, "main")} == {None}


def test_who_is_away_gets_nothing_new(firm: Firm) -> None:
    """Giving an item to somebody who is away is refused, with the name of the deputy."""
    item = firm.receive("complaint")
    firm.loop.staff.away("mia", until=NINE + DAY, deputy="tim")
    with pytest.raises(Refused, match="mia is away until 2026-03-03 09:00 UTC: tim stands in"):
        firm.loop.feedback.move(item, "assign", by="head", to="mia")
    firm.loop.staff.deactivate("tim")
    with pytest.raises(Refused, match="tim has left: nobody stands in"):
        firm.loop.feedback.move(item, "assign", by="head", to="tim")
    firm.clock.advance(DAY)
    assert firm.loop.feedback.move(item, "assign", by="head", to="mia").owner == "mia"


def test_who_comes_back_works_again(firm: Firm) -> None:
    """An absence of unknown end is ended; what was handed over stays there; who is not away cannot come back."""
    item = owned(firm, "mia")
    firm.loop.staff.away("mia", deputy="tim")
    firm.loop.run_due()
    firm.clock.advance(HOUR)
    firm.loop.staff.back("mia")
    assert firm.loop.staff.absences() == ()
    assert owner_of(firm, item) == "tim"
    assert "mia" in {member.name for member in firm.loop.staff.present()}
    with pytest.raises(NotFound, match="mia is not away"):
        firm.loop.staff.back("mia")


@pytest.mark.parametrize("away_already", [False, True])
def test_who_leaves_hands_everything_over(firm: Firm, *, away_already: bool) -> None:
    """Somebody who does not work here any more owns nothing after the next run, and may come back later."""
    item = owned(firm, "mia")
    if away_already:
        firm.loop.staff.away("mia", until=NINE + HOUR)
    assert not firm.loop.staff.deactivate("mia").active
    firm.loop.run_due()
    assert owner_of(firm, item) == "head"  # the item is about tim
    firm.clock.advance(30 * DAY)
    assert firm.loop.staff.back("mia") == firm.loop.staff.get("mia")
    assert firm.loop.staff.get("mia").active
    assert firm.loop.feedback.move(item.id, "hand_over", by="tim", to="mia").owner == "mia"


def test_an_absence_that_will_not_be_is_taken_back(firm: Firm) -> None:
    """A planned absence is listed until it is cancelled; one that was changed meanwhile is not."""
    planned = firm.loop.staff.away("mia", since=NINE + DAY)
    firm.loop.staff.away("tim")
    assert [absence.member for absence in firm.loop.staff.absences()] == ["tim", "mia"]
    firm.loop.staff.cancel(planned)
    assert [absence.member for absence in firm.loop.staff.absences()] == ["tim"]
    with pytest.raises(Conflict):
        firm.loop.staff.cancel(planned)


def test_an_absence_that_is_over_moves_nothing(firm: Firm) -> None:
    """Written down afterwards, or ended before a worker came: the work stays where it is."""
    item = owned(firm, "mia")
    firm.loop.staff.away("mia", since=NINE - DAY, until=NINE - HOUR)
    assert firm.loop.run_due().absences == 0
    firm.loop.staff.away("mia", since=NINE + HOUR, until=NINE + 2 * HOUR)
    firm.clock.advance(3 * HOUR)
    assert firm.loop.run_due().absences == 1
    assert owner_of(firm, item) == "mia"


@pytest.mark.parametrize(
    ("ask", "error", "says"),
    [
        (lambda firm: firm.loop.staff.away("mai"), UnknownName, "no member 'mai': did you mean 'mia'"),
        (lambda firm: firm.loop.staff.away("mia", deputy="tmi"), UnknownName, "did you mean 'tim'"),
        (lambda firm: firm.loop.staff.away("mia", deputy="mia"), InvalidValue, "mia cannot stand in for mia"),
        (lambda firm: firm.loop.staff.away("mia", until=NINE), InvalidValue, "give a later `until`"),
        (
            lambda firm: [firm.loop.staff.away("mia"), firm.loop.staff.away("mia")],
            Duplicate,
            "`cancel` it before it is written anew",
        ),
    ],
)
def test_an_absence_that_cannot_be_is_refused(
    firm: Firm, ask: Callable[[Firm], object], error: type[Exception], says: str
) -> None:
    """Names are known, nobody stands in for themselves, and an absence ends after it begins."""
    with pytest.raises(error, match=says):
        ask(firm)


def test_a_worker_that_is_too_late_moves_nothing_twice(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the lease ends while a worker hands over, the next one finds nothing left, and the first gets a conflict."""
    items = [owned(firm, "mia") for _ in range(3)]
    firm.loop.staff.away("mia", deputy="tim")
    commit = firm.loop.store.commit

    def slow(unit: Unit) -> None:
        monkeypatch.setattr(firm.loop.store, "commit", commit)
        firm.clock.advance(LEASE)
        assert begin_due(firm.loop.context) == 1
        commit(unit)

    monkeypatch.setattr(firm.loop.store, "commit", slow)
    assert begin_due(firm.loop.context) == 1
    for item in items:
        assert [row.move for row in firm.loop.feedback.history(item)].count("hand_over") == 1
    assert broken_invariants(firm.loop) == ()


def test_a_reopened_item_goes_to_somebody_who_is_there(firm: Firm) -> None:
    """The owner of an item that ended may be away when the customer comes back to it; the journal names the next."""
    item = firm.move(firm.bring("complaint", "informed"), "confirm", CUSTOMER)
    firm.loop.staff.away(str(item.owner), deputy="head")
    firm.loop.run_due()
    assert owner_of(firm, item) == item.owner  # it has ended
    item = firm.move(item, "reopen", CUSTOMER)
    assert item.owner == "head"
    assert [row.data.get("to") for row in firm.loop.feedback.history(item) if row.move == "reopen"] == ["head"]


def test_an_item_set_aside_comes_back_to_somebody_who_is_there(firm: Firm) -> None:
    """What was no feedback and is some after all is not restored to somebody who has left."""
    item = owned(firm, "mia")
    item = firm.loop.feedback.move(item, "not_feedback", by="mia", reason="advertising")
    firm.loop.staff.deactivate("mia")
    firm.loop.run_due()
    assert firm.loop.feedback.move(item.id, "restore", by="tim", reason="it was some").owner == "head"
