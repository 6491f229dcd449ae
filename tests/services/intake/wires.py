"""A firm with two small channels: one that is sent webhooks, and one that is polled."""

import json
from collections.abc import Callable, Generator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from attrs import define, evolve, field

from clientloop import ClientLoop, ManualClock
from clientloop.errors import BadPayload
from clientloop.model.customers import IdentityKind, Trust
from clientloop.plugins import hookimpl
from clientloop.ports.channel import Capabilities, Channel, Health, Route, Spec
from clientloop.ports.effects import AskTime, Effect, Result, TimeResult, ask
from clientloop.ports.events import Address, Batch, Event, Ignored, MessageIn, Parsed, Raw, Reply, Verdict, Visit

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
COOKIE = Address(kind=IdentityKind.COOKIE, value="c-1")
ANA = Address(kind=IdentityKind.EMAIL, value="ana@example.com", name="Ana")


def _visit(data: Mapping[str, Any]) -> Event:
    return Visit(key=data["key"], visitor=COOKIE, page=data.get("page", "/"), source={"campaign": "spring"})


def _message(data: Mapping[str, Any]) -> Event:
    sender = evolve(ANA, value=data.get("from", ANA.value))
    return MessageIn(key=data["key"], sender=sender, text=data.get("text", "It is late"))


#: How the events of a body are read.
SORTS: Mapping[str, Callable[[Mapping[str, Any]], Event]] = {
    "visit": _visit,
    "message": _message,
    "ignored": lambda data: Ignored(key=data["key"], reason="typing"),
}

#: The key of an event whose key is the id of its webhook, which stands in a header.
BY_ID = "@id"


def body(*events: Mapping[str, Any] | str) -> bytes:
    """A body with these events; a bare key is a visit."""
    return json.dumps([{"sort": "visit", "key": e} if isinstance(e, str) else e for e in events]).encode()


def webhook(*events: Mapping[str, Any] | str, number: str = "1", **more: Any) -> Raw:
    """A signed webhook with these events; its number stands in a header."""
    headers = {"Signature": "ok", "Webhook-Id": number}
    return Raw(**{"body": body(*events), "route": "in", "url": "https://a.example/wire/in", "headers": headers} | more)


@define
class Script:
    """What the channels of one test do, and what was asked of them."""

    #: The steps that were taken, in their order.
    steps: list[str] = field(factory=list)
    #: Bodies that nobody can read so far.
    unreadable: set[bytes] = field(factory=set)
    #: Keys of events that it does not notice so far.
    overlooked: set[str] = field(factory=set)
    #: What `parse` raises for other bodies.
    raises: dict[bytes, BaseException] = field(factory=dict)
    #: The mailbox that is polled: its messages in their order.
    box: list[Raw] = field(factory=list)
    #: How many messages a poll brings at most.
    size: int = 2
    #: What a poll does before it fetches anything.
    before_poll: Callable[[], None] = lambda: None
    #: What the next polls raise.
    failures: list[Exception] = field(factory=list)

    @hookimpl
    def clientloop_register_channels(self) -> Mapping[str, Callable[[], type[Channel]]]:
        """Both channels."""
        return {"wire": lambda: _wire(self), "box": lambda: _box(self)}


def _parse(script: Script, raw: Raw) -> Parsed:
    script.steps.append("parse")
    if raw.body in script.raises:
        raise script.raises[raw.body]
    if raw.body in script.unreadable:
        raise BadPayload("nobody knows this form")
    try:
        listed = json.loads(raw.body.replace(BY_ID.encode(), raw.headers.get("webhook-id", "").encode()))
        events = tuple(SORTS[each["sort"]](each) for each in listed if each["key"] not in script.overlooked)
    except (ValueError, KeyError) as error:
        raise BadPayload("this is no list of events") from error
    return Parsed(events=events, reply=Reply(body=b"thanks"))


def _wire(script: Script) -> type[Channel]:
    class Wire(Channel):
        """Is sent webhooks, signed by a word."""

        spec = Spec(
            name="wire",
            routes=(Route(name="in", methods=("GET", "POST"), max_body=2_000, cookies=frozenset({"visitor"})),),
        )

        def verify(self, raw: Raw, now: datetime) -> Verdict:
            script.steps.append("verify")
            if raw.headers.get("signature") == "broken":
                raise RuntimeError("the key is no key")
            signed = raw.headers.get("signature") == "ok"
            return Verdict(trust=Trust.VOUCHED) if signed else Verdict.failed("the signature does not match")

        def parse(self, raw: Raw) -> Parsed:
            return _parse(script, raw)

    return Wire


def _box(script: Script) -> type[Channel]:
    class Box(Channel):
        """Is polled; the cursor counts the messages that were fetched."""

        spec = Spec(name="box")

        def capabilities(self) -> Capabilities:
            return Capabilities(poll_every=timedelta(minutes=5))

        def verify(self, raw: Raw, now: datetime) -> Verdict:
            return Verdict(trust=Trust.CLAIMED)

        def parse(self, raw: Raw) -> Parsed:
            return _parse(script, raw)

        def poll(self, cursor: str | None) -> Generator[Effect, Result, Batch]:
            yield from ask(AskTime())
            script.steps.append(f"poll {cursor}")
            script.before_poll()
            if script.failures:
                raise script.failures.pop(0)
            start = int(cursor or 0)
            end = start + script.size
            return Batch(
                raws=tuple(script.box[start:end]), cursor=str(min(end, len(script.box))), more=end < len(script.box)
            )

        def probe(self) -> Generator[Effect, Result, Health]:
            answer = yield from ask(AskTime())
            return Health(ok=isinstance(answer, TimeResult))

    return Box


def perform(_: Effect) -> Result:
    """The network of these channels: a clock."""
    return TimeResult(now=NINE)


def firm(url: str, script: Script, *, channels: Sequence[str] = ("wire", "box")) -> ClientLoop:
    """A firm that has both channels set up."""
    return ClientLoop.open(
        url,
        clock=ManualClock(NINE),
        plugins=[script],
        entry_points=False,
        channels={name: {} for name in channels},
        perform=perform,
    )


def advance(loop: ClientLoop, by: timedelta) -> None:
    """Let time pass."""
    assert isinstance(loop.clock, ManualClock)
    loop.clock.advance(by)
