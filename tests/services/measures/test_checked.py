"""What is said of a metric that is wrong."""

from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from clientloop import ClientLoop
from clientloop.errors import InvalidValue, PluginError
from clientloop.model.feedback import Feedback
from clientloop.model.plan import Plan
from clientloop.plugins import hookimpl
from clientloop.ports.metric import Metric, Scale, Score, State

PLANS = {"items": Plan(cls=Feedback, at="received_at")}


class Items(Metric):
    """A metric that may be wrong, as a test wants it."""

    def plans(self) -> Mapping[str, Plan]:
        """The items."""
        return PLANS

    def finalise(self, state: State) -> Sequence[Score]:
        """How many there are."""
        count = state["items"][0].values[0] or 0
        return [Score(value=count, count=count, scale=Scale(unit="items"))] if count else []


def firm(**methods: Callable[..., Any]) -> ClientLoop:
    """A firm with one item, and a plugin whose metric has these methods. Any: what they return may be wrong."""
    metric = type("Wrong", (Items,), methods)
    plugin = SimpleNamespace(
        __name__="author", clientloop_register_metrics=hookimpl(lambda: {"items": metric, "whole": Items})
    )
    loop = ClientLoop.open("memory:", plugins=[plugin], entry_points=False)
    loop.feedback.receive(kind="idea", channel="form", text="Deliver on Saturdays")
    return loop


WRONG: Mapping[str, tuple[Mapping[str, Callable[..., Any]], str]] = {
    "one plan": ({"plans": lambda self: PLANS["items"]}, "plans() gave a Plan: return a mapping of names to plans"),
    "no plans": ({"plans": lambda self: {"items": Feedback}}, "plans() gave a dict: return a mapping of names to"),
    "plans until": ({"plans_until": lambda self, end: None}, "plans() gave a NoneType: return a mapping of names to"),
    "raises": ({"plans": lambda self: {}["idea"]}, "it raised KeyError; the log says where"),
    "one score": ({"finalise": lambda self, state: 0.5}, "finalise() gave a float: return a sequence of scores"),
    "no scores": ({"finalise": lambda self, state: [0.5]}, "finalise() gave a list: return a sequence of scores"),
    "misspelt": ({"finalise": lambda self, state: state["itmes"]}, "it raised KeyError; the log says where"),
}


@pytest.mark.parametrize(("methods", "cause"), WRONG.values(), ids=WRONG)
def test_a_metric_that_is_wrong_is_named_with_its_plugin(
    methods: Mapping[str, Callable[..., Any]], cause: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The error says what was expected, the report of the plugin counts it, and other metrics are measured."""
    with firm(**methods) as loop:
        with pytest.raises(PluginError) as caught:
            loop.metrics.score("items")
        assert str(caught.value).startswith(f"metric 'items' of plugin 'author' is broken: {cause}")
        assert loop.registry.report()[-1].failures == 1
        assert "metric 'items' of plugin 'author' raised " in caplog.text
        assert loop.metrics.score("whole").score == Score(value=1, count=1, scale=Scale(unit="items"))


def test_a_metric_of_nobody_is_named_by_its_class() -> None:
    """What an application has made itself is of no plugin."""
    with firm() as loop, pytest.raises(PluginError, match=r"^metric 'Own' is broken: it raised KeyError"):
        loop.metrics.dimensions(type("Own", (Items,), {"plans": lambda self: {}["idea"]})())


def test_what_a_metric_refuses_itself_goes_through() -> None:
    """An error of ours says what is wrong, as that of a unit that cannot be: it is no fault of the metric."""

    def refuse(self: Metric, state: State) -> Sequence[Score]:
        raise InvalidValue("no scale has both")

    with firm(finalise=refuse) as loop:
        with pytest.raises(InvalidValue, match=r"^no scale has both"):
            loop.metrics.score("items")
        assert loop.registry.report()[-1].failures == 0
