"""The engine port: where the state of a metric is added up. The default asks the store."""

from collections.abc import Mapping, Sequence

from attrs import evolve

from clientloop.model.plan import Group, Key, Plan
from clientloop.model.where import ALL, Where
from clientloop.ports.metric import Metric, Score
from clientloop.ports.store import Store
from clientloop.rules.measures.aggregation import aggregate


class Engine:
    """Runs metrics; this one as it stands has the store add up, and an engine of its own overrides `aggregate`."""

    def aggregate(self, store: Store, space: str, plan: Plan) -> Sequence[Group]:
        """Add up what one plan declares: the same groups, in the same order, as `Store.aggregate`.

        Args:
            store: Where the records are.
            space: The space.
            plan: What to add up.

        Raises:
            UnknownName: The record has no such field.
        """
        return store.aggregate(space, plan)

    def run(
        self, store: Store, space: str, metric: Metric, *, where: Where = ALL, by: tuple[Key, ...] = ()
    ) -> Sequence[Score]:
        """Measure.

        Args:
            store: Where the records are.
            space: The space.
            metric: What to measure.
            where: Which rows, besides what the metric itself says; its fields must be in every record of the metric.
            by: What to break the scores down by; likewise.

        Returns:
            The scores of the metric, for each group that rows fall in; `Score.keys` begins with the values of `by`.

        Raises:
            UnknownName: A record of the metric has no such field.
        """
        plans = metric.plans()
        answers = {
            name: self.aggregate(store, space, evolve(plan, where=plan.where & where, keys=by + plan.keys))
            for name, plan in plans.items()
        }
        return [
            evolve(score, keys=part + score.keys)
            for part, state in _parts(plans, answers, len(by)).items()
            for score in metric.finalise(state)
        ]


def _parts(
    plans: Mapping[str, Plan], answers: Mapping[str, Sequence[Group]], width: int
) -> Mapping[tuple[object, ...], Mapping[str, list[Group]]]:
    """The state of each part that the leading keys make: the metric sees its own keys alone."""
    parts: dict[tuple[object, ...], dict[str, list[Group]]] = {}
    for name, groups in answers.items():
        for group in groups:
            state = parts.setdefault(group.keys[:width], {each: [] for each in plans})
            state[name].append(Group(group.keys[width:], group.values))
    for state in parts.values():
        for name, plan in plans.items():
            if not plan.keys and not state[name]:
                state[name] = aggregate((), plan)
    return parts
