"""What channels brought: messages as they came, the events read out of them, and where each channel stands."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from attrs import field, frozen

from clientloop.model.codec import Json, Sometime
from clientloop.model.customers import Trust
from clientloop.model.record import Index, Personal, record


class RawState(StrEnum):
    """Where a raw message stands."""

    #: Stored, and not read to its end yet: whoever began is at it, or was lost.
    RECEIVED = "received"
    #: All of its events are taken.
    READ = "read"
    #: Nobody could read it: it waits for a person, or for a mended adapter.
    QUARANTINED = "quarantined"
    #: A person has decided that it is not worth reading.
    DISCARDED = "discarded"


@record(
    "raw",
    key=("id",),
    indexes=(
        Index("by_digest", ("channel", "digest"), unique=True),
        Index("by_state", ("state", "received_at", "id")),
        Index("by_wake", ("wake_at", "id")),
    ),
)
@frozen(kw_only=True)
class StoredRaw:
    """A message as it came, stored once before anybody reads it; its bytes are in `RawBody`."""

    #: The space it belongs to.
    space: str
    #: Its id.
    id: UUID
    #: Name of the channel that it came by.
    channel: str
    #: SHA-256 over all that its reading depends on: another one with this digest says the same.
    digest: bytes
    #: The route that it came by; empty if it was polled.
    route: str = ""
    #: The HTTP method.
    method: str = "POST"
    #: The URL as the sender called it.
    url: Personal[str] = ""
    #: The header fields, names in lower case.
    headers: Personal[Mapping[str, Json]] = field(factory=dict)
    #: How many bytes it has.
    size: int
    #: How far its sender was proved.
    trust: Trust
    #: Where it stands.
    state: RawState = RawState.RECEIVED
    #: Why nobody could read it.
    reason: Personal[str | None] = None
    #: When it came, UTC.
    received_at: datetime
    #: When to look after it, should whoever began be lost, UTC; None once it is read or quarantined.
    wake_at: Sometime = None
    #: Counts changes and claims: the fencing token.
    version: int = 1


@record("raw_body", key=("id",), references={"id": "raw"})
@frozen(kw_only=True)
class RawBody:
    """The bytes of a raw message, in a table of their own so that lists stay fast."""

    #: The space it belongs to.
    space: str
    #: The raw message.
    id: UUID
    #: The bytes.
    content: Personal[bytes]


class EventSort(StrEnum):
    """What sort of event a channel reported."""

    MESSAGE = "message"
    DELIVERY = "delivery"
    CONSENT = "consent"
    VISIT = "visit"
    IGNORED = "ignored"


@record(
    "event",
    key=("channel", "key"),
    indexes=(
        Index("by_time", ("channel", "taken_at", "key")),
        Index("of_raw", ("raw", "key")),
        Index("of_became", ("became", "key")),
    ),
)
@frozen(kw_only=True)
class TakenEvent:
    """That an event of a channel was taken: a second one with its key changes nothing."""

    #: The space it belongs to.
    space: str
    #: Name of the channel.
    channel: str
    #: Its key on the channel, the same under redelivery.
    key: str
    #: What sort of event.
    sort: EventSort
    #: The raw message that it was read out of; None for one that the application handed in itself.
    raw: UUID | None = None
    #: What it became: the interaction, or the message that it is about; None where it became neither.
    became: UUID | None = None
    #: When it was taken, UTC.
    taken_at: datetime


@record("channel_state", key=("channel",), indexes=(Index("by_wake", ("wake_at", "channel")),))
@frozen(kw_only=True)
class ChannelState:
    """Where a channel stands that is polled."""

    #: The space it belongs to.
    space: str
    #: Name of the channel.
    channel: str
    #: Where the next poll goes on; None before the first.
    cursor: str | None = None
    #: When it was last polled, UTC; None if it never was.
    polled_at: Sometime = None
    #: What the last poll ran into; None if it went well. Servers like to repeat the address.
    error: Personal[str | None] = None
    #: How many polls in a row have failed.
    failures: int = 0
    #: When the last poll wanted the next one, UTC: `wake_at` is another time while somebody polls it.
    next_at: Sometime = None
    #: When to poll it next, UTC.
    wake_at: Sometime = None
    #: Counts changes and claims: the fencing token.
    version: int = 1


class Happening(StrEnum):
    """What happens on a channel and is only counted."""

    #: A message whose sender was not proved.
    REFUSED = "refused"
    #: A message all of which was taken before.
    REPEATED = "repeated"
    #: An event that was understood and is of no interest.
    IGNORED = "ignored"


@record("channel_count", key=("channel", "name"))
@frozen(kw_only=True)
class ChannelCount:
    """How often something happened on a channel that leaves no other trace."""

    #: The space it belongs to.
    space: str
    #: Name of the channel.
    channel: str
    #: What happened, as `Happening` says it.
    name: Happening
    #: How often.
    times: int = 0
    #: Counts changes.
    version: int = 1


@record("channel_pace", key=("channel",))
@frozen(kw_only=True)
class ChannelPace:
    """When a channel takes its next message, where it takes only so many a second, or has asked for a pause."""

    #: The space it belongs to.
    space: str
    #: Name of the channel; where each address is a system of its own, with its name after a space.
    channel: str
    #: When the first time is free that is kept for no message, UTC.
    free_at: datetime
    #: Until when it takes none at all, UTC; None if it never asked for a pause.
    paused_until: datetime | None = None
    #: Counts changes; guards updates.
    version: int = 1
