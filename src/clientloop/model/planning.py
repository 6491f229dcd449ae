"""What is planned: contacts with customers, and what the library itself does again and again."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from attrs import frozen

from clientloop.model.codec import Maybe, Sometime
from clientloop.model.interactions import Precision
from clientloop.model.record import Index, Personal, record


class Way(StrEnum):
    """How a contact is to be made."""

    CALL = "call"
    MEETING = "meeting"
    MESSAGE = "message"
    VISIT = "visit"
    OTHER = "other"


class AppointmentState(StrEnum):
    """What became of a planned contact."""

    #: Still to be made.
    PLANNED = "planned"
    MADE = "made"
    CALLED_OFF = "called_off"


@record(
    "appointment",
    key=("id",),
    indexes=(
        Index("by_uid", ("uid",), unique=True),
        Index("agenda", ("is_open", "owner", "starts_at", "id")),
        Index("of_customer", ("customer", "starts_at", "id")),
        Index("by_time", ("starts_at", "id")),
    ),
    references={"customer": "customer", "deal": "deal"},
)
@frozen(kw_only=True)
class Appointment:
    """A planned contact with a customer."""

    #: The space it belongs to.
    space: str
    #: Its id.
    id: UUID
    #: Its id in calendars (RFC 5545, UID): whatever comes back under it is this one.
    uid: str
    #: With whom; None where the calendar named nobody who is known.
    customer: UUID | None = None
    #: The deal that it is about.
    deal: UUID | None = None
    #: Who of the firm makes it.
    owner: Maybe = None
    #: How.
    way: Way = Way.OTHER
    #: What it is about, in one line.
    title: Personal[str]
    #: What else is worth knowing.
    note: Personal[str] = ""
    #: Where.
    place: Personal[str] = ""
    #: When it begins, UTC; midnight in the space's zone where the day alone is known.
    starts_at: datetime
    #: When it ends, UTC.
    ends_at: Sometime = None
    #: How exactly that is known.
    precision: Precision = Precision.EXACT
    #: Whether it is still to be made.
    is_open: bool = True
    #: What became of it.
    state: AppointmentState = AppointmentState.PLANNED
    #: When it was made or called off, UTC.
    done_at: Sometime = None
    #: What the calendar counts changes by (RFC 5545, SEQUENCE).
    sequence: int = 0
    #: When it was planned, UTC.
    created_at: datetime
    #: Counts changes; guards updates.
    version: int = 1


@record("routine", key=("name",), indexes=(Index("by_wake", ("wake_at", "name")),))
@frozen(kw_only=True)
class Routine:
    """Something that the library does again and again in a space; whichever worker comes first does it."""

    #: The space it belongs to.
    space: str
    #: Its name.
    name: str
    #: When it is next to be done, UTC.
    wake_at: datetime
    #: When it was last done, UTC.
    done_at: Sometime = None
    #: Counts claims: the fencing token.
    version: int = 1
