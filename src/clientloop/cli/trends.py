"""The commands on metrics over time: trends with their signs, and targets."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Annotated

from cyclopts import Parameter

from clientloop.cli.measured import Measured, at_home, bare, key_text, number, part_of, span, told_of
from clientloop.cli.metrics import PLAIN
from clientloop.cli.options import HERE, AsJson, Moment, OnScreen, Place
from clientloop.cli.screen import Cell, Grid, Screen
from clientloop.cli.sparks import legend, spark
from clientloop.errors import InvalidValue
from clientloop.model.plan import Bucket
from clientloop.model.targets import Sense
from clientloop.ports.metric import Scale
from clientloop.rules.measures.goals import Verdict
from clientloop.services.measures.targets import TargetState
from clientloop.services.measures.trends import Series, Trend, TrendPoint
from clientloop.services.setup.data import as_data


def trend(
    metric: str,
    /,
    *,
    bucket: Bucket = Bucket.MONTH,
    at_least: float | None = None,
    at_most: float | None = None,
    zone: str | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    measured: Measured = PLAIN,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Show a metric over time, against a target, with the signs that something has happened.

    Args:
        metric: The metric.
        bucket: How long the periods are.
        at_least: What each period is to reach.
        at_most: What no period is to exceed.
        zone: The zone whose calendar the periods follow; the firm's if not given.
        since: Only what happened at this time or later, in the firm's zone.
        until: Only what happened before this time.
        measured: Which metric of what.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    if at_least is not None and at_most is not None:
        raise InvalidValue("a target is at least or at most something", hint="give one of both")
    with place.open() as loop:
        found = loop.metrics.trend(
            metric,
            bucket=bucket,
            target=at_most if at_least is None else at_least,
            sense=Sense.AT_LEAST if at_most is None else Sense.AT_MOST,
            by=measured.by,
            zone=zone,
            since=at_home(loop, since),
            until=at_home(loop, until),
            where=measured.where(),
            engine=measured.engine,
            **measured.told(loop, metric),
        )
    if json:
        return screen.json(as_data(found))
    return _show(screen, metric, found)


def _show(screen: Screen, metric: str, trend: Trend) -> None:
    if not trend.series:
        return screen.line("Nobody answered, so there is no trend.")
    screen.line(f"{metric} by {trend.asked.bucket}, in the zone {trend.asked.zone}", "bold")
    for series in trend.series:
        screen.line()
        _show_series(screen, trend, series)
    return None


def _show_series(screen: Screen, trend: Trend, series: Series) -> None:
    scores = [point.score for point in series.points]
    values = [None if one is None else one.value for one in scores]
    words = " ".join([*(f"{key} {key_text(value)}" for key, value in series.keys.items()), part_of(series.own)]).strip()
    known = [one for one in scores if one is not None]
    scale = known[0].scale
    line = spark(values, encoding=screen.out.encoding)
    ends = legend(values, [one.count for one in known], told=partial(bare, scale=scale))
    screen.line(f"{words + ': ' if words else ''}{line}  {ends}")
    screen.line(told_of(known))
    screen.table(_table(trend, series, scale))
    for sign in _signs(trend, series, scale):
        screen.line(sign, "yellow")


def _table(trend: Trend, series: Series, scale: Scale) -> Grid:
    numbers = ("score", "interval", "n")
    target = () if trend.goal is None else (f"{trend.goal.sense.value} {bare(trend.goal.value, scale, 'g')}",)
    return Grid(
        columns=("from", *numbers, *target),
        rows=[_row(point, with_target=bool(target)) for point in series.points],
        numbers=frozenset(numbers),
    )


def _row(point: TrendPoint, *, with_target: bool) -> Sequence[str | Cell]:
    one = point.score
    shown = ("-", "-", "0") if one is None else (
        number(one.value, one.scale), span(one.interval, one.scale), f"{one.count:,}"
    )  # fmt: skip
    judged = (_judged(point.verdict, over=point.over),) if with_target else ()
    return (point.day.isoformat(), *shown, *judged)


def _judged(verdict: Verdict | None, *, over: bool) -> Cell:
    if verdict is None:
        return Cell(text="" if over else "not over yet")
    if not verdict.missed:
        return Cell(text="reached", style="green")
    return Cell(text="missed, beyond chance" if verdict.certain else "missed", style="red")


def _signs(trend: Trend, series: Series, scale: Scale) -> Iterator[str]:
    """What was found, with how it was found and how sure that is."""
    shift = series.shift
    if shift is not None:
        yield (
            f"From {shift.day} on the level is {bare(shift.after, scale)}, before it was {bare(shift.before, scale)} "
            f"({shift.method}, {trend.correction} {shift.adjusted:.2g})"
        )
    for spike in series.spikes:
        yield (
            f"{spike.day} stands out with {bare(spike.value, scale)}, usual is {bare(spike.usual, scale)} "
            f"({spike.method}, {trend.correction} {spike.adjusted:.2g})"
        )


def targets(
    *,
    missed: Annotated[bool, Parameter(help="Only those that the last period misses.")] = False,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Show the targets that the firm has set, and how the last period of each stands to it.

    Args:
        missed: Only those that are missed.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        states = [
            state
            for state in loop.metrics.targets()
            if not missed or (state.verdict is not None and state.verdict.missed)
        ]
    if json:
        return screen.json({"targets": [as_data(state) for state in states]})
    if not states:
        return screen.line("No target is missed." if missed else "No targets are set: `clientloop settings set`.")
    return screen.table(_states(states))


def _states(states: Sequence[TargetState]) -> Grid:
    numbers = ("score", "interval", "n")
    return Grid(
        columns=("target", "metric", "goal", "period", *numbers, "state"),
        rows=[_state(state) for state in states],
        numbers=frozenset(numbers),
    )


def _state(state: TargetState) -> Sequence[str | Cell]:
    target, one = state.target, state.score
    shown = ("-", "-", "0") if one is None else (
        number(one.value, one.scale), span(one.interval, one.scale), f"{one.count:,}"
    )  # fmt: skip
    judged = _judged(state.verdict, over=True) if state.verdict else Cell(text=state.error or "too few to tell")
    period = f"{target.bucket.value} of {state.day}"
    goal = f"{target.goal:g}" if one is None else bare(target.goal, one.scale, "g")
    return (target.name, target.metric, f"{target.sense.value} {goal}", period, *shown, judged)
