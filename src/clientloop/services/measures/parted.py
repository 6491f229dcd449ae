"""A metric broken down: by the values of fields, and by periods of the time that each of its plans names."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from attrs import evolve, frozen

from clientloop.errors import InvalidValue
from clientloop.model.plan import Bucket, Fold, Group, Key, Plan
from clientloop.model.where import ALL, Where, ge, lt, ne
from clientloop.ports.metric import Metric, Score, State
from clientloop.rules.measures.aggregation import aggregate


@frozen(kw_only=True)
class Parted(Metric):
    """A metric whose scores begin with the values that they are broken down by, the first day of a period last.

    Plans may name different times, as invitations and answers do; rows of no time are of no period. Where some plans
    name a time, those that name none are what must be known besides, such as who was merged into whom: every part sees
    all of that.

    >>> from clientloop.model.asking import Answer
    >>> class Answers(Metric):
    ...     def plans(self):
    ...         return {"answers": Plan(cls=Answer, at="answered_at")}
    ...
    ...     def finalise(self, state):
    ...         return []
    >>> plan = Parted(metric=Answers(), fields=("channel",), bucket=Bucket.MONTH).plans()["answers"]
    >>> [key.field for key in plan.keys]
    ['channel', 'answered_at']
    """

    #: What is measured.
    metric: Metric
    #: The fields that it is broken down by.
    fields: tuple[str, ...] = ()
    #: How long the periods are that it is broken down by; None: by none.
    bucket: Bucket | None = None
    #: IANA name of the zone whose calendar they follow.
    zone: str = "UTC"
    #: Which rows.
    where: Where = ALL
    #: What happened at this time or later; None: from the first on.
    since: datetime | None = None
    #: What happened before this time; None: to the last.
    until: datetime | None = None

    def plans(self) -> Mapping[str, Plan]:
        """Those of the metric, with the keys of the parts before their own.

        Raises:
            InvalidValue: There are to be periods, or a narrower time, and the metric is of no time.
        """
        plans = self.metric.plans()
        return {**plans, **{name: self._parted(plan) for name, plan in parted_plans(plans).items()}}

    def _parted(self, plan: Plan) -> Plan:
        keys = (*map(Key, self.fields), *self._period(plan))
        fold = plan.fold and Fold(keys=plan.fold.keys + len(keys), aggregates=plan.fold.aggregates)
        return evolve(plan, where=plan.where & self.where & self._during(plan), keys=keys + plan.keys, fold=fold)

    def _period(self, plan: Plan) -> tuple[Key, ...]:
        return () if self.bucket is None else (Key(self._time(plan), self.bucket, self.zone),)

    def _during(self, plan: Plan) -> Where:
        known = ALL if self.bucket is None else ne(self._time(plan), None)
        from_then = ALL if self.since is None else ge(self._time(plan), self.since)
        return known & from_then & (ALL if self.until is None else lt(self._time(plan), self.until))

    def _time(self, plan: Plan) -> str:
        if plan.at is None:
            raise InvalidValue(f"{type(self.metric).__name__} is of no time", hint="leave bucket, since and until out")
        return plan.at

    def finalise(self, state: State) -> Sequence[Score]:
        """The scores of each part that rows fall in, sorted by the values of the parts."""
        plans, width = self.metric.plans(), len(self.fields) + (self.bucket is not None)
        if not width:
            return self.metric.finalise(state)
        parted = parted_plans(plans)
        parts: dict[tuple[object, ...], dict[str, list[Group]]] = {}
        for name in parted:
            for group in state[name]:
                part = parts.setdefault(group.keys[:width], {each: [] for each in parted})
                part[name].append(Group(group.keys[width:], group.values))
        return [
            evolve(score, keys=keys + score.keys)
            for keys in sorted(parts, key=_in_order)
            for score in self.metric.finalise(
                {**state, **{name: _whole(plan, parts[keys][name]) for name, plan in parted.items()}}
            )
        ]


def parted_plans(plans: Mapping[str, Plan]) -> Mapping[str, Plan]:
    """The plans of a metric that are broken down: those that name a time, or all where none does.

    Args:
        plans: The plans by name.
    """
    return {name: plan for name, plan in plans.items() if plan.at is not None} or plans


def _in_order(keys: tuple[object, ...]) -> list[tuple[bool, str]]:
    return [(key is not None, str(key)) for key in keys]


def _whole(plan: Plan, groups: list[Group]) -> Sequence[Group]:
    """The groups of a plan; where it has no keys, there is one also of no rows."""
    keys = plan.keys if plan.fold is None else plan.keys[: plan.fold.keys]
    return groups if groups or keys else aggregate((), plan)
