"""A metric whose answers are looked at, so that what is wrong with it is said with its name and that of its plugin."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from clientloop.errors import PluginError
from clientloop.model.plan import Plan
from clientloop.plugins.registry import Registry
from clientloop.plugins.spec import Sort
from clientloop.ports.metric import Metric, Score, State


class Checked(Metric):
    """A metric as it is run: it answers as the one that it stands for, or raises a `PluginError` that says why not.

    Args:
        metric: The metric that it stands for.
        name: What that is called.
        registry: Knows whose it is, and counts what goes wrong.
    """

    def __init__(self, metric: Metric, name: str, registry: Registry) -> None:
        """Ask for nothing yet."""
        self._metric = metric
        self._name = name
        self._registry = registry

    def plans(self) -> Mapping[str, Plan]:
        """The plans, by their names."""
        with self._registry.blamed(Sort.METRIC, self._name):
            return _plans(self._metric.plans())

    def plans_until(self, end: datetime | None) -> Mapping[str, Plan]:
        """The plans of a time that ends then, by their names."""
        with self._registry.blamed(Sort.METRIC, self._name):
            return _plans(self._metric.plans_until(end))

    def finalise(self, state: State) -> Sequence[Score]:
        """The scores."""
        with self._registry.blamed(Sort.METRIC, self._name):
            return _scores(self._metric.finalise(state))


def _plans(given: object) -> Mapping[str, Plan]:
    if isinstance(given, Mapping) and all(isinstance(plan, Plan) for plan in given.values()):
        return given
    hint = 'return a mapping of names to plans, {"items": Plan(...)}'
    raise PluginError(f"plans() gave a {type(given).__name__}", hint=hint)


def _scores(given: object) -> Sequence[Score]:
    if isinstance(given, Sequence) and all(isinstance(score, Score) for score in given):
        return given
    raise PluginError(f"finalise() gave a {type(given).__name__}", hint="return a sequence of scores, [Score(...)]")
