"""What a metric declares: sums that any store can take, by spans in named zones."""

import copy
from typing import Any, cast

from attrs import evolve

from clientloop.model.plan import Key
from clientloop.model.record import record_of
from clientloop.model.where import compile_test
from clientloop.ports.metric import Metric
from clientloop.rules.measures.aggregation import check_plan
from clientloop.testing.metrics.kit import Suite
from clientloop.testing.samples import SAMPLE_TIME

#: A zone that nobody is in by accident.
_ELSEWHERE = "Pacific/Apia"


class Plans(Suite):
    """Tests of `plans`."""

    def test_its_sums_can_be_taken(self) -> None:
        """The metric declares plans of fields that are there, of known zones, and which can be added up like that."""
        plans = self.metric.plans()
        assert plans, "a metric without plans measures nothing"
        for plan in plans.values():
            check_plan(plan)
            for where in (plan.where, *(part.where for part in plan.aggregates)):
                compile_test(where, record_of(plan.cls))

    def test_it_declares_the_same_each_time(self) -> None:
        """What is added up follows from the parameters alone, and equal metrics declare the same."""
        plans = self.metric.plans()
        assert self.metric.plans() == plans
        assert copy.deepcopy(self.metric).plans() == plans

    def test_what_follows_from_the_end_is_added_up_alike(self) -> None:
        """Of a time that ends, the same records of the same times by the same keys; without an end, the plans."""
        plans, until = self.metric.plans(), self.metric.plans_until(SAMPLE_TIME)
        assert self.metric.plans_until(None) == plans
        assert {name: evolve(plan, where=plans[name].where) for name, plan in until.items()} == plans
        for plan in until.values():
            check_plan(plan)

    def test_what_it_is_not_broken_down_by_is_there(self) -> None:
        """It names fields of its records: a name that none of them has would refuse nothing."""
        records = [record_of(plan.cls) for plan in self.metric.plans().values()]
        assert all(any(name in record.columns for record in records) for name in self.metric.not_by)

    def test_its_spans_are_of_a_zone_that_is_named(self) -> None:
        """Days, weeks and months follow the parameter `zone`: nobody's months begin in UTC by themselves."""
        spans = _spans(self.metric)
        if spans:
            assert hasattr(self.metric, "zone"), (
                f"{spans[0].field} has spans of no zone: give the metric a parameter `zone`"
            )
            # Any: what kind of class it is, its author decides
            elsewhere = evolve(cast(Any, self.metric), zone=_ELSEWHERE)
            assert [key.zone for key in _spans(elsewhere)] == [_ELSEWHERE] * len(spans), "spans do not follow `zone`"


def _spans(metric: Metric) -> list[Key]:
    return [key for plan in metric.plans().values() for key in plan.keys if key.bucket is not None]
