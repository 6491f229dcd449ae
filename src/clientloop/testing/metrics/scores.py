"""What a metric says: numbers on a declared scale, with how many they rest on and how sure they are."""

import math
import re

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample
from hypothesis.strategies import SearchStrategy

from clientloop.ports.metric import Scale
from clientloop.testing.examples import drawn
from clientloop.testing.metrics.drawing import drawn_records
from clientloop.testing.metrics.kit import Suite, state_of, told

#: What a code of ISO 4217 looks like.
_CURRENCY = re.compile(r"[A-Z]{3}")

#: How many cases are drawn until one makes a score.
_ENOUGH = 200


class Scores(Suite):
    """Tests of scores."""

    def test_examples_score_as_they_were_worked_out(self) -> None:
        """Value and count of each score are those that a person has worked out, and there are no others."""
        assert self.examples, "give examples: what is right, no suite can guess"
        for example in self.examples:
            scores = told(self.metric.finalise(state_of(self.metric, example.records)))
            found = {keys: (score.value, score.count) for keys, score in scores.items()}
            assert found == dict(example.scores), example.name

    def test_drawn_records_have_scores(self) -> None:
        """What the suite draws makes a score now and then: else its other tests would say nothing."""
        drawing = drawn_records(self.metric.plans().values(), self.values)
        cases = settings(max_examples=_ENOUGH, phases=[Phase.generate], database=None, deadline=None)
        try:
            find(drawing, lambda records: bool(self.metric.finalise(state_of(self.metric, records))), settings=cases)
        except NoSuchExample:
            pytest.fail("no drawn records make a score: say in `values` what their fields hold")

    def test_no_answers_have_no_score(self) -> None:
        """Of nothing there is no score: 0 would be a bad one."""
        assert list(self.metric.finalise(state_of(self.metric, []))) == []

    @drawn(0.25)
    @given(st.data())
    def test_a_score_says_what_it_rests_on(self, drawing: SearchStrategy[list[object]], data: st.DataObject) -> None:
        """It rests on at least one row and is a number on its scale; no two scores have the same keys.

        An amount of money is a whole number of minor units, however large, for floats lose cents beyond 2**53; and its
        scale says so, for else 1250 beside "EUR" reads as 1,250 euros.
        """
        for score in told(self.metric.finalise(state_of(self.metric, data.draw(drawing)))).values():
            assert type(score.count) is int
            assert score.count >= 1, "a score of no rows"
            assert math.isfinite(score.value)
            assert _is_on(score.scale, score.value), f"{score.value} is not on {score.scale}"
            assert score.scale.minor == bool(_CURRENCY.fullmatch(score.scale.unit)), f"money or not? {score.scale!r}"
            assert type(score.value) is int or not score.scale.minor, f"{score.value!r} {score.scale}"

    @drawn(0.25)
    @given(st.data())
    def test_an_interval_says_how_sure_it_is(self, drawing: SearchStrategy[list[object]], data: st.DataObject) -> None:
        """It has a level and a method, lies on the scale, holds the value, and is more than a point.

        Of a single row it need not hold the value: methods that add answers of their own go far from it there.
        """
        for score in self.metric.finalise(state_of(self.metric, data.draw(drawing))):
            if score.interval is not None:
                interval = score.interval
                assert 0 < interval.level < 1
                assert interval.method
                assert _is_on(score.scale, interval.low)
                assert _is_on(score.scale, interval.high)
                assert interval.low < interval.high, f"{score.count} rows cannot be so sure"
                assert score.count == 1 or interval.low <= score.value <= interval.high

    @drawn(0.25)
    @given(st.data())
    def test_a_scale_is_declared(self, drawing: SearchStrategy[list[object]], data: st.DataObject) -> None:
        """Fewer records may change the value, and never the scale: that does not follow from the records."""
        records = data.draw(drawing)
        some = data.draw(st.lists(st.sampled_from(records), unique_by=id)) if records else []
        whole = told(self.metric.finalise(state_of(self.metric, records)))
        for fewer in (some, records[: len(records) // 2], records[len(records) // 2 :]):
            scores = told(self.metric.finalise(state_of(self.metric, fewer)))
            for keys in whole.keys() & scores.keys():
                assert whole[keys].scale == scores[keys].scale


def _is_on(scale: Scale, value: float) -> bool:
    return (scale.low is None or scale.low <= value) and (scale.high is None or value <= scale.high)
