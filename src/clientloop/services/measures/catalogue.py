"""Which metrics there are, and how they are made."""

from collections.abc import Mapping
from inspect import Parameter

from clientloop.model.codec import Json
from clientloop.plugins.spec import Sort
from clientloop.ports.metric import Metric
from clientloop.services.context import Context
from clientloop.services.measures.checked import Checked
from clientloop.services.measures.making import KNOWN, make, parameters_of, read_parameters
from clientloop.services.measures.scoring import dimensions_of
from clientloop.services.setup.data import as_data


class Catalogue:
    """The part of `loop.metrics` that knows what can be measured."""

    def __init__(self, context: Context) -> None:
        """Work in one space."""
        self._context = context

    @property
    def names(self) -> tuple[str, ...]:
        """The metrics that there are, the built-in ones and those of plugins, by name."""
        return tuple(sorted(self._context.parts.registry.names(Sort.METRIC)))

    def parameters(self, metric: str) -> Mapping[str, Json]:
        """What a metric is to be told: the names of its parameters, each with what it is where nobody says.

        Args:
            metric: Its name.

        Returns:
            As JSON says it. What must be told is in `needs` instead; the present and the firm's calendar are in
            neither, for the space knows them.

        Raises:
            UnknownName: There is no such metric.
        """
        return {name: as_data(one.default) for name, one in self._told(metric).items() if one.default is not one.empty}

    def needs(self, metric: str) -> tuple[str, ...]:
        """Names of the parameters that a metric must be told, unless a question declares them.

        Raises:
            UnknownName: There is no such metric.

        >>> from clientloop import ClientLoop
        >>> with ClientLoop.open("memory:") as loop:
        ...     loop.metrics.needs("csat"), loop.metrics.parameters("csat")["good_from"]
        (('occasion', 'scale'), None)
        """
        return tuple(name for name, one in self._told(metric).items() if one.default is one.empty)

    def _told(self, metric: str) -> Mapping[str, Parameter]:
        known = parameters_of(self._context.parts.registry.metric(metric))
        return {name: one for name, one in known.items() if name not in KNOWN}

    def make(self, metric: str, *, question: str | None = None, **parameters: object) -> Metric:
        """A metric with its parameters.

        Args:
            metric: Its name.
            question: Name of the question that it is about: what its newest version declares need not be told.
            parameters: What else it is told, by name. The present and the firm's calendar need not be.

        Raises:
            UnknownName: There is no such metric, question or parameter; the nearest names are in the hint.
            InvalidValue: It needs more, or does not go with the question.

        >>> from clientloop import ClientLoop
        >>> with ClientLoop.open("memory:") as loop:
        ...     loop.metrics.make("nps", occasion="relational", latst=True)
        Traceback (most recent call last):
        clientloop.errors.UnknownName: no parameter of nps 'latst': did you mean 'latest'?
        """
        return make(self._context, metric, parameters, question=question)

    def read(self, metric: str, data: Mapping[str, Json]) -> Mapping[str, object]:
        """The parameters of a metric as JSON and TOML say them, for `make`.

        Args:
            metric: Its name.
            data: The parameters by name.

        Raises:
            UnknownName: There is no such metric, or it has no such parameter.
            InvalidValue: A value does not fit its parameter.
        """
        return read_parameters(self._context, metric, data)

    def dimensions(self, metric: Metric) -> tuple[str, ...]:
        """What the scores of a metric can be broken down by, besides periods.

        Args:
            metric: The metric.
        """
        plans = Checked(metric, type(metric).__name__, self._context.parts.registry).plans()
        return dimensions_of(metric, plans)
