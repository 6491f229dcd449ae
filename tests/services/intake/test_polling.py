"""Channels that are polled: each by one worker at a time, and nothing is passed over."""

import logging
import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from clientloop import ClientLoop, Conflict
from clientloop.errors import NotSupported, StoreBusy, StoreCorrupt
from clientloop.model.channels import ChannelState, RawState, StoredRaw
from clientloop.model.units import Unit
from clientloop.model.where import eq, ne
from clientloop.ports.effects import AskTime, Effect, Result, ask
from clientloop.ports.events import Raw
from clientloop.services.intake import polling
from clientloop.services.intake.polling import LEASE, LONGEST_PAUSE, Polled, keep_polling, poll_due
from clientloop.services.intake.reading import Received
from tests.services.intake.test_raws import FakePlugins, dies_at, keys, rows
from tests.services.intake.wires import NINE, Script, advance, body

FIVE = timedelta(minutes=5)


def filled(script: Script, count: int) -> Script:
    """A mailbox with this many messages."""
    script.box.extend(Raw(body=body(f"m{number}")) for number in range(count))
    return script


def state_of(loop: ClientLoop) -> ChannelState:
    """The row of the mailbox."""
    [state] = rows(loop, ChannelState)
    assert isinstance(state, ChannelState)
    return state


def test_a_mailbox_is_polled_till_it_is_empty_and_then_now_and_then(loop: ClientLoop, script: Script) -> None:
    """While there is more it is polled at once, then after the pause that the channel wants."""
    filled(script, 5)
    ran = loop.run_due()
    assert (ran.polls, ran.fetched, len(keys(loop))) == (3, 5, 5)
    state = state_of(loop)
    assert (state.cursor, state.polled_at, state.wake_at) == ("5", NINE, NINE + FIVE)
    advance(loop, FIVE - timedelta(seconds=1))
    assert loop.run_due().polls == 0
    filled(script, 1)
    script.box.append(Raw(body=body("new")))
    advance(loop, timedelta(seconds=1))
    ran = loop.run_due()
    assert (ran.polls, ran.fetched, keys(loop)["new"]) == (1, 2, 1)


def test_only_what_is_set_up_and_can_be_polled_is(opened: Callable[[Script], ClientLoop]) -> None:
    """Opening a firm gives every such channel its row, and opening it again changes nothing."""
    loop = opened(Script())
    assert [each.channel for each in rows(loop, ChannelState)] == ["box"]
    loop.run_due()
    before = state_of(loop)
    keep_polling(loop.context)
    assert state_of(loop) == before


def test_the_place_is_kept_once_all_is_stored(
    loop: ClientLoop, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the second of two messages cannot be stored, the next poll fetches both again."""
    filled(script, 2)
    original = loop.store.commit

    def busy(unit: Unit) -> None:
        if rows(loop, StoredRaw) and any(type(getattr(c, "record", None)) is StoredRaw for c in unit.changes):
            raise StoreBusy
        original(unit)

    monkeypatch.setattr(loop.store, "commit", busy)
    with pytest.raises(StoreBusy):
        loop.run_due()
    assert (state_of(loop).cursor, keys(loop)) == (None, {"m0": 1})
    monkeypatch.setattr(loop.store, "commit", original)
    advance(loop, LEASE)
    loop.run_due()
    assert (state_of(loop).cursor, keys(loop)) == ("2", {"m0": 1, "m1": 1})


def test_whoever_is_lost_while_polling_loses_and_doubles_nothing(
    opened: Callable[[Script], ClientLoop], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before any of its commits, a poll is made again after its lease, and each message is there once."""
    for commit in range(40):
        script = filled(Script(size=1), 2)
        loop = opened(script)
        revive = dies_at(loop, commit, monkeypatch)
        try:
            loop.run_due()
            died = False
        except KeyboardInterrupt:
            died = True
        revive()
        advance(loop, LEASE)
        loop.run_due()
        assert keys(loop) == {"m0": 1, "m1": 1}
        assert (state_of(loop).cursor, {each.state for each in rows(loop, StoredRaw)}) == ("2", {RawState.READ})
        if not died:
            break
    assert commit >= 8


def test_one_bad_message_does_not_stop_the_rest(loop: ClientLoop, script: Script) -> None:
    """It goes to quarantine, and the mailbox is read to its end."""
    filled(script, 5)
    script.box[1] = Raw(body=b"{")
    script.raises[body("m3")] = RuntimeError("bug")
    loop.run_due()
    assert keys(loop) == {"m0": 1, "m2": 1, "m4": 1}
    assert (len(loop.channels.quarantined()), state_of(loop).cursor) == (2, "5")


def test_errors_make_growing_pauses_and_are_listed(
    loop: ClientLoop, script: Script, caplog: pytest.LogCaptureFixture
) -> None:
    """What a poll ran into stands in its row, the place stays, and the waits are doubled up to an hour."""
    filled(script, 1)
    script.failures = [OSError("no route to mail.example") for _ in range(9)]
    pauses = []
    with caplog.at_level(logging.DEBUG, "clientloop"):
        for failures in range(1, 10):
            assert loop.run_due().polls == 1
            state = state_of(loop)
            assert (state.error, state.failures, state.cursor) == ("OSError: no route to mail.example", failures, None)
            assert state.wake_at is not None
            pauses.append(state.wake_at - loop.clock.now())
            advance(loop, pauses[-1])
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[1], pauses[-1]) == (timedelta(minutes=1), timedelta(minutes=2), LONGEST_PAUSE)
    assert "mail.example" not in caplog.text
    loop.run_due()
    state = state_of(loop)
    assert (state.error, state.failures, state.cursor) == (None, 0, "1")


