"""The share of decided requests that were granted."""

from collections.abc import Mapping, Sequence

from clientloop.model.feedback import Feedback, Outcome
from clientloop.model.plan import Key, Plan
from clientloop.model.where import eq, one_of
from clientloop.ports.metric import Metric, Scale, Score, State

SHARE = Scale(unit="share", low=0, high=1)


class Granted(Metric):
    """Granted requests over those that were granted or declined for good."""

    def plans(self) -> Mapping[str, Plan]:
        """How many requests ended in each way."""
        decided = eq("kind", "request") & one_of("outcome", [Outcome.DONE, Outcome.DECLINED])
        return {"decided": Plan(cls=Feedback, where=decided, keys=(Key("outcome"),))}

    def finalise(self, state: State) -> Sequence[Score]:
        """The share; no score before anything was decided."""
        counts = {group.keys[0]: group.values[0] or 0 for group in state["decided"]}
        total = sum(counts.values())
        return [Score(value=counts.get(Outcome.DONE, 0) / total, count=total, scale=SHARE)] if total else []
