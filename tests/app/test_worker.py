"""Workers: what is due is done once, side by side, and given back when they stop."""

import asyncio
import logging
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from clientloop import ClientLoop, ManualClock, Worker
from clientloop.app import lanes
from clientloop.app import worker as module
from clientloop.app.health import Health
from clientloop.errors import NotSupported, StoreError
from clientloop.model.feedback import Feedback, Timer
from clientloop.model.messages import Failure, MessageState, OutboundMessage, Receipt
from clientloop.model.units import Unit
from clientloop.services.keeping.seals import Seal, Way
from clientloop.testing import FailingStore
from clientloop.testing.failing import Fault, no_faults
from clientloop.testing.fakes import FakeChannels
from tests.app.firms import HANGS, Gate, queue, until, working
from tests.services.intake.test_polling import filled
from tests.services.intake.wires import Script, perform

if TYPE_CHECKING:
    from tests.postgres import Server

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class Firm:
    """A firm with two channels that send and one that is polled."""

    def __init__(self, url: str) -> None:
        self.clock = ManualClock(NINE)
        self.mail, self.sms, self.script = FakeChannels("email"), FakeChannels("sms"), Script()
        self.loop = ClientLoop.open(
            url, clock=self.clock, plugins=[self.mail, self.sms, self.script], entry_points=False,
            channels={"box": {}}, perform=perform,
        )  # fmt: skip

    def complaint(self, **more: object) -> None:
        """An item that somebody works on, whose first deadline comes in a second."""
        item = self.loop.feedback.receive(kind="complaint", text="The parcel came broken", **{"channel": "desk"} | more)
        self.loop.feedback.move(item, "assign", to="lea", by="desk")
        self.loop.run_due()
        [timer] = self.loop.store.page(Timer, "main")
        assert timer.wake_at is not None
        self.clock.set(timer.wake_at - SECOND)


@pytest.fixture
def firm(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Firm]:
    """The firm in memory, or in a file."""
    made = Firm(getattr(request, "param", "memory:").format(tmp_path))
    with made.loop:
        yield made


@pytest.fixture
def loop() -> Iterator[ClientLoop]:
    """A firm in memory with one channel."""
    with ClientLoop.open("memory:", plugins=[FakeChannels("email")], entry_points=False) as loop:
        yield loop


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers come back at once after an error."""
    monkeypatch.setattr(lanes, "SHORTEST_PAUSE", timedelta(seconds=0.001))
    monkeypatch.setattr(lanes, "LONGEST_PAUSE", timedelta(seconds=0.01))


@pytest.mark.parametrize("firm", ["memory:", "sqlite:///{}/firm.db"], indirect=True)
def test_a_hanging_channel_holds_up_nothing_else(firm: Firm) -> None:
    """While one message hangs, another channel sends, mailboxes are polled, and deadlines have their steps."""
    firm.complaint()
    firm.mail.answer = gate = Gate()
    for _ in range(3):
        queue(firm.loop, "email")
        queue(firm.loop, "sms")
    filled(firm.script, 1)
    with working(firm.loop) as worker:
        assert gate.reached.wait(HANGS)
        firm.clock.advance(SECOND)
        until(lambda: len(firm.sms.sent) == 3)
        until(lambda: worker.health().done.timers and worker.health().done.fetched)
        assert len(firm.mail.sent) == 1
        gate.open()
        until(lambda: worker.health().done.accepted >= 6)
    assert len(firm.mail.sent) == 3


def test_a_hanging_mailbox_holds_up_nothing_else(firm: Firm) -> None:
    """While a poll hangs, messages are sent and deadlines have their steps."""
    begun, go_on = threading.Event(), threading.Event()

    def hang() -> None:
        begun.set()
        assert go_on.wait(HANGS)

    firm.complaint()
    firm.clock.advance(timedelta(days=1))
    firm.script.before_poll = hang
    with working(firm.loop) as worker:
        assert begun.wait(HANGS)
        queue(firm.loop, "sms", 2)
        until(lambda: len(firm.sms.sent) == 2 and worker.health().done.timers)
        assert worker.health().done.polls == 0
        go_on.set()
        until(lambda: worker.health().done.polls)


def asked_and_answered(loop: ClientLoop) -> Feedback:
    """A question whose answer is in the outbox, and which ends when the customer says nothing to that."""
    item = loop.feedback.receive(kind="question", channel="email", text="Open on Sunday?", reply_to="ana@example.com")
    return loop.feedback.move(item, "answer", by="mia", text="No.")


def test_two_workers_do_everything_once(tmp_path: Path) -> None:
    """On one file, with claims of their own, they share messages and deadlines, and repeat none."""
    url, clock = f"sqlite:///{tmp_path}/firm.db", ManualClock(NINE)
    posts = [FakeChannels("email", "sms") for _ in range(2)]
    loops = [ClientLoop.open(url, clock=clock, plugins=[post], entry_points=False) for post in posts]
    queue(loops[0], "sms", 60)
    items = [asked_and_answered(loops[0]) for _ in range(20)]
    with working(loops[0]) as first, working(loops[1]) as second:
        until(lambda: not loops[0].outbox.list().items)
        clock.advance(timedelta(days=5))
        until(lambda: not loops[0].inbox().items and not loops[0].store.due_spaces(now=clock.now()))
    done = first.health().done + second.health().done
    sent = Counter(message.id for post in posts for message in post.sent)
    assert set(sent.values()) == {1}
    assert (len(sent), done.accepted) == (80, 80)
    for item in items:
        assert [row.move for row in loops[0].feedback.history(item)] == ["receive", "answer", "told", "lapse"]
    for loop in loops:
        loop.close()


@pytest.mark.in_ci("starts a server")
def test_workers_on_a_server_wake_one_another(postgres: "Server") -> None:
    """On PostgreSQL nobody waits for the next look, and everything is done once."""
    url, posts = postgres.empty_database(), [FakeChannels("email", "sms") for _ in range(2)]
    loops = [ClientLoop.open(url, plugins=[post], entry_points=False) for post in posts]
    with working(loops[0], look_every=timedelta(days=1)), working(loops[1], look_every=timedelta(days=1)):
        for _ in range(10):
            queue(loops[0], "sms", 20)
            asked_and_answered(loops[1])
        until(lambda: not loops[0].outbox.list().items)
    sent = Counter(message.id for post in posts for message in post.sent)
    assert (len(sent), set(sent.values())) == (210, {1})
    for loop in loops:
        loop.close()


def test_a_worker_that_stops_finishes_what_it_has_in_hand(firm: Firm) -> None:
    """The message that the channel has is taken; those behind it are due as before, untried."""
    firm.mail.answer = gate = Gate()
    queue(firm.loop, "email", 5)
    with working(firm.loop) as worker:
        assert gate.reached.wait(HANGS)
        worker.stop()
        gate.open()
    assert (worker.health().done.accepted, worker.health().stopping) == (1, True)
    left = firm.loop.outbox.list()
    assert [(each.state, each.attempts) for each in left] == [(MessageState.QUEUED, 0)] * 4
    assert firm.loop.run_due().accepted == 4


def test_a_worker_leaves_what_does_not_end(caplog: pytest.LogCaptureFixture) -> None:
    """It stops after its grace without a channel that hangs, and says so."""
    gate = Gate()
    with ClientLoop.open("memory:", plugins=[FakeChannels("slow", answer=gate)], entry_points=False) as loop:
        queue(loop, "slow")
        with working(loop, grace=timedelta(seconds=0.01)):
            assert gate.reached.wait(HANGS)
        assert "stopped without the end of: send slow" in caplog.text
        assert [each.state for each in loop.outbox.list()] == [MessageState.SENDING]
        gate.open()


def test_a_worker_stops_though_its_store_does_not_answer(loop: ClientLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for an answer is left as what hangs; the last word is said without asking once more."""
    asked: list[str] = []
    told: list[Health] = []
    answer = threading.Event()

    def silent(**_: object) -> Sequence[str]:
        asked.append(threading.current_thread().name)
        if asked[-1] == "watch":
            answer.wait(HANGS)
        raise StoreError("the server does not answer")

    with working(loop, grace=SECOND / 100, tell=told.append):
        until(lambda: told)
        monkeypatch.setattr(loop.store, "due_spaces", silent)
        until(lambda: asked)
    assert asked == ["watch"]
    assert [(each.stopping, each.waiting is None) for each in told] == [(False, False), (True, True)]
    answer.set()


