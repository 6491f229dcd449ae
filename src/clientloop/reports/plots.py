"""Pictures of reports, each of which says on how many rows it rests.

Every function returns a figure of matplotlib's, drawn without a screen and without any setting of the application's
being touched: save it by `figure.savefig("pareto.svg")`, or show it where figures are shown.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import accumulate
from typing import TYPE_CHECKING

from attrs import frozen

from clientloop.errors import InvalidValue, MissingExtra
from clientloop.model.customers import CustomerClass
from clientloop.ports.metric import Score
from clientloop.rules.relationship.abc import AbcPlace

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Colours that people tell apart who see no red or no green: Okabe and Ito, 2008.
BLUE, ORANGE, GREEN, GREY = "#0072B2", "#E69F00", "#009E73", "#767676"

_CLASS_COLOURS: Mapping[CustomerClass, str] = {
    CustomerClass.A: BLUE,
    CustomerClass.B: ORANGE,
    CustomerClass.C: GREY,
}


def pareto(places: Iterable[AbcPlace], *, title: str = "What customers bring") -> "Figure":
    """The Pareto curve: which share of the customers brings which share of the whole, with the borders of the classes.

    Args:
        places: As `rules.relationship.abc.abc` gives them, the best first.
        title: What stands on top.

    Raises:
        InvalidValue: There are no customers, or they bring nothing.
        MissingExtra: Drawing needs the extra `plot`.
    """
    known = list(places)
    if not known or not known[0].total:
        raise InvalidValue("nobody brings anything, so there is no curve to draw")
    figure, axes = _empty(title, f"n = {len(known):,} customers")
    shares = [0.0, *(100 * sum_ / known[0].total for sum_ in accumulate(place.value for place in known))]
    customers = [100 * number / len(known) for number in range(len(known) + 1)]
    axes.plot(customers, shares, color=BLUE, linewidth=2)
    ends: dict[CustomerClass, int] = {}
    for place in known:
        ends[place.customer_class] = place.rank
    begin = 0
    for customer_class, end in ends.items():
        axes.axvspan(customers[begin], customers[end], color=_CLASS_COLOURS[customer_class], alpha=0.15, linewidth=0)
        axes.annotate(
            f"{customer_class.value}: {end - begin:,}",
            ((customers[begin] + customers[end]) / 2, 4),
            ha="center",
            rotation=90 if customers[end] - customers[begin] < _NARROW else 0,
        )
        begin = end
    axes.set(xlabel="share of customers, the best first (%)", ylabel="share of the whole (%)", xlim=(0, 100))
    axes.set_ylim(0, 102)
    return figure


#: A class of fewer customers than this, in percent, has its name written upwards.
_NARROW = 8


@frozen(kw_only=True)
class Point:
    """One point of a trend."""

    #: The first day of the span that it is about.
    day: date
    #: The score; None where nobody answered.
    score: Score | None


def trend(points: Sequence[Point], *, target: float | None = None, title: str = "Net Promoter Score") -> "Figure":
    """A score over time with its interval, the number of answers at each point, and the target.

    Args:
        points: By rising days; one without a score leaves a gap.
        target: What the firm wants to reach, in the score's unit.
        title: What stands on top.

    Raises:
        InvalidValue: There is no score.
        MissingExtra: Drawing needs the extra `plot`.
    """
    known = [(number, point.score) for number, point in enumerate(points) if point.score is not None]
    if not known:
        raise InvalidValue("nobody answered, so there is no trend to draw")
    figure, axes = _empty(title, f"n = {sum(score.count for _, score in known):,} answers")
    for run in _runs(known):
        places, scores = [place for place, _ in run], [score for _, score in run]
        axes.plot(places, [score.value for score in scores], color=BLUE, marker="o", linewidth=2)
    for place, score in known:
        if score.interval is not None:
            axes.plot([place, place], [score.interval.low, score.interval.high], color=BLUE, alpha=0.4, linewidth=6)
        axes.annotate(f"{score.count:,}", (place, 0), (0, 3), xycoords=("data", "axes fraction"),
                      textcoords="offset points", ha="center", color=GREY, fontsize="small")  # fmt: skip
    if target is not None:
        axes.axhline(target, color=ORANGE, linestyle="--", label=f"target {target:g}")
        axes.legend(frameon=False, loc="best")
    level = next((score.interval for _, score in known if score.interval is not None), None)
    unit = known[0][1].scale.unit
    axes.set(ylabel=unit if level is None else f"{unit}, with {100 * level.level:g} % interval ({level.method})")
    axes.set_xticks(range(len(points)), [point.day.isoformat() for point in points], rotation=45, ha="right")
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


def heat_map(scores: Mapping[tuple[str, str], Score], *, title: str = "By channel and country") -> "Figure":
    """Scores by two dimensions, each cell with its score and the number that it rests on; empty where nobody answered.

    Args:
        scores: By row and column, such as channel and country.
        title: What stands on top.

    Raises:
        InvalidValue: There is no score.
        MissingExtra: Drawing needs the extra `plot`.
    """
    if not scores:
        raise InvalidValue("nobody answered, so there is nothing to draw")
    rows, columns = (sorted({names[place] for names in scores}) for place in (0, 1))
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
    figure.colorbar(picture, ax=axes, label=scale.unit)
    return figure


def funnel(stages: Mapping[str, int], *, title: str = "Sales funnel") -> "Figure":
    """How many of one cohort of customers reached each stage, and which share of those in the stage before.

    Args:
        stages: Stage to the number of customers who reached it, in their order.
        title: What stands on top.

    Raises:
        InvalidValue: There are no stages, or nobody was in the first.
        MissingExtra: Drawing needs the extra `plot`.
    """
    names, numbers = list(stages), list(stages.values())
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
