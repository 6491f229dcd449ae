"""A plugin that loads well and then raises: when it sends, and when it hears of something."""

from collections.abc import Generator, Mapping, Sequence

from clientloop import hookimpl
from clientloop.model.facts import Fact
from clientloop.model.messages import OutboundMessage, Receipt
from clientloop.ports.channel import Channel, Spec
from clientloop.ports.effects import Effect, Result


class Telegraph(Channel):
    """A channel whose line is cut."""

    spec = Spec(name="telegraph")

    def send(self, out: OutboundMessage) -> Generator[Effect, Result, Receipt]:
        """Raises before anything was sent."""
        raise RuntimeError("the line is cut")
        yield  # makes it a generator


@hookimpl
def clientloop_register_channels() -> Mapping[str, type[Channel]]:
    """The telegraph."""
    return {"telegraph": Telegraph}


@hookimpl
def clientloop_on_feedback_received(facts: Sequence[Fact]) -> None:
    """Raises whatever it hears."""
    raise ValueError("I did not want to know")
