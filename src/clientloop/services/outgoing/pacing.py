"""The pace of channels, shared by all workers: times that are kept for messages, and pauses."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from clientloop.errors import Conflict, StoreCorrupt
from clientloop.model.channels import ChannelPace
from clientloop.model.messages import OutboundMessage
from clientloop.model.units import Delete, Unit
from clientloop.model.where import eq, lt
from clientloop.rules.outgoing.pacing import GRACE, SHORTEST_REST, Allotment, Wait, allot, kept, paused
from clientloop.rules.outgoing.sending import put_off
from clientloop.services.context import Context

#: How often a worker asks anew when another was faster.
_TRIES = 10

#: How many paces are deleted at once: more than one batch of messages can make.
_MANY = 100


def share(context: Context, channel: str, per_second: float | None, messages: Sequence[OutboundMessage]) -> Allotment:
    """Which of some messages a channel takes now; the times of the others are theirs once this returns.

    Costs one read, and one commit where the channel takes only so many a second.

    Args:
        context: The space.
        channel: Name of the channel.
        per_second: How many a second it takes; None for no limit known.
        messages: Messages that a worker has claimed.
    """
    space = context.space.space
    for _ in range(_TRIES):
        pace = context.store.get(ChannelPace, (space, channel))
        shared = allot(messages, pace, per_second, context.now())
        if shared.free_at is None:
            return shared
        try:
            context.commit(kept(pace, space, channel, shared.free_at))
        except Conflict:
            continue  # another worker has kept some of these times
        return shared
    until = context.now() + SHORTEST_REST
    return Allotment(later=tuple(Wait(message=message, until=until) for message in messages))


def rest(context: Context, channel: str, until: datetime) -> None:
    """Let a channel rest, for all workers.

    Args:
        context: The space.
        channel: Name of the channel.
        until: Until when, UTC.
    """
    space = context.space.space
    for _ in range(_TRIES):
        pace = context.store.get(ChannelPace, (space, channel))
        try:
            return context.commit(paused(pace, space, channel, until))
        except Conflict:
            continue
    return None  # whoever is that much faster finds out by a try of its own


def forget_paces(context: Context) -> None:
    """Delete paces that say nothing any more: where each address has its own, they name everybody ever written to.

    Args:
        context: The space.
    """
    space, past = context.space.space, context.now() - GRACE
    over = lt("free_at", past) & (eq("paused_until", None) | lt("paused_until", past))
    with suppress(Conflict, StoreCorrupt):  # another worker needs one of them; whoever sends next tries again
        paces = context.store.page(ChannelPace, space, where=over, limit=_MANY)
        context.commit(Unit(tuple(Delete(ChannelPace, (space, pace.channel), pace.version) for pace in paces)))


def put_off_all(context: Context, waits: Sequence[Wait]) -> None:
    """Let claimed messages go untried; those that somebody else has by now stay as they are.

    Args:
        context: The space.
        waits: The messages, each with the time until which it waits.
    """
    units = [put_off(wait.message, until=wait.until, slot=wait.slot) for wait in waits]
    try:
        return context.commit(sum(units, Unit()))
    except Conflict:
        for unit in units if len(units) > 1 else ():
            _commit_if_held(context, unit)
    return None


def _commit_if_held(context: Context, unit: Unit) -> None:
    try:
        context.commit(unit)
    except Conflict:
        return
