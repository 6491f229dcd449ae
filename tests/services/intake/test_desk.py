"""What an operator does with channels: see what nobody could read, read it again, and try whether they work."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from clientloop import ClientLoop, Conflict
from clientloop.errors import InvalidValue, NotFound, NotSupported
from clientloop.model.channels import RawBody, RawState, StoredRaw
from clientloop.services.intake.desk import Replayed
from tests.services.intake.test_raws import keys, rows
from tests.services.intake.wires import Script, body, webhook


def unread(loop: ClientLoop, script: Script, *names: str) -> list[StoredRaw]:
    """Messages in quarantine, which the channel cannot read before it is mended."""
    for number, name in enumerate(names):
        script.unreadable.add(body(name))
        loop.channels.receive("wire", webhook(name, number=str(number)))
    return list(loop.channels.quarantined())


def test_the_mended_channel_reads_what_it_could_not(loop: ClientLoop, script: Script) -> None:
    """After a fix all that waits is read again, and what still cannot be read waits on."""
    unread(loop, script, "a", "b", "c")
    script.unreadable = {body("b")}
    assert loop.channels.replay() == Replayed(read=2, quarantined=1)
    assert keys(loop) == {"a": 1, "c": 1}
    [left] = loop.channels.quarantined()
    assert (loop.channels.raw(left).body, left.reason) == (body("b"), "nobody knows this form")
    script.unreadable = set()
    assert loop.channels.replay(left) == Replayed(read=1)
    assert (len(loop.channels.quarantined()), loop.channels.stored(left).reason) == (0, None)


def test_a_replay_takes_nothing_twice(loop: ClientLoop, script: Script) -> None:
    """Reading what was read changes nothing."""
    received = loop.channels.receive("wire", webhook("a"))
    before = loop.channels.stored(str(received.raw))
    loop.channels.replay(before)
    after = loop.channels.stored(before)
    assert (keys(loop), after.state, after.received_at) == ({"a": 1}, RawState.READ, before.received_at)


def test_more_than_a_page_is_replayed(loop: ClientLoop, script: Script) -> None:
    """All of the quarantine is read again, however long it is."""
    unread(loop, script, *(f"k{number}" for number in range(52)))
    script.unreadable = {body(f"k{number}") for number in range(0, 52, 2)}
    assert loop.channels.replay() == Replayed(read=26, quarantined=26)


def noting(ask: Callable[..., Any], seen: list[type]) -> Callable[..., Any]:
    """A question to the store that is noted."""

    def noted(cls: type, *key: object, **more: object) -> Any:
        seen.append(cls)
        return ask(cls, *key, **more)

    return noted


def test_the_quarantine_is_listed_in_pages_without_the_bytes(
    loop: ClientLoop, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list reads no body: a thousand mails of a megabyte each fit into it."""
    unread(loop, script, "a", "b", "c")
    seen: list[type] = []
    for name in ("get", "page"):
        monkeypatch.setattr(loop.store, name, noting(getattr(loop.store, name), seen))
    first = loop.channels.quarantined(limit=2)
    second = loop.channels.quarantined(limit=2, after=first.next)
    assert [each.size for each in (*first, *second)] == [len(body("a"))] * 3
    assert (second.next, set(seen)) == (None, {StoredRaw})


def test_what_is_not_worth_reading_is_discarded(loop: ClientLoop, script: Script) -> None:
    """It leaves the list, with who decided that and why, and does not come back to it when it is sent again."""
    [stored, _] = unread(loop, script, "a", "b")
    loop.channels.discard(stored, by="mia", reason="an attack")
    after = loop.channels.stored(stored)
    assert (after.state, after.reason, len(loop.channels.quarantined())) == (RawState.DISCARDED, "mia: an attack", 1)
    for _ in ("unreadable still", "mended"):
        received = loop.channels.receive("wire", webhook("a", number="0"))
        assert (received.reply.status, received.state) == (200, RawState.DISCARDED)
        script.unreadable.clear()
    assert (keys(loop), len(rows(loop, RawBody)), len(loop.channels.quarantined())) == ({}, 2, 1)
    with pytest.raises(InvalidValue, match="is not in quarantine: it is discarded"):
        loop.channels.discard(stored, by="mia", reason="again")


def test_what_was_discarded_by_mistake_is_read_all_the_same(loop: ClientLoop, script: Script) -> None:
    """Its bytes are there: asked for by its id, it is read, and by a replay of all it is not."""
    [stored] = unread(loop, script, "a")
    loop.channels.discard(stored, by="mia", reason="spam")
    script.unreadable.clear()
    assert (loop.channels.replay(), keys(loop)) == (Replayed(), {})
    assert (loop.channels.replay(stored), keys(loop)) == (Replayed(read=1), {"a": 1})
    assert loop.channels.stored(stored).state is RawState.READ


def test_a_channel_that_overlooked_something_reads_it_now(loop: ClientLoop, script: Script) -> None:
    """A message that was read is read again when somebody asks for that, not when it comes again."""
    script.overlooked = {"b"}
    received = loop.channels.receive("wire", webhook("a", "b"))
    script.overlooked = set()
    loop.channels.receive("wire", webhook("a", "b"))
    assert keys(loop) == {"a": 1}
    assert loop.channels.replay(str(received.raw)) == Replayed(read=1)
    assert keys(loop) == {"a": 1, "b": 1}


def test_who_discards_says_why(loop: ClientLoop, script: Script) -> None:
    """Without a name or a reason, or on what somebody has read meanwhile, nothing is discarded."""
    [stored] = unread(loop, script, "a")
    for by, reason in (("", "spam"), ("mia", " ")):
        with pytest.raises(InvalidValue, match="nobody says"):
            loop.channels.discard(stored, by=by, reason=reason)
    script.unreadable.clear()
    original = loop.channels.stored

    def replayed_meanwhile(message: object) -> StoredRaw:
        found = original(stored)
        loop.channels.replay()
        return found

    loop.channels.stored = replayed_meanwhile
    with pytest.raises(Conflict):
        loop.channels.discard(stored, by="mia", reason="spam")
    assert original(stored).state is RawState.READ


def test_a_message_that_does_not_exist(loop: ClientLoop) -> None:
    """An id of something else is named as such."""
    with pytest.raises(NotFound, match="no stored message"):
        loop.channels.raw("019cadc6-9a80-7000-a670-bb61359b4fdb")


def test_a_channel_is_probed(loop: ClientLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A channel says whether it works; one that raises does not, and one that has no probe says so."""
    assert loop.channels.probe("box").ok

    def broken(effect: object) -> None:
        raise OSError("no route")

    monkeypatch.setattr(type(loop.channels.channel("box")), "probe", broken)
    health = loop.channels.probe("box")
    assert (health.ok, health.detail) == (False, "OSError: no route")
    with pytest.raises(NotSupported, match="cannot be probed"):
        loop.channels.probe("wire")


def test_names_and_channels(loop: ClientLoop) -> None:
    """The desk knows the channels of the application."""
    assert {"wire", "box"} <= set(loop.channels.names)
    assert loop.channels.channel("wire").spec.name == "wire"


def test_an_asynchronous_host_takes_messages_without_waiting(loop: ClientLoop) -> None:
    """Each message goes to a thread, so that several are taken at once."""

    async def host() -> list[object]:
        said = [loop.channels.receive_async("wire", webhook(name)) for name in "abc"]
        return [each.state for each in await asyncio.gather(*said)]

    assert asyncio.run(host()) == [RawState.READ] * 3
    assert keys(loop) == {"a": 1, "b": 1, "c": 1}
