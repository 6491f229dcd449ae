"""What happened between firm and customer: append-only."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from attrs import field, frozen

from clientloop.model.codec import Json, Sometime
from clientloop.model.money import Money
from clientloop.model.record import Index, Personal, record


class InteractionKind(StrEnum):
    """What sort of thing happened."""

    FEEDBACK = "feedback"
    MESSAGE_IN = "message_in"
    MESSAGE_OUT = "message_out"
    CALL = "call"
    MEETING = "meeting"
    VISIT = "visit"
    PURCHASE = "purchase"
    RETURN = "return"
    DELIVERY = "delivery"
    #: Somebody allowed or forbade messages.
    CONSENT = "consent"


class Precision(StrEnum):
    """How exactly a time is known."""

    EXACT = "exact"
    #: Only the day: the time is midnight in the space's zone.
    DAY = "day"
    UNKNOWN = "unknown"


@record(
    "interaction",
    key=("id",),
    indexes=(
        Index("by_origin", ("channel", "origin"), unique=True),
        Index("timeline", ("customer", "occurred_at", "id"), holds=("kind", "amount", "currency", "cost")),
    ),
    references={"customer": "customer"},
)
@frozen(kw_only=True)
class Interaction:
    """Anything that happened between firm and customer."""

    #: The space it belongs to.
    space: str
    #: Its id.
    id: UUID
    #: What sort of thing happened.
    kind: InteractionKind
    #: Name of the channel.
    channel: str
    #: Its key on the channel, the same under redelivery: at most one interaction has it.
    origin: str | None = None
    #: With whom; None while the person is not known.
    customer: UUID | None = None
    #: When it happened, UTC; None where the source did not say.
    occurred_at: Sometime = None
    #: How exactly that is known.
    precision: Precision = Precision.EXACT
    #: When it was recorded here, UTC.
    recorded_at: datetime
    #: Money that changed hands, in minor units; negative for a return.
    amount: int | None = None
    #: The currency of the amount.
    currency: str | None = None
    #: How many pieces.
    quantity: int | None = None
    #: What it had cost the firm, in minor units of that currency; negative for a return.
    cost: int | None = None
    #: Where it came from: campaign, page, advert.
    source: Mapping[str, Json] = field(factory=dict)
    #: Whatever else an application or a plugin keeps here.
    extra: Personal[Mapping[str, Json]] = field(factory=dict)

    @property
    def money(self) -> Money | None:
        """Amount and currency together."""
        return None if self.amount is None or self.currency is None else Money.stored(self.amount, self.currency)


@record("text", key=("id",), references={"id": "interaction"})
@frozen(kw_only=True)
class Text:
    """The words of an interaction, in a table of their own so that lists stay fast."""

    #: The space it belongs to.
    space: str
    #: The interaction.
    id: UUID
    #: One line on top, where the channel has one.
    subject: Personal[str | None] = None
    #: The words.
    body: Personal[str]


@record("attachment", key=("item", "number"), references={"item": "interaction"})
@frozen(kw_only=True)
class Attachment:
    """A file that came with an interaction."""

    #: The space it belongs to.
    space: str
    #: The interaction.
    item: UUID
    #: Its number within the interaction, from 1.
    number: int
    #: Name of the file.
    name: Personal[str]
    #: Media type (RFC 6838) as the sender claimed it.
    media_type: str
    #: The bytes.
    content: Personal[bytes]
