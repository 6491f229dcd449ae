"""A metric over time: its periods against a goal, and what in them is a sign that something has happened."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import cast

from attrs import define, field, frozen

from clientloop.model.plan import Bucket
from clientloop.model.targets import Sense
from clientloop.ports.metric import Score
from clientloop.rules.measures.goals import Verdict, judge
from clientloop.rules.measures.periods import begins, following, period_of, periods
from clientloop.rules.measures.signs import CORRECTION, Dated, ShiftSign, SpikeSign, signs
from clientloop.services.measures.scoring import PERIOD, Asked, Scores


@frozen(kw_only=True)
class Goal:
    """What every period is to reach."""

    #: In the unit of the metric.
    value: float
    #: On which side of it the scores are to be.
    sense: Sense = Sense.AT_LEAST


@frozen(kw_only=True)
class TrendPoint:
    """One period."""

    #: Its first day.
    day: date
    #: Its score; None where nobody answered.
    score: Score | None
    #: Whether it is over, and all of it was asked for: of one that runs, or that `since` or `until` cut, there is more.
    over: bool
    #: How it stands to the goal; None without a goal or a score, and where it is not over.
    verdict: Verdict | None


@frozen(kw_only=True)
class Series:
    """The periods of one group."""

    #: The values of the dimensions, by their names; empty for the whole.
    keys: Mapping[str, object]
    #: The values of the keys that the metric itself has.
    own: tuple[object, ...]
    #: Every period, also those without a score, the earliest first.
    points: tuple[TrendPoint, ...]
    #: Where the level has changed, if it has.
    shift: ShiftSign | None
    #: The periods that stand out.
    spikes: tuple[SpikeSign, ...]


@frozen(kw_only=True)
class Trend:
    """A metric over time.

    Signs are looked for in the periods that are over and have a score.
    """

    #: What was asked for.
    asked: Asked
    #: What is to be reached, if anything.
    goal: Goal | None
    #: Which share of the signs may be false.
    rate: float
    #: How so many comparisons were judged together.
    correction: str = CORRECTION
    #: One for each group; one alone where nothing is broken down; none where nobody answered.
    series: tuple[Series, ...]


@define
class _Line:
    """The scores of one group."""

    keys: Mapping[str, object]
    own: tuple[object, ...]
    scores: dict[date, Score] = field(factory=dict)


def trend_of(scores: Scores, *, now: datetime, goal: Goal | None, rate: float) -> Trend:
    """Make a trend of scores by period.

    Args:
        scores: The scores, with a bucket.
        now: The present, aware: a period is judged when it is over.
        goal: What each period is to reach.
        rate: Which share of the signs may be false.

    Raises:
        InvalidValue: The rate is no share.
    """
    days, lines = _days(scores, now), _lines(scores)
    points = [[_point(day, line.scores.get(day), goal, over=over) for day, over in days] for line in lines]
    dated = [
        [
            Dated(point.day, point.score.value, point.score.interval, point.score.count)
            for point in line
            if point.score and point.over
        ]
        for line in points
    ]
    series = tuple(
        Series(keys=line.keys, own=line.own, points=tuple(each), shift=found.shift, spikes=found.spikes)
        for line, each, found in zip(lines, points, signs(dated, rate=rate), strict=True)
    )
    return Trend(asked=scores.asked, goal=goal, rate=rate, series=series)


def _lines(scores: Scores) -> Sequence[_Line]:
    lines: dict[tuple[object, ...], _Line] = {}
    for row in scores.rows:
        keys = {name: value for name, value in row.keys.items() if name != PERIOD}
        line = lines.setdefault((*keys.values(), *row.own), _Line(keys, row.own))
        line.scores[cast(date, row.day)] = row.score  # a trend has periods
    return list(lines.values())


def _days(scores: Scores, now: datetime) -> Sequence[tuple[date, bool]]:
    """The periods from the first to the last that is asked for or known, each with whether all of it is there."""
    asked, known = scores.asked, [cast(date, row.day) for row in scores.rows]  # as above
    if not known:
        return ()
    bucket, zone = cast(Bucket, asked.bucket), asked.zone  # as above
    end = now if asked.until is None else min(asked.until, now)
    first = min(known) if asked.since is None else period_of(asked.since, bucket, zone)
    last = max(*known, period_of(end - datetime.resolution, bucket, zone))
    start = begins(first, zone) if asked.since is None else asked.since
    return [
        (day, start <= begins(day, zone) and begins(following(day, bucket), zone) <= end)
        for day in periods(first, last, bucket)
    ]


def _point(day: date, score: Score | None, goal: Goal | None, *, over: bool) -> TrendPoint:
    judged = None
    if goal is not None and score is not None and over:
        judged = judge(score.value, score.interval, goal=goal.value, sense=goal.sense)
    return TrendPoint(day=day, score=score, over=over, verdict=judged)
