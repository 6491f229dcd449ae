"""Pictures say what they show, and on how many rows it rests."""

from datetime import date
from io import BytesIO
from uuid import UUID

import pytest
from attrs import evolve
from matplotlib.figure import Figure
from matplotlib.text import Text

from clientloop.errors import InvalidValue
from clientloop.model.money import Money
from clientloop.model.plan import Bucket
from clientloop.model.relationships import Direction, Subject
from clientloop.ports.metric import Scale, Score
from clientloop.reports.abc import AbcRow
from clientloop.reports.funnel import FunnelRow
from clientloop.reports.plots import funnel, heat_map, pareto, trend
from clientloop.reports.standings import Stand
from clientloop.rules.measures.intervals import Interval
from clientloop.rules.measures.rates import Share
from clientloop.rules.measures.revenue import Revenue
from clientloop.rules.relationship.abc import abc
from clientloop.services.measures.scoring import Asked, ScoreRow, Scores
from clientloop.services.measures.trends import Goal, Series, Trend, TrendPoint

POINTS = Scale(unit="points", low=-100, high=100)


def score(value: float, count: int) -> Score:
    """A score with an interval of ten points either way."""
    interval = Interval(low=value - 10, high=value + 10, level=0.95, method="adjusted Wald")
    return Score(value=value, count=count, interval=interval, scale=POINTS)


def classed(values: dict[int, int]) -> list[AbcRow]:
    """Customers who bring so much, and one who brings nothing and has a class by hand."""
    stand = Stand(automatic=None, manual=None, previous=None, direction=Direction.SAME, since=None)
    row = AbcRow(
        rank=None, subject=UUID(int=0), sort=Subject.CUSTOMER, name="", customer_class=evolve(stand, manual="A"),
        value=0, currency="EUR", share=Share(0, 1), cumulative=Share(0, 1), purchases=0, newcomer=False,
    )  # fmt: skip
    found = [
        evolve(
            row, rank=place.rank, value=place.value, customer_class=evolve(stand, automatic=place.customer_class.value)
        )
        for place in abc(values).values()
    ]
    return [*found, row]


def months(scores: list[Score | None], *, target: float | None = None, series: int = 1) -> Trend:
    """A trend of some months."""
    points = [
        TrendPoint(day=date(2026, month, 1), score=each, over=True, verdict=None)
        for month, each in enumerate(scores, 1)
    ]
    line = Series(keys={}, own=(), points=tuple(points), shift=None, spikes=())
    goal = None if target is None else Goal(value=target)
    return Trend(
        asked=Asked(metric="nps", bucket=Bucket.MONTH, zone="UTC"), goal=goal, rate=0.05, series=(line,) * series
    )


def crossed(scores: dict[tuple[str | None, str | None], Score]) -> Scores:
    """Scores by channel and country."""
    rows = [
        ScoreRow(keys=dict(zip(("channel", "country"), keys, strict=True)), score=each) for keys, each in scores.items()
    ]
    return Scores(asked=Asked(metric="nps", by=("channel", "country"), zone="UTC"), rows=tuple(rows))


def staged(reached: dict[str, int]) -> list[FunnelRow]:
    """A funnel of which so many customers reached each stage."""
    worth = Revenue(total=Money(0, "EUR"))
    return [
        FunnelRow(
            stage=stage, deals=number, customers=number, from_before=None, from_first=None, open=0, lost=0, median=None,
            p90=None, worth=worth,
        )
        for stage, number in reached.items()
    ]  # fmt: skip


def words(figure: Figure) -> list[str]:
    """All that is written in a figure; drawing it proves that it can be drawn."""
    figure.savefig(BytesIO(), format="svg")
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def test_the_pareto_curve_rises_to_the_whole_and_names_the_classes() -> None:
    """Each class with the number of its customers."""
    figure = pareto(classed({1: 700, 2: 200, 3: 60, 4: 40}))
    [axes] = figure.axes
    curve = axes.lines[0].get_xydata()
    assert curve.tolist() == [[0, 0], [25, 70], [50, 90], [75, 96], [100, 100]]
    assert {"n = 4 customers", "A: 2", "B: 1", "C: 1"} <= set(words(figure))


