"""Polling: channels that fetch what has come, each by one worker at a time.

A worker holds the channel's row by its lease. The place to go on from is kept once all that a poll brought is stored,
in a unit guarded by the lease: whoever is lost before that leaves the same to be fetched again, and what was stored is
recognised.
"""

import logging
from contextlib import suppress
from datetime import datetime, timedelta

from attrs import evolve, frozen

from clientloop.errors import ClientLoopError, Conflict, Duplicate, NotSupported, PluginError
from clientloop.model.channels import ChannelState
from clientloop.model.units import Insert, Unit, Update
from clientloop.model.where import ALL, Where
from clientloop.plugins.loading import cause_of, harmless
from clientloop.plugins.spec import Sort
from clientloop.ports.channel import Direction
from clientloop.ports.effects import drive
from clientloop.ports.events import Batch
from clientloop.rules.intake.arrival import clean
from clientloop.services.context import Context
from clientloop.services.intake.raws import receive
from clientloop.services.intake.reading import is_of_the_store
from clientloop.services.leases import Hold, Overtaken

logger = logging.getLogger(__name__)

#: How long a worker has for one poll: for what it asks, and anew while what comes is read.
LEASE = timedelta(minutes=10)

#: How long to wait after a poll that failed; each further time twice as long, up to the longest.
PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)

_LONGEST_ERROR = 1_000


@frozen(kw_only=True)
class Polled:
    """What polls brought."""

    #: How many were made.
    polls: int = 0
    #: How many messages they brought.
    messages: int = 0
    #: What the last of them ran into; None if it went well. It may repeat what the other side said.
    error: str | None = None


def keep_polling(context: Context) -> None:
    """See to it that every channel that can be polled has its row, and that none rests long as some clock was ahead.

    Args:
        context: The space.
    """
    now = context.now()
    for name in context.plugins.configured:
        if context.plugins.can(name, Direction.POLL):
            state = _state(context, name)
            if _is_ahead(state, now):
                changes = {"next_at": now, "wake_at": now}
                with suppress(Conflict):  # somebody is at it
                    context.commit(Unit((Update(ChannelState, (state.space, name), changes, state.version),)))


def _is_ahead(state: ChannelState, now: datetime) -> bool:
    """Whether whoever polled last, or holds the channel now, went by a clock that was ahead of ours."""
    polled = state.polled_at is not None and state.polled_at > now + LEASE
    held = state.wake_at is not None and state.wake_at != state.next_at and state.wake_at > now + LEASE
    return polled or held


def poll_due(context: Context, *, where: Where = ALL) -> Polled:
    """Poll the channel that has been due for longest, once.

    Args:
        context: The space.
        where: Which of the channels, as a condition on `ChannelState`.

    Returns:
        What it brought; no poll when none is due, or when the application has opened another space: a mailbox is that
        firm's.
    """
    if context.space.space != context.parts.home:
        return Polled()
    # one at a time, so that a lease begins when its poll does
    space, now = context.space.space, context.now()
    claimed = context.store.claim(ChannelState, space, now=now, lease=LEASE, limit=1, where=where)
    return _poll(context, claimed[0]) if claimed else Polled()


def poll(context: Context, channel: str) -> Polled:
    """Poll a channel now, whether it is due or not, until it has no more to fetch or fails.

    Args:
        context: The space.
        channel: Name of the channel.

    Raises:
        UnknownName: There is no such channel.
        NotSupported: It cannot be polled.
        Conflict: Somebody polls it just now.
    """
    if Direction.POLL not in context.plugins.channel(channel).able():
        raise NotSupported(f"channel {channel!r} cannot be polled", hint="what it receives is sent to it")
    total = Polled()
    while True:
        state = _claimed(context, channel)
        last = _poll(context, state)
        total = Polled(polls=total.polls + 1, messages=total.messages + last.messages, error=last.error)
        after = _state(context, channel)
        if last.error is not None or after.wake_at is None or after.wake_at > context.now():
            return total


def _state(context: Context, channel: str) -> ChannelState:
    """The row of a channel, made due at once if there is none."""
    key = (context.space.space, channel)
    found = context.store.get(ChannelState, key)
    if found is not None:
        return found
    now = context.now()
    state = ChannelState(space=context.space.space, channel=channel, next_at=now, wake_at=now)
    try:
        context.commit(Unit((Insert(state),)))
    except Duplicate:
        return _state(context, channel)
    return state


def _claimed(context: Context, channel: str) -> ChannelState:
    """The row of a channel as `Store.claim` would give it, taken before its time."""
    state, now = _state(context, channel), context.now()
    if state.wake_at is not None and state.wake_at != state.next_at and state.wake_at > now:
        raise Conflict(f"channel {channel!r} is being polled", hint="it is done soon; what came is in the inbox then")
    lease = now + LEASE
    context.commit(Unit((Update(ChannelState, (state.space, channel), {"wake_at": lease}, state.version),)))
    return evolve(state, wake_at=lease, version=state.version + 1)


def _poll(context: Context, state: ChannelState) -> Polled:
    """Make one poll of a channel that was claimed just now."""
    hold = Hold(context, state, lease=LEASE)
    try:
        channel = context.plugins.channel(state.channel)
    except harmless() as error:  # another process may have it set up: nothing is wrong with the mailbox
        return _left(context, state, hold, cause_of(error), PAUSE)
    try:
        every = channel.capabilities().poll_every
        batch: object = drive(channel.poll(state.cursor), context.parts.perform)
        if not isinstance(batch, Batch):
            raise PluginError(f"a poll brought a {type(batch).__name__}", hint="return a Batch")
        for raw in batch.raws:
            hold.beat()
            receive(context, state.channel, raw)
    except Overtaken:
        return _overtaken(state)
    except harmless() as error:
        if is_of_the_store(error):
            raise  # why cannot be written either
        if isinstance(error, PluginError) or not isinstance(error, ClientLoopError):  # which says what it is
            context.parts.registry.raised(Sort.CHANNEL, channel.spec.name, error)
        return _failed(context, state, hold, cause_of(error))
    more = batch.more and batch.cursor != state.cursor  # who has more and does not move on would never end
    until = context.now() + (timedelta() if more else every)
    _rest(context, evolve(state, cursor=batch.cursor, error=None, failures=0), hold, until)
    return Polled(polls=1, messages=len(batch.raws))


def _failed(context: Context, state: ChannelState, hold: Hold, cause: str) -> Polled:
    logger.warning("channel %s cannot be polled; failures in a row: %d", state.channel, state.failures + 1)
    pause = min(PAUSE * 2 ** min(state.failures, 10), LONGEST_PAUSE)
    return _left(context, evolve(state, failures=state.failures + 1), hold, cause, pause)


def _left(context: Context, state: ChannelState, hold: Hold, cause: str, pause: timedelta) -> Polled:
    """Give a channel up for a while, and say why."""
    error = clean(cause)[:_LONGEST_ERROR]
    _rest(context, evolve(state, error=error), hold, context.now() + pause)
    return Polled(polls=1, error=error)


def _rest(context: Context, state: ChannelState, hold: Hold, until: datetime) -> None:
    """Give a channel up until its next poll, and keep where it stands."""
    place = {"cursor": state.cursor, "error": state.error, "failures": state.failures}
    try:
        hold.write({**place, "polled_at": context.now(), "next_at": until, "wake_at": until})
    except Overtaken:
        _overtaken(state)


def _overtaken(state: ChannelState) -> Polled:
    logger.warning("a poll of channel %s took longer than its lease: it is made again", state.channel)
    return Polled(polls=1)
