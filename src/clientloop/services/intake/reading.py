"""Reading a stored message: its events taken one by one, what stands in the way kept with it, an answer for its sender.

A message is read from the bytes that were stored, and as often as need be: what was taken is not taken again.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from attrs import frozen

from clientloop.errors import BadPayload, Conflict, StoreCorrupt, StoreError
from clientloop.model.channels import Happening, RawBody, RawState, StoredRaw, TakenEvent
from clientloop.model.units import Delete, Unit, Update
from clientloop.plugins.loading import cause_of, harmless
from clientloop.plugins.spec import Sort
from clientloop.ports.channel import Channel
from clientloop.ports.events import Event, Parsed, Raw, Reply
from clientloop.rules.intake.arrival import clean
from clientloop.services.context import Context
from clientloop.services.intake.counts import counted
from clientloop.services.intake.events import TAKERS, take
from clientloop.services.intake.repetition import as_raw, says_other
from clientloop.services.intake.replies import reply_in_line
from clientloop.services.intake.taken import taken_event

logger = logging.getLogger(__name__)

#: How long a reason is that is kept.
_LONGEST_REASON = 1_000

#: Why a message is kept that comes under the key of another.
_OTHER_WORDS = "it has the key of a message that came before, and other words"

#: Where a message is that has been read, or is not to be: another copy of it is only answered.
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


def read(context: Context, plugin: Channel, stored: StoredRaw, content: bytes) -> Received:
    """Read a stored message, and take what it says.

    Args:
        context: The space.
        plugin: The channel.
        stored: The message.
        content: Its bytes.

    Returns:
        What became of it. In quarantine it is answered as if it were read: its bytes are here, so that nothing is
        gained by sending it again, and many senders give an address up that answers by errors for long.

    Raises:
        StoreError: What it says could not be written; it is read again at the end of its lease.
    """
    raw = as_raw(stored, content)
    parsed = _parsed(context, plugin, raw)
    if stored.state in _OVER:
        return _repeated(context, plugin, stored, raw, parsed)
    if isinstance(parsed, str):
        return quarantine(context, stored, parsed)
    try:
        return _read(context, plugin, stored, raw, parsed)
    except StoreCorrupt as error:
        return quarantine(context, stored, cause_of(error))


def is_of_the_store(error: BaseException) -> bool:
    """Whether an error is no fault of one message: nothing can be written. One damaged record stops nothing else."""
    return isinstance(error, StoreError) and not isinstance(error, StoreCorrupt)


def _read(context: Context, plugin: Channel, stored: StoredRaw, raw: Raw, parsed: Parsed) -> Received:
    """Take what a message says that came for the first time, or was not read to its end."""
    taken, reasons = _take(context, stored, parsed.events)
    repeats = bool(taken) and all(event.raw != stored.id for event in taken)
    if repeats and not reasons and says_other(context, plugin, parsed.events, taken):
        reasons = (_OTHER_WORDS,)
    reply = reply_in_line(context, plugin, raw, parsed, taken)
    if reasons:
        return quarantine(context, stored, "; ".join(reasons), reply=reply, taken=taken)
    if repeats:
        _let_go(context, stored)
        return Received(reply=reply, state=RawState.READ, events=taken)
    _end(context, stored, RawState.READ)
    return Received(reply=reply, state=RawState.READ, raw=stored.id, events=taken)


def _parsed(context: Context, plugin: Channel, raw: Raw) -> Parsed | str:
    """What a message says, or why nobody can tell."""
    try:
        parsed: object = plugin.parse(raw)
    except BadPayload as error:
        return cause_of(error)
    except harmless() as error:
        context.parts.registry.raised(Sort.CHANNEL, plugin.spec.name, error)
        return f"the channel raised {cause_of(error)}"
    return parsed if isinstance(parsed, Parsed) else f"the channel read a {type(parsed).__name__}, not events"


def _repeated(context: Context, plugin: Channel, stored: StoredRaw, raw: Raw, parsed: Parsed | str) -> Received:
    """Answer a message that was read before; what the channel reads in it by now is not taken."""
    context.commit(Unit((counted(context, stored.channel, Happening.REPEATED),)))
    reply, taken = Reply(), tuple[TakenEvent, ...]()
    if isinstance(parsed, Parsed):
        with suppress(StoreCorrupt):  # what it became is safe: only its sender is not told
            known = [taken_event(context, stored.channel, event.key) for event in parsed.events]
            taken = tuple(event for event in known if event is not None)
            reply = reply_in_line(context, plugin, raw, parsed, taken)
    return Received(reply=reply, state=stored.state, raw=stored.id, events=taken)


def _take(
    context: Context, stored: StoredRaw, events: Sequence[Event]
) -> tuple[tuple[TakenEvent, ...], tuple[str, ...]]:
    """Take all events, and say why others cannot be: one that cannot does not keep the others back."""
    taken: list[TakenEvent] = []
    reasons: list[str] = []
    for number, event in enumerate(events, 1):
        if type(event) not in TAKERS:
            reasons.append(f"event {number} is a {type(event).__name__}")
            continue
        try:
            taken.append(take(context, stored.channel, event, trust=stored.trust, raw=stored.id))
        except harmless() as error:
            if is_of_the_store(error):
                raise
            reasons.append(f"event {number}: {cause_of(error)}")
    return tuple(taken), tuple(reasons)


def _let_go(context: Context, stored: StoredRaw) -> None:
    """Delete a message that says nothing but what others have said."""
    key = (stored.space, stored.id)
    count = counted(context, stored.channel, Happening.REPEATED)
    with suppress(Conflict):  # another reader has come to the same end
        context.commit(Unit((Delete(RawBody, key), Delete(StoredRaw, key), count)))


def quarantine(
    context: Context,
    stored: StoredRaw,
    reason: str,
    *,
    reply: Reply = Reply(),  # noqa: B008  # immutable
    taken: tuple[TakenEvent, ...] = (),
) -> Received:
    """Keep a message for a person to look at.

    Args:
        context: The space.
        stored: The message.
        reason: Why nobody could read it.
        reply: What its sender is answered.
        taken: What could be taken of it all the same.
    """
    logger.error("message %s of channel %s is in quarantine", stored.id, stored.channel)
    _end(context, stored, RawState.QUARANTINED, clean(reason)[:_LONGEST_REASON])
    return Received(reply=reply, state=RawState.QUARANTINED, raw=stored.id, events=taken)


def _end(context: Context, stored: StoredRaw, state: RawState, reason: str | None = None) -> None:
    """Write down where a message stands now; what somebody else has read is read, whatever went wrong here."""
    changes = {"state": state, "reason": reason, "wake_at": None}
    guard = None if state is RawState.READ else stored.version
    with suppress(Conflict):  # another reader has come to its own end, or taken it away
        context.commit(Unit((Update(StoredRaw, (stored.space, stored.id), changes, guard),)))
