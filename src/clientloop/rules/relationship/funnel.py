"""The sales funnel: how far a customer has come who is being sold something.

Each deal is in a stage until it is won or lost. Of several open ones the furthest tells where the customer is; without
any, the one that ended last does.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from attrs import field, frozen

from clientloop.errors import InvalidValue
from clientloop.model.deals import DealOutcome


def _check_stages(_: object, __: object, stages: Sequence[str]) -> None:
    if not stages or len(set(stages)) < len(stages) or set(stages) & set(DealOutcome):
        raise InvalidValue(
            f"{', '.join(stages) or 'nothing'}: no stages of a funnel",
            hint="name those that a deal goes through, each once; that it is won or lost is no stage of it",
        )


@frozen(kw_only=True)
class FunnelRule:
    """What deals go through."""

    #: The stages of a deal, the first one first.
    stages: tuple[str, ...] = field(default=("lead", "qualified", "offer", "negotiation"), validator=_check_stages)


@frozen(kw_only=True)
class DealState:
    """How far one deal has come."""

    #: The deal.
    deal: UUID
    #: The stage that it is in, or was in when it ended.
    stage: str
    #: How it ended.
    outcome: DealOutcome
    #: When it came there, or ended, UTC.
    at: datetime


@frozen(kw_only=True)
class Pursuit:
    """The deals of a customer: all that the stage follows from."""

    #: Those that have not ended; of stages that the funnel no longer has, none.
    open: tuple[DealState, ...] = ()
    #: The one that ended last.
    last: DealState | None = None
    #: As of `FunnelRule`.
    rule: FunnelRule = field(factory=FunnelRule)

    @property
    def stage(self) -> str | None:
        """The stage of the furthest open deal; without any, how the last one ended; None where there never was one.

        >>> from datetime import UTC
        >>> now = datetime(2026, 7, 1, tzinfo=UTC)
        >>> lead = DealState(deal=UUID(int=1), stage="lead", outcome=DealOutcome.OPEN, at=now)
        >>> offer = DealState(deal=UUID(int=2), stage="offer", outcome=DealOutcome.OPEN, at=now)
        >>> Pursuit(open=(lead, offer)).stage
        'offer'
        """
        if self.open:
            return max((state.stage for state in self.open), key=self.rule.stages.index)
        return None if self.last is None else self.last.outcome.value


def pursuit(deals: Sequence[DealState], rule: FunnelRule) -> Pursuit:
    """The deals of a customer, as the stage follows from them.

    Args:
        deals: How far each has come, in any order.
        rule: What they go through.
    """
    open_ = [state for state in deals if state.outcome is DealOutcome.OPEN and state.stage in rule.stages]
    ended = [state for state in deals if state.outcome is not DealOutcome.OPEN]
    return Pursuit(
        open=tuple(sorted(open_, key=lambda state: (-rule.stages.index(state.stage), state.deal))),
        last=max(ended, key=lambda state: (state.at, state.deal), default=None),
        rule=rule,
    )
