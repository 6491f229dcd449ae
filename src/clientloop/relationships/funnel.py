"""The sales funnel: the stage of a customer is that of the furthest open deal."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import ClassVar, cast
from uuid import UUID

from attrs import Factory, field, frozen

from clientloop.model.codec import Json, instant
from clientloop.model.deals import DealOutcome, DealStep
from clientloop.model.plan import Aggregate, How, Key, Plan
from clientloop.model.where import Where, eq
from clientloop.ports.metric import State
from clientloop.ports.relationship import Frame, Place, RelationshipModel
from clientloop.relationships.buying import written
from clientloop.rules.relationship.funnel import DealState, FunnelRule, Pursuit, pursuit


def _stages(model: "Funnel") -> Sequence[str]:
    return (DealOutcome.LOST.value, *model.rule.stages, DealOutcome.WON.value)


@frozen(kw_only=True)
class Funnel(RelationshipModel):
    """Follows customers and companies through the stages of deals; `rules.relationship.funnel` says how.

    The deals of a company are those with it alone, and those with the persons who count for it.

    It reads the journals of the deals, so that it tells of any day what was known on it.

    >>> from clientloop.model.codec import microseconds
    >>> from clientloop.model.plan import Group
    >>> from datetime import UTC
    >>> kim, deal, frame = UUID(int=1), UUID(int=9), Frame(as_of=datetime(2026, 7, 1, tzinfo=UTC), currency="EUR")
    >>> may = microseconds(datetime(2026, 5, 1, tzinfo=UTC))
    >>> way = [(1, "lead"), (2, "offer")]
    >>> steps = [Group((kim, deal, stage, DealOutcome.OPEN), (number, may)) for number, stage in way]
    >>> Funnel().assess({"steps": steps}, [kim], frame)[kim].stage, Funnel().stages
    ('offer', ('lost', 'lead', 'qualified', 'offer', 'negotiation', 'won'))
    """

    of_accounts: ClassVar[bool] = True

    #: The name that deals call the funnel by: that of the model.
    name: str = "funnel"
    #: What deals go through.
    rule: FunnelRule = field(factory=FunnelRule)
    #: The stages of a customer: those of deals, and how they end.
    stages: Sequence[str] = field(init=False, default=Factory(_stages, takes_self=True))

    def plans(self, frame: Frame) -> Mapping[str, Plan]:
        """The last step of each deal to each stage: of deals with a person, and of those with a company alone."""
        del frame  # the same for all
        ours, alone = eq("funnel", self.name), eq("customer", None)
        return {
            "steps": _last_steps(ours & ~alone, by="customer"),
            "steps_of_companies": _last_steps(ours & alone, by="account"),
        }

    def assess(self, state: State, subjects: Sequence[UUID], frame: Frame) -> Mapping[UUID, Place]:
        """Put everybody with a deal where the deals are."""
        deals: dict[object, dict[UUID, tuple[int, DealState]]] = {}
        for group in chain.from_iterable(state.values()):
            subject, deal, stage, outcome = cast("tuple[object, UUID, str, DealOutcome]", group.keys)  # of the plan
            number, at = cast("tuple[int, int]", group.values)  # no group is without rows, and none of these without
            latest = deals.setdefault(subject, {})
            if deal not in latest or latest[deal][0] < number:
                latest[deal] = number, DealState(deal=deal, stage=stage, outcome=outcome, at=instant(at))
        found: dict[UUID, Place] = {}
        for subject in subjects:
            states = [latest for _, latest in deals.get(subject, {}).values()]
            why = {"as_of": written(frame.as_of), **_told(pursuit(states, self.rule))}
            found[subject] = Place(stage=self.stage_of(why), explanation=why)
        return found

    def stage_of(self, explanation: Mapping[str, Json]) -> str | None:
        """The stage of the deals that are told of."""
        last = explanation["last"]
        return Pursuit(
            open=tuple(map(_deal_of, explanation["open"])),
            last=None if last is None else _deal_of(last),
            rule=FunnelRule(stages=tuple(explanation["stages"])),
        ).stage


def _last_steps(where: Where, *, by: str) -> Plan:
    """The last step of each deal to each stage, of those with whom deals are."""
    return Plan(
        cls=DealStep,
        where=where,
        keys=(Key(by), Key("deal"), Key("target"), Key("outcome")),
        aggregates=(Aggregate(How.MAX, "number"), Aggregate(How.MAX, "at")),
        at="at",
    )


def _told(deals: Pursuit) -> dict[str, Json]:
    return {
        "open": [_deal_told(state) for state in deals.open],
        "last": None if deals.last is None else _deal_told(deals.last),
        "stages": list(deals.rule.stages),
    }


def _deal_told(state: DealState) -> dict[str, Json]:
    return {
        "deal": str(state.deal),
        "stage": state.stage,
        "outcome": state.outcome.value,
        "at": written(state.at),
    }


def _deal_of(told: Mapping[str, Json]) -> DealState:
    return DealState(
        deal=UUID(told["deal"]),
        stage=told["stage"],
        outcome=DealOutcome(told["outcome"]),
        at=datetime.fromisoformat(told["at"]),
    )
