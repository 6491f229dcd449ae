"""What comes in is verified, stored once, read, and each event of it taken once, whatever happens in between."""

import logging
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clientloop import ClientLoop
from clientloop.errors import Duplicate, NotSupported, StoreBusy, StoreCorrupt, UnknownName
from clientloop.model.channels import ChannelCount, RawBody, RawState, StoredRaw, TakenEvent
from clientloop.model.customers import Customer
from clientloop.model.feedback import Feedback
from clientloop.model.interactions import Interaction, InteractionKind
from clientloop.model.units import Delete, Insert, Unit
from clientloop.ports.channel import Channel, Direction, Spec
from clientloop.ports.events import Event, Ignored, Parsed, Raw, Visit
from clientloop.services.intake import events, reading
from clientloop.services.intake.raws import LEASE, MOST_CLAIMS, PATIENCE, read_due
from tests.services.intake.wires import BY_ID, Script, advance, body, firm, webhook


def rows(loop: ClientLoop, cls: type) -> list[Any]:
    """All rows of one record."""
    return list(loop.store.pages(cls, "main"))


def keys(loop: ClientLoop) -> Counter[str | None]:
    """How many visits there are by their keys on the channel."""
    visits = [each for each in rows(loop, Interaction) if each.kind is InteractionKind.VISIT]
    return Counter(each.origin for each in visits)


def counts(loop: ClientLoop) -> dict[str, int]:
    """What was counted."""
    return {each.name.value: each.times for each in rows(loop, ChannelCount)}


