"""The engine port: where the state of a metric is added up. The default asks the store."""

import operator
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import reduce
from typing import cast

from attrs import evolve, frozen

from clientloop.errors import InvalidValue
from clientloop.model.codec import EPOCH
from clientloop.model.plan import Bucket, Group, Key, Plan
from clientloop.model.record import record_of
from clientloop.model.where import ALL, Where, ge, lt
from clientloop.ports.metric import Metric, Score
from clientloop.ports.store import Store
from clientloop.rules.measures.aggregation import aggregate, check_plan
from clientloop.rules.measures.folding import kept_keys
from clientloop.rules.measures.fusing import apart, fuse
from clientloop.rules.measures.periods import begins, following

#: In a breakdown, the time that the rows of a plan are of.
AT = "at"


@frozen(kw_only=True)
class _Cut:
    """Which rows are looked at, and into which parts they fall: the arguments of `Engine.run`."""

    where: Where
    by: tuple[Key, ...]
    since: datetime | None
    until: datetime | None


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

    def states(self, store: Store, space: str, plans: Mapping[str, Plan]) -> Mapping[str, Sequence[Group]]:
        """Add up what several plans declare, in as few scans as give the same answers.

        Args:
            store: Where the records are.
            space: The space.
            plans: What to add up, by names of the caller's choice.

        Returns:
            The groups of each plan, as `aggregate` gives them.

        Raises:
            UnknownName: A record has no such field.
            InvalidValue: A plan cannot be added up.

        >>> from clientloop.model.interactions import Interaction
        >>> from clientloop.stores.memory import MemoryStore
        >>> whole = Plan(cls=Interaction)
        >>> Engine().states(MemoryStore(), "main", {"rows": whole, "channels": evolve(whole, keys=(Key("channel"),))})
        {'rows': [Group(keys=(), values=(0,))], 'channels': []}
        """
        for plan in plans.values():
            check_plan(plan)
        answers: dict[str, Sequence[Group]] = {}
        for fused in fuse(plans):
            answers.update(apart(fused, self.aggregate(store, space, fused.plan)))
        return {name: answers[name] for name in plans}

    def run(
        self,
        store: Store,
        space: str,
        metric: Metric,
        *,
        where: Where = ALL,
        by: tuple[Key, ...] = (),
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Sequence[Score]:
        """Measure.

        Where some plans of a metric name a time, those that name none are what must be known besides, such as who was
        merged into whom: they are neither narrowed nor broken down, and every part sees all of them.

        A metric for which it matters when the time ends, as for that of the latest answers, is told: by `until`, and in
        a breakdown by periods by the end of each of them, which is added up by itself.

        Args:
            store: Where the records are.
            space: The space.
            metric: What to measure.
            where: Which rows, besides what the metric itself says; its fields must be in every record of the metric.
            by: What to break the scores down by; likewise, save that the field `at` is the time that the rows of each
                plan are of, whatever it is called there: `Plan.at`.
            since: Only rows of this time or later, aware; None for all.
            until: Only rows of an earlier time than this, aware; None for all.

        Returns:
            The scores of the metric, for each group that rows fall in; `Score.keys` begins with the values of `by`.

        Raises:
            UnknownName: A record of the metric has no such field.
            InvalidValue: A period is asked for, and rows of the metric are of no time.
        """
        whole = _Cut(where=where, by=by, since=since, until=until)
        return [
            score
            for cut in self._cuts(store, space, metric, whole)
            for score in self._scores(store, space, metric, cut)
        ]

    def _cuts(self, store: Store, space: str, metric: Metric, cut: _Cut) -> Sequence[_Cut]:
        """The whole at once, or period by period where the end of each matters to the metric."""
        periods = tuple([key for key in cut.by if key.field == AT and key.bucket is not None])
        if not periods or metric.plans_until(EPOCH) == metric.plans():
            return (cut,)
        rows = {
            name: _narrowed(Plan(cls=plan.cls, at=plan.at), evolve(cut, by=periods))
            for name, plan in parted_plans(metric.plans()).items()
        }
        found = {group.keys for groups in self.states(store, space, rows).values() for group in groups}
        # days, as the keys are buckets; rows of unknown time are in no period
        known = sorted(cast("set[tuple[date, ...]]", {days for days in found if None not in days}))
        return [_within(cut, periods, days) for days in known]

    def _scores(self, store: Store, space: str, metric: Metric, cut: _Cut) -> Sequence[Score]:
        plans = metric.plans_until(cut.until)
        parted = parted_plans(plans)
        narrowed = {name: _narrowed(plan, cut) for name, plan in parted.items()}
        answers = self.states(store, space, {**plans, **narrowed})
        return [
            evolve(score, keys=part + score.keys)
            for part, state in _parts(parted, answers, len(cut.by)).items()
            for score in metric.finalise({**answers, **state})
        ]


def parted_plans(plans: Mapping[str, Plan]) -> Mapping[str, Plan]:
    """The plans of a metric that are narrowed and broken down: those that name a time, or all where none does.

    Args:
        plans: The plans by name.
    """
    return {name: plan for name, plan in plans.items() if plan.at is not None} or plans


def _within(cut: _Cut, periods: Sequence[Key], days: Sequence[date]) -> _Cut:
    """A cut narrowed to the periods that begin on some days."""
    starts = [begins(day, key.zone) for key, day in zip(periods, days, strict=True)]
    # periods have a bucket
    after = [following(day, cast(Bucket, key.bucket)) for key, day in zip(periods, days, strict=True)]
    ends = [begins(day, key.zone) for key, day in zip(periods, after, strict=True)]
    return evolve(
        cut,
        since=max(starts if cut.since is None else [cut.since, *starts]),
        until=min(ends if cut.until is None else [cut.until, *ends]),
    )


def _narrowed(plan: Plan, cut: _Cut) -> Plan:
    """A plan over fewer rows, broken down."""
    bounds = [bound(_time_of(plan), at) for bound, at in ((ge, cut.since), (lt, cut.until)) if at is not None]
    keys = tuple([evolve(key, field=_time_of(plan)) if key.field == AT else key for key in cut.by])
    return evolve(
        plan,
        where=reduce(operator.and_, [cut.where, *bounds], plan.where),
        keys=keys + plan.keys,
        fold=plan.fold and evolve(plan.fold, keys=len(keys) + plan.fold.keys),
    )


def _time_of(plan: Plan) -> str:
    if plan.at is None:
        raise InvalidValue(
            f"the metric adds up rows of {record_of(plan.cls).name} that are of no time",
            hint="ask for the whole, or have the metric name the time as Plan.at",
        )
    return plan.at


def _parts(
    plans: Mapping[str, Plan], answers: Mapping[str, Sequence[Group]], width: int
) -> Mapping[tuple[object, ...], Mapping[str, list[Group]]]:
    """The state of each part that the leading keys make: the metric sees its own keys alone."""
    parts: dict[tuple[object, ...], dict[str, list[Group]]] = {}
    for name in plans:
        for group in answers[name]:
            state = parts.setdefault(group.keys[:width], {each: [] for each in plans})
            state[name].append(Group(group.keys[width:], group.values))
    for state in parts.values():
        for name, plan in plans.items():
            if not kept_keys(plan) and not state[name]:
                state[name] = aggregate((), plan)
    return parts
