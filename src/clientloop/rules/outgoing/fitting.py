"""What a channel cannot carry, found out before it is tried."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from attrs import frozen

from clientloop.model.customers import Purpose
from clientloop.model.messages import Failure, OutboundMessage, Receipt


@frozen(kw_only=True)
class Limits:
    """What a channel carries, as far as that can be judged beforehand."""

    #: How long a message may be, in characters; None for no limit.
    max_length: int | None = None
    #: Whether the firm may write to somebody who has not written to it.
    firm_starts: bool = True
    #: How long after the customer's last word the firm may write; None for ever.
    reply_window: timedelta | None = None


def asks_for_last_word(message: OutboundMessage, limits: Limits) -> bool:
    """Whether it matters when the customer wrote last; of members nobody knows.

    Args:
        message: The message.
        limits: What its channel carries.
    """
    if message.purpose is Purpose.INTERNAL:
        return False
    return not limits.firm_starts or limits.reply_window is not None


def misfit(message: OutboundMessage, limits: Limits, last_word: datetime | None, now: datetime) -> Receipt | None:
    """Why a channel cannot carry a message.

    The message then waits for a person, who may write by another channel: nothing is wrong with the address.

    Args:
        message: The message.
        limits: What the channel carries.
        last_word: When the customer last wrote on the channel, UTC; None if never, or if that does not matter.
        now: The present, UTC.

    Returns:
        The refusal; None if the channel can carry it.

    >>> from datetime import UTC
    >>> from uuid import UUID
    >>> from clientloop.model.customers import Purpose
    >>> now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> message = OutboundMessage(
    ...     space="main", id=UUID(int=1), channel="chat", to="ana", purpose=Purpose.SERVICE, template="answer",
    ...     body="Until six.", created_at=now,
    ... )
    >>> misfit(message, Limits(max_length=5), None, now).detail
    'it has 10 characters, and the channel takes 5'
    """
    why = "; ".join(_reasons(message, limits, last_word, now))
    return Receipt(failure=Failure.CONFIG, detail=why) if why else None


def _reasons(message: OutboundMessage, limits: Limits, last_word: datetime | None, now: datetime) -> Iterator[str]:
    if limits.max_length is not None and len(message.body) > limits.max_length:
        yield f"it has {len(message.body)} characters, and the channel takes {limits.max_length}"
    if not asks_for_last_word(message, limits):
        return
    if last_word is None:
        yield "the customer has never written on this channel, and must begin"
    elif limits.reply_window is not None and now - last_word > limits.reply_window:
        said, closed = last_word, last_word + limits.reply_window
        yield f"the channel closed at {closed:%Y-%m-%d %H:%M} UTC: the customer last wrote at {said:%Y-%m-%d %H:%M}"
