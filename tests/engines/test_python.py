"""The engine in plain Python, and that stores agree with it to the digit."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.app.loop import BUILTINS
from clientloop.engines.python import PythonEngine
from clientloop.errors import UnknownName
from clientloop.model.feedback import Feedback
from clientloop.model.interactions import Interaction, InteractionKind
from clientloop.model.plan import Aggregate, Bucket, Fold, Folded, How, Key, Plan
from clientloop.model.where import eq, ge, lt
from clientloop.plugins.registry import Registry
from clientloop.ports.engine import Engine
from clientloop.stores.memory import MemoryStore
from clientloop.stores.sqlite import SqliteStore
from clientloop.testing.examples import drawn
from clientloop.testing.samples import sample
from clientloop.testing.stores.folds import plans as folded_plans
from clientloop.testing.stores.kit import fresh_space, put
from clientloop.testing.stores.strategies import feedback
from tests.conftest import Size
from tests.relationships.cdnow import purchases

BOUGHT = eq("kind", InteractionKind.PURCHASE)
HALF = ge("occurred_at", datetime(1997, 7, 1, tzinfo=UTC)) & lt("occurred_at", datetime(1998, 1, 1, tzinfo=UTC))
AMOUNTS = tuple(Aggregate(how, "amount") for how in (How.COUNT, How.SUM, How.MIN, How.MAX))
OVER_SPANS = (Folded(How.COUNT), *(Folded(how, 1) for how in (How.SUM, How.MIN, How.MAX, How.SQUARES)))


def of_customers(bucket: Bucket, zone: str) -> Plan:
    """What each customer bought in each span of half a year, and how evenly."""
    keys = (Key("customer"), Key("occurred_at", bucket, zone))
    fold = Fold(keys=1, aggregates=OVER_SPANS)
    return Plan(cls=Interaction, where=BOUGHT & HALF, keys=keys, aggregates=AMOUNTS, fold=fold)


PLANS: Mapping[str, Plan] = {
    "whole": Plan(cls=Interaction, aggregates=AMOUNTS),
    "customers": Plan(cls=Interaction, where=BOUGHT, keys=(Key("customer"),), aggregates=AMOUNTS),
    "days": Plan(cls=Interaction, keys=(Key("occurred_at", Bucket.DAY, "America/New_York"),), aggregates=AMOUNTS),
    "pieces": Plan(cls=Interaction, keys=(Key("quantity"),), aggregates=AMOUNTS),
    **{f"{bucket} {zone}": of_customers(bucket, zone) for bucket in Bucket for zone in ("UTC", "America/New_York")},
}


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> SqliteStore:
    """One store for all examples, each in a space of its own."""
    store = SqliteStore(tmp_path_factory.mktemp("engines") / "store.db")
    store.migrate()
    return store


def test_sqlite_and_python_agree_on_cdnow(sqlite: SqliteStore, real_data: Path, size: Size) -> None:
    """Every sum over real purchases is the same to the digit, whichever side adds up, alone or all at once."""
    put(sqlite, *purchases(real_data, every=size.pick(small=500, ci=5, night=1)))
    expected = {name: PythonEngine().aggregate(sqlite, "main", plan) for name, plan in PLANS.items()}
    assert len(expected["customers"]) == size.pick(small=47, ci=4_714, night=23_570)
    assert {name: Engine().aggregate(sqlite, "main", plan) for name, plan in PLANS.items()} == expected
    assert Engine().states(sqlite, "main", PLANS) == expected


@drawn(0.5)
@given(st.data(), st.lists(folded_plans(), min_size=1, max_size=3))
def test_engines_agree_on_anything(sqlite: SqliteStore, data: st.DataObject, several: Sequence[Plan]) -> None:
    """Drawn plans over drawn items, on each store, by each engine, fused or not."""
    space, memory = fresh_space(), MemoryStore()
    items = data.draw(feedback(space=space))
    plans = {str(number): plan for number, plan in enumerate(several)}
    for store in (memory, sqlite):
        put(store, *items)
    expected = {name: PythonEngine().aggregate(memory, space, plan) for name, plan in plans.items()}
    for store in (memory, sqlite):
        for engine in (Engine(), PythonEngine()):
            assert engine.states(store, space, plans) == expected


def test_every_page_is_read() -> None:
    """Also of more records than a page has."""
    store = MemoryStore()
    put(store, *(sample(Feedback, number) for number in range(501)))
    [group] = PythonEngine().aggregate(store, "main", Plan(cls=Feedback))
    assert group.values == (501,)


def test_a_plan_that_cannot_be_meant_is_refused() -> None:
    """As a store refuses it, also where there are no records."""
    with pytest.raises(UnknownName, match="did you mean 'amount'"):
        PythonEngine().aggregate(
            MemoryStore(), "main", Plan(cls=Interaction, aggregates=(Aggregate(How.SUM, "amonut"),))
        )


def test_both_engines_are_found_by_their_names() -> None:
    """The store's own, and the one in plain Python."""
    registry = Registry(builtins=BUILTINS)
    assert (registry.engine("store"), registry.engine("python")) == (Engine, PythonEngine)