def dies_at(loop: ClientLoop, commit: int, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Kill whoever makes the given commit, counted from 0, just before it; returns what makes an end of that."""
    original, made = loop.store.commit, iter(range(10_000))

    def lethal(unit: Unit) -> None:
        if next(made) == commit:
            raise KeyboardInterrupt
        original(unit)

    monkeypatch.setattr(loop.store, "commit", lethal)
    return lambda: monkeypatch.setattr(loop.store, "commit", original)


def test_the_steps_are_taken_in_their_order(loop: ClientLoop, script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message is verified, then stored, then read, then its events are taken: nothing is read before it is safe."""
    original = loop.store.commit

    def noted(unit: Unit) -> None:
        stored = [type(change.record).__name__ for change in unit.changes if isinstance(change, Insert)]
        script.steps.append(f"commit {' '.join(stored)}".rstrip())
        original(unit)

    monkeypatch.setattr(loop.store, "commit", noted)
    received = loop.channels.receive("wire", webhook("a"))
    assert script.steps == [
        "verify",
        "commit StoredRaw RawBody",
        "parse",
        "commit Interaction TakenEvent",
        "commit",
    ]
    assert (received.reply.status, received.reply.body, received.state) == (200, b"thanks", RawState.READ)
    [stored] = rows(loop, StoredRaw)
    assert (stored.state, stored.wake_at, stored.size) == (RawState.READ, None, len(body("a")))


def test_what_is_not_proved_is_counted_and_not_kept(loop: ClientLoop, script: Script) -> None:
    """A message whose signature fails is answered 403; nothing of it is stored but that it came."""
    received = loop.channels.receive("wire", webhook("a", headers={"Signature": "forged"}))
    assert (received.reply.status, received.state, received.raw) == (403, None, None)
    assert (rows(loop, StoredRaw), rows(loop, RawBody), script.steps) == ([], [], ["verify"])
    assert counts(loop) == {"refused": 1}


def test_a_channel_that_cannot_verify_proves_nobody(loop: ClientLoop, caplog: pytest.LogCaptureFixture) -> None:
    """A plugin that raises hurts nobody: the message is not kept, and its sender hears that the fault is ours."""
    with caplog.at_level(logging.ERROR, "clientloop"):
        received = loop.channels.receive("wire", webhook("secret", headers={"Signature": "broken"}))
    assert (received.reply.status, rows(loop, StoredRaw)) == (500, [])
    assert "channel 'wire' of plugin 'Script' raised RuntimeError at " in caplog.text
    assert "the key is no key" not in caplog.text
    assert loop.registry.report()[-1].failures == 1


def test_a_verdict_that_is_none_is_a_fault_of_the_channel(
    loop: ClientLoop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The sender is not to blame for it, and shall try again; the report of the plugin says what is wrong."""
    monkeypatch.setattr(type(loop.channels.channel("wire")), "verify", lambda *_: True)
    received = loop.channels.receive("wire", webhook("a"))
    assert (received.reply.status, rows(loop, StoredRaw)) == (500, [])
    assert loop.registry.report()[-1].last_failure == "verify gave a bool: return a Verdict"
    assert "raised PluginError at " in caplog.text


def test_what_reading_raises_is_counted(loop: ClientLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message is in quarantine with the cause, and the report of the plugin has it too."""

    def parse(self: object, raw: Raw) -> Parsed:
        raise KeyError("subject")

    monkeypatch.setattr(type(loop.channels.channel("wire")), "parse", parse)
    assert loop.channels.receive("wire", webhook("a")).state is RawState.QUARANTINED
    report = loop.registry.report()[-1]
    assert (report.failures, report.last_failure) == (1, "KeyError: 'subject'")


def test_what_is_longer_than_its_route_takes_is_refused_before_it_is_read(loop: ClientLoop, script: Script) -> None:
    """Nothing of it is verified or stored."""
    received = loop.channels.receive("wire", webhook(body=b"x" * 2_001))
    assert (received.reply.status, script.steps, rows(loop, StoredRaw)) == (413, [], [])
    assert loop.channels.receive("wire", webhook(body=b"x" * 2_000)).state is RawState.QUARANTINED


class Sender(Channel):
    """Only sends."""

    spec = Spec(name="sender")


class Blind(Channel):
    """Reads what it cannot verify."""

    spec = Spec(name="blind")

    def parse(self, raw: Raw) -> Parsed:
        """Nothing."""
        return Parsed()


@pytest.mark.parametrize(
    ("name", "error", "says"),
    [
        ("sendr", UnknownName, "did you mean 'sender'"),
        ("sender", NotSupported, "channel 'sender' receives nothing: Sender has no `parse`"),
        ("blind", NotSupported, "channel 'blind' cannot verify what it is sent"),
    ],
)
def test_a_channel_that_cannot_receive_says_so(name: str, error: type[Exception], says: str) -> None:
    """A misspelt channel, and one without `parse` or `verify`, are errors of the application."""
    channels = {"sender": Sender(), "blind": Blind()}
    with ClientLoop.open("memory:", entry_points=False, channels=channels) as loop:
        with pytest.raises(error, match=says):
            loop.channels.receive(name, webhook("a"))
        assert rows(loop, StoredRaw) == []


def test_equal_bodies_under_other_ids_are_two_messages(loop: ClientLoop) -> None:
    """The id of a webhook may stand in a header alone: of two with equal bodies each is taken."""
    for number in ("1", "2"):
        assert loop.channels.receive("wire", webhook(BY_ID, number=number)).state is RawState.READ
    assert (keys(loop), len(rows(loop, StoredRaw)), counts(loop)) == ({"1": 1, "2": 1}, 2, {})


def test_what_only_repeats_is_let_go_of(loop: ClientLoop) -> None:
    """The same event under another signature is no news: its bytes are not kept a second time, and it is counted."""
    first = loop.channels.receive("wire", webhook("a", number="1"))
    again = loop.channels.receive("wire", webhook("a", number="2"))
    assert (again.reply, again.state, again.raw, again.events) == (first.reply, RawState.READ, None, first.events)
    assert [each.id for each in rows(loop, StoredRaw)] == [each.id for each in rows(loop, RawBody)] == [first.raw]
    assert (keys(loop), counts(loop)) == ({"a": 1}, {"repeated": 1})


def test_a_redelivery_is_answered_alike_and_changes_nothing(loop: ClientLoop) -> None:
    """The very same message again is recognised; the sender gets the same answer, and hears what it became."""
    first = loop.channels.receive("wire", webhook("a", "b"))
    advance(loop, timedelta(seconds=5))
    again = loop.channels.receive("wire", webhook("a", "b"))
    assert (again.reply, again.raw, again.events) == (first.reply, first.raw, first.events)
    assert (keys(loop), len(rows(loop, StoredRaw)), counts(loop)) == ({"a": 1, "b": 1}, 1, {"repeated": 1})


def test_a_redelivery_of_what_is_damaged_by_now_is_recognised(
    loop: ClientLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody can tell any more what it became, its sender is answered all the same, and it stays read."""

    def damaged(*_: object) -> None:
        raise StoreCorrupt

    first = loop.channels.receive("wire", webhook("a"))
    monkeypatch.setattr(reading, "taken_event", damaged)
    again = loop.channels.receive("wire", webhook("a"))
    assert (again.reply.status, again.state, again.raw, again.events) == (200, RawState.READ, first.raw, ())
    assert loop.channels.stored(str(first.raw)).state is RawState.READ


def test_a_copy_that_is_let_go_of_just_now_does_not_stand_in_the_way(
    loop: ClientLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where another reader deletes the copy that was there first, the message is stored after all."""
    original, refusals = loop.store.commit, [Duplicate()]

    def commit(unit: Unit) -> None:
        if refusals:
            raise refusals.pop()
        original(unit)

    monkeypatch.setattr(loop.store, "commit", commit)
    assert loop.channels.receive("wire", webhook("a")).state is RawState.READ
    assert (len(rows(loop, StoredRaw)), refusals) == (1, [])


def test_other_words_under_a_known_key_are_kept(loop: ClientLoop) -> None:
    """Who sends a message ahead under the key of another does not make that one vanish: a person sees both."""
    first, second, same = (
        webhook({"sort": "message", "key": "a", "text": text}, number=str(number))
        for number, text in enumerate(("Forget it", "It is late", "Forget\r\nit"))
    )
    loop.channels.receive("wire", first)
    received = loop.channels.receive("wire", second)
    assert (received.state, len(rows(loop, Feedback))) == (RawState.QUARANTINED, 1)
    [stored] = loop.channels.quarantined()
    assert stored.reason == "it has the key of a message that came before, and other words"
    assert loop.channels.replay().quarantined == 1
    assert loop.channels.receive("wire", same).raw is None
    assert counts(loop) == {"repeated": 1}


@pytest.mark.parametrize("lost", [RawBody, None])
def test_a_repetition_of_what_cannot_be_read_any_more(loop: ClientLoop, script: Script, lost: type | None) -> None:
    """Where the first message is gone, or its plugin reads it no more, a key says enough."""
    first, second = ({"sort": "message", "key": "a", "text": text} for text in ("Forget it", "It is late"))
    received = loop.channels.receive("wire", webhook(first))
    if lost is None:
        script.unreadable.add(body(first))
    else:
        loop.store.commit(Unit((Delete(lost, ("main", received.raw)),)))
    assert loop.channels.receive("wire", webhook(second, number="2")).raw is None
    assert counts(loop) == {"repeated": 1}


def test_what_says_something_new_besides_is_kept(loop: ClientLoop) -> None:
    """A message with a known event and a new one stays, and only the new one is taken."""
    loop.channels.receive("wire", webhook("a", number="1"))
    loop.channels.receive("wire", webhook("a", "b", number="2"))
    assert keys(loop) == {"a": 1, "b": 1}
    assert len(rows(loop, RawBody)) == 2


def test_a_message_without_events_is_kept(loop: ClientLoop) -> None:
    """It says nothing, which is not the same as a repetition."""
    assert loop.channels.receive("wire", webhook()).state is RawState.READ
    assert (len(rows(loop, StoredRaw)), counts(loop)) == (1, {})


def test_a_visit_keeps_where_it_came_from(loop: ClientLoop) -> None:
    """A visit is an interaction with its source and its visitor, and nobody's until a person is known by it."""
    loop.channels.receive("wire", webhook({"sort": "visit", "key": "a", "page": "/chairs"}))
    [visit] = rows(loop, Interaction)
    assert (visit.kind, visit.customer, visit.source) == (
        InteractionKind.VISIT, None, {"campaign": "spring", "page": "/chairs"},
    )  # fmt: skip
    assert visit.extra["visitor"] == {"kind": "cookie", "value": "c-1", "trust": "vouched"}


def test_what_nobody_can_read_is_kept_whole(loop: ClientLoop, caplog: pytest.LogCaptureFixture) -> None:
    """It goes to quarantine with its bytes and the reason, is answered as if it were read, and no log repeats it."""
    with caplog.at_level(logging.DEBUG, "clientloop"):
        received = loop.channels.receive("wire", webhook(body=b"Ana's {words"))
    assert (received.reply.status, received.state) == (200, RawState.QUARANTINED)
    [stored] = loop.channels.quarantined()
    assert (stored.id, stored.reason, stored.wake_at) == (received.raw, "this is no list of events", None)
    assert loop.channels.raw(stored).body == b"Ana's {words"
    assert str(stored.id) in caplog.text
    assert "Ana" not in caplog.text


@pytest.mark.parametrize("error", [RuntimeError("bug"), SystemExit(2), RecursionError()])
def test_a_plugin_that_raises_loses_nothing(loop: ClientLoop, script: Script, error: BaseException) -> None:
    """Whatever `parse` raises parks that one message; the next is read."""
    script.raises[body("a")] = error
    assert loop.channels.receive("wire", webhook("a")).state is RawState.QUARANTINED
    assert loop.channels.receive("wire", webhook("b")).state is RawState.READ
    [stored] = loop.channels.quarantined()
    assert type(error).__name__ in (stored.reason or "")


@pytest.mark.parametrize(
    ("parsed", "reason"),
    [
        (None, "the channel read a NoneType, not events"),
        (Parsed(events=("?", Ignored(key="a", reason="-"))), "event 1 is a str"),
    ],
)
def test_what_is_no_event_is_kept(
    loop: ClientLoop, monkeypatch: pytest.MonkeyPatch, parsed: Parsed | None, reason: str
) -> None:
    """A plugin that returns something else loses nothing, and what it read well is taken."""
    monkeypatch.setattr(type(loop.channels.channel("wire")), "parse", lambda self, raw: parsed)
    assert loop.channels.receive("wire", webhook("a")).state is RawState.QUARANTINED
    [stored] = loop.channels.quarantined()
    assert (stored.reason, counts(loop)) == (reason, {"ignored": 1} if parsed else {})


def failing(monkeypatch: pytest.MonkeyPatch, key: str, error: Exception) -> Callable[[], None]:
    """Let no visit of this key be taken; returns what mends that."""
    original = events.TAKERS[Visit]

    def taker(context: Any, channel: str, event: Event, *more: Any) -> Any:
        if event.key == key:
            raise error
        return original(context, channel, event, *more)

    monkeypatch.setitem(events.TAKERS, Visit, taker)
    return lambda: monkeypatch.setitem(events.TAKERS, Visit, original)


def test_one_event_that_cannot_be_taken_keeps_no_other_back(loop: ClientLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are taken, the message waits with the reason, and the mended service takes what is missing."""
    mend = failing(monkeypatch, "b", ValueError("no such thing"))
    received = loop.channels.receive("wire", webhook("a", "b", "c"))
    assert (received.state, keys(loop)) == (RawState.QUARANTINED, {"a": 1, "c": 1})
    [stored] = loop.channels.quarantined()
    assert stored.reason == "event 2: ValueError: no such thing"
    mend()
    assert loop.channels.replay().read == 1
    assert (keys(loop), len(loop.channels.quarantined())) == ({"a": 1, "b": 1, "c": 1}, 0)


def test_a_store_that_cannot_write_asks_for_patience(
    loop: ClientLoop, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What could not be written is no fault of the message: it is read again at the end of the lease."""
    mend = failing(monkeypatch, "b", StoreBusy())
    with pytest.raises(StoreBusy):
        loop.channels.receive("wire", webhook("a", "b"))
    mend()
    assert loop.run_due().reread == 0
    advance(loop, LEASE)
    assert (loop.run_due().reread, keys(loop)) == (1, {"a": 1, "b": 1})
    assert {each.state for each in rows(loop, StoredRaw)} == {RawState.READ}


def test_whoever_is_lost_between_two_commits_loses_and_doubles_nothing(
    opened: Callable[[Script], ClientLoop], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before any of its commits, a reader is followed by a worker, and each event is there exactly once."""
    said = webhook("a", {"sort": "ignored", "key": "b"}, {"sort": "message", "key": "c"}, "d")
    for commit in range(20):
        loop = opened(Script())
        revive = dies_at(loop, commit, monkeypatch)
        try:
            loop.channels.receive("wire", said)
            died = False
        except KeyboardInterrupt:
            died = True
        revive()
        advance(loop, LEASE)
        assert loop.run_due().reread == (1 if died and commit else 0)
        loop.channels.receive("wire", said)  # the sender got no answer, and sends again
        assert (keys(loop), counts(loop)["ignored"]) == ({"a": 1, "d": 1}, 1)
        assert (len(rows(loop, Feedback)), len(rows(loop, Customer))) == (1, 1)
        assert [each.state for each in rows(loop, StoredRaw)] == [RawState.READ]
        assert {event.key for event in rows(loop, TakenEvent)} == {"a", "b", "c", "d"}
        if not died:
            break
    assert commit >= 6


def test_what_ends_all_its_readers_ends_in_quarantine(loop: ClientLoop, script: Script) -> None:
    """A message at which reader after reader is lost is not begun with for ever."""
    script.raises[body("a")] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        loop.channels.receive("wire", webhook("a"))
    for _ in range(MOST_CLAIMS - 1):
        advance(loop, LEASE)
        with pytest.raises(KeyboardInterrupt):
            loop.run_due()
    advance(loop, LEASE)
    loop.run_due()
    [stored] = loop.channels.quarantined()
    assert stored.reason == "nobody who began to read it came to its end"


def test_text_that_no_database_takes_is_stored_all_the_same(loop: ClientLoop) -> None:
    """Headers and addresses may hold NUL and halves of characters; what is read is what was stored."""
    odd = Raw(
        body=body("a"), route="in", url="https://a\udcff.example/\0", headers={"Signature": "ok", "X": "\0\ud800"}
    )
    assert loop.channels.receive("wire", odd).state is RawState.READ
    [stored] = rows(loop, StoredRaw)
    assert (stored.url, stored.headers["x"]) == ("https://a?.example/", "?")


def test_what_proves_a_sender_by_a_secret_is_not_stored(loop: ClientLoop) -> None:
    """Passwords that come with every message stay out of the database, and out of what operators see."""
    headers = {"Signature": "ok", "Authorization": "Basic c2hvcDpzM2NyZXQ=", "Cookie": "session=s3cret; visitor=1"}
    received = loop.channels.receive("wire", webhook("a", headers=headers))
    assert loop.channels.raw(str(received.raw)).headers == {"signature": "ok", "cookie": "visitor=1"}
    assert loop.channels.receive("wire", webhook("a", headers=headers)).raw == received.raw


def test_a_worker_that_lacks_the_channel_leaves_its_messages_to_others(
    loop: ClientLoop, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that has not set a channel up reads nothing of it, however often, and the next that has does."""
    leave_half_read(loop, script)
    with monkeypatch.context() as missing:
        missing.setattr(loop.context, "plugins", FakePlugins())
        for _ in range(MOST_CLAIMS + 1):
            advance(loop, LEASE)
            assert loop.run_space().reread == 0
    assert (keys(loop), len(loop.channels.quarantined())) == ({}, 0)
    loop.run_due()
    assert keys(loop) == {"a": 1}


def test_what_nobody_has_the_channel_for_waits_for_a_person(
    loop: ClientLoop, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a day it goes to quarantine, with that for a reason, and is read once the channel is there again."""
    leave_half_read(loop, script)
    advance(loop, PATIENCE)
    with monkeypatch.context() as missing:
        missing.setattr(loop.context, "plugins", FakePlugins())
        assert read_due(loop.context) == 0
        advance(loop, LEASE)
        assert read_due(loop.context) == 1
    [stored] = loop.channels.quarantined()
    assert stored.reason == "no channel 'wire': none is declared"
    assert loop.channels.replay().read == 1


def leave_half_read(loop: ClientLoop, script: Script) -> None:
    """Have a message stored whose reader is lost."""
    script.raises[body("a")] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        loop.channels.receive("wire", webhook("a"))
    script.raises.clear()


def test_a_replay_without_the_channel_keeps_the_message(
    loop: ClientLoop, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the plugin is gone, a message waits on, and says that."""
    script.unreadable.add(body("a"))
    loop.channels.receive("wire", webhook("a"))
    with monkeypatch.context() as missing:
        missing.setattr(loop.context, "plugins", FakePlugins())
        assert loop.channels.replay().quarantined == 1
    [stored] = loop.channels.quarantined()
    assert stored.reason == "no channel 'wire': none is declared"


class FakePlugins:
    """An application without channels."""

    def channel(self, name: str) -> Any:
        """There is none."""
        raise UnknownName.among(name, (), what="channel")

    def can(self, name: str, direction: Direction) -> bool:
        """None can do anything."""
        return False


@given(
    content=st.one_of(st.binary(max_size=50), st.text().map(lambda key: body({"sort": "message", "key": key}))),
    headers=st.dictionaries(st.text(), st.text(), max_size=3),
    url=st.text(),
)
@example(content=body("\0"), headers={"X\0": "1", "x": "\ud800"}, url="\udcff")
@example(content=body({"sort": "message", "key": "a", "text": "\0\ud800"}), headers={}, url="")
def test_whatever_comes_is_read_or_kept(content: bytes, headers: dict[str, str], url: str) -> None:
    """No bytes, headers or address of a proved sender raise anything, and none is lost."""
    with firm("memory:", Script()) as loop:
        received = loop.channels.receive("wire", webhook(body=content, headers={**headers, "Signature": "ok"}, url=url))
        [stored] = rows(loop, StoredRaw)
        assert (stored.id, stored.state, stored.wake_at) == (received.raw, received.state, None)
        assert loop.channels.raw(stored).body == content
        assert (received.state is RawState.READ) == (stored.reason is None)
