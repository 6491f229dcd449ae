"""What the commands on metrics have in common: how a metric is asked for, and how its scores are shown."""

from collections.abc import Sequence
from datetime import datetime
from json import JSONDecodeError, loads
from typing import Annotated, Any

from attrs import frozen
from cyclopts import Group, Parameter

from clientloop.app import ClientLoop
from clientloop.cli.options import in_zone, pairs
from clientloop.errors import UnknownName
from clientloop.model.codec import Json
from clientloop.model.where import Every, Where, eq
from clientloop.ports.metric import Scale, Score
from clientloop.rules.measures.intervals import Interval
from clientloop.services.measures.scoring import DIMENSIONS

_WHAT = Group("What", sort_key=1)


@Parameter(name="*")
@frozen(kw_only=True)
class Measured:
    """Which metric of what."""

    #: The question.
    question: Annotated[
        str | None,
        Parameter(group=_WHAT, help="The question that it is about: what that declares need not be told."),
    ] = None
    #: What else the metric is told.
    given: Annotated[
        tuple[str, ...],
        Parameter(
            name="--set", group=_WHAT, help="A parameter of the metric, as NAME=VALUE; `metrics list` shows them."
        ),
    ] = ()
    #: The dimensions.
    by: Annotated[
        tuple[str, ...],
        Parameter(group=_WHAT, help="What to break it down by, such as channel or country; give it again for another."),
    ] = ()
    #: Which rows.
    only: Annotated[
        tuple[str, ...], Parameter(group=_WHAT, help="Only such rows, as DIMENSION=VALUE: --only country=SI.")
    ] = ()
    #: What adds up.
    engine: Annotated[str, Parameter(group=_WHAT, help="The engine that adds up.")] = "store"

    def told(self, loop: ClientLoop, metric: str) -> dict[str, Any]:  # Any: each parameter has a type of its own
        """What the metric is told, and the question that it is about.

        Raises:
            UnknownName: There is no such metric or parameter.
            InvalidValue: A value does not fit its parameter.
        """
        data = {name: _value(text) for name, text in pairs(self.given, "--set good_from=4")}
        return {"question": self.question, **loop.metrics.read(metric, data)}

    def where(self) -> Where:
        """Which rows.

        Raises:
            UnknownName: There is no such dimension.
        """
        return Every(tuple(_is(*pair) for pair in pairs(self.only, "--only country=SI")))


def _value(text: str) -> Json:
    """JSON where it is some, else text: nobody wants to quote the words of a parameter for the shell."""
    try:
        return loads(text)
    except JSONDecodeError:
        return text


def _is(name: str, value: str) -> Where:
    if name not in DIMENSIONS:
        raise UnknownName.among(name, DIMENSIONS, what="dimension")
    return eq(DIMENSIONS[name], value)


def at_home(loop: ClientLoop, at: datetime | None) -> datetime | None:
    """A time that somebody typed, by the firm's clocks."""
    return None if at is None else in_zone(at, loop.space.zone)


def number(value: float, scale: Scale) -> str:
    """A score in words; rounded here and nowhere before.

    >>> number(0.6916, Scale(unit="share")), number(-3.25, Scale(unit="points"))
    ('69.2 %', '-3.2')
    >>> number(1250, Scale(unit="EUR", minor=True)), number(500, Scale(unit="JPY", minor=True))
    ('12.50 EUR', '500 JPY')
    """
    if money := scale.money(value):
        return str(money)
    return f"{100 * value:.1f} %" if scale.unit == "share" else f"{value:,.1f}"


def bare(value: float, scale: Scale, form: str = ".4g") -> str:
    """A number in a sentence that names no unit; an amount of money names its own.

    Args:
        value: The number.
        scale: Of the scores that it is compared to.
        form: How it is written where it is no money.

    >>> bare(0.69164, Scale(unit="share")), bare(1250, Scale(unit="KWD", minor=True))
    ('0.6916', '1.250 KWD')
    """
    return number(value, scale) if scale.minor else format(value, form)


def span(interval: Interval | None, scale: Scale) -> str:
    """An interval in words; a dash where there is none.

    >>> span(Interval(low=0.25, high=0.5, method="Wilson"), Scale(unit="share"))
    '25.0 % to 50.0 %'
    """
    return "-" if interval is None else f"{number(interval.low, scale)} to {number(interval.high, scale)}"


def told_of(scores: Sequence[Score]) -> str:
    """What all scores of a table have in common: their unit, and how sure their intervals are."""
    units = ", ".join(dict.fromkeys(score.scale.unit for score in scores))
    methods = dict.fromkeys(
        f"{100 * score.interval.level:g} % intervals by {score.interval.method}"
        for score in scores
        if score.interval is not None
    )
    return "; ".join([f"in {units}", *methods])


def part_of(own: Sequence[object]) -> str:
    """Which part of a metric a score is, in words; empty where the metric has no parts.

    Args:
        own: The values of the metric's own keys.

    >>> part_of(("spring", "revenue", "EUR")), part_of((None, "sales"))
    ('spring revenue EUR', 'none sales')
    """
    return " ".join(map(key_text, own))


def key_text(value: object) -> str:
    """A value that scores are broken down by, in words.

    >>> key_text(None), key_text("SI")
    ('none', 'SI')
    """
    return "none" if value is None else str(value)
