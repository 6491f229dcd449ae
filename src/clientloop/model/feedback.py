"""Feedback: what a customer says about the firm, the state of its loop, its journal and its deadlines."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from attrs import field, frozen

from clientloop.errors import InvalidValue
from clientloop.model.calendar import Clock
from clientloop.model.codec import Codec, Json, Kind, Maybe, Sometime, write_json
from clientloop.model.customers import CustomerClass
from clientloop.model.record import Index, Personal, record
from clientloop.model.where import Where, contains
from clientloop.model.work import Role


class Priority(StrEnum):
    """How urgent an item is; critical ones have deadlines round the clock."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    CRITICAL = "critical"


class Outcome(StrEnum):
    """How a loop ended; what the rates of the loop count."""

    #: Not ended.
    OPEN = "open"
    #: The customer said it is good.
    CONFIRMED = "confirmed"
    #: Done, the customer was told and stayed silent.
    SILENT = "silent"
    #: Done, but nobody could tell the customer.
    UNREACHABLE = "unreachable"
    #: Done and told, where no confirmation is asked for.
    DONE = "done"
    #: Decided against, and told.
    DECLINED = "declined"
    #: The customer did not answer a question that was needed.
    NO_REPLY = "no_reply"
    #: Joined to another item.
    DUPLICATE = "duplicate"
    #: Was no feedback.
    NOT_FEEDBACK = "not_feedback"
    #: Came already closed from another system: outside all rates.
    IMPORTED = "imported"


@frozen
class Deadline:
    """One clock that runs on an item; its steps are declared by the process."""

    #: Its name in the process.
    name: str
    #: What makes its time pass.
    clock: Clock
    #: When it began to count, in microseconds since 1970 UTC.
    started: int
    #: When it is due; meaningless while it is stopped.
    due: int
    #: Number of the step that comes next.
    step: int
    #: When that step comes; None after the last, and while it is stopped.
    wake: int | None
    #: What is left of it, in microseconds of its own clock, while it is stopped; negative if it was late already.
    left: int | None = None


def _pack(deadlines: tuple[Deadline, ...]) -> str:
    return write_json([(d.name, d.clock.value, d.started, d.due, d.step, d.wake, d.left) for d in deadlines])


def _unpack(stored: str) -> tuple[Deadline, ...]:
    return tuple([Deadline(name, _CLOCKS[clock], *rest) for name, clock, *rest in json.loads(stored)])


_CLOCKS = {clock.value: clock for clock in Clock}

#: The deadlines of an item, kept in its row: one load, one guard.
Deadlines = Annotated[
    tuple[Deadline, ...],
    Codec(
        Kind.TEXT,
        _pack,
        _unpack,
        tuple,
        encode_inline="'[]' if {v} == () else {f}({v})",
        decode_inline="() if {v} == '[]' else {f}({v})",
    ),
]


