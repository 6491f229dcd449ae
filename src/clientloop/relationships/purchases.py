"""The stages of somebody who buys, as 1C has them: potential, one-time, regular, lost."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from attrs import field, frozen

from clientloop.model.codec import Json
from clientloop.model.plan import Plan
from clientloop.model.relationships import Direction
from clientloop.ports.metric import State
from clientloop.ports.relationship import Frame, Places, RelationshipModel
from clientloop.relationships.buying import Buyers, bought_of, by_customer, stage_sums
from clientloop.rules.relationship.purchases import PurchaseStage, StageRule


@frozen(kw_only=True)
class Purchases(RelationshipModel):
    """Tells the stages of buying apart; `rules.relationship.purchases` says how.

    >>> from clientloop.model.codec import microseconds
    >>> from clientloop.model.plan import Group
    >>> from datetime import UTC, datetime
    >>> kim, tom = UUID(int=1), UUID(int=3)
    >>> frame = Frame(as_of=datetime(2026, 7, 1, tzinfo=UTC), currency="EUR")
    >>> state = {"bought": [Group((kim,), (3, 0, microseconds(datetime(2026, 6, 1, tzinfo=UTC)), 2))]}
    >>> [place.stage for place in Purchases().assess(state, [kim, tom], frame).values()]
    ['regular', 'potential']
    """

    stages = (
        PurchaseStage.LOST.value,
        PurchaseStage.POTENTIAL.value,
        PurchaseStage.ONE_TIME.value,
        PurchaseStage.REGULAR.value,
    )

    #: Periods, their number, and how many purchases make a regular customer.
    rule: StageRule = field(factory=StageRule)

    def plans(self, frame: Frame) -> Mapping[str, Plan]:
        """When each customer last bought, and how often within the periods."""
        return {"bought": by_customer(*stage_sums(self.rule, frame))}

    def assess(self, state: State, subjects: Sequence[UUID], frame: Frame) -> Places:
        """Put everybody in a stage: whoever has no purchase is potential."""
        buyers = Buyers(state["bought"], subjects, self.rule, frame)
        return Places(subjects, [stage.value for stage in buyers.stages()], buyers.why)

    def stage_of(self, explanation: Mapping[str, Json]) -> str:
        """The stage of what is told."""
        return bought_of(explanation).stage.value

    def direction(self, before: str | None, now: str | None) -> Direction:
        """As of all models; but whoever is lost stands as high as whoever never bought."""
        if {before, now} == {PurchaseStage.LOST, PurchaseStage.POTENTIAL}:
            return Direction.SAME
        return super().direction(before, now)
