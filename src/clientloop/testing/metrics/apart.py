"""What a metric must not add up together: ratings of other scales and occasions, amounts of other currencies."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from attrs import evolve, frozen
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from clientloop.model.asking import Occasion
from clientloop.model.record import record_of
from clientloop.ports.metric import Metric, Score
from clientloop.testing.examples import drawn
from clientloop.testing.metrics.drawing import fields_of
from clientloop.testing.metrics.kit import Suite, state_of, told
from clientloop.testing.samples import sample_id


@frozen
class _Apart:
    """A field by which rows are kept apart wherever another one is added up."""

    #: The field.
    field: str
    #: What is added up.
    of: str
    #: Values that it may hold: a row has a twin with each of the others.
    values: tuple[str, ...]


_FIELDS = (
    _Apart("scale", "rating", ("0-1000", "0-2000")),
    _Apart("occasion", "rating", tuple(Occasion)),
    _Apart("currency", "amount", ("XTS", "XXX")),
)

#: Numbers of the twins: far from those of drawn records.
_TWINS = 1_000_000


class Apart(Suite):
    """Tests of what is added up together."""

    @drawn(0.25)
    @given(st.data())
    def test_rows_of_another_sort_change_nothing(
        self, drawing: SearchStrategy[list[object]], data: st.DataObject
    ) -> None:
        """No score changes by ratings on another scale or of the other occasion, nor by amounts of another currency."""
        added_up = set[str]().union(*map(fields_of, self.metric.plans().values()))
        asked = [apart for apart in _FIELDS if apart.of in added_up]
        records = data.draw(drawing) if asked else []  # to draw takes most of the time
        for apart in asked:
            of_class = _of(apart, self.metric, records)
            kept_apart = set(map(id, of_class))
            others = [record for record in records if id(record) not in kept_apart]
            for value in {getattr(record, apart.field) for record in of_class} - {None}:
                same = [record for record in of_class if getattr(record, apart.field) == value]
                twins = _twins(apart, same, value)
                alone, both = (
                    told(self.metric.finalise(state_of(self.metric, [*others, *same, *more]))) for more in ([], twins)
                )
                assert _kept(apart, alone, both) == _kept(apart, alone, alone), f"{apart.of} of several {apart.field}s"


def _of(apart: _Apart, metric: Metric, records: Sequence[object]) -> list[object]:
    """The records that have the field, of a plan that adds up the other one."""
    classes = {plan.cls for plan in metric.plans().values() if apart.of in fields_of(plan)}
    return [each for each in records if type(each) in classes and apart.field in record_of(type(each)).columns]


def _twins(apart: _Apart, records: Sequence[object], value: str) -> list[object]:
    """The same rows of each other sort, under other ids."""
    others = [other for other in apart.values if other != value]
    return [
        # Any: a record of any class; its class has the field
        evolve(cast(Any, record), id=sample_id(_TWINS + number), **{apart.field: other})
        for number, (record, other) in enumerate((record, other) for record in records for other in others)
    ]


def _kept(
    apart: _Apart, alone: Mapping[tuple[object, ...], Score], scores: Mapping[tuple[object, ...], Score]
) -> Mapping[tuple[object, ...], object]:
    """What must not change: of money the amounts, and else the counts too."""
    if apart.of == "amount":
        return {keys: scores[keys].value for keys, score in alone.items() if score.scale.minor}
    return {keys: (scores[keys].value, scores[keys].count) for keys in alone}
