"""What a firm wants its metrics to reach, as data."""

from collections.abc import Mapping
from enum import StrEnum

import attrs
from attrs import field, frozen

from clientloop.errors import InvalidValue
from clientloop.model.codec import Json
from clientloop.model.plan import Bucket


class Sense(StrEnum):
    """On which side of the goal a score is to be."""

    AT_LEAST = "at least"
    AT_MOST = "at most"


def _check_fewest(_: object, __: object, fewest: int) -> None:
    if fewest < 1:
        raise InvalidValue(f"fewest is {fewest}", hint="of no answers there is no score: give 1 or more")


@frozen(kw_only=True)
class Target:
    """What one metric is to reach in every period.

    >>> Target(name="loyalty", metric="nps", question="yearly", goal=30, bucket=Bucket.QUARTER, fewest=50).sense.value
    'at least'
    """

    #: Its name, unique among the firm's targets.
    name: str
    #: Name of the metric.
    metric: str
    #: Name of the question that the metric is about; None where it is about none.
    question: str | None = None
    #: What else the metric is told, by the names of its parameters, as JSON and TOML say it.
    parameters: Mapping[str, Json] = field(factory=dict)
    #: Which score of a metric that gives several, by the values of its own keys: ("median",) of a time.
    part: tuple[str, ...] = ()
    #: What its score is to reach, in the unit of the metric.
    goal: float
    #: On which side of the goal the score is to be.
    sense: Sense = Sense.AT_LEAST
    #: How long the periods are that are judged, each once it is over.
    bucket: Bucket = Bucket.MONTH
    #: On how many answers a score has to rest, so that its period is judged.
    fewest: int = attrs.field(default=1, validator=_check_fewest)
    #: The team whose lead, or else whose superiors, get a message when it is missed; None: nobody does.
    team: str | None = None
