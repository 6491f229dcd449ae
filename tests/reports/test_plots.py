"""Pictures say what they show, and on how many rows it rests."""

from datetime import date
from io import BytesIO

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from clientloop.errors import InvalidValue
from clientloop.ports.metric import Scale, Score
from clientloop.reports.plots import Point, funnel, heat_map, pareto, trend
from clientloop.rules.measures.intervals import Interval
from clientloop.rules.relationship.abc import abc

POINTS = Scale(unit="points", low=-100, high=100)


def score(value: float, count: int) -> Score:
    """A score with an interval of ten points either way."""
    interval = Interval(low=value - 10, high=value + 10, level=0.95, method="adjusted Wald")
    return Score(value=value, count=count, interval=interval, scale=POINTS)


def words(figure: Figure) -> list[str]:
    """All that is written in a figure; drawing it proves that it can be drawn."""
    figure.savefig(BytesIO(), format="svg")
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def test_the_pareto_curve_rises_to_the_whole_and_names_the_classes() -> None:
    """Each class with the number of its customers."""
    figure = pareto(abc({1: 700, 2: 200, 3: 60, 4: 40}).values())
    [axes] = figure.axes
    curve = axes.lines[0].get_xydata()
    assert curve.tolist() == [[0, 0], [25, 70], [50, 90], [75, 96], [100, 100]]
    assert {"n = 4 customers", "A: 2", "B: 1", "C: 1"} <= set(words(figure))


def test_a_trend_shows_intervals_counts_and_the_target() -> None:
    """A month without answers is a gap in the line, and not a zero."""
    scores = [score(20, 80), score(30, 90), None, score(60, 1_000)]
    points = [Point(day=date(2026, month, 1), score=each) for month, each in enumerate(scores, 1)]
    figure = trend(points, target=50)
    [axes] = figure.axes
    lines = [line.get_xydata().tolist() for line in axes.lines if line.get_marker() == "o"]
    assert lines == [[[0, 20], [1, 30]], [[3, 60]]]
    assert [[1, 20], [1, 40]] in [line.get_xydata().tolist() for line in axes.lines]
    assert {"n = 1,170 answers", "80", "90", "1,000", "target 50", "2026-03-01"} <= set(words(figure))
    assert axes.get_ylabel() == "points, with 95 % interval (adjusted Wald)"


def test_a_heat_map_says_in_each_cell_on_how_many_answers_it_rests() -> None:
    """A pair that nobody answered for stays empty."""
    figure = heat_map({("email", "SI"): score(-40, 12), ("email", "HR"): score(70, 3_000), ("sms", "SI"): score(1, 5)})
    written = words(figure)
    assert {"-40\nn=12", "70\nn=3,000", "1\nn=5", "n = 3,017 answers", "email", "sms", "SI", "HR"} <= set(written)
    assert sum("n=" in word for word in written) == 3
    assert figure.axes[0].images[0].get_clim() == (-100, 100)


def test_a_funnel_tells_the_share_of_the_stage_before() -> None:
    """An empty stage ends it, and divides nothing."""
    written = words(funnel({"interest": 1_200, "offer": 600, "won": 0, "paid": 0}))
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
        pareto(abc({}).values())
    with pytest.raises(InvalidValue, match="nobody brings anything"):
        pareto(abc({1: -5}).values())
    with pytest.raises(InvalidValue, match="no trend to draw"):
        trend([Point(day=date(2026, 1, 1), score=None)])
    with pytest.raises(InvalidValue, match="nothing to draw"):
        heat_map({})
    with pytest.raises(InvalidValue, match="no funnel to draw"):
        funnel({"interest": 0})