def test_nothing_is_said_after_the_last_word(loop: ClientLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the store answers too late, while it is asked what waits, is for nobody any more."""
    told: list[Health] = []
    asking: list[threading.Thread] = []
    answer = threading.Event()

    def late(**_: object) -> Sequence[str]:
        asking.append(threading.current_thread())
        assert answer.wait(HANGS)
        return ()

    monkeypatch.setattr(loop.store, "due_spaces", late)
    with working(loop, grace=SECOND / 100, tell=told.append):
        until(lambda: asking)
    answer.set()
    [watch] = asking
    watch.join(HANGS)
    assert not watch.is_alive()
    assert [each.stopping for each in told] == [True]


def test_the_grace_counts_from_the_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    """However late the worker comes to see that it is to stop, it does not wait the longer for what hangs."""
    here, gate = threading.current_thread(), Gate()
    slow = FakeChannels("slow", answer=gate)
    with ClientLoop.open("memory:", plugins=[slow], entry_points=False) as loop:
        queue(loop, "slow")
        with working(loop, grace=timedelta(days=1)):
            assert gate.reached.wait(HANGS)
            later = time.monotonic() + timedelta(days=2).total_seconds()
            monkeypatch.setattr(
                module, "monotonic", lambda: time.monotonic() if threading.current_thread() is here else later
            )
        gate.open()


@pytest.mark.usefixtures("impatient")
def test_a_store_that_is_gone_is_waited_for(loop: ClientLoop, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing stops while it is away, and when it is back everything goes on; each try is counted."""
    caplog.set_level(logging.CRITICAL)
    store = FailingStore(loop.store)
    queue(loop, "email", 2)
    store.plan = lambda call: Fault.BEFORE if call.method == "claim" else None
    with working(store.view(loop)) as worker:
        until(lambda: worker.health().failures > 20)
        store.plan = lambda call: Fault.BEFORE
        failures = worker.health().failures
        until(lambda: worker.health().failures > failures + 20)
        health = worker.health()
        assert (health.waiting, health.done.accepted) == (None, 0)
        assert health.trouble is not None
        assert health.trouble.error == "StoreError (store)"
        store.plan = no_faults
        until(lambda: worker.health().done.accepted == 2)


@pytest.mark.usefixtures("impatient")
def test_one_space_holds_up_no_other(loop: ClientLoop) -> None:
    """What goes wrong in one is noted, and all others have their turn."""
    other = loop.in_space("other")
    queue(other, "email")
    loop.store.commit(Unit((Seal(space="other", way=Way.LEAVING, other="postgresql:").setting(),)))
    with working(loop) as worker:
        queue(loop, "email")
        until(lambda: worker.health().done.accepted == 1 and worker.health().failures > 2)
        trouble = worker.health().trouble
    assert trouble is not None
    assert trouble.error == "Sealed (sealed)"
    assert [each.version for each in other.outbox.list()] == [1]


class Odd(BaseException):
    """What no handler of errors is for."""


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("error", [asyncio.CancelledError(), KeyboardInterrupt(), GeneratorExit(), Odd()])
def test_no_lane_ends_by_what_a_plugin_raises(firm: Firm, error: BaseException) -> None:
    """Whatever it is, it is counted once, and what comes next is done."""
    firm.mail.answer = strange = Strange(error)
    queue(firm.loop, "email")
    with working(firm.loop) as worker:
        until(lambda: strange.asked)
        queue(firm.loop, "email")
        until(lambda: worker.health().done.accepted == 1)
        done = worker.health()
    assert done.failures + done.done.failed == 1


@pytest.mark.usefixtures("impatient")
def test_no_lane_ends_by_what_a_store_raises(loop: ClientLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver may end its thread, and a lane goes on all the same."""
    due, odd = loop.store.due_spaces, [Odd() for _ in range(30)]

    def strange(*, now: datetime, limit: int) -> Sequence[str]:
        if threading.current_thread().name == "send email" and odd:
            raise odd.pop()
        return due(now=now, limit=limit)

    monkeypatch.setattr(loop.store, "due_spaces", strange)
    queue(loop, "email")
    with working(loop) as worker:
        until(lambda: worker.health().done.accepted == 1)
        health = worker.health()
    assert health.trouble is not None
    assert (health.failures, health.trouble.error) == (30, "Odd")


class Strange:
    """A channel that raises something once, and takes what it is given from then on."""

    def __init__(self, error: BaseException) -> None:
        self.error, self.asked = error, False

    def __call__(self, _: OutboundMessage) -> Receipt:
        """Raise it the first time."""
        if self.asked:
            return Receipt()
        self.asked = True
        raise self.error


def test_what_no_channel_here_can_send_waits_for_a_person(loop: ClientLoop) -> None:
    """A worker says so, as `run_due` does."""
    queue(loop, "fax")
    with working(loop):
        until(lambda: loop.outbox.dead_letters().items)
    [dead] = loop.outbox.dead_letters()
    assert dead.state is MessageState.PARKED
    assert (dead.error or "").startswith("config: no channel 'fax'")


def test_a_worker_is_woken_by_its_store(loop: ClientLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the store hears of what others commit, it is done long before the next look."""
    heard = threading.Event()

    def wait_for_due(timeout: timedelta) -> bool:
        found = heard.wait(timeout.total_seconds())
        heard.clear()
        return found

    monkeypatch.setattr(loop.store, "wait_for_due", wait_for_due)
    with working(loop, look_every=timedelta(days=1)) as worker:
        until(lambda: worker.health().at)
        queue(loop, "email")
        heard.set()
        until(lambda: worker.health().done.accepted == 1)


def test_what_one_lane_makes_another_does_at_once(firm: Firm) -> None:
    """A deadline's message goes out without another look."""
    firm.complaint(channel="email", reply_to="ana@example.com")
    firm.clock.advance(SECOND)
    with working(firm.loop, look_every=timedelta(days=1)):
        until(lambda: "new_date" in {message.template for message in firm.mail.sent})


def test_whoever_is_told_hears_it_at_the_beginning_and_at_the_end(
    loop: ClientLoop, caplog: pytest.LogCaptureFixture
) -> None:
    """And as often as wanted in between; who cannot listen stops nothing."""
    told: list[Health] = []

    def tell(health: Health) -> None:
        told.append(health)
        raise OSError("the disk is full")

    with working(loop, tell=tell, tell_every=timedelta(seconds=0.01)):
        until(lambda: len(told) > 3)
        queue(loop, "email")
        until(lambda: loop.outbox.list().items == ())
    assert [told[0].stopping, told[-1].stopping] == [False, True]
    assert told[-1].done.accepted == 1
    assert "nobody can be told how the worker is: OSError" in caplog.text


def test_a_file_that_cannot_be_told_is_named(
    loop: ClientLoop, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever reads the log need not guess which folder is missing."""
    file = tmp_path / "nowhere" / "health"

    def tell(health: Health) -> None:
        file.write_text(health.line())

    with working(loop, tell=tell):
        until(lambda: str(file) in caplog.text)


def test_a_worker_that_was_stopped_before_it_began_does_nothing(loop: ClientLoop) -> None:
    """A signal may come that early."""
    queue(loop, "email")
    worker = Worker(loop)
    worker.stop()
    worker.run()
    assert worker.health().done.accepted == 0


def test_a_worker_runs_once(loop: ClientLoop) -> None:
    """Whoever runs it again, while it runs or afterwards, is told what to do."""
    begun = threading.Event()
    with working(loop, tell=lambda _: begun.set()) as worker:
        assert begun.wait(HANGS)
        with pytest.raises(NotSupported, match="make a new Worker"):
            worker.run()
    with pytest.raises(NotSupported, match="make a new Worker"):
        worker.run()
    queue(loop, "email")
    with working(loop) as fresh:
        until(lambda: fresh.health().done.accepted == 1)


def test_failures_of_a_channel_are_no_failures_of_the_worker(firm: Firm) -> None:
    """They are counted as what was done, and the message comes again by its own pauses."""
    firm.mail.answer = refuse
    queue(firm.loop, "email", 2)
    with working(firm.loop) as worker:
        until(lambda: worker.health().done.failed == 2)
        assert worker.health().failures == 0
    assert {each.attempts for each in firm.loop.outbox.list()} == {1}


def refuse(_: OutboundMessage) -> Receipt:
    """The answer of a channel that is overloaded."""
    return Receipt(failure=Failure.RETRY, detail="come again")
