"""Loyalty: how many customers come again, and who is a regular."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from attrs import frozen

from clientloop import hookimpl
from clientloop.model.interactions import Interaction, InteractionKind
from clientloop.model.plan import Bucket, Fold, Key, Plan
from clientloop.model.where import eq, ne
from clientloop.ports.metric import Metric, Score, State
from clientloop.ports.relationship import Frame, Place, RelationshipModel
from clientloop.ports.scoring import share_score
from clientloop.rules.measures.rates import Share


@hookimpl
def clientloop_register_metrics() -> Mapping[str, str]:
    return {"repurchase": "clientloop_loyalty:Repurchase"}


@hookimpl
def clientloop_register_relationship_models() -> Mapping[str, str]:
    return {"regulars": "clientloop_loyalty:REGULARS"}


def days_of_purchases(zone: str) -> Plan:
    """On how many days each customer bought: the groups of customer and day, counted by customer."""
    bought = eq("kind", InteractionKind.PURCHASE) & ne("customer", None) & ne("occurred_at", None)
    keys = (Key("customer"), Key("occurred_at", Bucket.DAY, zone))
    return Plan(cls=Interaction, where=bought, keys=keys, fold=Fold(keys=1), at="occurred_at")


@frozen(kw_only=True)
class Repurchase(Metric):
    """The share of the buyers who bought on several days."""

    #: IANA name of the zone whose days count.
    zone: str

    def plans(self) -> Mapping[str, Plan]:
        return {"days": days_of_purchases(self.zone)}

    def finalise(self, state: State) -> Sequence[Score]:
        days = [group.values[0] or 0 for group in state["days"]]
        return share_score(Share(sum(number > 1 for number in days), len(days)))


@frozen(kw_only=True)
class Regulars(RelationshipModel):
    """Who bought once, who came again, and who is a regular."""

    stages = ("once", "again", "regular")

    #: On how many days a regular has bought.
    days: int = 3

    def plans(self, frame: Frame) -> Mapping[str, Plan]:
        return {"days": days_of_purchases(frame.zone)}

    def assess(self, state: State, subjects: Sequence[UUID], frame: Frame) -> Mapping[UUID, Place]:
        days = {group.keys[0]: group.values[0] for group in state["days"]}
        found = {subject: {"days": days.get(subject, 0), "regular_from": self.days} for subject in subjects}
        return {subject: Place(stage=self.stage_of(why), explanation=why) for subject, why in found.items()}

    def stage_of(self, explanation: Mapping[str, Any]) -> str | None:
        days = explanation["days"]
        if days >= explanation["regular_from"]:
            return "regular"
        return ("again" if days > 1 else "once") if days else None


REGULARS = Regulars()
