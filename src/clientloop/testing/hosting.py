"""An application in memory around one channel, with the other side played: what an adapter does where it will work."""

from collections.abc import Sequence
from datetime import datetime
from types import TracebackType

from clientloop.app import ClientLoop
from clientloop.ports.channel import Channel
from clientloop.ports.clock import ManualClock
from clientloop.ports.effects import NoAnswer, Result
from clientloop.testing.samples import SAMPLE_TIME
from clientloop.testing.service import Service


class Host:
    """An application that has a channel under its own name, and a service that answers what the channel asks.

    Args:
        channel: The channel, set up.
        answers: What the service answers, in its order, and the last for ever; not at all if not given.
        now: Where the clock stands, aware.

    >>> from clientloop.channels.desk.channel import Desk
    >>> from clientloop.channels.desk.entries import Call
    >>> note = Desk.raw(Call(call="117", operator="kim", text="It is late again"))
    >>> with Host(Desk()) as host:
    ...     host.loop.channels.receive("desk", note).state
    <RawState.READ: 'read'>
    """

    def __init__(self, channel: Channel, answers: Sequence[Result] = (), now: datetime = SAMPLE_TIME) -> None:
        """Open it."""
        #: The clock of both.
        self.clock = ManualClock(now)
        #: The service; `calls` has what it was asked.
        self.service = Service(answers or [NoAnswer(detail="nobody is there", reached=False)], now)
        #: The application.
        self.loop = ClientLoop.open(
            "memory:",
            channels={channel.spec.name: channel},
            clock=self.clock,
            perform=self.service,
            entry_points=False,
        )

    def __enter__(self) -> "Host":
        """Work with it."""
        return self

    def __exit__(
        self, cls: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.loop.close()