def test_a_trend_shows_intervals_counts_and_the_target() -> None:
    """A month without answers is a gap in the line, and not a zero."""
    scores = [score(20, 80), score(30, 90), None, score(60, 1_000)]
    figure = trend(months(scores, target=50))
    [axes] = figure.axes
    lines = [line.get_xydata().tolist() for line in axes.lines if line.get_marker() == "o"]
    assert "not over yet" not in words(figure)
    assert lines == [[[0, 20], [1, 30]], [[3, 60]]]
    assert [[1, 20], [1, 40]] in [line.get_xydata().tolist() for line in axes.lines]
    assert {"n = 1,170 answers", "80", "90", "1,000", "target 50", "2026-03"} <= set(words(figure))
    assert axes.get_ylabel() == "points, with 95 % interval (adjusted Wald)"


def test_a_period_that_runs_is_marked() -> None:
    """More may come of it, so nobody takes it for the end of a trend."""
    found = months([score(20, 80), score(30, 90)])
    first, last = found.series[0].points
    figure = trend(evolve(found, series=(evolve(found.series[0], points=(first, evolve(last, over=False))),)))
    [axes] = figure.axes
    assert "not over yet" in words(figure)
    [hollow] = [line for line in axes.lines if line.get_markerfacecolor() == "white"]
    assert hollow.get_xydata().tolist() == [[1, 30]]


def test_a_heat_map_says_in_each_cell_on_how_many_answers_it_rests() -> None:
    """A pair that nobody answered for stays empty."""
    figure = heat_map(
        crossed({("email", "SI"): score(-40, 12), ("email", "HR"): score(70, 3_000), ("sms", None): score(1, 5)})
    )
    written = words(figure)
    assert {"-40\nn=12", "70\nn=3,000", "1\nn=5", "n = 3,017 answers", "email", "sms", "SI", "HR", "unknown"} <= set(
        written
    )
    assert sum("n=" in word for word in written) == 3
    assert figure.axes[0].images[0].get_clim() == (-100, 100)


def test_a_funnel_tells_the_share_of_the_stage_before() -> None:
    """An empty stage ends it, and divides nothing."""
    written = words(funnel(staged({"interest": 1_200, "offer": 600, "won": 0, "paid": 0})))
    assert {
        "n = 1,200 customers",
        "1,200",
        "600  (50 % of the stage before)",
        "0  (0 % of the stage before)",
        "0",
    } <= set(written)


def test_nothing_is_no_picture() -> None:
    """An empty one would look like a result."""
    with pytest.raises(InvalidValue, match="nobody brings anything"):
        pareto(classed({}))
    with pytest.raises(InvalidValue, match="nobody brings anything"):
        pareto(classed({1: -5}))
    with pytest.raises(InvalidValue, match="no trend to draw"):
        trend(months([None]))
    with pytest.raises(InvalidValue, match="nothing to draw"):
        heat_map(crossed({}))
    with pytest.raises(InvalidValue, match="no funnel to draw"):
        funnel(staged({"interest": 0}))


#: The share of questions that were answered at once, and that of those answered at last.
PARTS = {("completed",): 0.0, ("at least partly",): 1.0}


def test_a_heat_map_is_of_one_part_of_a_metric() -> None:
    """Several would lie over one another, so one has to be named; the title says which it is."""
    cells = crossed({("form", "SI"): score(0, 5)})
    rows = [evolve(row, own=own, score=score(value, 5)) for row in cells.rows for own, value in PARTS.items()]
    parts = evolve(cells, rows=tuple(rows))
    for part in ((), ("complete",)):
        with pytest.raises(InvalidValue, match=r"such as \('completed',\), \('at least partly',\)"):
            heat_map(parts, part=part)
    for (name,), value in PARTS.items():
        assert {f"{value:g}\nn=5", f"nps {name} by channel and country"} <= set(words(heat_map(parts, part=[name])))


def test_a_trend_is_of_one_part_of_a_metric() -> None:
    """Each is drawn by itself."""
    trends = [months([score(value, 5)]) for value in PARTS.values()]
    series = tuple(evolve(each.series[0], own=own) for each, own in zip(trends, PARTS, strict=True))
    both = evolve(trends[0], series=series)
    with pytest.raises(InvalidValue, match="'at least partly'"):
        trend(both)
    figure = trend(both, part=("at least partly",))
    assert "nps at least partly" in words(figure)
    assert [line.get_xydata().tolist() for line in figure.axes[0].lines if line.get_marker() == "o"] == [[[0, 1]]]


def test_what_is_no_picture_of_this_sort_is_refused() -> None:
    """Several series would be one tangle, and a map has two directions."""
    with pytest.raises(InvalidValue, match="2 series in one trend"):
        trend(months([score(1, 5)], series=2))
    with pytest.raises(InvalidValue, match="two dimensions"):
        heat_map(evolve(crossed({}), asked=Asked(metric="nps", by=("channel",), zone="UTC")))
