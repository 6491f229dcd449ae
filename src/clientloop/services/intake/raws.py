"""Raw messages: verified, stored once, read, and read again where that was cut short.

The order is what keeps every word: a message is stored before anybody reads it, and it is read from what was stored, so
that it can be read again after the plugin was mended. Whatever goes wrong after that leaves it in quarantine, whole.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

from attrs import frozen

from clientloop.errors import BadPayload, Conflict, Duplicate, NotSupported, StoreError
from clientloop.model.channels import Happening, RawBody, RawState, StoredRaw, TakenEvent
from clientloop.model.customers import Trust
from clientloop.model.units import Delete, Insert, Unit, Update
from clientloop.model.where import eq
from clientloop.plugins.loading import HARMLESS, cause_of
from clientloop.ports.channel import Channel, Direction
from clientloop.ports.events import Parsed, Raw, Reply, Verdict
from clientloop.services.context import Context
from clientloop.services.intake.counts import counted
from clientloop.services.intake.events import TAKERS, take
from clientloop.services.intake.taken import taken_event

logger = logging.getLogger(__name__)

#: How long whoever began with a message has for it.
LEASE = timedelta(minutes=2)

#: How many messages a worker claims at once.
BATCH = 20

#: How often a message may be begun with and left: one that ends its readers must not end all of them.
MOST_CLAIMS = 5

#: How long a reason is that is kept.
_LONGEST_REASON = 1_000

#: Where a message is read no more.
_OVER = frozenset({RawState.READ, RawState.DISCARDED})


@frozen(kw_only=True)
class Received:
    """What became of one message."""

    #: What its sender is answered over HTTP.
    reply: Reply
    #: Where it stands; None if it was refused.
    state: RawState | None = None
    #: Its id, as long as it is stored.
    raw: UUID | None = None
    #: Its events that are taken, by now or before, in their order.
    events: tuple[TakenEvent, ...] = ()


def receive(context: Context, channel: str, raw: Raw) -> Received:
    """Take a message that came in.

    Args:
        context: The space.
        channel: Name of the channel.
        raw: The message.

    Returns:
        What became of it. A message in quarantine is answered like one that was read: its bytes are here, so that
        nothing is gained by sending it again, and senders who are answered by errors for long send no more at all.

    Raises:
        UnknownName: There is no such channel.
        NotSupported: The channel does not receive, or cannot verify.
        StoreError: The message, or what it says, could not be written: it should be sent again.
    """
    plugin = context.plugins.channel(channel)
    if Direction.RECEIVE not in plugin.able():
        raise NotSupported(f"channel {channel!r} receives nothing", hint="it only sends; its `parse` is not written")
    if _is_too_long(plugin, raw):
        return _refused(context, channel, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    try:
        verdict: object = plugin.verify(raw, context.now())
    except NotSupported:
        raise
    except HARMLESS as error:  # nobody is proved by that; the fault is ours, and the sender shall try again
        logger.error("channel %s cannot verify a message: %s", channel, type(error).__name__)
        return _refused(context, channel, HTTPStatus.INTERNAL_SERVER_ERROR)
    if not isinstance(verdict, Verdict) or verdict.trust is None:
        return _refused(context, channel, HTTPStatus.FORBIDDEN)
    stored = _store(context, channel, raw, verdict.trust)
    return _read(context, plugin, stored, raw.body)


def _is_too_long(plugin: Channel, raw: Raw) -> bool:
    return any(route.name == raw.route and len(raw.body) > route.max_body for route in plugin.spec.routes)


def _refused(context: Context, channel: str, status: HTTPStatus) -> Received:
    context.commit(Unit((counted(context, channel, Happening.REFUSED),)))
    return Received(reply=Reply(status=status))


def _store(context: Context, channel: str, raw: Raw, trust: Trust) -> StoredRaw:
    """Store a message, or find it where it was stored before."""
    now = context.now()
    stored = StoredRaw(
        space=context.space.space, id=context.new_id(), channel=channel, digest=raw.digest, route=storable(raw.route),
        method=storable(raw.method), url=storable(raw.url),
        headers={storable(name): storable(value) for name, value in raw.headers.items()}, size=len(raw.body),
        trust=trust, received_at=now, wake_at=now + LEASE,
    )  # fmt: skip
    body = RawBody(space=stored.space, id=stored.id, content=raw.body)
    try:
        context.commit(Unit((Insert(stored), Insert(body))))
    except Duplicate:
        where = eq("channel", channel) & eq("digest", stored.digest)
        known = context.store.page(StoredRaw, stored.space, where=where, order="by_digest", limit=1)
        # gone, if it said nothing new and was let go of just now
        return known.items[0] if known.items else _store(context, channel, raw, trust)
    return stored


def storable(text: str) -> str:
    r"""Text that every database takes: without NUL, and without halves of characters.

    >>> storable("a\0b"), storable("\udcff")
    ('ab', '?')
    """
    return text.replace("\0", "").encode(errors="replace").decode()


def as_raw(stored: StoredRaw, content: bytes) -> Raw:
    """A stored message as the channel reads it."""
    return Raw(body=content, route=stored.route, method=stored.method, url=stored.url, headers=stored.headers)


def read_due(context: Context) -> int:
    """Read the messages again whose readers were lost, one batch.

    Args:
        context: The space.

    Returns:
        How many were looked at; fewer than `BATCH` when there are no more.
    """
    claimed = context.store.claim(StoredRaw, context.space.space, now=context.now(), lease=LEASE, limit=BATCH)
    for stored in claimed:
        if stored.version > MOST_CLAIMS:
            _end(context, stored, RawState.QUARANTINED, "nobody who began to read it came to its end")
        else:
            read_again(context, stored)
    return len(claimed)


def read_again(context: Context, stored: StoredRaw) -> Received | None:
    """Read a stored message once more; events of it that were taken are not taken again.

    Args:
        context: The space.
        stored: The message.

    Returns:
        What became of it; None if it is gone.

    Raises:
        StoreError: What it says could not be written.
    """
    body = context.store.get(RawBody, (stored.space, stored.id))
    if body is None:
        return None
    try:
        plugin = context.plugins.channel(stored.channel)
    except HARMLESS as error:
        return _quarantine(context, stored, cause_of(error))
    return _read(context, plugin, stored, body.content)


def _read(context: Context, plugin: Channel, stored: StoredRaw, content: bytes) -> Received:
    try:
        parsed: object = plugin.parse(as_raw(stored, content))
    except BadPayload as error:
        return _quarantine(context, stored, cause_of(error))
    except HARMLESS as error:
        return _quarantine(context, stored, f"the channel raised {cause_of(error)}")
    if not isinstance(parsed, Parsed):
        return _quarantine(context, stored, f"the channel read a {type(parsed).__name__}, not events")
    if stored.state in _OVER:
        return _repeated(context, stored, parsed)
    return _take(context, stored, parsed)


def _take(context: Context, stored: StoredRaw, parsed: Parsed) -> Received:
    """Take all events; one that cannot be taken does not keep the others back."""
    taken: list[TakenEvent] = []
    reasons: list[str] = []
    for number, event in enumerate(parsed.events, 1):
        if type(event) not in TAKERS:
            reasons.append(f"event {number} is a {type(event).__name__}")
            continue
        try:
            taken.append(take(context, stored.channel, event, trust=stored.trust, raw=stored.id))
        except StoreError:  # it is read again at the end of the lease
            raise
        except HARMLESS as error:
            reasons.append(f"event {number}: {cause_of(error)}")
    if reasons:
        return _quarantine(context, stored, "; ".join(reasons), parsed.reply, taken)
    if taken and all(event.raw != stored.id for event in taken):
        return _dropped(context, stored, parsed.reply, taken)
    _end(context, stored, RawState.READ)
    return Received(reply=parsed.reply, state=RawState.READ, raw=stored.id, events=tuple(taken))


def _repeated(context: Context, stored: StoredRaw, parsed: Parsed) -> Received:
    """Answer a message that was read before as it was answered then."""
    context.commit(Unit((counted(context, stored.channel, Happening.REPEATED),)))
    known = [taken_event(context, stored.channel, event.key) for event in parsed.events]
    events = tuple(event for event in known if event is not None)
    return Received(reply=parsed.reply, state=stored.state, raw=stored.id, events=events)


def _dropped(context: Context, stored: StoredRaw, reply: Reply, taken: Sequence[TakenEvent]) -> Received:
    """Let go of a message that says nothing but what others have said."""
    key = (stored.space, stored.id)
    count = counted(context, stored.channel, Happening.REPEATED)
    with suppress(Conflict):  # another reader has come to the same end
        context.commit(Unit((Delete(RawBody, key), Delete(StoredRaw, key), count)))
    return Received(reply=reply, state=RawState.READ, events=tuple(taken))


def _quarantine(
    context: Context,
    stored: StoredRaw,
    reason: str,
    reply: Reply = Reply(),  # noqa: B008  # immutable
    taken: Sequence[TakenEvent] = (),
) -> Received:
    logger.error("message %s of channel %s is in quarantine", stored.id, stored.channel)
    _end(context, stored, RawState.QUARANTINED, reason)
    return Received(reply=reply, state=RawState.QUARANTINED, raw=stored.id, events=tuple(taken))


def _end(context: Context, stored: StoredRaw, state: RawState, reason: str | None = None) -> None:
    """Write down where a message stands now; what somebody else has read is read, whatever went wrong here."""
    changes = {"state": state, "reason": reason and storable(reason)[:_LONGEST_REASON], "wake_at": None}
    guard = None if state is RawState.READ else stored.version
    with suppress(Conflict):  # another reader has come to its own end, or taken it away
        context.commit(Unit((Update(StoredRaw, (stored.space, stored.id), changes, guard),)))
