"""What a worker says of itself."""

from datetime import UTC, datetime, timedelta

import pytest

from clientloop import ManualClock
from clientloop.app import Ran, health
from clientloop.app.health import Health, Ledger, Trouble
from clientloop.errors import StoreBusy
from clientloop.services.waiting import Waiting

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
WELL = Health(
    at=NINE, since=NINE - timedelta(hours=1), stopping=False, done=Ran(timers=12, accepted=40, failed=1),
    waiting=Waiting(messages=7, lag=timedelta(seconds=4)), busy={}, failures=0, trouble=None,
)  # fmt: skip
SHORT = (
    "2026-03-02T09:00:00Z running for 3600s; done absences=0 reread=0 polls=0 fetched=0 timers=12 accepted=40 failed=1 "
    "routines=0; waiting timers=0 messages=7 lag=4s; failures 0"
)


def test_all_is_said_in_one_line() -> None:
    """What was done, and what waits, with plain names for programs."""
    assert WELL.line() == SHORT


def test_what_is_wrong_is_said_in_the_same_line() -> None:
    """A store that does not answer, a channel that hangs, the last error."""
    trouble = Trouble(lane="send email", error="StoreBusy (store_busy)", at=NINE - timedelta(seconds=30))
    ill = Health(
        at=NINE, since=NINE, stopping=True, done=Ran(), waiting=None, busy={"send email": timedelta(seconds=65)},
        failures=3, trouble=trouble,
    )  # fmt: skip
    start, *rest = ill.line().split("; ")
    assert start == "2026-03-02T09:00:00Z stopping for 0s"
    assert rest[1:] == [
        "waiting unknown",
        "send email at one batch for 65s",
        "failures 3",
        "last StoreBusy (store_busy) in send email 30s ago",
    ]


def test_what_a_customer_wrote_is_in_no_line() -> None:
    """Of an error its sort is said, not its words."""
    ledger = Ledger(ManualClock(NINE))
    ledger.failed("deadlines", StoreBusy("ana@example.com cannot be written"))
    ledger.failed("reading", ValueError("ana@example.com is no number"))
    line = ledger.health(waiting=None, stopping=False).line()
    assert "failures 2; last ValueError in reading 0s ago" in line
    assert "ana" not in line


def test_a_lane_is_named_while_it_is_at_one_batch_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """And not before, and not after."""
    ledger = Ledger(ManualClock(NINE))

    def busy() -> list[str]:
        return list(ledger.health(waiting=None, stopping=False).busy)

    with ledger.at_work("send email"):
        assert busy() == []
        monkeypatch.setattr(health, "LONG", timedelta(0))
        assert busy() == ["send email"]
    assert busy() == []
