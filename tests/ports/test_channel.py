"""What a channel is: obligatory is its spec alone, and the rest follows from what it overrides."""

import hashlib
import hmac
import json
from collections.abc import Callable, Generator
from datetime import UTC, datetime
from uuid import UUID

import pytest
from attrs import field, frozen

from clientloop.errors import BadPayload, InvalidValue, NotSupported
from clientloop.model.customers import IdentityKind, Purpose, Trust
from clientloop.model.messages import Failure, OutboundMessage, Receipt
from clientloop.ports.channel import Capabilities, Channel, Direction, Health, Route, Spec
from clientloop.ports.effects import Effect, HttpCall, HttpResult, NoAnswer, Result, ask, drive
from clientloop.ports.events import Address, MessageIn, Parsed, Raw, Verdict

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
OUT = OutboundMessage(
    space="main",
    id=UUID(int=7),
    channel="text",
    to="+38640123456",
    purpose=Purpose.SERVICE,
    template="done",
    body="It is fixed.",
    created_at=NOW,
)


@frozen(kw_only=True)
class TextConfig:
    """The settings of the channel below."""

    #: Signs what comes in.
    secret: bytes = field(default=b"k3y", repr=False)


class Text(Channel):
    """A channel as authors write them: signed JSON comes in, one HTTP call goes out."""

    spec = Spec(name="text", config=TextConfig, routes=(Route(name="in"),))
    config: TextConfig

    def capabilities(self) -> Capabilities:
        """Messages of up to 160 characters."""
        return Capabilities(max_length=160, idempotent_send=True)

    def verify(self, raw: Raw, now: datetime) -> Verdict:
        """By a keyed hash of the body."""
        if hmac.compare_digest(raw.headers.get("x-signature", ""), sign(self.config.secret, raw.body)):
            return Verdict(trust=Trust.VOUCHED)
        return Verdict.failed("the signature does not match")

    def parse(self, raw: Raw) -> Parsed:
        """One message."""
        try:
            said = json.loads(raw.body)
            sender = Address(kind=IdentityKind.PHONE, value=said["from"])
            return Parsed(events=(MessageIn(key=said["id"], sender=sender, text=said["text"]),))
        except (ValueError, KeyError) as error:
            raise BadPayload("no message of ours") from error

    def send(self, out: OutboundMessage) -> Generator[Effect, Result, Receipt]:
        """One call, under the message's own key."""
        call = HttpCall(method="POST", url="https://text.example/send", headers={"Idempotency-Key": str(out.id)})
        answer = yield from ask(call)
        if isinstance(answer, NoAnswer):
            return answer.receipt
        if answer.status == 200:
            return Receipt(provider_id=answer.headers["x-id"])
        return Receipt(failure=Failure.PERMANENT, detail=f"status {answer.status}")


def sign(secret: bytes, body: bytes) -> str:
    """What the other side puts into the header."""
    return hmac.new(secret, body, hashlib.sha256).hexdigest()


class Mute(Channel):
    """A channel that overrides nothing."""

    spec = Spec(name="mute")


async def _serve(channel: Channel) -> None:
    await channel.serve(None)


@pytest.mark.parametrize(
    "use",
    [
        lambda channel: channel.verify(Raw(body=b""), NOW),
        lambda channel: channel.parse(Raw(body=b"")),
        lambda channel: channel.respond(Raw(body=b""), ()),
        lambda channel: channel.send(OUT),
        lambda channel: channel.poll(None),
        lambda channel: channel.probe(),
        lambda channel: _serve(channel).send(None),
    ],
)
def test_what_is_not_overridden_is_refused_at_the_call(use: Callable[[Channel], object]) -> None:
    """The refusal comes at once, not at the first effect, and says where to override what."""
    with pytest.raises(NotSupported, match=r"channel 'mute' cannot .*: override it in Mute"):
        use(Mute())


def test_a_channel_that_overrides_nothing_can_nothing() -> None:
    """It has no directions, no settings, and capabilities that promise nothing."""
    assert Mute.directions == frozenset()
    assert Mute().capabilities() == Capabilities()


def test_directions_follow_from_what_is_overridden() -> None:
    """Also from what a parent class overrides."""

    class Checked(Text):
        """Adds a probe."""

        def probe(self) -> Generator[Effect, Result, Health]:
            """Always well."""
            return Health(ok=True)
            yield  # makes it a generator

    assert Text.directions == {Direction.RECEIVE, Direction.SEND}
    assert Checked.directions == {Direction.RECEIVE, Direction.SEND, Direction.PROBE}
    assert Checked().directions == Checked.directions


def test_every_direction_is_a_method_of_the_port() -> None:
    """A direction's value names the method that is looked for."""
    assert all(callable(getattr(Channel, way)) for way in Direction)


def test_settings_are_of_the_declared_class() -> None:
    """The defaults are taken if nothing is given; settings of another class are refused by name."""
    assert Text().config == TextConfig()
    assert Text(TextConfig(secret=b"other")).config.secret == b"other"
    with pytest.raises(InvalidValue, match="'text' is set up by dict: give a TextConfig"):
        Text({"secret": "other"})


def test_settings_are_declared_by_an_attrs_class() -> None:
    """Anything else could not be read from a file, and is refused when the spec is made."""
    with pytest.raises(InvalidValue, match="dict is no attrs class"):
        Spec(name="text", config=dict)


def test_secrets_are_not_shown() -> None:
    """Neither the settings nor what is asked of the host shows them."""
    assert "k3y" not in repr(Text().config)


def test_a_signed_message_is_read_and_a_forged_one_refused() -> None:
    """Verification and parsing are plain functions of what came in."""
    body = json.dumps({"id": "m1", "from": "+38640123456", "text": "It is broken"}).encode()
    signed = Raw(body=body, route="in", headers={"X-Signature": sign(b"k3y", body)})
    assert Text().verify(signed, NOW).trust is Trust.VOUCHED
    assert not Text().verify(Raw(body=body + b" ", headers=signed.headers), NOW).accepted
    [event] = Text().parse(signed).events
    assert isinstance(event, MessageIn)
    assert (event.key, event.sender.value, event.text) == ("m1", "+38640123456", "It is broken")
    with pytest.raises(BadPayload, match="no message of ours"):
        Text().parse(Raw(body=b"{}"))


@pytest.mark.parametrize(
    ("answer", "receipt"),
    [
        (HttpResult(status=200, headers={"x-id": "p1"}), Receipt(provider_id="p1")),
        (HttpResult(status=404), Receipt(failure=Failure.PERMANENT, detail="status 404")),
        (NoAnswer(detail="reset", reached=True), Receipt(failure=Failure.UNKNOWN, detail="reset")),
    ],
)
def test_sending_is_a_conversation_with_the_host(answer: Result, receipt: Receipt) -> None:
    """The host makes the call under the message's key; the adapter says what became of the message."""
    calls: list[Effect] = []

    def perform(effect: Effect) -> Result:
        calls.append(effect)
        return answer

    assert drive(Text().send(OUT), perform) == receipt
    [call] = calls
    assert isinstance(call, HttpCall)
    assert call.headers["Idempotency-Key"] == str(OUT.id)
