"""The commands on what nobody could read, and on polling by hand."""

from collections.abc import Generator
from uuid import UUID

import pytest

from clientloop.channels.desk.channel import Desk
from clientloop.channels.desk.entries import Call
from clientloop.errors import BadPayload
from clientloop.ports.effects import AskTime, Effect, Result, ask
from clientloop.ports.events import Batch, Ignored, Parsed, Raw

NOW = ("--now", "2026-03-02T10:00")
NOTE = Call(call="117", operator="kim", text="The parcel\x1b[2J is late", phone="+38640123456")


@pytest.fixture
def kept(shop, monkeypatch) -> UUID:
    """A call note that the channel could not read before it was mended."""

    def broken(self, raw):
        raise BadPayload("nobody knows this form")

    with monkeypatch.context() as before:
        before.setattr(Desk, "parse", broken)
        return shop.channels.receive("desk", Desk.raw(NOTE)).raw


@pytest.fixture
def mended(monkeypatch) -> None:
    """The channel reads everything as being of no interest."""
    monkeypatch.setattr(Desk, "parse", lambda self, raw: Parsed(events=(Ignored(key=str(len(raw.body)), reason="-"),)))


def test_the_list(run, shop, kept):
    """Each message with its channel, its time in the firm's zone, its size and the reason; the bytes are not there."""
    [heading, line] = run("channels", "quarantine", *NOW).out.splitlines()
    assert heading.split() == ["id", "channel", "came", "bytes", "reason"]
    size = len(Desk.raw(NOTE).body)
    assert " ".join(line.split()) == f"{kept} desk 2026-03-02 09:00 {size} nobody knows this form"
    [listed] = run("channels", "quarantine", "--json", *NOW).json["messages"]
    assert (listed["id"], listed["state"]) == (str(kept), "quarantined")


def test_an_empty_list(run, shop):
    """It says so."""
    assert run("channels", "quarantine").out == "Nothing is in quarantine.\n"


def test_a_long_list_goes_on(run, shop, kept):
    """A list that was cut names what asks for the rest."""
    shop.channels.receive("desk", Raw(body=b"{"))
    first = run("channels", "quarantine", "--limit", "1", *NOW).out.splitlines()
    token = first[-1].removeprefix("more: --after ")
    [_, line] = run("channels", "quarantine", "--after", token, *NOW).out.splitlines()
    assert "this is no entry" in line


def test_one_message_as_it_came(run, shop, kept):
    """With its bytes, which must not steer a terminal."""
    out = run("channels", "quarantine", str(kept), *NOW).out
    assert f"{kept} by desk, quarantined" in out
    assert "nobody knows this form" in out
    assert "The parcel" in out
    assert "\x1b" not in out
    assert run("channels", "quarantine", str(kept), "--json", *NOW).json["message"]["id"] == str(kept)


def test_read_again_once_mended(run, shop, kept, mended):
    """What the mended channel can read leaves the quarantine."""
    assert run("channels", "replay", *NOW).out == "1 message read, 0 still in quarantine\n"
    assert run("channels", "replay", str(kept), "--json", *NOW).json == {"read": 1, "quarantined": 0}
    assert not shop.channels.quarantined()


def test_discarded_with_a_reason(run, shop, kept):
    """Who discards a message says why, and it leaves the list."""
    done = run("channels", "discard", str(kept), "--reason", "an attack", "--by", "mia", *NOW)
    assert done.out == f"{kept} is discarded\n"
    assert shop.channels.stored(kept).reason == "mia: an attack"
    again = run("channels", "discard", str(kept), "--reason", "an attack", "--by", "mia", *NOW)
    assert (again.code, "is not in quarantine" in again.err) == (1, True)


@pytest.fixture
def mailbox(mended, monkeypatch) -> None:
    """The channel can be polled, once with a message and then with an error."""

    def poll(self: Desk, cursor: str | None) -> Generator[Effect, Result, Batch]:
        yield from ask(AskTime())
        if cursor:
            raise OSError("no route")
        return Batch(raws=(Raw(body=b"x"),), cursor="1")

    monkeypatch.setattr(Desk, "poll", poll)
    monkeypatch.setattr(Desk, "directions", Desk.directions | {"poll"})


def test_polled_by_hand(run, shop, mailbox):
    """It says how many messages came; what went wrong is an error."""
    assert run("channels", "poll", "desk", *NOW).out == "1 message fetched\n"
    failed = run("channels", "poll", "desk", *NOW)
    assert (failed.code, "channel 'desk' cannot be polled: OSError: no route" in failed.err) == (1, True)


def test_a_channel_that_is_not_polled(run, shop):
    """It says so, and how messages come instead."""
    done = run("channels", "poll", "desk", *NOW)
    assert (done.code, "channel 'desk' cannot be polled" in done.err) == (1, True)
