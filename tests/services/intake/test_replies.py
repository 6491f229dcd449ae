"""What a sender is answered in the same breath, by a form on a site."""

from collections.abc import Iterator, Sequence

import pytest

from clientloop import ClientLoop, ManualClock
from clientloop.channels.form.channel import FormChannel
from clientloop.model.customers import Trust
from clientloop.model.messages import OutboundMessage
from clientloop.ports.channel import Channel, Route, Spec
from clientloop.ports.events import Ignored, Parsed, Raw, Reply, Verdict
from tests.channels.form.samples import CHANNEL, CONFIG, FILLED, post


@pytest.fixture
def loop() -> Iterator[ClientLoop]:
    """A firm with a form on its site."""
    clock = ManualClock(FILLED)
    with ClientLoop.open("memory:", clock=clock, entry_points=False, channels={"form": CONFIG}) as loop:
        yield loop


def thanked(loop: ClientLoop, reply: Reply) -> str:
    """The page that a visitor is led to."""
    url = f"https://shop.example/tell-us{reply.headers['Location']}"
    return CHANNEL.page("contact", Raw(body=b"", method="GET", url=url), now=loop.clock.now(), nonce="n").body.decode()


def test_a_visitor_who_leaves_no_address_hears_the_number(loop: ClientLoop) -> None:
    """The page that thanks tells the number of the item, although nothing can be sent, and after a double click too."""
    first = loop.channels.receive("form", post(text="It is late"))
    [item] = loop.inbox()
    assert first.reply.status == 303
    assert item.ref in thanked(loop, first.reply)
    again = loop.channels.receive("form", post(text="It is late"))
    assert (item.ref in thanked(loop, again.reply), len(loop.inbox())) == (True, 1)
    assert not loop.outbox.list()


def test_a_form_that_is_not_complete_comes_back(loop: ClientLoop) -> None:
    """It is no item yet: the visitor sees what is missing."""
    received = loop.channels.receive("form", post(text=" "))
    assert (received.reply.status, len(loop.inbox())) == (422, 0)


def test_a_channel_that_cannot_answer_keeps_the_words(loop: ClientLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where `respond` raises, the visitor is thanked without the number."""

    def broken(self: FormChannel, *_: object) -> Reply:
        raise RuntimeError

    monkeypatch.setattr(FormChannel, "respond", broken)
    received = loop.channels.receive("form", post(text="It is late"))
    [item] = loop.inbox()
    assert received.reply.status == 303
    assert item.ref not in thanked(loop, received.reply)


class Challenged(Channel):
    """Is asked to echo a word before anything is sent to it."""

    spec = Spec(name="challenged", routes=(Route(name="in", methods=("GET", "POST")),))

    def verify(self, raw: Raw, now: object) -> Verdict:
        """Anybody may ask."""
        return Verdict(trust=Trust.CLAIMED)

    def parse(self, raw: Raw) -> Parsed:
        """A GET says nothing."""
        return Parsed(events=() if raw.method == "GET" else (Ignored(key="a", reason="-"),))

    def respond(self, raw: Raw, out: Sequence[OutboundMessage]) -> Reply:
        """The echo."""
        assert not out
        return Reply(body=raw.url.partition("=")[2].encode())


def test_a_challenge_is_echoed() -> None:
    """What a provider asks before it sends anything is answered by the channel; what says something is not."""
    with ClientLoop.open("memory:", entry_points=False, channels={"challenged": Challenged()}) as loop:
        for method, body in (("GET", b"word"), ("POST", b"")):
            raw = Raw(body=b"", route="in", method=method, url="https://shop.example/challenged/in?echo=word")
            assert loop.channels.receive("challenged", raw).reply.body == body
