"""The commands that weigh improvements: which is the most urgent, and what one has done."""

from collections.abc import Sequence
from typing import Annotated

from cyclopts import Parameter

from clientloop.cli.naming import improvement_named
from clientloop.cli.options import HERE, AsJson, OnScreen, Place
from clientloop.cli.screen import Cell, Grid, several
from clientloop.rules.measures.comparison import Comparison, Ratings
from clientloop.services.outer.ranking import Ranked
from clientloop.services.setup.data import as_data


def rank(
    *,
    limit: Annotated[int, Parameter(alias="-n")] = 10,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Rank the open improvements by urgency, and say what each score is made of.

    Args:
        limit: How many at most.
        json: Write JSON, for a program: with what was measured for each part.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        ranked = loop.improvements.ranking(limit=limit)
    if json:
        return screen.json({"ranking": [{**as_data(each), "score": float(each.score)} for each in ranked]})
    if not ranked:
        return screen.line("No improvement is open.")
    return screen.table(_ranking(ranked))


def _ranking(ranked: Sequence[Ranked]) -> Grid:
    parts = [part.name for part in ranked[0].urgency.parts]
    return Grid(
        columns=("score", *parts, "items", "open", "title"),
        rows=[
            (
                Cell(text=f"{float(each.score):.1f}", style="bold"),
                *(f"{float(part.points):.1f}" for part in each.urgency.parts),
                str(each.touched.items),
                str(each.touched.open),
                each.improvement.title,
            )
            for each in ranked
        ],
        numbers=frozenset({"score", *parts, "items", "open"}),
        cut="title",
        spare=tuple(reversed(parts)),
    )


def effect(
    improvement: str,
    /,
    *,
    days: int = 90,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Compare the ratings on the topic of an improvement before and after it was done.

    Args:
        improvement: Its id, or its whole title.
        days: How many days before and after count.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        found = improvement_named(loop, improvement)
        compared = loop.improvements.effect(found, days=days)
    if json:
        return screen.json(as_data(compared))
    if not compared:
        return screen.line(f"Nobody has rated what it is about, {several(days, 'day')} before or after.")
    screen.line(found.title, "bold")
    return screen.table(
        Grid(
            columns=("scale", "before", "after", "difference", "that is"),
            rows=[(each.scale, _ratings(each.before), _ratings(each.after), *_judged(each)) for each in compared],
        )
    )


def _ratings(ratings: Ratings) -> str:
    if ratings.mean is None:
        return "no rating"
    return f"{ratings.mean:.2f}, {ratings.top.ratio or 0:.0%} of {ratings.count} the best"


def _judged(compared: Comparison) -> tuple[str, Cell]:
    """The difference with its interval, and whether chance alone explains it."""
    if compared.difference is None or compared.interval is None:
        return "", Cell(text="not to be told", style="dim")
    low, high = compared.interval.low, compared.interval.high
    told = f"{compared.difference:+.0%} ({low:+.0%} to {high:+.0%})"
    if low <= 0 <= high:
        return told, Cell(text="perhaps chance", style="yellow")
    return told, Cell(text="better", style="green") if low > 0 else Cell(text="worse", style="red")
