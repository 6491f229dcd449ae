"""The report on messages to customers: how many arrived, by channel."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import cast

from attrs import frozen

from clientloop.model.customers import Purpose
from clientloop.model.messages import Delivery, DeliveryReport, DeliveryState, Failure, MessageState, OutboundMessage
from clientloop.model.plan import Key, Plan
from clientloop.model.where import eq, ne
from clientloop.reports.keys import between
from clientloop.rules.measures.rates import Share
from clientloop.services.context import Context

#: What a message counts as that ended so; who forbade it is told apart below.
_ENDS: Mapping[DeliveryState, str] = {
    DeliveryState.ACCEPTED: "unknown",
    DeliveryState.SENT: "unknown",
    DeliveryState.DELAYED: "unknown",
    DeliveryState.DELIVERED: "arrived",
    DeliveryState.READ: "arrived",
    DeliveryState.FAILED: "failed",
}


@frozen(kw_only=True)
class MessagesRow:
    """What became of the messages of one channel, or of all: they arrived, failed, or nobody knows."""

    #: Name of the channel; None for all.
    channel: str | None
    #: How many were handed over, and have left the outbox since.
    messages: int
    #: How many reached their recipients, as the channel reports.
    arrived: Share
    #: How many of all were opened; those count as arrived too.
    read: Share
    #: How many will not arrive.
    failed: Share
    #: How many a channel took, and never reported on: many channels have no receipts, or only of failures.
    unknown: Share
    #: How many the recipient had forbidden; they are in no share.
    forbidden: int
    #: How many may have been sent and are still in the outbox, where a person decides.
    in_doubt: int


@frozen(kw_only=True)
class MessagesReport:
    """What became of the messages to customers and to those whom they named; members are left out."""

    #: Messages that left the outbox at this time or later; None: from the first on.
    since: datetime | None
    #: Messages that left the outbox before this time; None: to the last.
    until: datetime | None
    #: When the report was made, UTC.
    at: datetime
    #: All channels.
    total: MessagesRow
    #: By channel.
    rows: tuple[MessagesRow, ...]
    #: How many reports of channels are about no message that is known, of whatever time.
    unmatched: int


def messages_report(context: Context, *, since: datetime | None, until: datetime | None) -> MessagesReport:
    """Make the report; the arguments are those of `Reports.messages`."""
    tallies = defaultdict[str, Counter[str]](Counter)
    for channel, name, count in (*_ended(context, since, until), *_in_doubt(context)):
        tallies[channel][name] += count
    return MessagesReport(
        since=since,
        until=until,
        at=context.now(),
        total=_row(None, sum(tallies.values(), Counter[str]())),
        rows=tuple(_row(channel, tallies[channel]) for channel in sorted(tallies)),
        unmatched=_count(context, Plan(cls=DeliveryReport, where=eq("message", None))),
    )


def _ended(context: Context, since: datetime | None, until: datetime | None) -> Iterator[tuple[str, str, int]]:
    """The messages that have left the outbox: channel, what they count as, how many."""
    keys = (Key("channel"), Key("state"), Key("failure"))
    plan = Plan(cls=Delivery, where=_TO_CUSTOMERS & between("at", since, until), keys=keys)
    for group in context.store.aggregate(context.space.space, plan):
        channel, state, failure = cast(tuple[str, DeliveryState, Failure | None], group.keys)  # as the record has them
        count = group.values[0] or 0
        yield channel, "forbidden" if failure is Failure.OPTED_OUT else _ENDS[state], count
        if state is DeliveryState.READ:
            yield channel, "read", count


def _in_doubt(context: Context) -> Iterator[tuple[str, str, int]]:
    plan = Plan(cls=OutboundMessage, where=_TO_CUSTOMERS & eq("state", MessageState.UNKNOWN), keys=(Key("channel"),))
    for group in context.store.aggregate(context.space.space, plan):
        yield str(group.keys[0]), "in_doubt", group.values[0] or 0


_TO_CUSTOMERS = ne("purpose", Purpose.INTERNAL)


def _count(context: Context, plan: Plan) -> int:
    return context.store.aggregate(context.space.space, plan)[0].values[0] or 0


def _row(channel: str | None, tally: Counter[str]) -> MessagesRow:
    messages = tally["arrived"] + tally["failed"] + tally["unknown"]
    shares = {name: Share(tally[name], messages) for name in ("arrived", "read", "failed", "unknown")}
    return MessagesRow(
        channel=channel, messages=messages, forbidden=tally["forbidden"], in_doubt=tally["in_doubt"], **shares
    )
