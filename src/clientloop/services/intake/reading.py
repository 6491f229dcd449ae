"""Reading a stored message: its events taken one by one, what stands in the way kept with it, an answer for its sender.

A message is read from the bytes that were stored, and as often as need be: what was taken is not taken again.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from attrs import frozen

from clientloop.errors import BadPayload, Conflict, StoreError
from clientloop.model.channels import Happening, RawBody, RawState, StoredRaw, TakenEvent
from clientloop.model.units import Delete, Unit, Update
from clientloop.plugins.loading import HARMLESS, cause_of
from clientloop.ports.channel import Channel
from clientloop.ports.events import Event, Parsed, Reply
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

#: Where a message is not read to be taken any more.
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
    try:
        parsed: object = plugin.parse(raw)
    except BadPayload as error:
        return quarantine(context, stored, cause_of(error))
    except HARMLESS as error:
        return quarantine(context, stored, f"the channel raised {cause_of(error)}")
    if not isinstance(parsed, Parsed):
        return quarantine(context, stored, f"the channel read a {type(parsed).__name__}, not events")
    find = _find if stored.state in _OVER else _take
    taken, reasons = find(context, stored, parsed.events)
    if not reasons and _is_repeated(stored, taken) and says_other(context, plugin, parsed.events, taken):
        reasons = (_OTHER_WORDS,)
    reply = reply_in_line(context, plugin, raw, parsed, taken)
    return _ended(context, stored, Received(reply=reply, state=stored.state, raw=stored.id, events=taken), reasons)


#: The events that are taken, and why others are not.
_Found = tuple[tuple[TakenEvent, ...], tuple[str, ...]]


def _find(context: Context, stored: StoredRaw, events: Sequence[Event]) -> _Found:
    """What a message said when it was read; by now the channel may read more in it, which was taken otherwise."""
    known = [taken_event(context, stored.channel, event.key) for event in events]
    return tuple(event for event in known if event is not None), ()


def _take(context: Context, stored: StoredRaw, events: Sequence[Event]) -> _Found:
    """Take all events; one that cannot be taken does not keep the others back."""
    taken: list[TakenEvent] = []
    reasons: list[str] = []
    for number, event in enumerate(events, 1):
        if type(event) not in TAKERS:
            reasons.append(f"event {number} is a {type(event).__name__}")
            continue
        try:
            taken.append(take(context, stored.channel, event, trust=stored.trust, raw=stored.id))
        except StoreError:
            raise
        except HARMLESS as error:
            reasons.append(f"event {number}: {cause_of(error)}")
    return tuple(taken), tuple(reasons)


def _is_repeated(stored: StoredRaw, taken: Sequence[TakenEvent]) -> bool:
    """Whether all that a message says was taken out of others."""
    return stored.state not in _OVER and bool(taken) and all(event.raw != stored.id for event in taken)


def _ended(context: Context, stored: StoredRaw, received: Received, reasons: Sequence[str]) -> Received:
    """Write down what became of a message."""
    if reasons:
        return quarantine(context, stored, "; ".join(reasons), received)
    if stored.state in _OVER:
        context.commit(Unit((counted(context, stored.channel, Happening.REPEATED),)))
        return received
    if _is_repeated(stored, received.events):
        _let_go(context, stored)
        return Received(reply=received.reply, state=RawState.READ, events=received.events)
    _end(context, stored, RawState.READ)
    return Received(reply=received.reply, state=RawState.READ, raw=stored.id, events=received.events)


def _let_go(context: Context, stored: StoredRaw) -> None:
    """Delete a message that says nothing but what others have said."""
    key = (stored.space, stored.id)
    count = counted(context, stored.channel, Happening.REPEATED)
    with suppress(Conflict):  # another reader has come to the same end
        context.commit(Unit((Delete(RawBody, key), Delete(StoredRaw, key), count)))


def quarantine(context: Context, stored: StoredRaw, reason: str, received: Received | None = None) -> Received:
    """Keep a message for a person to look at.

    Args:
        context: The space.
        stored: The message.
        reason: Why nobody could read it.
        received: What could be read of it all the same.
    """
    logger.error("message %s of channel %s is in quarantine", stored.id, stored.channel)
    _end(context, stored, RawState.QUARANTINED, clean(reason)[:_LONGEST_REASON])
    so_far = received or Received(reply=Reply())
    return Received(reply=so_far.reply, state=RawState.QUARANTINED, raw=stored.id, events=so_far.events)


def _end(context: Context, stored: StoredRaw, state: RawState, reason: str | None = None) -> None:
    """Write down where a message stands now; what somebody else has read is read, whatever went wrong here."""
    changes = {"state": state, "reason": reason, "wake_at": None}
    guard = None if state is RawState.READ else stored.version
    with suppress(Conflict):  # another reader has come to its own end, or taken it away
        context.commit(Unit((Update(StoredRaw, (stored.space, stored.id), changes, guard),)))
