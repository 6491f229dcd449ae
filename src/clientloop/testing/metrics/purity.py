"""What a metric makes of its state follows from the state alone, however that was added up."""

import copy
import inspect
import sys
from collections.abc import Iterator
from types import CodeType

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from clientloop.testing.examples import drawn
from clientloop.testing.metrics.kit import Suite, merged_state, state_of

#: What reads the present, draws lots or leaves the process.
_IMPURE = frozenset(
    {"now", "today", "utcnow", "time_ns", "monotonic", "uuid1", "uuid4", "random", "randint", "choice", "open", "input"}
)


class Purity(Suite):
    """Tests of `finalise` as a function."""

    @drawn(0.25)
    @given(st.data())
    def test_state_that_was_added_up_in_parts_gives_the_same(
        self, drawing: SearchStrategy[list[object]], data: st.DataObject
    ) -> None:
        """The records in two parts, each added up by itself and both merged, score like all of them at once."""
        records = data.draw(drawing)
        marks = data.draw(st.lists(st.booleans(), min_size=len(records), max_size=len(records)))
        parts = [[one for one, mark in zip(records, marks, strict=True) if mark is side] for side in (True, False)]
        state = merged_state(self.metric, parts)
        assert state == state_of(self.metric, records)
        turned_round = {name: groups[::-1] for name, groups in state.items()}
        assert self.metric.finalise(turned_round) == self.metric.finalise(state)

    @drawn(0.25)
    @given(st.data())
    def test_the_order_of_groups_does_not_matter(
        self, drawing: SearchStrategy[list[object]], data: st.DataObject
    ) -> None:
        """Every order of the groups gives the same scores, in the same order."""
        state = state_of(self.metric, data.draw(drawing))
        shuffled = {name: data.draw(st.permutations(groups)) for name, groups in state.items()}
        assert self.metric.finalise(shuffled) == self.metric.finalise(state)

    @drawn(0.25)
    @given(st.data())
    def test_it_keeps_nothing_and_changes_nothing(
        self, drawing: SearchStrategy[list[object]], data: st.DataObject
    ) -> None:
        """The same state scores the same again after another one, and is left as it was."""
        one, other = (state_of(self.metric, data.draw(drawing)) for _ in range(2))
        before = copy.deepcopy(one)
        scores = list(self.metric.finalise(one))
        self.metric.finalise(other)
        assert list(self.metric.finalise(one)) == scores
        assert one == before, "finalise changed the state that it was given"

    def test_it_reads_no_clock_and_leaves_the_process_alone(self) -> None:
        """No function of the metric's module asks for the present, for lots or for files: they are parameters."""
        module = sys.modules[type(self.metric).__module__]
        functions = [each for _, each in inspect.getmembers(module, inspect.isfunction)]
        functions += [each for _, each in inspect.getmembers(type(self.metric), inspect.isfunction)]
        own = [each for each in functions if each.__module__ == module.__name__]
        asked = {name for function in own for name in _names(function.__code__)} & _IMPURE
        assert not asked, f"the module of the metric calls {', '.join(sorted(asked))}"


def _names(code: CodeType) -> Iterator[str]:
    """The names that a function and those within it look up."""
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)
