"""The other side of a channel that sends, played from a script."""

from collections.abc import Sequence
from datetime import datetime

from clientloop.model.messages import OutboundMessage, Receipt
from clientloop.ports.channel import Channel
from clientloop.ports.effects import AskTime, Effect, Result, TimeResult, drive


class Service:
    """Answers each effect with the next of some results, the last one for ever, and keeps what it was asked.

    Args:
        answers: The results; questions for the time take none of them.
        now: What its clock shows, aware.
    """

    def __init__(self, answers: Sequence[Result], now: datetime) -> None:
        """Begin with nothing asked."""
        self.calls: list[Effect] = []
        self._answers, self._now = answers, now

    def __call__(self, effect: Effect) -> Result:
        """Answer one effect."""
        if isinstance(effect, AskTime):
            return TimeResult(now=self._now)
        self.calls.append(effect)
        return self._answers[min(len(self.calls), len(self._answers)) - 1]


def sent(
    channel: Channel, message: OutboundMessage, answers: Sequence[Result], now: datetime
) -> tuple[Receipt, list[Effect]]:
    """Send a message to a service that is played.

    Args:
        channel: The channel.
        message: The message.
        answers: What the service answers, in its order.
        now: What the clock of the host shows, aware.

    Returns:
        What became of it, and what the service was asked.
    """
    service = Service(answers, now)
    return drive(channel.send(message), service), service.calls
