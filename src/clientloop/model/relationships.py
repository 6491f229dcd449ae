"""What a customer is to the firm: the current standing in each relationship model, and how it came to it."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from attrs import field, frozen

from clientloop.model.codec import Json, Maybe, Sometime
from clientloop.model.record import Index, Personal, record


class Direction(StrEnum):
    """Where a customer has gone since the assessment before."""

    UP = "up"
    SAME = "same"
    DOWN = "down"


class Subject(StrEnum):
    """Who is assessed."""

    CUSTOMER = "customer"
    ACCOUNT = "account"


@record(
    "assessment",
    key=("subject", "model", "number"),
    indexes=(Index("by_time", ("model", "as_of", "subject", "number")),),
)
@frozen(kw_only=True)
class Assessment:
    """That a subject came to a stage of a model, by itself or by somebody's word, or began to count for another.

    Append-only.

    It stands until the next one of its subject and model: what stood at a day is the last one that is not later.
    """

    #: The space it belongs to.
    space: str
    #: The customer or the account.
    subject: UUID
    #: Which of both.
    sort: Subject = Subject.CUSTOMER
    #: Name of the model.
    model: str
    #: Its place in the history of this subject and model, from 1.
    number: int
    #: The stage that stands from then on; None where there is none, as without any purchase.
    stage: str | None
    #: The stage that stood before; None also before the first.
    previous: str | None = None
    #: Where that goes.
    direction: Direction = Direction.SAME
    #: What the model itself said then.
    automatic: str | None = None
    #: Whether somebody's word stands in place of the model's.
    manual: bool = False
    #: From when on it stands, UTC.
    as_of: datetime
    #: When it was recorded here, UTC.
    at: datetime
    #: Who said so; "system" for the model.
    by: Personal[str]
    #: Why somebody said so.
    reason: Personal[str | None] = None
    #: Until when somebody's word stands, UTC; None for as long as nobody takes it back.
    until: Sometime = None
    #: What the automatic stage follows from: the model can tell it again from these data alone.
    explanation: Personal[Mapping[str, Json]] = field(factory=dict)


@record(
    "standing",
    key=("subject", "model"),
    indexes=(
        Index("by_stage", ("model", "stage", "subject")),
        Index("by_expiry", ("model", "manual_until", "subject")),
    ),
)
@frozen(kw_only=True)
class Standing:
    """Where a subject stands in a model now: what the model says, beside what somebody has said.

    It is written when something of it changes. A model that is asked again and says the same writes nothing.
    """

    #: The space it belongs to.
    space: str
    #: The customer or the account.
    subject: UUID
    #: Which of both.
    sort: Subject = Subject.CUSTOMER
    #: Name of the model.
    model: str
    #: The stage that stands: somebody's word until it expires, and the model's otherwise.
    stage: Maybe = None
    #: What the model says.
    automatic: str | None = None
    #: The stage that stood before.
    previous: str | None = None
    #: Where it went then.
    direction: Direction = Direction.SAME
    #: Since when the stage stands, UTC.
    since: datetime
    #: As of when the model first said the automatic stage, UTC; it has said the same ever since.
    as_of: datetime
    #: What the automatic stage followed from then, also if other reasons are behind it by now.
    explanation: Personal[Mapping[str, Json]] = field(factory=dict)
    #: What somebody has said.
    manual: str | None = None
    #: Who.
    manual_by: Personal[str | None] = None
    #: Why.
    manual_reason: Personal[str | None] = None
    #: When, UTC.
    manual_at: Sometime = None
    #: Until when it stands, UTC; None for as long as nobody takes it back.
    manual_until: Sometime = None
    #: Of which customer it was said, where that one was merged into this one since.
    manual_of: UUID | None = None
    #: How many assessments there are: the last one's number.
    number: int = 0
    #: Counts changes; guards updates.
    version: int = 1
