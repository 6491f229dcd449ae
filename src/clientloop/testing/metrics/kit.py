"""What an author of a metric gives to be judged, and what the tests of the suite share."""

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

import pytest
from attrs import evolve, field, frozen
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from clientloop.model.plan import Group, Plan
from clientloop.model.record import record_of
from clientloop.ports.metric import Metric, Score
from clientloop.rules.measures.aggregation import aggregate
from clientloop.rules.measures.folding import fold, merged
from clientloop.testing.metrics.drawing import drawn_records

#: The state of a metric, as the suite makes it.
States = dict[str, list[Group]]


def _records(given: Iterable[object]) -> tuple[object, ...]:
    return tuple(given)


@frozen(kw_only=True)
class Example:
    """Records, and the scores that follow from them as a person has worked them out.

    >>> example = Example(name="nobody answered", records=[], scores={})
    """

    #: What it is called in the report of the tests.
    name: str
    #: The records, of whichever classes.
    records: tuple[object, ...] = field(converter=_records)
    #: Value and count of each score, by its keys; both are compared to the last digit.
    scores: Mapping[tuple[object, ...], tuple[float, int]]


class Suite:
    """What every part of the suite asks for: the class attributes that an author gives."""

    #: The metric.
    metric: ClassVar[Metric]
    #: Records and their scores: with an answer that must not count, where some must not.
    examples: ClassVar[Sequence[Example]]
    #: What the fields of drawn records hold, by their names; of fields not named, the suite finds something.
    values: ClassVar[Mapping[str, Sequence[object]]] = {}

    @pytest.fixture
    def drawing(self) -> SearchStrategy[list[object]]:
        """Draws records: a few of each class that the metric adds up, most often beside an example."""
        given = st.sampled_from([(), *(example.records for example in self.examples)])
        drawn = drawn_records(self.metric.plans().values(), self.values)
        return st.tuples(given, drawn).map(lambda both: [*both[0], *both[1]])


def state_of(metric: Metric, records: Iterable[object]) -> States:
    """The state of a metric, by the oracle.

    Args:
        metric: The metric.
        records: All records; each of its plans takes those of its class.
    """
    known = list(records)
    return {name: aggregate(_rows(plan, known), plan) for name, plan in metric.plans().items()}


def merged_state(metric: Metric, parts: Sequence[Iterable[object]]) -> States:
    """The state of a metric, of parts that were added up by themselves, merged before they are folded.

    Args:
        metric: The metric.
        parts: The records of each part.
    """
    known = [list(part) for part in parts]
    return {name: _merged(plan, [_rows(plan, part) for part in known]) for name, plan in metric.plans().items()}


def _merged(plan: Plan, parts: Sequence[list[tuple[object, ...]]]) -> list[Group]:
    plain = evolve(plan, fold=None)
    return fold(merged([group for rows in parts for group in aggregate(rows, plain)], plain), plan)


def _rows(plan: Plan, records: Iterable[object]) -> list[tuple[object, ...]]:
    record = record_of(plan.cls)
    return [record.encode(each) for each in records if type(each) is plan.cls]


def told(scores: Iterable[Score]) -> Mapping[tuple[object, ...], Score]:
    """Scores by their keys, of which no two are equal."""
    known = list(scores)
    by_keys = {score.keys: score for score in known}
    assert len(by_keys) == len(known), "two scores have the same keys"
    return by_keys
