"""When a channel takes its next message: times kept for messages where it takes only so many a second, and pauses."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from attrs import frozen

from clientloop.model.channels import ChannelPace
from clientloop.model.messages import Failure, OutboundMessage, Receipt
from clientloop.model.units import Insert, Unit, Update
from clientloop.rules.outgoing.consent import NEED_CONSENT
from clientloop.rules.outgoing.sending import pause_of

#: How far ahead times are kept: an answer that is written now waits no longer than this behind a thousand surveys.
HORIZON = timedelta(seconds=60)

#: How long a kept time holds once it has come: workers look only now and then.
GRACE = timedelta(seconds=10)

#: A try that takes longer keeps other channels waiting: the channel then rests for as long as it took.
SLOW = timedelta(seconds=5)

#: The shortest and the longest pause of a whole channel: the longest unless the channel itself asked for a longer one.
SHORTEST_REST, LONGEST_REST = timedelta(seconds=1), timedelta(minutes=5)


@frozen(kw_only=True)
class Wait:
    """A message that must wait."""

    #: The message, as it was claimed.
    message: OutboundMessage
    #: When to look at it again, UTC.
    until: datetime
    #: The time that is kept for it, UTC, if one is.
    slot: datetime | None = None


@frozen(kw_only=True)
class Allotment:
    """Which messages of a channel go out now, and which wait."""

    #: Those that go now, in this order.
    due: tuple[OutboundMessage, ...] = ()
    #: Those that wait.
    later: tuple[Wait, ...] = ()
    #: When the first time is now free that is kept for no message, UTC; None where none was kept.
    free_at: datetime | None = None


def allot(
    messages: Iterable[OutboundMessage], pace: ChannelPace | None, per_second: float | None, now: datetime
) -> Allotment:
    """Share out the next times of a channel among messages that are due.

    A message whose time is yet to come keeps it: it is put off once, and nobody else gets that time. Surveys and
    advertisements come last.

    Args:
        messages: Messages that a worker has claimed.
        pace: What is known of the channel; None if it was never paced.
        per_second: How many messages a second it takes; None for no limit known.
        now: The present, UTC.

    >>> from clientloop.model.customers import Purpose
    >>> from datetime import UTC
    >>> from uuid import UUID
    >>> now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> messages = [
    ...     OutboundMessage(
    ...         space="main", id=UUID(int=number), channel="sms", to="+38640111222", purpose=Purpose.SERVICE,
    ...         template="answer", created_at=now,
    ...     )
    ...     for number in range(3)
    ... ]
    >>> shared = allot(messages, None, 2.0, now)
    >>> len(shared.due), [(wait.until - now).total_seconds() for wait in shared.later]
    (1, [0.5, 1.0])
    """
    reopened = pace.paused_until if pace is not None and pace.paused_until is not None else now - GRACE
    if reopened > now:
        return Allotment(later=tuple(Wait(message=message, until=reopened) for message in messages))
    if per_second is None:
        return Allotment(due=tuple(messages))
    oldest, interval = max(reopened, now - GRACE), timedelta(seconds=1 / per_second)
    free = first = now if pace is None else max(now, pace.free_at)
    due: list[OutboundMessage] = []
    later: list[Wait] = []
    taken_to = first
    for message in sorted(messages, key=_urgency):
        if message.slot is not None and message.slot >= oldest:
            slot = message.slot
        else:
            slot, free = free, free + interval
            taken_to = free if slot <= now + HORIZON else taken_to
        if slot <= now:
            due.append(message)
        else:
            later.append(Wait(message=message, until=slot, slot=slot if slot <= now + HORIZON else None))
    return Allotment(due=tuple(due), later=tuple(later), free_at=taken_to if taken_to > first else None)


def _urgency(message: OutboundMessage) -> bool:
    return message.purpose in NEED_CONSENT


def kept(pace: ChannelPace | None, space: str, channel: str, free_at: datetime) -> Unit:
    """The times before `free_at` are kept for messages; guarded, so that no two workers give away the same."""
    if pace is None:
        return Unit((Insert(ChannelPace(space=space, channel=channel, free_at=free_at)),))
    return Unit((Update(ChannelPace, (space, channel), {"free_at": free_at}, pace.version),))


def paused(pace: ChannelPace | None, space: str, channel: str, until: datetime) -> Unit:
    """The channel takes nothing until then, or for longer where somebody else has found that."""
    if pace is None:
        return Unit((Insert(ChannelPace(space=space, channel=channel, free_at=until, paused_until=until)),))
    if pace.paused_until is not None and pace.paused_until >= until:
        return Unit()
    return Unit((Update(ChannelPace, (space, channel), {"paused_until": until}, pace.version),))


def rest_after(message: OutboundMessage, receipt: Receipt, *, began: datetime, ended: datetime) -> datetime | None:
    """Until when a channel rests after a try, for all workers and messages.

    A throttled channel rests for as long as it asks; where it does not say, as the message does, up to five minutes. A
    slow one rests for as long as the try took, so that it gets no more than half of anybody's time.

    Args:
        message: As it was marked `sending`.
        receipt: What the channel said.
        began: When the message was handed over, UTC.
        ended: When the answer came, UTC.

    Returns:
        Until when, UTC; None if it need not rest.
    """
    rests = []
    if receipt.failure is Failure.THROTTLED:
        asked = None if receipt.retry_after is None else timedelta(seconds=receipt.retry_after)
        rests.append(max(SHORTEST_REST, min(pause_of(message), LONGEST_REST) if asked is None else asked))
    if ended - began > SLOW:
        rests.append(ended - began)
    return ended + max(rests) if rests else None
