"""One batch of due messages: shared out among their channels, and sent by turns."""

import logging
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from datetime import datetime

from attrs import define, field, frozen

from clientloop.errors import Conflict, InvalidValue, StoreCorrupt
from clientloop.model.messages import Failure, MessageState, OutboundMessage, Receipt
from clientloop.model.plan import Key, Plan
from clientloop.model.where import ALL, Where, eq, gt
from clientloop.plugins.loading import cause_of, harmless
from clientloop.ports.channel import Channel, Side
from clientloop.rules.outgoing.fitting import Limits, asks_for_last_word, misfit
from clientloop.rules.outgoing.pacing import Wait, rest_after
from clientloop.services.context import Context
from clientloop.services.leases import Stop, never
from clientloop.services.outgoing.earlier import last_word
from clientloop.services.outgoing.handover import LEASE, hand_over, mark, note
from clientloop.services.outgoing.pacing import forget_paces, put_off_all, rest, share

logger = logging.getLogger(__name__)

#: How many messages a worker claims at once.
BATCH = 50

#: What a claim of a message says that is still marked as being sent.
_LOST = Receipt(failure=Failure.UNKNOWN, detail="a worker was lost while it sent this")


@frozen(kw_only=True)
class Sent:
    """What became of one batch of messages."""

    #: How many were claimed.
    claimed: int = 0
    #: How many a channel took.
    accepted: int = 0
    #: How many it did not, or must not be given.
    failed: int = 0
    #: How many were put off untried: their channel rests or is paced, or it is night where they go.
    put_off: int = 0

    def __add__(self, other: "Sent") -> "Sent":
        """Both together."""
        return Sent(
            claimed=self.claimed + other.claimed,
            accepted=self.accepted + other.accepted,
            failed=self.failed + other.failed,
            put_off=self.put_off + other.put_off,
        )


_ACCEPTED, _FAILED = Sent(accepted=1), Sent(failed=1)


def waiting_channels(context: Context) -> Iterator[str]:
    """Names of the channels for which messages are in the outbox, each found by one read.

    Args:
        context: The space.
    """
    further: Where = ALL
    while name := _first_channel(context, further):
        yield name
        further = gt("channel", name)


def _first_channel(context: Context, among: Where) -> str | None:
    """The first name of a channel among some messages; None of no messages."""
    store, space = context.store, context.space.space
    try:
        found = store.page(OutboundMessage, space, where=among, order="by_channel", limit=1)
        return found.items[0].channel if found.items else None
    except StoreCorrupt:  # it stands on a message that is damaged: the names alone take longer
        names = store.aggregate(space, Plan(cls=OutboundMessage, where=among, keys=(Key("channel"),)))
        return str(names[0].keys[0])


def send_batch(context: Context, *, channel: str | None = None, stop: Stop = never) -> Sent:
    """Claim due messages and hand them to their channels.

    Channels take turns, and one that rests gives way to the others. What is not begun before the claims end is left to
    whoever claims it next.

    Args:
        context: The space.
        channel: Only those for this channel.
        stop: Whether to stop: what is not begun is then given back at once.

    Returns:
        What became of them.
    """
    space, now = context.space.space, context.now()
    where = ALL if channel is None else eq("channel", channel)
    claimed = context.store.claim(OutboundMessage, space, now=now, lease=LEASE, limit=BATCH, where=where)
    by_channel: defaultdict[str, list[OutboundMessage]] = defaultdict(list)
    for message in claimed:
        by_channel[message.channel].append(message)
    sent, lines = Sent(claimed=len(claimed)), deque[_Line]()
    for name, messages in by_channel.items():
        try:
            opened = _open(context, name, messages)
        except harmless() as error:
            broken = Receipt(failure=Failure.CONFIG, detail=cause_of(error))
            sent += sum((_settle(context, message, broken) for message in messages), Sent())
        else:
            sent += sum((line.take() for line in opened), Sent())
            lines.extend(opened)
    of_addresses = any(line.pace not in by_channel for line in lines)
    while lines and context.now() < now + LEASE and not stop():
        line = lines.popleft()
        if line.queue:
            sent += line.send_next()
            lines.append(line)
    if of_addresses:
        forget_paces(context)
    return sum((line.give_back() for line in lines), sent) if stop() else sent


