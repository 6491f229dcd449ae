"""The plan of channels: which there are, when each was last heard and used, what went wrong, and which is silent.

Whoever asks customers for their word keeps an eye on the ways by which it comes: five to nine of them, each alive.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from attrs import evolve, frozen

from clientloop.model.channels import ChannelCount, ChannelState, EventSort, Happening, RawState, StoredRaw, TakenEvent
from clientloop.model.codec import instant
from clientloop.model.feedback import Feedback
from clientloop.model.messages import Delivery, DeliveryState, OutboundMessage
from clientloop.model.plan import Aggregate, How, Key, Plan
from clientloop.model.where import ALL, Where, eq, ne
from clientloop.plugins.loading import cause_of, harmless
from clientloop.ports.channel import Direction
from clientloop.rules.intake.silence import LOOKED_BACK, allowed_until
from clientloop.services.context import Context

#: So many channels are worth monitoring.
FEWEST, MOST = 5, 9

#: By which words come; the first two by themselves, the last by a connection that the channel holds.
_IN = frozenset({Direction.RECEIVE, Direction.POLL, Direction.SERVE})

#: How many of the latest items are looked at for the pace of channels that the application serves itself.
_ITEMS = 1_000


@frozen(kw_only=True)
class Monitored:
    """How one channel stands."""

    #: Its name.
    name: str
    #: Its adapter; None if the application itself hands in what comes by it.
    adapter: str | None = None
    #: Whether words come by it.
    listens: bool = True
    #: Whether it can send.
    sends: bool = False
    #: Why it cannot be used; None if it can.
    fault: str | None = None
    #: When the last word of a customer came, UTC; None if none did.
    last_in: datetime | None = None
    #: When it last took a message of ours, UTC; None if it never did.
    last_out: datetime | None = None
    #: Until when its silence is no cause for alarm, UTC; None if nobody can tell.
    silent_after: datetime | None = None
    #: Whether it has been silent for longer than that.
    silent: bool = False
    #: How many messages came whose sender was not proved.
    refused: int = 0
    #: How many messages came all of which was taken before.
    repeated: int = 0
    #: How many events were understood and are of no interest.
    ignored: int = 0
    #: How many messages wait in quarantine, as nobody could read them.
    quarantined: int = 0
    #: How many messages of ours wait until a person looks.
    parked: int = 0
    #: When it was last polled, UTC.
    polled_at: datetime | None = None
    #: What the last poll ran into; None if it went well.
    poll_error: str | None = None

    @property
    def alarms(self) -> tuple[str, ...]:
        """What somebody should look after, in words."""
        found = {
            "silent for longer than usual": self.silent,
            f"cannot be used: {self.fault}": self.fault,
            f"cannot be polled: {self.poll_error}": self.poll_error,
            f"{self.quarantined} in quarantine": self.quarantined,
            f"{self.parked} parked": self.parked,
        }
        return tuple(words for words, holds in found.items() if holds)


@frozen(kw_only=True)
class ChannelPlan:
    """All channels of a firm: those that are set up, and those by which its application hands in words itself."""

    #: The channels by name.
    channels: tuple[Monitored, ...]
    #: What is to be said of them together.
    remarks: tuple[str, ...] = ()

    @property
    def alarms(self) -> Mapping[str, tuple[str, ...]]:
        """What somebody should look after, by channel."""
        return {channel.name: channel.alarms for channel in self.channels if channel.alarms}


def channel_plan(context: Context) -> ChannelPlan:
    """How the channels of a space stand now.

    Args:
        context: The space.
    """
    handed_in = _latest(context, Feedback, "received_at", ne("received_at", None))
    names = sorted({*context.plugins.configured, *map(str, handed_in)})
    known = _Known(context, handed_in)
    channels = tuple(known.monitored(name) for name in names)
    return ChannelPlan(channels=channels, remarks=_remarks(channels))


def _remarks(channels: Sequence[Monitored]) -> tuple[str, ...]:
    count = sum(channel.listens for channel in channels)
    if FEWEST <= count <= MOST:
        return ()
    words = "one channel is" if count == 1 else f"{count or 'no'} channels are"
    what = "whoever does not use these is not heard" if count < FEWEST else "nobody keeps an eye on so many"
    return (f"{words} listened to, and {FEWEST} to {MOST} are worth monitoring: {what}",)


class _Known:
    """What is known of all channels together, read once."""

    def __init__(self, context: Context, handed_in: Mapping[object, datetime]) -> None:
        self._context = context
        self._handed_in = handed_in
        self._parked = _counts(context, OutboundMessage, eq("wake_at", None))
        self._quarantined = _counts(context, StoredRaw, eq("state", RawState.QUARANTINED))
        self._states = {state.channel: state for state in context.store.pages(ChannelState, context.space.space)}
        self._happened = {
            (count.channel, count.name): count.times for count in context.store.pages(ChannelCount, context.space.space)
        }
        self._items = _recent_items(context)

    def monitored(self, name: str) -> Monitored:
        """How one channel stands."""
        context, state = self._context, self._states.get(name)
        heard = self._heard(name)
        set_to = context.settings.silence.get(name)
        now = context.now()
        until = allowed_until(heard, set_to=set_to, calendar=context.settings.calendar, now=now)
        return evolve(
            _declared(context, name),
            last_in=heard[0] if heard else None,
            last_out=_last_out(context, name),
            silent_after=until,
            silent=until is not None and now > until,
            refused=self._happened.get((name, Happening.REFUSED), 0),
            repeated=self._happened.get((name, Happening.REPEATED), 0),
            ignored=self._happened.get((name, Happening.IGNORED), 0),
            quarantined=self._quarantined.get(name, 0),
            parked=self._parked.get(name, 0),
            polled_at=state.polled_at if state else None,
            poll_error=state.error if state else None,
        )

    def _heard(self, name: str) -> list[datetime]:
        """When words came by a channel, the latest first; by events, or else by what the application handed in."""
        where = eq("channel", name) & eq("sort", EventSort.MESSAGE)
        events = self._context.store.page(
            TakenEvent, self._context.space.space, where=where, order="by_time", limit=LOOKED_BACK + 1, descending=True
        )
        last = [self._handed_in[name]] if name in self._handed_in else []
        times = [event.taken_at for event in events] or self._items.get(name, [])
        return sorted({*times, *last}, reverse=True)


def _declared(context: Context, name: str) -> Monitored:
    """What a channel is; one that is not set up is the application's own."""
    if name not in context.plugins.configured:
        return Monitored(name=name)
    try:
        channel = context.plugins.channel(name)
        able = frozenset(channel.able())
    except harmless() as error:
        return Monitored(name=name, listens=False, fault=cause_of(error))
    return Monitored(name=name, adapter=channel.spec.name, listens=bool(able & _IN), sends=Direction.SEND in able)


