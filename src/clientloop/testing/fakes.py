"""Stand-ins for the outside world: channels that send nowhere and remember what they were given."""

from collections.abc import Callable, Generator, Mapping

from clientloop.model.messages import OutboundMessage, Receipt
from clientloop.plugins import hookimpl
from clientloop.ports.channel import Capabilities, Channel, Spec
from clientloop.ports.effects import Effect, Result

#: Decides what becomes of a message.
Answer = Callable[[OutboundMessage], Receipt]


class FakeChannels:
    """A plugin that adds channels which take every message, unless told otherwise.

    Args:
        names: Names of the channels.
        answer: Decides what becomes of a message; it is taken if not given.
        capabilities: What the channels can carry.

    >>> from clientloop import ClientLoop
    >>> post = FakeChannels("email")
    >>> with ClientLoop.open("memory:", plugins=[post]) as loop:
    ...     item = loop.feedback.receive(kind="question", channel="email", text="Open today?", reply_to="a@example.com")
    ...     item = loop.feedback.move(item, "answer", by="agent-7", text="Until six.")
    ...     ran = loop.run_due()
    >>> [(message.to, message.template) for message in post.sent]
    [('a@example.com', 'answer')]
    """

    def __init__(self, *names: str, answer: Answer | None = None, capabilities: Capabilities | None = None) -> None:
        """Remember nothing yet."""
        #: Every message that was handed over, tries that failed included.
        self.sent: list[OutboundMessage] = []
        #: Decides what becomes of a message; may be replaced between messages.
        self.answer: Answer = answer or (lambda message: Receipt(provider_id=str(message.id)))
        #: What the channels can carry; may be replaced between messages.
        self.capabilities = capabilities or Capabilities()
        self._names = names

    @hookimpl
    def clientloop_register_channels(self) -> Mapping[str, Callable[[], type[Channel]]]:
        """The channels by name."""
        return {name: self._maker(name) for name in self._names}

    def _maker(self, name: str) -> Callable[[], type[Channel]]:
        fakes = self

        class FakeChannel(Channel):
            """Remembers what it was given."""

            spec = Spec(name=name)

            def capabilities(self) -> Capabilities:
                return fakes.capabilities

            def send(self, out: OutboundMessage) -> Generator[Effect, Result, Receipt]:
                fakes.sent.append(out)
                return fakes.answer(out)
                yield  # makes this a generator, as the port demands

        return lambda: FakeChannel