def _open(context: Context, name: str, messages: Sequence[OutboundMessage]) -> "list[_Line]":
    """The lines of a channel; it may raise whatever it likes."""
    channel = context.plugins.channel(name)
    able = channel.capabilities()
    limits = Limits(
        max_length=able.max_length,
        firm_starts=Side.FIRM in able.starts,
        reply_window=None if able.templates else able.reply_window,
    )
    claimed: defaultdict[str, list[OutboundMessage]] = defaultdict(list)
    for message in messages:
        claimed[f"{name} {message.to}" if able.per_address else name].append(message)
    return [
        _Line(context, pace, channel, limits, able.per_second, able.idempotent_send, theirs)
        for pace, theirs in claimed.items()
    ]


def _settle(context: Context, message: OutboundMessage, receipt: Receipt, *, repeats: bool = False) -> Sent:
    try:
        note(context, message, receipt, repeats=repeats)
    except Conflict:
        return _FAILED  # another worker has it by now
    return _ACCEPTED if receipt.accepted else _FAILED


@define
class _Line:
    """The messages of a batch that go out one after another: those of one channel, or of one address on it."""

    context: Context
    #: Under which name its pace is kept.
    pace: str
    channel: Channel
    limits: Limits
    per_second: float | None
    #: Whether the channel recognises a message sent twice.
    repeats: bool
    claimed: Sequence[OutboundMessage]
    queue: deque[OutboundMessage] = field(factory=deque)

    def take(self) -> Sent:
        """Queue what the channel takes now, put off the rest, and tell of those whose worker was lost."""
        lost = [message for message in self.claimed if message.state is MessageState.SENDING]
        found = sum((_settle(self.context, message, _LOST, repeats=self.repeats) for message in lost), Sent())
        waiting = [message for message in self.claimed if message.state is not MessageState.SENDING]
        shared = share(self.context, self.pace, self.per_second, waiting)
        self.queue.extend(shared.due)
        return found + self._put_off(shared.later)

    def send_next(self) -> Sent:
        """Send the next message, unless something stands against it."""
        message = self.queue.popleft()
        try:
            return self._send(message)
        except Conflict:
            return _FAILED  # another worker has it
        except (InvalidValue, StoreCorrupt) as error:  # say, a template that nobody wrote: it must not stop all others
            logger.error("message %s cannot go its way, %s: it is looked at again", message.id, type(error).__name__)
            return _FAILED

    def give_back(self) -> Sent:
        """Leave what is not begun, due as it was, to whoever comes next."""
        now = self.context.now()
        waits = [Wait(message=message, until=now, slot=message.slot) for message in self.queue]
        self.queue.clear()
        return self._put_off(waits)

    def _send(self, message: OutboundMessage) -> Sent:
        marked = self._misfit(message) or mark(self.context, message)
        if isinstance(marked, Wait):
            return self._put_off([marked])
        if isinstance(marked, Receipt):
            return _settle(self.context, message, marked)
        began = self.context.now()
        receipt = hand_over(self.context, self.channel, marked)
        until = rest_after(marked, receipt, began=began, ended=self.context.now())
        sent = _settle(self.context, marked, receipt, repeats=self.repeats)
        return sent if until is None else sent + self._rest(until)

    def _misfit(self, message: OutboundMessage) -> Receipt | None:
        asks = asks_for_last_word(message, self.limits)
        last = last_word(self.context, message) if asks else None
        return misfit(message, self.limits, last, self.context.now())

    def _rest(self, until: datetime) -> Sent:
        """Let the channel rest, for this worker and all others."""
        rest(self.context, self.pace, until)
        waits = [Wait(message=message, until=until) for message in self.queue]
        self.queue.clear()
        return self._put_off(waits)

    def _put_off(self, waits: Sequence[Wait]) -> Sent:
        put_off_all(self.context, waits)
        return Sent(put_off=len(waits))
