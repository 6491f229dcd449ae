"""The channel port: how words come in and go out. Reading is pure; sending yields effects that the host carries out."""

from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

import attrs
from attrs import field, frozen

from clientloop.errors import InvalidValue, NotSupported
from clientloop.model.customers import IdentityKind
from clientloop.model.facts import FactName
from clientloop.model.messages import OutboundMessage, Receipt
from clientloop.ports.effects import Effect, Result
from clientloop.ports.events import Batch, MessageIn, Parsed, Raw, Reply, Verdict
from clientloop.ports.schemes import Scheme

#: Version of this port.
API = 1


class Direction(StrEnum):
    """What a channel can do; its value is the method that does it."""

    #: Reads what it is sent.
    RECEIVE = "parse"
    #: Answers in the same breath.
    RESPOND = "respond"
    #: Sends messages.
    SEND = "send"
    #: Fetches what has come.
    POLL = "poll"
    #: Tries whether it is set up well.
    PROBE = "probe"
    #: Holds a connection of its own.
    SERVE = "serve"


class Side(StrEnum):
    """The two sides of a conversation."""

    FIRM = "firm"
    CUSTOMER = "customer"


@frozen(kw_only=True)
class NoConfig:
    """The settings of a channel that has none."""


def _attrs_class(_: object, __: object, config: type) -> None:
    if not attrs.has(config):
        raise InvalidValue(f"{config.__name__} is no attrs class", hint="declare it under @attrs.frozen(kw_only=True)")


@frozen(kw_only=True)
class Route:
    """A web address on which a channel listens."""

    #: Its name, the last part of the path, unique in the channel; it comes back as `Raw.route`.
    name: str
    #: The HTTP methods that it takes.
    methods: tuple[str, ...] = ("POST",)
    #: How long a body may be, in bytes: the host refuses a longer one before it has read it.
    max_body: int = 1_048_576
    #: Whether a post that is like one before is news all the same, as of a button that may be pressed once more: the
    #: host then makes the digests of both differ. Otherwise it is taken for the same, sent again.
    always_news: bool = False
    #: Names of the cookies that the channel reads. All others are the application's own, and are not stored.
    cookies: frozenset[str] = frozenset()


@frozen(kw_only=True)
class Spec:
    """What a channel is, before it is set up."""

    #: Its name: lower-case words, the same that it is registered under.
    name: str
    #: The `API` that it was written for; a literal, not the constant.
    api: int = 1
    #: attrs class of its settings, read from `[channels.NAME]`; secrets are fields with `repr=False`.
    config: type = field(default=NoConfig, validator=_attrs_class)
    #: The sort of address that it writes to; None where it writes to no customers, or to names of its own.
    address: IdentityKind | None = None
    #: The schemes of URLs that set it up, such as "smtp+tls"; no other channel has them.
    schemes: Mapping[str, Scheme] = field(factory=dict)
    #: The web addresses on which it listens.
    routes: tuple[Route, ...] = ()
    #: What to install for it: requirements such as "clientloop[http]".
    extras: tuple[str, ...] = ()


def _is_rate(_: object, __: object, per_second: float | None) -> None:
    if per_second is not None and not 1e-6 <= per_second <= 1e6:
        raise InvalidValue(f"per_second is {per_second}", hint="give a number from 0.000001 to 1000000")


@frozen(kw_only=True)
class Capabilities:
    """What a channel can carry, once it is set up."""

    #: How long a message may be, in characters; None for no limit.
    max_length: int | None = None
    #: How many messages a second it takes; None for no limit known.
    per_second: float | None = field(default=None, validator=_is_rate)
    #: Whether each address is a system of its own, known by a name in the settings: then the limit above, and every
    #: pause, is that address's alone.
    per_address: bool = False
    #: Media types that it carries, such as "image/png" or "image/*".
    media: frozenset[str] = frozenset()
    #: How many ready answers a message may offer.
    choices: int = 0
    #: Whether it says later what became of a message.
    receipts: bool = False
    #: Whether it recognises a message sent twice by its key and delivers it once.
    idempotent_send: bool = False
    #: Who may start a conversation.
    starts: frozenset[Side] = frozenset(Side)
    #: How long after the customer's last word the firm may write freely; None for ever.
    reply_window: timedelta | None = None
    #: Whether it takes approved templates, and nothing else, outside that window.
    templates: bool = False
    #: How long to wait between two polls, where it is polled and the last one left nothing to fetch.
    poll_every: timedelta = timedelta(minutes=1)


@frozen(kw_only=True)
class Health:
    """What a probe found."""

    #: Whether the channel works.
    ok: bool
    #: What was found, without secrets.
    detail: str = ""


class LinkHost(ABC):
    """What a channel that holds its own connection may ask of the application; made by clientloop, not by plugins."""

    @abstractmethod
    async def receive(self, raw: Raw) -> Sequence[OutboundMessage]:
        """Hand in a message that came over the link; returns what to answer over it at once."""

    @abstractmethod
    async def next(self) -> OutboundMessage:
        """Wait for the next message to send over the link; cancelled when the link is to end."""

    @abstractmethod
    async def settle(self, out: OutboundMessage, receipt: Receipt) -> None:
        """Say what became of a message that `next` gave."""


