from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from clientloop.model.interactions import Interaction
from clientloop.model.plan import Aggregate, Bucket, Fold, Folded, Group, How, Key, Plan
from clientloop.model.record import record_of
from clientloop.model.units import Insert, Unit
from clientloop.rules.measures.aggregation import aggregate
from clientloop.sql import statements
from clientloop.sql.plans import Form
from clientloop.stores.sqlite import SqliteStore
from clientloop.testing.examples import drawn
from clientloop.testing.samples import sample
from clientloop.testing.stores.kit import fresh_space

ZONES = ("Europe/Ljubljana", "America/St_Johns", "Pacific/Apia", "Africa/Monrovia", "America/Sao_Paulo", "UTC")
TIMES = st.none() | st.datetimes(timezones=st.sampled_from([UTC, ZoneInfo("Europe/Ljubljana")]))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStore]:
    """One store for all examples, each in a space of its own."""
    store = SqliteStore(tmp_path_factory.mktemp("plans") / "store.db")
    store.migrate()
    yield store
    store.close()


def filled(store: SqliteStore, times: list[datetime | None], amounts: list[int]) -> list[Interaction]:
    """Interactions at some times, in a space of their own."""
    space = fresh_space()
    made = [
        sample(Interaction, number, space=space, occurred_at=at, amount=amounts[number % len(amounts)])
        for number, at in enumerate(times)
    ]
    store.commit(Unit(tuple(map(Insert, made))))
    return made


@drawn()
@given(
    st.lists(TIMES.filter(lambda at: at is None or 2 < at.year < 9998), min_size=1, max_size=12),
    st.sampled_from(ZONES),
    st.sampled_from(Bucket),
)
def test_days_months_and_years_are_those_of_the_zone(
    store: SqliteStore, times: list[datetime | None], zone: str, bucket: Bucket
) -> None:
    """Whatever the zone and the century, rows fall into the spans that its calendar shows."""
    made = filled(store, times, [1])
    plan = Plan(cls=Interaction, keys=(Key("occurred_at", bucket, zone), Key("kind")))
    rows = [record_of(Interaction).encode(each) for each in made]
    assert store.aggregate(made[0].space, plan) == aggregate(rows, plan)


def test_a_day_begins_when_the_clock_of_the_zone_says(store: SqliteStore) -> None:
    """A microsecond parts two days, also across a change of the clock, and before 1970."""
    midnights = [datetime(2026, 3, 29), datetime(2026, 3, 30), datetime(1969, 7, 21)]  # noqa: DTZ001  # local, see below
    tick = timedelta(microseconds=1)
    times = [
        (each.replace(tzinfo=ZoneInfo("Europe/Ljubljana")).astimezone(UTC)) - before
        for each in midnights
        for before in (tick, timedelta(0))
    ]
    made = filled(store, [*times], [1])
    plan = Plan(cls=Interaction, keys=(Key("occurred_at", Bucket.DAY, "Europe/Ljubljana"),))
    days = [date(1969, 7, 20), date(1969, 7, 21), date(2026, 3, 28), date(2026, 3, 29), date(2026, 3, 30)]
    counts = [1, 1, 1, 2, 1]
    assert store.aggregate(made[0].space, plan) == [
        Group((day,), (count,)) for day, count in zip(days, counts, strict=True)
    ]


@pytest.mark.parametrize("amount", [2**63 - 1, -(2**63), -1, 2**32, -(2**32) - 1])
def test_sums_beyond_64_bits_are_exact(store: SqliteStore, amount: int) -> None:
    """The sum of the greatest and the least numbers that a row can hold does not overflow."""
    made = filled(store, [None] * 5, [amount])
    plan = Plan(cls=Interaction, aggregates=(Aggregate(How.SUM, "amount"), Aggregate(How.MIN, "amount")))
    assert store.aggregate(made[0].space, plan) == [Group((), (5 * amount, amount))]


def test_a_plan_without_numbers_lists_its_keys(store: SqliteStore) -> None:
    """Keys alone are the distinct ones; a plan of nothing at all still has its one group."""
    made = filled(store, [None] * 3, [1, 2])
    for keys, expected in (((Key("amount"),), [Group((1,), ()), Group((2,), ())]), ((), [Group((), ())])):
        assert store.aggregate(made[0].space, Plan(cls=Interaction, keys=keys, aggregates=())) == expected


SUMMARY = (Folded(How.COUNT), Folded(How.SUM, 0), Folded(How.SQUARES, 0))

#: The months of a space: how many, and the squares of their sums.
OF_MONTHS = Plan(
    cls=Interaction,
    keys=(Key("occurred_at", Bucket.MONTH),),
    aggregates=(Aggregate(How.SUM, "amount"),),
    fold=Fold(keys=0, aggregates=SUMMARY),
)


@pytest.mark.parametrize(
    ("amount", "times"),
    [(10**9, 1), (-(10**9), 1), (2**46, 1), (2**54, 1), (2**56, 2), (-(2**60), 2), (2**63 - 1, 2), (-(2**63), 2)],
)
def test_squares_are_asked_for_once_unless_they_do_not_fit(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch, amount: int, times: int
) -> None:
    """What the database cannot hold in 64 bits it says, and is asked for in another form; the answer is exact."""
    made = filled(store, [datetime(2026, month, 5, tzinfo=UTC) for month in (1, 2, 3)], [amount])
    asked: list[bool] = []
    compiled = statements.aggregate

    def noted(dialect: sa.Dialect, form: Form) -> str:
        asked.append(form.wide)
        return compiled(dialect, form)

    monkeypatch.setattr(statements, "aggregate", noted)
    assert store.aggregate(made[0].space, OF_MONTHS) == [Group((), (3, 3 * amount, 3 * amount * amount))]
    assert asked == [False, True][:times]


@drawn()
@given(
    st.lists(
        st.tuples(TIMES.filter(lambda at: at is None or 2 < at.year < 9998), st.integers(-(2**63), 2**63 - 1)),
        min_size=1,
        max_size=12,
    ),
    st.sampled_from(Bucket),
    st.integers(0, 2),
)
def test_folds_over_spans_are_those_of_the_rows(
    store: SqliteStore, cases: list[tuple[datetime | None, int]], bucket: Bucket, kept: int
) -> None:
    """Whatever the times and the amounts, the spans of each kind add up to what their rows do."""
    made = filled(store, [at for at, _ in cases], [amount for _, amount in cases])
    keys = (Key("kind"), Key("occurred_at", bucket, "Europe/Ljubljana"))
    plan = evolve(OF_MONTHS, keys=keys, fold=Fold(keys=kept, aggregates=SUMMARY))
    rows = [record_of(Interaction).encode(each) for each in made]
    assert store.aggregate(made[0].space, plan) == aggregate(rows, plan)
