"""The conformance suite of metrics: that one definition gives the same scores on every engine, and honest ones."""

from clientloop.testing.metrics.apart import Apart
from clientloop.testing.metrics.engines import Engines
from clientloop.testing.metrics.kit import Example
from clientloop.testing.metrics.plans import Plans
from clientloop.testing.metrics.purity import Purity
from clientloop.testing.metrics.scores import Scores

__all__ = ["Example", "MetricSuite"]


class MetricSuite(Plans, Purity, Scores, Apart, Engines):
    """Judges a metric; subclass it and give the metric, and examples whose scores were worked out by hand.

    The suite draws records besides: their fields hold what the conditions of the metric ask for and a little else.
    Where that would seldom make a score, `values` says what they hold. Tests take as many drawn cases as the active
    Hypothesis profile says.

    >>> from clientloop.metrics.nps import Nps
    >>> from clientloop.model.asking import Answer, Instrument, Occasion
    >>> from clientloop.testing import sample
    >>> asked = {"instrument": Instrument.NPS, "occasion": Occasion.RELATIONAL, "scale": "0-10"}
    >>> class TestNps(MetricSuite):
    ...     metric = Nps(occasion=Occasion.RELATIONAL)
    ...     values = {"rating": range(11)}
    ...     examples = [
    ...         Example(
    ...             name="one of three promotes",
    ...             records=[sample(Answer, n, **asked, rating=rating) for n, rating in enumerate((9, 8, 7))],
    ...             scores={(): (100 / 3, 3)},
    ...         )
    ...     ]
    """