class Channel(ABC):
    """A way by which customers and the firm reach each other.

    Declare `spec` and override what the channel can do: `directions` follows from that, and everything else raises
    `NotSupported`. An object is set up once, holds no state besides its settings, and is used by many threads.

    Args:
        config: Settings, an instance of `spec.config`; its defaults if not given.

    Raises:
        InvalidValue: The settings are of another class.

    >>> class Fax(Channel):
    ...     spec = Spec(name="fax")
    ...     def parse(self, raw: Raw) -> Parsed:
    ...         return Parsed()
    >>> [direction.name for direction in Fax.directions]
    ['RECEIVE']
    """

    #: What the channel is.
    spec: ClassVar[Spec]
    #: What the class can do, derived from the methods that it overrides.
    directions: ClassVar[frozenset[Direction]] = frozenset()
    #: The settings. Any: each channel has a class of its own and says so: `config: SmsConfig`.
    config: Any

    def __init_subclass__(cls) -> None:
        """Find out what the class can do."""
        super().__init_subclass__()
        cls.directions = frozenset(way for way in Direction if getattr(cls, way) is not getattr(Channel, way))

    def __init__(self, config: object = None) -> None:
        """Keep the settings."""
        self.config = self.spec.config() if config is None else config
        if not isinstance(self.config, self.spec.config):
            raise InvalidValue(
                f"channel {self.spec.name!r} is set up by {type(self.config).__name__}",
                hint=f"give a {self.spec.config.__name__}",
            )

    def capabilities(self) -> Capabilities:
        """What the channel can carry as it is set up; no I/O."""
        return Capabilities()

    def able(self) -> frozenset[Direction]:
        """What the channel can do as it is set up: some of `directions`, all of them if not overridden."""
        return self.directions

    def listeners(self) -> Mapping[str, frozenset[FactName]]:
        """Who hears of facts by this channel: addresses on it, each with the facts; nobody if not overridden.

        Each fact that is heard is a message of its own in the outbox, written in the unit that made it true.
        """
        return {}

    def extras(self) -> tuple[str, ...]:
        """What to install for it as it is set up: some of `spec.extras`, all of them if not overridden."""
        return self.spec.extras

    def verify(self, raw: Raw, now: datetime) -> Verdict:
        """Judge how far the sender is proved, say by a signature over the body; pure.

        Args:
            raw: The message.
            now: The present, aware: signatures grow old.
        """
        raise self._cannot("verify what it is sent")

    def parse(self, raw: Raw) -> Parsed:
        """Read a message; pure, so that stored ones can be read again after a mistake in here was mended.

        It is given what was stored: all but the header fields that prove a sender by a secret (`Authorization`).

        Args:
            raw: The message, verified.

        Raises:
            BadPayload: It cannot be read; it is then kept for a person to look at. Nothing else is raised.
        """
        raise self._cannot("receive")

    def unquoted(self, event: MessageIn, sent: str) -> MessageIn:
        """Take off a message what it repeats of ours that it answers, where the channel's programs do that; pure.

        Args:
            event: What `parse` read, without knowing what it answers.
            sent: The words of our message.

        Returns:
            The message with its new words alone, and the rest in `extra`; as it was, if not overridden.
        """
        return event

    def respond(self, raw: Raw, out: Sequence[OutboundMessage]) -> Reply:
        """Answer in the same breath, with messages that are for its sender; pure.

        It is asked where there is something to tell that the channel has no other way to send, and where a message has
        no events, such as a challenge that wants an echo; everything else is answered by `Parsed.reply`.

        Args:
            raw: The message, verified.
            out: What to tell the sender; may be empty.
        """
        raise self._cannot("answer in line")

    def send(self, out: OutboundMessage) -> Generator[Effect, Result, Receipt]:
        """Send one message, with `out.id` as its key, so that a repeat can be recognised.

        Args:
            out: The message.

        Returns:
            What became of it. Where it may have been sent, that is `Failure.UNKNOWN`, never `RETRY`.
        """
        raise self._cannot("send")

    def poll(self, cursor: str | None) -> Generator[Effect, Result, Batch]:
        """Fetch what has come since the last time.

        Args:
            cursor: `Batch.cursor` of the last time; None at the first.

        Raises:
            ClientLoopError: Nothing can be fetched now; the host lists why and polls again after a pause that grows.
        """
        raise self._cannot("be polled")

    def probe(self) -> Generator[Effect, Result, Health]:
        """Try, without sending a message, whether the settings are right and the other side answers."""
        raise self._cannot("be probed")

    async def serve(self, host: LinkHost) -> None:
        """Hold a connection until cancelled; only for links whose library owns the socket.

        Args:
            host: Takes what comes in and has what goes out.
        """
        raise self._cannot("hold a connection")

    def _cannot(self, what: str) -> NotSupported:
        return NotSupported(f"channel {self.spec.name!r} cannot {what}", hint=f"override it in {type(self).__name__}")
