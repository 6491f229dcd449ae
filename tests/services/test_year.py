"""A year of work, judged by rules that are stated independently."""

from datetime import timedelta

import pytest

from clientloop.services.staff import absences
from clientloop.testing.invariants import broken_invariants
from tests.conftest import Size
from tests.services.year import BEGIN, END, Year
from tests.services.year_rules import judge

pytestmark = pytest.mark.in_ci("plays months of work")


def test_a_year_keeps_its_promises_to_customers_and_staff(size: Size, capsys: pytest.CaptureFixture[str]) -> None:
    """Every item has a present owner, escalations keep to working hours, and nobody is told anything twice."""
    year = Year(seed=7, items=6_000 if size is Size.NIGHT else 500)
    year.play()
    verdict = judge(year.loop, year.post.sent, END)
    with capsys.disabled():
        print(f"\n{verdict}")  # noqa: T201  # how often each rule was put to the test
    assert verdict.faults == []
    assert broken_invariants(year.loop) == ()
    assert all(year.done[what] > 0 for what in ("refused: hand_over", "moved: reopen", "moved: split", "reassigned"))


def test_the_judge_finds_work_that_nobody_takes_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is handed over, the same rules find items without a present owner."""
    monkeypatch.setattr(absences, "begin_due", lambda _: 0)
    end = BEGIN + timedelta(days=60)
    year = Year(seed=7, items=250)
    year.play(end)
    verdict = judge(year.loop, year.post.sent, end)
    assert {fault.partition(":")[0] for fault in verdict.faults} == {
        "without a present owner for at most a working hour"
    }
