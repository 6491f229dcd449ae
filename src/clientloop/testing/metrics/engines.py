"""Every engine over every store gives the scores of the oracle, to the digit."""

from collections.abc import Sequence
from typing import Any, cast

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from clientloop.model.units import Insert
from clientloop.ports.engine import Engine
from clientloop.ports.store import Store
from clientloop.testing.backends import Backends
from clientloop.testing.examples import drawn
from clientloop.testing.metrics.kit import Suite, state_of
from clientloop.testing.samples import inserts
from clientloop.testing.stores.kit import fresh_space


class Engines(Backends, Suite):
    """Tests of what engines and stores make of the plans."""

    @drawn(0.25)
    @given(st.data())
    def test_engines_and_stores_agree(
        self,
        drawing: SearchStrategy[list[object]],
        stores: Sequence[Store],
        engines: Sequence[Engine],
        data: st.DataObject,
    ) -> None:
        """Each engine gives, over each store, the scores of the state that the oracle has added up, to the digit."""
        space = fresh_space()
        # Any: records of any class, each of which has a space
        unit = inserts(*(evolve(cast(Any, record), space=space) for record in data.draw(drawing)))
        records = [change.record for change in unit.changes if isinstance(change, Insert)]
        expected = list(self.metric.finalise(state_of(self.metric, records)))
        for store in stores:
            store.commit(unit)
            for engine in engines:
                assert list(engine.run(store, space, self.metric)) == expected
