"""What rows say of where somebody stands: what the model says now, what somebody has said, and where it went."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from attrs import evolve, frozen

from clientloop.model.accounts import Account
from clientloop.model.customers import Customer
from clientloop.model.relationships import Assessment, Direction, Standing, Subject
from clientloop.model.where import eq, le
from clientloop.rules.relationship.standing import has_expired
from clientloop.services.batches import in_batches
from clientloop.services.context import Context
from clientloop.services.relationships.assessing import Assessed

_ARROWS: Mapping[Direction, str] = {Direction.UP: "↑", Direction.SAME: "→", Direction.DOWN: "↓"}


@frozen(kw_only=True)
class Stand:
    """Where somebody stands in one model."""

    #: What the model says.
    automatic: str | None
    #: What somebody has said, while that stands.
    manual: str | None
    #: What stood before; None also where nothing did.
    previous: str | None
    #: Where it went then.
    direction: Direction
    #: Since when it stands, UTC; None where that was not written down yet.
    since: datetime | None

    @property
    def stands(self) -> str | None:
        """What stands: somebody's word, or else the model's."""
        return self.manual or self.automatic

    @property
    def arrow(self) -> str:
        """The direction as an arrow.

        >>> Stand(automatic="A", manual=None, previous="B", direction=Direction.UP, since=None).arrow
        '↑'
        """
        return _ARROWS[self.direction]


@frozen(kw_only=True)
class _Stood:
    """What was written down last: the stage, what stood before, and somebody's word."""

    stage: str | None
    previous: str | None
    since: datetime
    manual: str | None
    until: datetime | None
    automatic: str | None


class Stands:
    """Where the subjects of one assessment stand, beside what was written down until then.

    Args:
        context: The space.
        assessed: What the model says.
        past: Whether the assessment is of another time than the present.
    """

    def __init__(self, context: Context, assessed: Assessed, *, past: bool) -> None:
        """Read what was written down."""
        self._assessed = assessed
        read = _at(context, assessed) if past else _now(context, assessed)
        self._stood = {subject: _by(stood, assessed.frame.as_of) for subject, stood in read.items()}

    def of(self, subject: UUID) -> Stand:
        """Where a subject stands."""
        automatic, stood = self._assessed.places[subject].stage, self._stood.get(subject)
        if stood is None:
            return Stand(automatic=automatic, manual=None, previous=None, direction=Direction.SAME, since=None)
        stands = stood.manual or automatic
        moved = stands != stood.stage
        previous = stood.stage if moved else stood.previous
        return Stand(
            automatic=automatic,
            manual=stood.manual,
            previous=previous,
            direction=self._assessed.model.direction(previous, stands),
            since=None if moved else stood.since,
        )


def names(context: Context, assessed: Assessed, subjects: Iterable[UUID]) -> Mapping[UUID, str]:
    """What subjects of an assessment are called.

    Args:
        context: The space.
        assessed: The assessment.
        subjects: Some of its subjects.
    """
    asked: dict[Subject, list[UUID]] = {each: [] for each in Subject}
    for subject in subjects:
        asked[assessed.subjects.sort(subject)].append(subject)
    found: dict[UUID, str] = {}
    for _, customers in in_batches(context, Customer, "id", asked[Subject.CUSTOMER]):
        found |= {one.id: one.name for one in customers}
    for _, accounts in in_batches(context, Account, "id", asked[Subject.ACCOUNT]):
        found |= {one.id: one.name for one in accounts}
    return found


def _now(context: Context, assessed: Assessed) -> Mapping[UUID, _Stood]:
    standings = context.store.pages(Standing, context.space.space, where=eq("model", assessed.name), order="by_stage")
    return {
        one.subject: _Stood(
            stage=one.stage,
            previous=one.previous,
            since=one.since,
            manual=one.manual,
            until=one.manual_until,
            automatic=one.automatic,
        )
        for one in standings
    }


def _at(context: Context, assessed: Assessed) -> Mapping[UUID, _Stood]:
    """What stood at a time, as the history tells it."""
    where = eq("model", assessed.name) & le("as_of", assessed.frame.as_of)
    found: dict[UUID, _Stood] = {}
    for one in context.store.pages(Assessment, context.space.space, where=where, order="by_time"):
        before = found.get(one.subject)
        moved = before is None or before.stage != one.stage
        found[one.subject] = _Stood(
            stage=one.stage,
            previous=one.previous if before is None or moved else before.previous,
            since=one.as_of if before is None or moved else before.since,
            manual=one.stage if one.manual else None,
            until=one.until,
            automatic=one.automatic,
        )
    return found


def _by(stood: _Stood, now: datetime) -> _Stood:
    """What stands by a time: without a word that has ended until then."""
    if stood.manual is None or stood.until is None or not has_expired(stood.until, now):
        return stood
    if stood.automatic == stood.stage:
        return evolve(stood, manual=None)
    return evolve(stood, stage=stood.automatic, previous=stood.stage, since=stood.until, manual=None)
