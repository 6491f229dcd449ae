"""The commands on metrics: which there are, their scores, what changed, and what goes together."""

from collections.abc import Iterable, Sequence
from json import dumps
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from clientloop.cli.measured import Measured, at_home, key_text, number, part_of, span, told_of
from clientloop.cli.options import HERE, AsJson, Moment, OnScreen, Place
from clientloop.cli.screen import Cell, Grid, Screen, several
from clientloop.cli.times import local
from clientloop.model.plan import Bucket
from clientloop.model.where import ALL
from clientloop.reports.scores import score_table
from clientloop.services.measures.comparing import Change, Changes
from clientloop.services.measures.correlating import Correlations
from clientloop.services.measures.scoring import ScoreRow, Scores
from clientloop.services.setup.data import as_data

#: A metric that nothing more is said of.
PLAIN = Measured()


def listed(*, json: AsJson = False, place: Place = HERE, screen: OnScreen) -> None:
    """List the metrics that there are, with what each can be told.

    Args:
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        known = [(name, loop.metrics.needs(name), loop.metrics.parameters(name)) for name in loop.metrics.names]
    if json:
        return screen.json({name: {"needs": [*needs], "may": dict(may)} for name, needs, may in known})
    rows = [
        (name, ", ".join(needs), ", ".join(f"{each}={dumps(value)}" for each, value in may.items()))
        for name, needs, may in known
    ]
    return screen.table(Grid(columns=("metric", "needs", "may be told"), rows=rows))


def score(
    metric: str,
    /,
    *,
    bucket: Bucket | None = None,
    zone: str | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    out: Path | None = None,
    measured: Measured = PLAIN,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Measure, for several dimensions and for periods in one table.

    Args:
        metric: The metric.
        bucket: How long the periods are to break it down by as well.
        zone: The zone whose calendar the periods follow; the firm's if not given.
        since: Only what happened at this time or later, in the firm's zone.
        until: Only what happened before this time.
        out: Write all rows to this file instead: .csv, .csv.gz or .xlsx.
        measured: Which metric of what.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        scores = loop.metrics.score(
            metric,
            by=measured.by,
            bucket=bucket,
            zone=zone,
            since=at_home(loop, since),
            until=at_home(loop, until),
            where=measured.where(),
            engine=measured.engine,
            **measured.told(loop, metric),
        )
        if out is not None:
            return screen.line(f"{several(loop.exports.write(out, score_table(scores)), 'row')} in {out}")
    if json:
        return screen.json(as_data(scores))
    return _show_scores(screen, metric, scores)


def _show_scores(screen: Screen, metric: str, scores: Scores) -> None:
    if not scores.rows:
        return screen.line("Nobody answered, so there is no score.")
    screen.line(f"{metric}, {told_of([row.score for row in scores.rows])}", "bold")
    names = [*scores.rows[0].keys]
    own, numbers = _part_column(scores.rows), ("score", "interval", "n")
    return screen.table(
        Grid(
            columns=(*names, *own, *numbers),
            rows=[_score_row(row, with_part=bool(own)) for row in scores.rows],
            numbers=frozenset(numbers),
        )
    )


def _part_column(rows: Iterable[ScoreRow | Change]) -> Sequence[str]:
    """The column that tells the parts of a metric apart, where it has any."""
    return ("part",) if any(row.own for row in rows) else ()


def _names(row: ScoreRow | Change, *, with_part: bool) -> Sequence[str]:
    """What a row is about: the value of each dimension, then the part of the metric."""
    return (*map(key_text, row.keys.values()), *((part_of(row.own),) if with_part else ()))


def _score_row(row: ScoreRow, *, with_part: bool) -> Sequence[str]:
    one = row.score
    return (
        *_names(row, with_part=with_part),
        number(one.value, one.scale),
        span(one.interval, one.scale),
        f"{one.count:,}",
    )


def compare(
    metric: str,
    /,
    *,
    at: Moment,
    days: int | None = None,
    measured: Measured = PLAIN,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Compare a metric before and after something: as much time on each side.

    Args:
        metric: The metric.
        at: When it was done, in the firm's zone.
        days: How much time on each side; all time since then, where that is less or nothing is given.
        measured: Which metric of what.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        changes = loop.metrics.before_after(
            metric,
            at=at_home(loop, at) or at,
            days=days,
            by=measured.by,
            where=measured.where(),
            engine=measured.engine,
            **measured.told(loop, metric),
        )
        zone = loop.space.zone
    if json:
        return screen.json(as_data(changes))
    return _show_changes(screen, metric, changes, zone)


def _show_changes(screen: Screen, metric: str, changes: Changes, zone: str) -> None:
    if not changes.rows:
        return screen.line("Nobody answered, neither before nor after.")
    one = changes.before
    screen.line(f"{metric}, {local(one.since, zone)} to {local(one.until, zone)} and as long after", "bold")
    own, numbers = _part_column(changes.rows), ("before", "n", "after", "n after", "difference", "interval")
    return screen.table(
        Grid(
            columns=(*changes.rows[0].keys, *own, *numbers, "means"),
            rows=[_change_row(change, with_part=bool(own)) for change in changes.rows],
            numbers=frozenset(numbers),
        )
    )


def _change_row(change: Change, *, with_part: bool) -> Sequence[str | Cell]:
    [scale, *_] = [one.scale for one in (change.before, change.after) if one is not None]
    sides = [
        text
        for one in (change.before, change.after)
        for text in (("-", "0") if one is None else (number(one.value, scale), f"{one.count:,}"))
    ]
    means = {None: "", True: "more than chance", False: "may be chance"}[change.certain]
    return (
        *_names(change, with_part=with_part),
        *sides,
        "-" if change.difference is None else number(change.difference, scale),
        span(change.interval, scale),
        Cell(text=means, style="bold" if change.certain else ""),
    )


def correlate(
    questions: Annotated[tuple[str, ...], Parameter(consume_multiple=True)],
    /,
    *,
    since: Moment | None = None,
    until: Moment | None = None,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Tell which ratings of the same persons rise and fall together, for each two questions.

    Args:
        questions: The questions, by name.
        since: Only answers given at this time or later, in the firm's zone.
        until: Only answers given before this time.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        found = loop.metrics.correlations(questions, since=at_home(loop, since), until=at_home(loop, until), where=ALL)
    if json:
        return screen.json(as_data(found))
    return _show_correlations(screen, found)


def _show_correlations(screen: Screen, found: Correlations) -> None:
    """The matrix: each value with the number of persons that it rests on."""
    screen.line(f"{found.method}; persons in brackets; *: not chance, by {found.correction} at 5 %", "bold")
    screen.table(
        Grid(
            columns=("", *found.questions),
            rows=[(one, *(_cell(found, one, other) for other in found.questions)) for one in found.questions],
            numbers=frozenset(found.questions),
        )
    )


def _cell(found: Correlations, one: str, other: str) -> str:
    pair = found.pair(one, other)
    if pair is None:
        return ""
    value = "-" if pair.value is None else f"{pair.value:+.2f}"
    mark = "*" if pair.adjusted is not None and pair.adjusted <= _RATE else ""
    return f"{value}{mark} ({pair.count:,})"


#: At which false discovery rate a correlation is marked.
_RATE = 0.05
