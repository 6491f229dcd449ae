"""The models over CDNOW's purchases: what others have counted, and that every place explains itself."""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from clientloop.model.customers import Customer
from clientloop.model.interactions import Interaction
from clientloop.model.plan import Bucket
from clientloop.model.record import record_of
from clientloop.model.units import Insert, Unit
from clientloop.ports.engine import Engine
from clientloop.ports.relationship import Frame, Place, RelationshipModel
from clientloop.presets.relationships import ABC, BUTTLE, PURCHASES, RFM, XYZ
from clientloop.relationships.rfm import btyd_of, btyd_plan
from clientloop.relationships.xyz import Xyz
from clientloop.rules.measures.aggregation import aggregate
from clientloop.rules.relationship.purchases import StageRule
from clientloop.rules.relationship.windows import Window
from clientloop.rules.relationship.xyz import XyzRule
from clientloop.stores.sqlite.store import SqliteStore
from clientloop.testing import sample
from clientloop.testing.relationships import places_of
from tests.conftest import Size
from tests.relationships.cdnow import END, purchases

Places = Mapping[str, Mapping[UUID, Place]]

FRAME = Frame(as_of=END, currency="USD")

#: All 18 months; whoever bought three times in them is regular.
ALL_MONTHS = Xyz(
    bucket=Bucket.MONTH,
    buckets=18,
    rule=XyzRule(borders=(10, 25)),
    regular=StageRule(period=Window.parse("1 month"), periods=18, regular_from=3),
)

MODELS: Mapping[str, RelationshipModel] = {
    "abc": ABC, "buttle": BUTTLE, "purchases": PURCHASES, "rfm": RFM, "xyz": XYZ, "xyz of all months": ALL_MONTHS,
}  # fmt: skip


@pytest.fixture(scope="module")
def every(size: Size) -> int:
    """Where there is little time, every fiftieth customer is enough."""
    return size.pick(small=50, ci=1, night=1)


@pytest.fixture(scope="module")
def bought(real_data: Path, every: int) -> list[Interaction]:
    """The purchases."""
    return purchases(real_data, every=every)


@pytest.fixture(scope="module")
def customers(bought: list[Interaction]) -> Sequence[UUID]:
    """Who bought."""
    return sorted({each.customer for each in bought if each.customer is not None})


@pytest.fixture(scope="module")
def places(bought: list[Interaction], customers: Sequence[UUID]) -> Places:
    """Where each model puts them."""
    return {name: places_of(model, bought, customers, FRAME) for name, model in MODELS.items()}


def test_every_customer_is_there_and_every_cent(
    bought: list[Interaction], customers: Sequence[UUID], every: int
) -> None:
    """As published, 69,659 purchases of 23,570 customers for $2,500,315.63; of each fiftieth, as `awk` adds them up."""
    expected = {1: (69_659, 23_570, 2_500_315_63), 50: (1_352, 471, 52_465_29)}
    assert (len(bought), len(customers), sum(each.amount or 0 for each in bought)) == expected[every]


@pytest.mark.parametrize("name", MODELS)
def test_every_place_follows_from_its_own_explanation_alone(places: Places, name: str) -> None:
    """Stored as JSON and read again, without anything else: the stage is the same for each customer."""
    model = MODELS[name]
    for place in places[name].values():
        assert model.stage_of(json.loads(json.dumps(place.explanation))) == place.stage


def test_the_total_of_abc_is_the_revenue_of_the_window(places: Places, bought: list[Interaction]) -> None:
    """To the cent, and of it A brings 80 percent or just above, A and B 95."""
    recent = [
        each.amount or 0
        for each in bought
        if each.occurred_at and each.occurred_at.year * 12 + each.occurred_at.month > 1997 * 12 + 6
    ]
    classed = [place for place in places["abc"].values() if place.stage]
    assert {place.explanation["total"] for place in classed} == {sum(recent)}
    share, best = 0, max(place.explanation["value"] for place in classed)
    for stage, border in (("A", 80), ("B", 95), ("C", 100)):
        share += sum(place.explanation["value"] for place in classed if place.stage == stage)
        assert border * sum(recent) <= 100 * share <= border * sum(recent) + 100 * best


def test_borders_of_stock_keeping_tell_nothing_of_persons(
    places: Places, bought: list[Interaction], every: int
) -> None:
    """All 7,583 who bought three times or more are Z by the month; it is said, with borders that make thirds."""
    found = places["xyz of all months"]
    count = sum(times >= 3 for times in Counter(each.customer for each in bought).values())
    assert count == {1: 7_583, 50: 138}[every]
    assert sum(place.stage is not None for place in found.values()) == count
    [remark] = ALL_MONTHS.remarks(found.values())
    said = re.fullmatch(rf"{count:,} of {count:,} customers are Z, .* borders of (\d+) and (\d+) percent .*", remark)
    assert said is not None, remark
    percents = [place.explanation["percent"] for place in found.values() if place.stage]
    for border, third in zip(said.groups(), (1 / 3, 2 / 3), strict=True):
        assert sum(percent < int(border) for percent in percents) / count == pytest.approx(third, abs=0.02)


@pytest.mark.in_ci("loads pandas and scipy for seconds")
@pytest.mark.filterwarnings("ignore")  # of a library that is no longer worked on
def test_the_summary_for_models_of_buying_is_that_of_lifetimes(bought: list[Interaction]) -> None:
    """Repeats, recency, age and mean value of each customer are the numbers that this library works out."""
    lifetimes: Any = pytest.importorskip("lifetimes.utils", reason="needs the group 'judges'")
    pandas: Any = pytest.importorskip("pandas", reason="needs the group 'judges'")
    rows = [(each.customer, each.occurred_at, each.amount) for each in bought]
    table = pandas.DataFrame(rows, columns=["customer", "day", "cents"])
    table["day"] = table["day"].dt.tz_localize(None)
    judged = lifetimes.summary_data_from_transaction_data(
        table, "customer", "day", monetary_value_col="cents", observation_period_end="1998-06-30"
    )
    plan, record = FRAME.sees(btyd_plan(FRAME)), record_of(Interaction)
    summary = btyd_of(aggregate([record.encode(each) for each in bought], plan), FRAME)
    assert len(summary) == len(judged) == 23_570
    for customer, repeats, recency, age, mean in judged.itertuples():
        own = summary[customer]
        assert (own.repeats, own.active_days, own.age_days) == (repeats, recency, age)
        assert own.repeat_value / max(own.repeats, 1) == pytest.approx(mean)


def test_sqlite_puts_everybody_where_the_oracle_does(
    bought: list[Interaction], customers: Sequence[UUID], places: Places, tmp_path: Path
) -> None:
    """All models at once, by as few scans as their plans need; place and explanation are equal to the digit."""
    asked = {
        f"{model}/{name}": FRAME.sees(plan)
        for model in MODELS for name, plan in MODELS[model].plans(FRAME).items()
    }  # fmt: skip
    with closing(SqliteStore(tmp_path / "shop.db")) as store:
        store.migrate()
        store.commit(Unit(tuple(Insert(sample(Customer, id=customer)) for customer in customers)))
        store.commit(Unit(tuple(map(Insert, bought))))
        groups = Engine().states(store, "main", asked)
    for name, model in MODELS.items():
        state = {key.removeprefix(f"{name}/"): found for key, found in groups.items() if key.startswith(f"{name}/")}
        assert model.assess(state, customers, FRAME) == places[name], name
