"""The channels of the demo: they take every message, but for addresses that are known to bounce."""

from collections.abc import Callable, Collection, Generator, Mapping

from clientloop.model.messages import Failure, OutboundMessage, Receipt
from clientloop.plugins import hookimpl
from clientloop.ports.channel import Channel, Spec
from clientloop.ports.effects import Effect, Result


class Post:
    """A plugin with channels that send nothing anywhere.

    Args:
        names: Names of the channels.
        bounces: Addresses that take no message.
    """

    def __init__(self, names: Collection[str], bounces: Collection[str]) -> None:
        """Keep them."""
        self._names, self._bounces = names, bounces

    @hookimpl
    def clientloop_register_channels(self) -> Mapping[str, Callable[[], type[Channel]]]:
        """The channels by name."""
        return {name: self._maker(name) for name in self._names}

    def _maker(self, name: str) -> Callable[[], type[Channel]]:
        bounces = self._bounces

        class Stage(Channel):
            """Takes a message and does nothing with it."""

            spec = Spec(name=name)

            def send(self, out: OutboundMessage) -> Generator[Effect, Result, Receipt]:
                if out.to in bounces:
                    return Receipt(failure=Failure.PERMANENT, detail="550 no such mailbox")
                return Receipt(provider_id=str(out.id))
                yield  # makes this a generator, as the port demands

        return lambda: Stage
