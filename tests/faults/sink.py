"""Channels that write down whatever they take, and one that is polled: the outside world as a checker sees it."""

from collections import Counter
from collections.abc import Callable, Generator, Mapping
from functools import partial
from pathlib import Path
from uuid import UUID

from clientloop.model.customers import IdentityKind, Trust
from clientloop.model.messages import DeliveryStep, Failure, OutboundMessage, Receipt
from clientloop.plugins import hookimpl
from clientloop.ports.channel import Capabilities, Channel, Spec
from clientloop.ports.effects import Effect, Result
from clientloop.ports.events import Address, Batch, DeliveryEvent, MessageIn, Parsed, Raw, Verdict
from tests.faults.lines import Lines

#: How a channel that does not know a repeat, and one that does, are called.
SINK, SURE = "sink", "sure"

#: How the channel that is polled is called, and how many messages it holds.
WELL, HELD = "well", 3

#: What the channels answer to the first try to reach an address that begins so.
REFUSALS = {"later": Failure.RETRY, "broken": Failure.CONFIG, "doubt": Failure.UNKNOWN}


class Sent:
    """What the channels were given, in a file of its own.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self._lines = Lines(path)

    def take(self, channel: str, message: OutboundMessage) -> Receipt:
        """Take a message, or refuse its first try, and write down which."""
        refusal = next((REFUSALS[word] for word in REFUSALS if message.to.startswith(word)), None)
        refused = f"{channel} {message.id} refused"
        if refusal is not None and refused not in self._lines:
            self._lines.append(refused)
            return Receipt(failure=refusal, detail="not now")
        self._lines.append(f"{channel} {message.id} taken")
        return Receipt()

    def taken(self) -> Counter[tuple[str, UUID]]:
        """How often each message was taken, by channel and key."""
        lines = (line.split() for line in self._lines)
        return Counter((channel, UUID(key)) for channel, key, fate in lines if fate == "taken")


class Sender(Channel):
    """Writes down what it takes, and reports it when somebody asks."""

    #: Where it writes that down.
    sent: Sent

    def send(self, out: OutboundMessage) -> Generator[Effect, Result, Receipt]:
        """Take a message, or refuse it."""
        return self.sent.take(self.spec.name, out)
        yield  # makes this a generator, as the port demands

    def verify(self, raw: Raw, now: object) -> Verdict:
        """Everybody is vouched for."""
        return Verdict(trust=Trust.VOUCHED)

    def parse(self, raw: Raw) -> Parsed:
        """A report on the message that is named."""
        key = raw.body.decode()
        return Parsed(events=(DeliveryEvent(key=key, message=UUID(key), step=DeliveryStep.SENT),))


class Wires:
    """The plugin that brings the channels.

    Args:
        sent: Where they write down what they take.
    """

    def __init__(self, sent: Sent) -> None:
        self._sent = sent

    @hookimpl
    def clientloop_register_channels(self) -> Mapping[str, Callable[[], type[Channel]]]:
        """The channels by name."""
        able = {SINK: Capabilities(), SURE: Capabilities(idempotent_send=True)}
        return {WELL: lambda: Well, **{name: partial(self._sender, name, able[name]) for name in able}}

    def _sender(self, name: str, able: Capabilities) -> type[Channel]:
        class Named(Sender):
            """A sender of this name."""

            spec = Spec(name=name, address=IdentityKind.EMAIL)
            sent = self._sent

            def capabilities(self) -> Capabilities:
                return able

        return Named


class Well(Channel):
    """Gives one message a poll, and the next number as its place."""

    spec = Spec(name=WELL, address=IdentityKind.EMAIL)

    def poll(self, cursor: str | None) -> Generator[Effect, Result, Batch]:
        """Fetch the next message."""
        place = int(cursor or 0)
        if place >= HELD:
            return Batch(cursor=cursor)
        return Batch(raws=(Raw(body=b"%d" % place),), cursor=str(place + 1))
        yield  # as above

    def verify(self, raw: Raw, now: object) -> Verdict:
        """As above."""
        return Verdict(trust=Trust.VOUCHED)

    def parse(self, raw: Raw) -> Parsed:
        """One complaint."""
        number = raw.body.decode()
        sender = Address(kind=IdentityKind.EMAIL, value=f"well-{number}@example.com", name=f"Drawn {number}")
        return Parsed(events=(MessageIn(key=number, sender=sender, text=f"I complain for the {number}th time"),))