@record(
    "feedback",
    key=("id",),
    indexes=(
        Index("by_ref", ("ref",), unique=True),
        Index("inbox", ("is_open", "owner", "due", "id")),
        Index("agenda", ("is_open", "due", "id")),
        Index("by_team", ("is_open", "team", "due", "id")),
        Index("of_customer", ("customer", "is_open")),
        Index("of_improvement", ("improvement", "id")),
        Index("by_time", ("recorded_at", "id")),
    ),
    references={"id": "interaction", "customer": "customer"},
)
@frozen(kw_only=True)
class Feedback:
    """An interaction in which the customer says something about the firm, and the state of its loop."""

    #: The space it belongs to.
    space: str
    #: Its id, the same as the interaction's.
    id: UUID
    #: Its number for people: eight characters, unique in the space.
    ref: str
    #: Which kind: complaint, idea, question, praise, referral, or one that a plugin adds.
    kind: str
    #: Which version of the kind's process it follows.
    process: int
    #: The state of its loop.
    state: str
    #: Whether the loop is open.
    is_open: bool = True
    #: How the loop ended.
    outcome: Outcome = Outcome.OPEN
    #: Who works on it.
    owner: Maybe = None
    #: The team that it is for.
    team: Maybe = None
    #: Name of the calendar by which its deadlines count; None: the firm's.
    calendar: str | None = None
    #: How urgent it is.
    priority: Priority = Priority.NORMAL
    #: The earliest of its deadlines, UTC; of a missed one too, until it is met.
    due: Sometime = None
    #: Who said it; None while the person is not known.
    customer: UUID | None = None
    #: The customer's class at the receipt, which may set deadlines.
    customer_class: CustomerClass | None = None
    #: The channel it came by.
    channel: str
    #: The address on that channel that answers go to; None where there is none.
    reply_to: Personal[str | None] = None
    #: BCP 47 tag of the language to answer in.
    locale: str | None = None
    #: Its first line, for lists.
    title: Personal[str] = ""
    #: When the customer said it, UTC; None where the source did not say.
    received_at: datetime | None = None
    #: When it was recorded here, UTC.
    recorded_at: datetime
    #: Since when it is in its state, UTC.
    state_since: datetime
    #: When a person or the customer last moved it, UTC.
    touched_at: datetime
    #: The state that it goes back to: before it waited, or was set aside.
    resume_to: str | None = None
    #: The move that is complete once a channel takes its message.
    pending: str | None = None
    #: When the automatic acknowledgement was accepted, UTC.
    acknowledged_at: datetime | None = None
    #: When a person first answered the customer, UTC.
    first_answer_at: datetime | None = None
    #: When the customer was last told something, UTC.
    told_at: datetime | None = None
    #: When it was solved, UTC.
    solved_at: datetime | None = None
    #: When the loop ended, UTC.
    closed_at: datetime | None = None
    #: Since when it waits for the customer, UTC.
    waiting_since: datetime | None = None
    #: How long it has waited for the customer, in all.
    waited: timedelta = timedelta(0)
    #: From receipt to solution, waiting included.
    gross: timedelta | None = None
    #: From receipt to solution, waiting left out.
    net: timedelta | None = None
    #: The clocks that run on it.
    deadlines: Deadlines = ()
    #: Names of the deadlines that it missed, in order.
    late: tuple[str, ...] = ()
    #: How often it was reopened or its answer denied.
    reopened: int = 0
    #: How often it was escalated.
    escalations: int = 0
    #: The item that it joined, was split from or followed.
    original: UUID | None = None
    #: The employee it is about.
    employee: Personal[str | None] = None
    #: The product it is about.
    product: str | None = None
    #: What it is about: a category or a page.
    category: str | None = None
    #: Why it happened, once known.
    cause: str | None = None
    #: What was done about it.
    action: Personal[str | None] = None
    #: The improvement that it points to.
    improvement: UUID | None = None
    #: The rating that came with it.
    rating: int | None = None
    #: The scale of that rating, such as "1-5".
    scale: str | None = None
    #: What people have marked it with, to find it again.
    tags: tuple[str, ...] = ()
    #: Members who hear of its moves.
    watchers: tuple[str, ...] = ()
    #: What else its moves have recorded, and what is doubtful about it.
    data: Personal[Mapping[str, Json]] = field(factory=dict)
    #: Counts moves; guards updates and numbers the journal.
    version: int = 1


def read_tag(text: str) -> str:
    """A tag as items hold it: lower-case words with single spaces between.

    Raises:
        InvalidValue: There is no word in it.

    >>> read_tag("  Late  Parcel ")
    'late parcel'
    """
    tag = " ".join(str(text).lower().split())
    if not tag:
        raise InvalidValue(f"{text!r:.40} is no tag", hint="give a word or some")
    return tag


def tagged(tag: str) -> Where:
    """The items that are marked with a tag.

    >>> tagged("VIP")
    Contains(field='tags', text='"vip"')
    """
    return contains("tags", write_json(read_tag(tag)))


def watched_by(name: str) -> Where:
    """The items that a member watches; names that differ in the case of ASCII letters alone are not told apart."""
    return contains("watchers", write_json(name))


@record("transition", key=("item", "number"), references={"item": "feedback"})
@frozen(kw_only=True)
class Transition:
    """One move of a feedback item, append-only: its key is a second guard against stale writes."""

    #: The space it belongs to.
    space: str
    #: The item.
    item: UUID
    #: The version of the item that this move made.
    number: int
    #: The state before; empty for the receipt.
    source: str
    #: The move.
    move: str
    #: The state after.
    target: str
    #: Who made it.
    by: Personal[str]
    #: In which role.
    role: Role
    #: When, UTC.
    at: datetime
    #: What was given with it: reason, cause, action, and the like.
    data: Personal[Mapping[str, Json]] = field(factory=dict)
    #: What the customer was told: templates of the messages that it queued, or the note of a talk.
    told: Personal[tuple[str, ...]] = ()


@record("timer", key=("item",), indexes=(Index("by_wake", ("wake_at", "item")),), references={"item": "feedback"})
@frozen(kw_only=True)
class Timer:
    """When an item wants to be looked at; what is to be done then stands in the item itself."""

    #: The space it belongs to.
    space: str
    #: The item.
    item: UUID
    #: When, UTC.
    wake_at: datetime
    #: Counts claims: the fencing token.
    version: int = 1
