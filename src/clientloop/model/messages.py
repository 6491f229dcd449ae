"""What the firm says: messages in the outbox, and what became of them."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from attrs import field, frozen

from clientloop.errors import InvalidValue
from clientloop.model.codec import Json, Sometime
from clientloop.model.customers import Purpose
from clientloop.model.record import Index, Personal, record


class MessageState(StrEnum):
    """Where a message in the outbox stands."""

    #: Waits for its time or for a try.
    QUEUED = "queued"
    #: A worker has handed it to the channel and not heard back.
    SENDING = "sending"
    #: May have been sent: resent only where the channel recognises a repeat.
    UNKNOWN = "unknown"
    #: Waits for a person: the channel is missing, misconfigured or refused it for good.
    PARKED = "parked"


@record(
    "outbox",
    key=("id",),
    indexes=(
        Index("by_wake", ("wake_at", "id")),
        Index("by_channel", ("channel", "wake_at", "id")),
        Index("of_item", ("item", "id")),
        Index("of_customer", ("customer", "id")),
    ),
)
@frozen(kw_only=True)
class OutboundMessage:
    """A message to a customer or a member, in the outbox until a channel took it.

    Its id is the one key that it keeps through every retry; once taken, the message is an interaction with this id.
    """

    #: The space it belongs to.
    space: str
    #: Its id and stable key.
    id: UUID
    #: The feedback item it belongs to.
    item: UUID | None = None
    #: The version of the item whose transition caused it.
    transition: int | None = None
    #: To which customer; None for a message to a member.
    customer: UUID | None = None
    #: Name of the channel.
    channel: str
    #: The address on it.
    to: Personal[str]
    #: Why it is sent.
    purpose: Purpose
    #: Name of the template it was made from.
    template: str
    #: BCP 47 tag of the language that the template is written in; None where that is not known.
    locale: str | None = None
    #: Whether the library wrote it by itself: then it is no human answer.
    automatic: bool = False
    #: One line on top.
    subject: Personal[str] = ""
    #: The words.
    body: Personal[str] = ""
    #: The channel's id of the message that it answers; found when it is first handed over, then kept.
    in_reply_to: str | None = None
    #: The move that its acceptance completes, with what was given for it.
    completes: Personal[Mapping[str, Json]] = field(factory=dict)
    #: Where it stands.
    state: MessageState = MessageState.QUEUED
    #: How often a channel was tried.
    attempts: int = 0
    #: What the last try ran into; channels like to repeat the address.
    error: Personal[str | None] = None
    #: When to try (next), UTC; None while it waits for a person.
    wake_at: Sometime = None
    #: The time that is kept for it on a channel which takes only so many a second, UTC; None while it has none.
    slot: datetime | None = None
    #: When it was written, UTC.
    created_at: datetime
    #: Counts changes and claims: the fencing token.
    version: int = 1


def _as_kept(said: str | None) -> str | None:
    """What another machine said, in a form that every database takes: an answer is not lost for a stray byte in it."""
    return None if said is None else said.replace("\0", "").encode(errors="replace").decode()[:_LONGEST]


_LONGEST = 1_000


def _check_pause(_: object, __: object, seconds: float | None) -> None:
    if seconds is not None and not 0 <= seconds <= _LONGEST_PAUSE:
        raise InvalidValue(f"nobody waits {seconds} seconds", hint=f"give 0 to {_LONGEST_PAUSE}")


#: 30 days.
_LONGEST_PAUSE = 30 * 24 * 3600


class Failure(StrEnum):
    """Why a channel did not take a message."""

    #: Try again later.
    RETRY = "retry"
    #: Too many; try again after the pause that the channel names.
    THROTTLED = "throttled"
    #: This address will never take it.
    PERMANENT = "permanent"
    #: The recipient has forbidden it.
    OPTED_OUT = "opted_out"
    #: The channel is set up wrongly.
    CONFIG = "config"
    #: May have been sent.
    UNKNOWN = "unknown"


@frozen(kw_only=True)
class Receipt:
    """What became of one try to send."""

    #: Why not; None if the channel took it.
    failure: Failure | None = None
    #: The channel's own id of the message.
    provider_id: str | None = field(default=None, converter=_as_kept)
    #: What the channel said.
    detail: str | None = field(default=None, converter=_as_kept)
    #: Seconds to wait before the next try, where the channel said so; at most 30 days.
    retry_after: float | None = field(default=None, validator=_check_pause)

    @property
    def accepted(self) -> bool:
        """Whether the channel took the message."""
        return self.failure is None


class DeliveryStep(StrEnum):
    """How far a message has come after the channel took it, as the channel says."""

    #: The provider passed it on.
    SENT = "sent"
    #: A server on the way has it, could not pass it on so far, and goes on trying.
    DELAYED = "delayed"
    #: It reached the recipient's device or mailbox.
    DELIVERED = "delivered"
    #: The recipient opened it.
    READ = "read"
    #: It will not arrive.
    FAILED = "failed"


class DeliveryState(StrEnum):
    """What became of a message, the least telling first: of several, the last one counts, whichever came first.

    A mailbox may refuse a message after a server has reported it as delivered, and nobody reads what did not arrive.
    """

    ACCEPTED = "accepted"
    SENT = "sent"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    FAILED = "failed"
    READ = "read"


@record(
    "delivery",
    key=("message",),
    indexes=(
        Index("of_item", ("item", "at")),
        Index("of_customer", ("customer", "at")),
        Index("by_provider", ("channel", "provider_id")),
        Index("by_channel", ("channel", "at")),
    ),
)
@frozen(kw_only=True)
class Delivery:
    """A message after its way through the outbox; its words live on as an interaction."""

    #: The space it belongs to.
    space: str
    #: The message.
    message: UUID
    #: The feedback item it belonged to.
    item: UUID | None = None
    #: The version of the item whose transition caused it.
    transition: int | None = None
    #: To which customer; None for a message to a member.
    customer: UUID | None = None
    #: Name of the channel.
    channel: str
    #: The address on it.
    to: Personal[str]
    #: Why it was sent.
    purpose: Purpose
    #: Name of the template.
    template: str
    #: What became of it.
    state: DeliveryState
    #: Why it failed; None unless it did.
    failure: Failure | None = None
    #: The channel's own id of it.
    provider_id: str | None = None
    #: What the channel said; many repeat the address.
    detail: Personal[str | None] = None
    #: The body of a webhook that told a fact, so that it can be delivered again; of words, their interaction has them.
    body: str | None = None
    #: How many tries it took.
    attempts: int
    #: When the channel took it, or refused it for good, UTC.
    at: datetime
    #: Counts changes; guards updates.
    version: int = 1


@record(
    "delivery_report",
    key=("channel", "key"),
    indexes=(Index("by_provider", ("channel", "provider_id")), Index("of_message", ("message",))),
)
@frozen(kw_only=True)
class DeliveryReport:
    """One word of a channel on what became of a message; it may come before the message is known to be taken."""

    #: The space it belongs to.
    space: str
    #: Name of the channel.
    channel: str
    #: Its key on the channel.
    key: str
    #: The channel's own id of the message, where it named that.
    provider_id: str | None = field(default=None, converter=_as_kept)
    #: The message, once it is known: where the channel named ours, or as it was found by its own id.
    message: UUID | None = None
    #: To whom, where the channel said: what was passed on may fail for an address that the firm never wrote to.
    recipient: Personal[str | None] = None
    #: How far the message has come.
    step: DeliveryStep
    #: Why it failed; None unless it did.
    failure: Failure | None = None
    #: What the channel said.
    detail: Personal[str | None] = field(default=None, converter=_as_kept)
    #: When it happened as the channel says, or else when the word came, UTC.
    at: datetime
