"""Whatever the parameters of metrics and models are set to, what does not fit is refused by an error of ours."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pkgutil import resolve_name
from typing import Any

import pytest
from attrs import field, fields, frozen, validators

from clientloop import ClientLoop
from clientloop.errors import ClientLoopError, InvalidValue, UnknownName
from clientloop.metrics.plugin import clientloop_register_metrics
from clientloop.model.codec import Json
from clientloop.presets import relationships as presets
from clientloop.services.measures.making import parameters_of
from clientloop.services.setup.declared import with_parameters

METRICS = [
    (name, parameter)
    for name, made in clientloop_register_metrics().items()
    for parameter in parameters_of(resolve_name(made))
]
MODELS = [
    (name, each.name)
    for name in ("abc", "purchases", "xyz", "buttle", "funnel", "rfm")
    for each in fields(type(getattr(presets, name.upper())))
]

#: What fits nowhere.
NOTHING: Json = {"no": ["such"]}
#: What fits some types, and not many values of them.
ODD: tuple[Json, ...] = (0, -1, 10**30, 0.5, "", "x", "0 days", [], [""], {}, True, None)


@pytest.fixture(scope="module")
def loop() -> Iterator[ClientLoop]:
    """A firm with nothing in it."""
    with ClientLoop.open("memory:", entry_points=False) as loop:
        yield loop


def measure(loop: ClientLoop, metric: str, parameter: str, value: Json) -> None:
    """Make a metric as `metrics score --set` does, with all else that it must be told."""
    told = {"occasion": "relational", "scale": "1-5", "touch": "first", "time": "gross", "rate": "closed"}
    needed = {each: told[each] for each in loop.metrics.needs(metric) if each in told}
    read: dict[str, Any] = dict(loop.metrics.read(metric, {**needed, parameter: value}))  # Any: each has its own type
    loop.metrics.score(metric, **read)


def assess(loop: ClientLoop, model: str, parameter: str, value: Json) -> None:
    """Set a parameter of a model, and look where that puts the customers."""
    loop.settings.set("relationships", {model: {parameter: value}})
    loop.relationships.assess(model)


#: Tells a metric or a model a parameter.
Told = Callable[[ClientLoop, str, str, Json], None]

CASES: list[tuple[Told, str, str]] = [
    *((measure, *each) for each in METRICS),
    *((assess, *each) for each in MODELS),
]


@pytest.mark.parametrize(("told", "name", "parameter"), CASES)
def test_what_fits_no_parameter_is_refused(loop: ClientLoop, told: Told, name: str, parameter: str) -> None:
    """The message says of which parameter."""
    with pytest.raises(ClientLoopError, match=f"{name}.*{parameter}|{parameter}.*{name}"):
        told(loop, name, parameter, NOTHING)


@pytest.mark.parametrize(("told", "name", "parameter"), CASES)
def test_odd_values_are_taken_or_refused(loop: ClientLoop, told: Told, name: str, parameter: str) -> None:
    """And raise nothing else, when they are set or when they are used."""
    for value in ODD:
        with suppress(ClientLoopError):
            told(loop, name, parameter, value)


@frozen(kw_only=True)
class Config:
    """What a plugin may declare, with validators of attrs'."""

    #: One of two.
    measure: str = field(default="revenue", validator=validators.in_(("revenue", "count")))
    #: Letters.
    code: str = field(default="A", validator=validators.matches_re("[A-Z]+"))
    #: At least one.
    buckets: int = field(default=1, validator=validators.ge(1))


@pytest.mark.parametrize(
    ("table", "kind", "said"),
    [
        ({"measure": "counts"}, UnknownName, "own: no measure 'counts': did you mean 'count'?"),
        ({"code": "a"}, InvalidValue, "own: does not fit ('code' must match regex '[A-Z]+' ('a' doesn't))"),
        ({"buckets": 0}, InvalidValue, "own: does not fit ('buckets' must be >= 1: 0)"),
    ],
)
def test_what_a_validator_says_is_told_without_its_innards(
    table: dict[str, Json], kind: type[InvalidValue], said: str
) -> None:
    """With the table that it is about; where some values alone fit, with the nearest of these."""
    with pytest.raises(kind) as caught:
        with_parameters(Config(), table, "own")
    assert (type(caught.value), str(caught.value)) == (kind, said)


def test_a_length_of_no_time_is_refused(loop: ClientLoop) -> None:
    """By the path of the setting that says so."""
    with pytest.raises(InvalidValue, match=r"relationships\.abc\.window: 0 is no number of units"):
        loop.settings.set("relationships", {"abc": {"window": "0 months"}})