def _last_out(context: Context, name: str) -> datetime | None:
    where = eq("channel", name) & ne("state", DeliveryState.FAILED)
    page = context.store.page(Delivery, context.space.space, where=where, order="by_channel", limit=1, descending=True)
    return next((delivery.at for delivery in page), None)


def _recent_items(context: Context) -> Mapping[str, list[datetime]]:
    """When the latest items came, by channel."""
    page = context.store.page(Feedback, context.space.space, order="by_time", limit=_ITEMS, descending=True)
    times: dict[str, list[datetime]] = defaultdict(list)
    for item in page:
        if item.received_at is not None:
            times[item.channel].append(item.received_at)
    return times


def _counts(context: Context, cls: type, where: Where) -> Mapping[object, int]:
    plan = Plan(cls=cls, where=where, keys=(Key("channel"),))
    return {group.keys[0]: group.values[0] or 0 for group in context.store.aggregate(context.space.space, plan)}


def _latest(context: Context, cls: type, field: str, where: Where = ALL) -> Mapping[object, datetime]:
    plan = Plan(cls=cls, where=where, keys=(Key("channel"),), aggregates=(Aggregate(How.MAX, field),))
    groups = context.store.aggregate(context.space.space, plan)
    return {group.keys[0]: instant(value) for group in groups if (value := group.values[0]) is not None}
