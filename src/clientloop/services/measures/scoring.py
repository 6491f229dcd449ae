"""Scores of a metric, broken down by several dimensions and by periods at once."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import cast

from attrs import evolve, field, frozen

from clientloop.errors import UnknownName
from clientloop.model.plan import Bucket, Key, Plan
from clientloop.model.record import record_of
from clientloop.model.where import ALL, Where
from clientloop.ports.engine import AT, parted_plans
from clientloop.ports.metric import Metric, Score
from clientloop.services.context import Context
from clientloop.services.measures.checked import Checked

#: What scores are broken down by: the name of the dimension, and the field that records have for it.
DIMENSIONS: Mapping[str, str] = {
    "channel": "channel",
    "domain": "domain",
    "country": "country",
    "language": "locale",
    "product": "product",
    "employee": "employee",
    "stage": "stage",
    "class": "customer_class",
    "variant": "variant",
    "question": "question",
    "kind": "kind",
    "category": "category",
    "team": "team",
    "owner": "owner",
}

#: What the period is called among the keys of a row.
PERIOD = "period"


@frozen(kw_only=True)
class ScoreRow:
    """One score, and what it is the score of."""

    #: The value of each dimension, by its name; `period` is the first day of one. None: of rows that have no value.
    keys: Mapping[str, object] = field(factory=dict)
    #: The values of the keys that the metric itself has.
    own: tuple[object, ...] = ()
    #: The score.
    score: Score

    @property
    def day(self) -> date | None:
        """The first day of the period, where there are periods."""
        return cast("date | None", self.keys.get(PERIOD))


@frozen(kw_only=True)
class Asked:
    """What scores were asked for."""

    #: Name of the metric.
    metric: str
    #: What they are broken down by, besides the period.
    by: tuple[str, ...] = ()
    #: How long the periods are; None: there are none.
    bucket: Bucket | None = None
    #: IANA name of the zone whose calendar they follow.
    zone: str
    #: What happened at this time or later; None: from the first on.
    since: datetime | None = None
    #: What happened before this time; None: to the last.
    until: datetime | None = None


@frozen(kw_only=True)
class Scores:
    """Scores of one metric."""

    #: What was asked for.
    asked: Asked
    #: The scores, sorted by their keys; where nobody answered there is no row.
    rows: tuple[ScoreRow, ...]

    @property
    def score(self) -> Score | None:
        """The score of the whole, where nothing is broken down; None where nobody answered."""
        return self.part()

    def part(self, *own: str) -> Score | None:
        """One score of the whole, of a metric that gives several.

        Args:
            own: The values of the metric's own keys, as texts: "median" of a time.

        Returns:
            The score; None where there is none.
        """
        return next((row.score for row in self.rows if not row.keys and own == tuple(map(str, row.own))), None)


def measure(context: Context, metric: Metric, asked: Asked, *, where: Where = ALL, engine: str = "store") -> Scores:
    """Measure; the arguments are those of `Metrics.score`.

    Raises:
        UnknownName: There is no such engine or zone, or records of the metric lack a dimension or field.
        InvalidValue: There are to be periods, or a narrower time, and the metric is of no time.
        PluginError: The metric raises, or gives no plans or scores.
    """
    registry = context.parts.registry
    checked = Checked(metric, asked.metric, registry)
    by = tuple(map(Key, fields_of(asked, metric, checked.plans())))
    scores = registry.engine(engine)().run(
        context.store,
        context.space.space,
        checked,
        where=where,
        by=by if asked.bucket is None else (*by, Key(AT, asked.bucket, asked.zone)),
        since=asked.since,
        until=asked.until,
    )
    names = (*asked.by, *(() if asked.bucket is None else (PERIOD,)))
    rows = sorted((_row(names, score) for score in scores), key=lambda row: in_order(row.keys))
    # nobody knows the period of what has no time
    return Scores(asked=asked, rows=tuple(row for row in rows if asked.bucket is None or row.day is not None))


def fields_of(asked: Asked, metric: Metric, plans: Mapping[str, Plan]) -> tuple[str, ...]:
    """The fields by which scores are broken down.

    Args:
        asked: What was asked for.
        metric: The metric.
        plans: Its plans.

    Raises:
        UnknownName: There is no such dimension, or not all records of the metric have it, or it makes no
            sense of the metric.
    """
    shared = dimensions_of(metric, plans)
    for name in asked.by:
        if name not in shared:
            raise UnknownName.among(name, shared, what=f"dimension of {asked.metric}")
    return tuple(DIMENSIONS[name] for name in asked.by)


def dimensions_of(metric: Metric, plans: Mapping[str, Plan]) -> tuple[str, ...]:
    """The dimensions that all records of a metric have, besides those of no time, and that make sense of it.

    Args:
        metric: The metric.
        plans: Its plans.
    """
    records = [record_of(plan.cls) for plan in parted_plans(plans).values()]
    return tuple(
        name
        for name, each in DIMENSIONS.items()
        if each not in metric.not_by and all(each in record.columns for record in records)
    )


def in_order(keys: Mapping[str, object]) -> list[tuple[bool, str]]:
    """What sorts rows: the values of the dimensions, none first; the metric's own keys stay as they are.

    Args:
        keys: The value of each dimension, by its name.
    """
    return [(value is not None, str(value)) for value in keys.values()]


def _row(names: Sequence[str], score: Score) -> ScoreRow:
    width = len(names)
    return ScoreRow(
        keys=dict(zip(names, score.keys, strict=False)), own=score.keys[width:], score=evolve(score, keys=())
    )
