"""Pictures of reports, each of which says on how many rows it rests.

Every function returns a figure of matplotlib's, drawn without a screen and without any setting of the application's
being touched: save it by `figure.savefig("pareto.svg")`, or show it where figures are shown.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, islice
from typing import TYPE_CHECKING, TypeVar

from clientloop.errors import InvalidValue, MissingExtra
from clientloop.model.plan import Bucket
from clientloop.ports.metric import Score
from clientloop.reports.abc import AbcRow
from clientloop.reports.funnel import FunnelRow
from clientloop.services.measures.scoring import Asked, ScoreRow, Scores
from clientloop.services.measures.trends import Series, Trend

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

P = TypeVar("P", ScoreRow, Series)

#: How many parts of a metric an error names.
_PARTS_TOLD = 8

#: Colours that people tell apart who see no red or no green: Okabe and Ito, 2008.
BLUE, ORANGE, GREEN, GREY = "#0072B2", "#E69F00", "#009E73", "#767676"

_CLASS_COLOURS: Mapping[str | None, str] = {"A": BLUE, "B": ORANGE, "C": GREY}


def pareto(rows: Iterable[AbcRow], *, title: str = "What customers bring") -> "Figure":
    """The Pareto curve: which share of the customers brings which share of the whole, with the borders of the classes.

    Args:
        rows: The report on ABC; whoever bought nothing is left out, and what was said by hand is not looked at.
        title: What stands on top.

    Raises:
        InvalidValue: There are no customers, or they bring nothing.
        MissingExtra: Drawing needs the extra `plot`.
    """
    known = [row for row in rows if row.rank is not None]
    total = sum(row.value for row in known)
    if not total:
        raise InvalidValue("nobody brings anything, so there is no curve to draw")
    figure, axes = _empty(title, f"n = {len(known):,} customers")
    shares = [0.0, *(100 * sum_ / total for sum_ in accumulate(row.value for row in known))]
    customers = [100 * number / len(known) for number in range(len(known) + 1)]
    axes.plot(customers, shares, color=BLUE, linewidth=2)
    ends = {row.customer_class.automatic: number for number, row in enumerate(known, 1)}
    begin = 0
    for customer_class, end in ends.items():
        colour, words = _CLASS_COLOURS.get(customer_class, GREY), f"{customer_class}: {end - begin:,}"
        axes.axvspan(customers[begin], customers[end], color=colour, alpha=0.3, linewidth=0, label=words)
        begin = end
    # the curve bends away from this corner, whatever the customers bring
    axes.legend(framealpha=0.9, edgecolor="none", loc="lower right", title="customers in each class")
    axes.set(xlabel="share of customers, the best first (%)", ylabel="share of the whole (%)", xlim=(0, 100))
    axes.set_ylim(0, 102)
    return figure


#: How the first day of a period is written; where nothing is said, as ISO 8601.
_WRITTEN: Mapping[Bucket | None, str] = {Bucket.MONTH: "%Y-%m", Bucket.YEAR: "%Y"}


def trend(found: Trend, *, part: Sequence[str] = (), title: str | None = None) -> "Figure":
    """A score over time with its interval, the number of answers in each period, and the target.

    Args:
        found: A trend of `loop.metrics.trend` that is broken down by nothing; a period without a score leaves a gap.
        part: Which part of a metric that has several, by the values of its own keys: `("median",)` of a time.
        title: What stands on top; the names of the metric and the part if not given.

    Raises:
        InvalidValue: There is no score, or no such part, or there are several series.
        MissingExtra: Drawing needs the extra `plot`.
    """
    drawn = _of_part(found.series, part)
    if len(drawn) > 1:
        raise InvalidValue(f"{len(drawn)} series in one trend", hint="break it down by nothing, and draw each")
    points = [point for series in drawn for point in series.points]
    known = [(number, point.score) for number, point in enumerate(points) if point.score is not None]
    if not known:
        raise InvalidValue("nobody answered, so there is no trend to draw")
    target = None if found.goal is None else found.goal.value
    figure, axes = _empty(
        title or _titled(found.asked, part), f"n = {sum(score.count for _, score in known):,} answers"
    )
    for run in _runs(known):
        places, scores = [place for place, _ in run], [score for _, score in run]
        axes.plot(places, [score.value for score in scores], color=BLUE, marker="o", linewidth=2)
    for place, score in known:
        if score.interval is not None:
            axes.plot([place, place], [score.interval.low, score.interval.high], color=BLUE, alpha=0.4, linewidth=6)
        axes.annotate(f"{score.count:,}", (place, 0), (0, 3), xycoords=("data", "axes fraction"),
                      textcoords="offset points", ha="center", color=GREY, fontsize="small")  # fmt: skip
    running = [(place, score.value) for place, score in known if not points[place].over]
    if running:
        axes.plot(
            [place for place, _ in running], [value for _, value in running], "o", color=BLUE, markerfacecolor="white",
            label="not over yet",
        )  # fmt: skip
    if target is not None:
        axes.axhline(target, color=ORANGE, linestyle="--", label=f"target {target:g}")
    if running or target is not None:
        axes.legend(frameon=False, loc="best")
    level = next((score.interval for _, score in known if score.interval is not None), None)
    unit = str(known[0][1].scale)
    axes.set(ylabel=unit if level is None else f"{unit}, with {100 * level.level:g} % interval ({level.method})")
    form = _WRITTEN.get(found.asked.bucket, "%Y-%m-%d")
    axes.set_xticks(range(len(points)), [point.day.strftime(form) for point in points], rotation=45, ha="right")
    axes.set_xlabel("above the axis: number of answers", fontsize="small", color=GREY)
    axes.margins(x=0.04, y=0.15)
    return figure


def _runs(known: Sequence[tuple[int, Score]]) -> Iterable[list[tuple[int, Score]]]:
    """Points that follow one another without a gap."""
    run: list[tuple[int, Score]] = []
    for place, score in known:
        if run and place != run[-1][0] + 1:
            yield run
            run = []
        run.append((place, score))
    yield run


def heat_map(found: Scores, *, part: Sequence[str] = (), title: str | None = None) -> "Figure":
    """Scores by two dimensions, each cell with its score and the number that it rests on; empty where nobody answered.

    Args:
        found: Scores of `loop.metrics.score` by two dimensions: rows and columns.
        part: Which part of a metric that has several, by the values of its own keys: `("completed",)` of `gcr`.
        title: What stands on top; the names of the metric, the part and the dimensions if not given.

    Raises:
        InvalidValue: They are not of two dimensions, or there are none, or no such part.
        MissingExtra: Drawing needs the extra `plot`.
    """
    if len(found.asked.by) != 2 or found.asked.bucket is not None:
        raise InvalidValue("a heat map has two dimensions", hint='ask for by=("channel", "country"), and no periods')
    first, second = found.asked.by
    scores = {(_named(row.keys[first]), _named(row.keys[second])): row.score for row in _of_part(found.rows, part)}
    if not scores:
        raise InvalidValue("nobody answered, so there is nothing to draw")
    rows, columns = (sorted({names[place] for names in scores}) for place in (0, 1))
    title = title or f"{_titled(found.asked, part)} by {first} and {second}"
    scale = next(iter(scores.values())).scale
    figure, axes = _empty(title, f"n = {sum(score.count for score in scores.values()):,} answers")
    values = [
        [scores[row, column].value if (row, column) in scores else float("nan") for column in columns] for row in rows
    ]
    picture = axes.imshow(values, cmap="cividis", vmin=scale.low, vmax=scale.high, aspect="auto")
    middle = sum(picture.get_clim()) / 2
    for (row, column), score in scores.items():
        axes.text(
            columns.index(column), rows.index(row), f"{score.value:.3g}\nn={score.count:,}", ha="center", va="center",
            color="black" if score.value > middle else "white",
        )  # fmt: skip
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks(range(len(rows)), rows)
    axes.spines[:].set_visible(False)
    figure.colorbar(picture, ax=axes, label=str(scale))
    return figure


def _of_part(found: Sequence[P], part: Sequence[str]) -> Sequence[P]:
    """Scores or series of one part of a metric; those of several would lie over one another."""
    parts = dict.fromkeys(tuple(map(str, each.own)) for each in found)
    if parts and tuple(part) not in parts:
        known = ", ".join(map(repr, islice(parts, _PARTS_TOLD)))
        raise InvalidValue(f"{tuple(part)!r:.80} is no part of this metric", hint=f"give `part`, such as {known}")
    return [each for each in found if tuple(map(str, each.own)) == tuple(part)]


def _titled(asked: Asked, part: Sequence[str]) -> str:
    return " ".join((asked.metric, *part))


def _named(value: object) -> str:
    return "unknown" if value is None else str(value)


def funnel(rows: Iterable[FunnelRow], *, title: str = "Sales funnel") -> "Figure":
    """How many of one cohort of customers reached each stage, and which share of those in the stage before.

    Args:
        rows: The report on the funnel.
        title: What stands on top.

    Raises:
        InvalidValue: There are no stages, or nobody was in the first.
        MissingExtra: Drawing needs the extra `plot`.
    """
    stages = [(row.stage, row.customers) for row in rows]
    names, numbers = [name for name, _ in stages], [number for _, number in stages]
    if not numbers or not numbers[0]:
        raise InvalidValue("nobody is in the first stage, so there is no funnel to draw")
    figure, axes = _empty(title, f"n = {numbers[0]:,} customers")
    axes.barh(names, numbers, left=[(numbers[0] - number) / 2 for number in numbers], color=BLUE, height=0.7)
    for place, number in enumerate(numbers):
        before = numbers[place - 1] if place else 0
        share = f"  ({100 * number / before:.0f} % of the stage before)" if before else ""
        axes.annotate(f"{number:,}{share}", (numbers[0] * 1.03, place), va="center", annotation_clip=False)
    axes.invert_yaxis()
    axes.set_xticks([])
    axes.set_xlim(0, numbers[0] * 1.6)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    return figure


def _empty(title: str, rests_on: str) -> tuple["Figure", "Axes"]:
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtra.of("plot", "matplotlib") from None
    figure = Figure(figsize=(7, 4.2), layout="constrained")
    axes = figure.subplots()
    axes.set_title(title, loc="left")
    axes.set_title(rests_on, loc="right", fontsize="small", color=GREY)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes
