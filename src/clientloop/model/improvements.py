"""The outer loop: what many feedback items point to, and what the firm makes of it."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from attrs import field, frozen

from clientloop.model.codec import Json, Maybe
from clientloop.model.record import Index, Personal, record


class ImprovementSort(StrEnum):
    """What many items have in common."""

    #: Why something happens again and again.
    CAUSE = "cause"
    #: What customers wish for.
    IDEA = "idea"
    #: Something that hit many customers at once.
    INCIDENT = "incident"


class ImprovementState(StrEnum):
    """Where an improvement stands."""

    #: A burst of items proposed it; a person decides.
    PROPOSED = "proposed"
    #: To be done.
    OPEN = "open"
    #: Done, with what was done and what was learnt.
    DONE = "done"
    #: Decided against.
    DISMISSED = "dismissed"


@record(
    "improvement",
    key=("id",),
    indexes=(Index("by_state", ("state", "created_at")), Index("by_origin", ("origin",), unique=True)),
)
@frozen(kw_only=True)
class Improvement:
    """One cause, idea or incident that many items point to."""

    #: The space it belongs to.
    space: str
    #: Its id.
    id: UUID
    #: What the items have in common.
    sort: ImprovementSort = ImprovementSort.CAUSE
    #: What is to become better.
    title: str
    #: Where it stands.
    state: ImprovementState = ImprovementState.OPEN
    #: What its items and the ratings around it are about: fields of feedback and their values.
    topic: Mapping[str, Json] = field(factory=dict)
    #: Who sees to it.
    owner: Maybe = None
    #: What was done, or why it was decided against.
    done: Personal[str | None] = None
    #: What the firm learnt.
    lesson: Personal[str | None] = None
    #: When it was opened or proposed, UTC.
    created_at: datetime
    #: When it was done or dismissed, UTC.
    done_at: datetime | None = None
    #: The burst that proposed it, so that none proposes twice; None if a person opened it.
    origin: str | None = None
    #: Whatever else is known.
    extra: Mapping[str, Json] = field(factory=dict)
    #: Counts changes; guards updates.
    version: int = 1

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done, or to be decided on."""
        return self.state in {ImprovementState.PROPOSED, ImprovementState.OPEN}
