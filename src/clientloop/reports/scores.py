"""Scores as a table."""

from datetime import date
from typing import Any

from attrs import frozen

from clientloop.model.customers import CustomerClass
from clientloop.reports.tables import Table
from clientloop.services.measures.scoring import PERIOD, ScoreRow, Scores


@frozen(kw_only=True)
class ScoreLine:
    """One score, with what it is the score of; what it is not broken down by is empty."""

    #: Name of the metric.
    metric: str
    #: Name of the channel.
    channel: str | None = None
    #: The site.
    domain: str | None = None
    #: ISO 3166 code of the country.
    country: str | None = None
    #: BCP 47 tag of the language.
    language: str | None = None
    #: The product.
    product: str | None = None
    #: The employee.
    employee: str | None = None
    #: The customer's stage.
    stage: str | None = None
    #: The customer's class.
    customer_class: CustomerClass | None = None
    #: Which of several wordings or looks was shown.
    variant: str | None = None
    #: Name of the question.
    question: str | None = None
    #: The kind of feedback.
    kind: str | None = None
    #: The category.
    category: str | None = None
    #: The team.
    team: str | None = None
    #: Who works on it.
    owner: str | None = None
    #: The first day of the period.
    period: date | None = None
    #: The metric's own keys, parted by blanks.
    part: str = ""
    #: The score.
    value: float
    #: What the value is counted in: "share", "hours", "minor units of EUR".
    unit: str
    #: How many rows it rests on.
    count: int
    #: The lower end of its interval.
    low: float | None
    #: The upper end.
    high: float | None
    #: How sure the interval is.
    level: float | None
    #: How it was worked out.
    method: str | None


#: What the columns are called that are called otherwise among the dimensions.
_COLUMNS = {"class": "customer_class"}

_NUMBERS = ("value", "unit", "count", "low", "high", "level", "method")


def score_table(scores: Scores) -> Table[ScoreLine]:
    """Scores as a table: a column for each dimension that they are broken down by, then the numbers.

    Args:
        scores: What `loop.metrics.score` gave.

    >>> from clientloop import ClientLoop
    >>> with ClientLoop.open("memory:") as loop:
    ...     item = loop.feedback.receive(kind="idea", channel="form", text="Deliver on Saturdays")
    ...     table = score_table(loop.metrics.score("loop_rate", rate="closed", by=["channel"]))
    >>> table.header[:4], [line.channel for line in table]
    (('metric', 'channel', 'value', 'unit'), ['form'])
    """
    asked = scores.asked
    table = Table(asked.metric, ScoreLine, [_line(asked.metric, row) for row in scores.rows])
    shown = [_COLUMNS.get(name, name) for name in (*asked.by, *(() if asked.bucket is None else (PERIOD,)))]
    own = ("part",) if any(row.own for row in scores.rows) else ()
    return table.select("metric", *shown, *own, *_NUMBERS)


def _line(metric: str, row: ScoreRow) -> ScoreLine:
    score, interval = row.score, row.score.interval
    # Any: each column has the type that the field of its dimension has in every record
    keys: dict[str, Any] = {_COLUMNS.get(name, name): value for name, value in row.keys.items()}
    return ScoreLine(
        metric=metric,
        part=" ".join(map(str, row.own)),
        value=score.value,
        unit=str(score.scale),
        count=score.count,
        low=None if interval is None else interval.low,
        high=None if interval is None else interval.high,
        level=None if interval is None else interval.level,
        method=None if interval is None else interval.method,
        **keys,
    )