def test_damage_that_keeps_a_message_from_being_stored_is_listed(
    loop: ClientLoop, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The place stays, as the message is not safe; the row of the mailbox says why, and the run goes on."""
    filled(script, 1)
    original = loop.store.commit

    def damaged(unit: Unit) -> None:
        if any(isinstance(getattr(change, "record", None), StoredRaw) for change in unit.changes):
            raise StoreCorrupt("page 7 is damaged")
        original(unit)

    monkeypatch.setattr(loop.store, "commit", damaged)
    assert loop.run_due().polls == 1
    state = state_of(loop)
    assert (state.error, state.failures, state.cursor) == (str(StoreCorrupt("page 7 is damaged")), 1, None)
    monkeypatch.setattr(loop.store, "commit", original)
    advance(loop, polling.PAUSE)
    loop.run_due()
    assert (state_of(loop).error, state_of(loop).cursor, keys(loop)) == (None, "1", {"m0": 1})


def test_a_worker_that_lacks_the_channel_slows_no_other_down(
    loop: ClientLoop, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that has not set a mailbox up says so, and leaves it to others a minute later, however often."""
    filled(script, 1)
    with monkeypatch.context() as missing:
        missing.setattr(loop.context, "plugins", FakePlugins())
        for _ in range(5):
            assert poll_due(loop.context).error == "no channel 'box': none is declared"
            assert state_of(loop).failures == 0
            advance(loop, timedelta(minutes=1))
    assert (loop.run_due().fetched, state_of(loop).error) == (1, None)


def test_a_channel_that_has_always_more_comes_to_no_end(loop: ClientLoop, script: Script) -> None:
    """A poll that does not move on is not made again at once."""
    filled(script, 3)
    script.size = 0
    assert loop.run_due().polls == 2  # from nothing to the beginning, and no further


def test_two_workers_never_poll_one_mailbox_at_once(loop: ClientLoop, script: Script) -> None:
    """While one is at it no other finds it due, and a person who asks for a poll is told so."""
    begun, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        if not begun.is_set():
            begun.set()
            assert go_on.wait(60)

    script.before_poll = wait
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(poll_due, loop.context)
        assert begun.wait(60)
        try:
            assert poll_due(loop.context).polls == 0
            with pytest.raises(Conflict, match="is being polled"):
                loop.channels.poll("box")
        finally:
            go_on.set()
        assert running.result(60).polls == 1


def test_a_poll_that_outlives_its_lease_keeps_no_place(loop: ClientLoop, script: Script) -> None:
    """Another worker has the mailbox by then: what it wrote stands."""
    filled(script, 1)
    [late] = loop.store.claim(ChannelState, "main", now=NINE, lease=LEASE, limit=1)
    advance(loop, LEASE)
    loop.run_due()
    before = state_of(loop)
    polling._poll(loop.context, late)
    assert (state_of(loop), keys(loop)) == (before, {"m0": 1})


def test_a_poll_that_brings_no_batch(loop: ClientLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a plugin returns instead is listed, and the place stays."""

    def poll(self: object, cursor: str | None) -> Generator[Effect, Result, str]:
        yield from ask(AskTime())
        return "nothing"

    monkeypatch.setattr(type(loop.channels.channel("box")), "poll", poll)
    loop.run_due()
    assert state_of(loop).error == loop.registry.report()[-1].last_failure == "a poll brought a str: return a Batch"


def test_a_person_polls_at_once(loop: ClientLoop, script: Script) -> None:
    """Before its time, to the end of what there is, and told what it ran into."""
    loop.run_due()
    filled(script, 3)
    polled = loop.channels.poll("box")
    assert (polled.polls, polled.messages, polled.error, len(keys(loop))) == (2, 3, None, 3)
    script.failures = [OSError("no route")]
    assert loop.channels.poll("box").error == "OSError: no route"
    assert loop.run_due().polls == 0
    with pytest.raises(NotSupported, match="cannot be polled"):
        loop.channels.poll("wire")


def test_a_poll_is_heard_of_while_it_reads(loop: ClientLoop, script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading may take longer than the lease: no other worker begins the poll anew meanwhile."""
    filled(script, 4)
    script.size, others, original, inside = 4, [], polling.receive, [False]

    def slow(*args: Any) -> Received:
        if not inside[0]:
            inside[0] = True
            advance(loop, LEASE / 2)
            others.append(poll_due(loop.context).polls)
            inside[0] = False
        return original(*args)

    monkeypatch.setattr(polling, "receive", slow)
    assert poll_due(loop.context).messages == 4
    assert others == [0, 0, 0, 0]
    assert (state_of(loop).cursor, keys(loop)) == ("4", {f"m{number}": 1 for number in range(4)})


def test_a_poll_that_another_has_begun_anew_is_left(
    loop: ClientLoop, script: Script, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Who stood still for longer than the lease stops at the next message, and every message is there once."""
    filled(script, 2)
    original, late = polling.receive, [True]

    def slow(*args: Any) -> Received:
        if late.pop() if late else False:
            advance(loop, LEASE)
            assert poll_due(loop.context).messages == 2
        return original(*args)

    monkeypatch.setattr(polling, "receive", slow)
    assert poll_due(loop.context) == Polled(polls=1)
    assert "took longer than its lease" in caplog.text
    assert (state_of(loop).cursor, keys(loop)) == ("2", {"m0": 1, "m1": 1})


def test_a_worker_may_poll_some_channels_alone(loop: ClientLoop, script: Script) -> None:
    """The others stay due."""
    filled(script, 1)
    assert poll_due(loop.context, where=ne("channel", "box")).polls == 0
    assert poll_due(loop.context, where=eq("channel", "box")).messages == 1
