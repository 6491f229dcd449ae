"""Sums: exact however large, by the calendar of a zone, the same as folding the rows."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from clientloop.errors import ClientLoopError, InvalidValue, UnknownName
from clientloop.model.codec import microseconds
from clientloop.model.feedback import Feedback, Priority
from clientloop.model.interactions import Interaction, InteractionKind
from clientloop.model.plan import Aggregate, Bucket, Group, How, Key, Plan
from clientloop.model.where import ALL, Where, ge, lt
from clientloop.ports.store import Store
from clientloop.rules.measures.aggregation import aggregate
from clientloop.testing.examples import drawn
from clientloop.testing.samples import SAMPLE_TIME, sample, sample_id
from clientloop.testing.stores.kit import Suite, encoded, fresh_space, put
from clientloop.testing.stores.strategies import INTEGERS, conditions, feedback

LJUBLJANA = ZoneInfo("Europe/Ljubljana")

#: Times, the zone and the span asked for, and the first day of the span they fall in.
BUCKETS: list[tuple[datetime, str, Bucket, date]] = [
    (datetime(2025, 12, 31, 22, 59, 59, 999_999, UTC), "Europe/Ljubljana", Bucket.YEAR, date(2025, 1, 1)),
    (datetime(2025, 12, 31, 23, tzinfo=UTC), "Europe/Ljubljana", Bucket.YEAR, date(2026, 1, 1)),
    (datetime(2025, 12, 31, 23, tzinfo=UTC), "UTC", Bucket.YEAR, date(2025, 1, 1)),
    (datetime(2026, 3, 28, 22, 59, 59, 999_999, UTC), "Europe/Ljubljana", Bucket.DAY, date(2026, 3, 28)),
    (datetime(2026, 3, 28, 23, tzinfo=UTC), "Europe/Ljubljana", Bucket.DAY, date(2026, 3, 29)),
    (datetime(2026, 3, 29, 21, 59, 59, 999_999, UTC), "Europe/Ljubljana", Bucket.DAY, date(2026, 3, 29)),
    (datetime(2026, 3, 29, 22, tzinfo=UTC), "Europe/Ljubljana", Bucket.DAY, date(2026, 3, 30)),
    (datetime(2026, 10, 25, 22, 59, 59, 999_999, UTC), "Europe/Ljubljana", Bucket.DAY, date(2026, 10, 25)),
    (datetime(2026, 10, 25, 23, tzinfo=UTC), "Europe/Ljubljana", Bucket.DAY, date(2026, 10, 26)),
    (datetime(2026, 3, 29, 21, 59, 59, tzinfo=UTC), "Europe/Ljubljana", Bucket.WEEK, date(2026, 3, 23)),
    (datetime(2026, 3, 29, 22, tzinfo=UTC), "Europe/Ljubljana", Bucket.WEEK, date(2026, 3, 30)),
    (datetime(2027, 1, 1, 12, tzinfo=UTC), "UTC", Bucket.WEEK, date(2026, 12, 28)),
    (datetime(1, 1, 1, 12, tzinfo=UTC), "UTC", Bucket.WEEK, date(1, 1, 1)),
    (datetime.max.replace(tzinfo=UTC), "UTC", Bucket.WEEK, date(9999, 12, 27)),
    (datetime(2026, 3, 31, 21, 59, 59, tzinfo=UTC), "Europe/Ljubljana", Bucket.QUARTER, date(2026, 1, 1)),
    (datetime(2026, 3, 31, 22, tzinfo=UTC), "Europe/Ljubljana", Bucket.QUARTER, date(2026, 4, 1)),
    (datetime(2026, 12, 31, 12, tzinfo=UTC), "UTC", Bucket.QUARTER, date(2026, 10, 1)),
    (datetime(2028, 5, 31, 12, tzinfo=UTC), "UTC", Bucket.QUARTER, date(2028, 4, 1)),
    (datetime(2026, 2, 28, 23, tzinfo=UTC), "Europe/Ljubljana", Bucket.MONTH, date(2026, 3, 1)),
    (datetime(2026, 3, 31, 21, 59, 59, tzinfo=UTC), "Europe/Ljubljana", Bucket.MONTH, date(2026, 3, 1)),
    (datetime(2026, 3, 31, 22, tzinfo=UTC), "Europe/Ljubljana", Bucket.MONTH, date(2026, 4, 1)),
    (datetime(2028, 2, 29, 12, tzinfo=UTC), "UTC", Bucket.DAY, date(2028, 2, 29)),
    (datetime(2028, 3, 1, 4, 59, tzinfo=UTC), "America/New_York", Bucket.MONTH, date(2028, 2, 1)),
    (datetime(2011, 12, 30, 9, 59, tzinfo=UTC), "Pacific/Apia", Bucket.DAY, date(2011, 12, 29)),
    (datetime(2011, 12, 30, 10, tzinfo=UTC), "Pacific/Apia", Bucket.DAY, date(2011, 12, 31)),
    (datetime(2026, 6, 30, 18, 15, tzinfo=UTC), "Asia/Kathmandu", Bucket.MONTH, date(2026, 7, 1)),
    (datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC), "UTC", Bucket.DAY, date(1969, 12, 31)),
    (datetime(1900, 2, 28, 23, 59, tzinfo=UTC), "UTC", Bucket.MONTH, date(1900, 2, 1)),
    (datetime(1, 1, 1, tzinfo=UTC), "America/New_York", Bucket.DAY, date(1, 1, 1)),
    (datetime.max.replace(tzinfo=UTC), "Asia/Kathmandu", Bucket.YEAR, date(9999, 1, 1)),
]

#: Plans that are refused, each with its error.
FAULTS: list[tuple[Plan, type[ClientLoopError]]] = [
    (Plan(cls=Interaction, keys=(Key("knd"),)), UnknownName),
    (Plan(cls=Interaction, keys=(Key("occurred_at", Bucket.DAY, "Europe/Lubljana"),)), UnknownName),
    (Plan(cls=Interaction, keys=(Key("channel", Bucket.DAY),)), InvalidValue),
    (Plan(cls=Interaction, keys=(Key("amount", Bucket.DAY),)), InvalidValue),
    (Plan(cls=Interaction, aggregates=(Aggregate(How.SUM, "amuont"),)), UnknownName),
    (Plan(cls=Interaction, aggregates=(Aggregate(How.COUNT, "amuont"),)), UnknownName),
    (Plan(cls=Interaction, aggregates=(Aggregate(How.SUM),)), InvalidValue),
    (Plan(cls=Interaction, aggregates=(Aggregate(How.MAX),)), InvalidValue),
    (Plan(cls=Interaction, aggregates=(Aggregate(How.SUM, "occurred_at"),)), InvalidValue),
    (Plan(cls=Interaction, aggregates=(Aggregate(How.SUM, "recorded_at"),)), InvalidValue),
    (Plan(cls=Interaction, aggregates=(Aggregate(How.MIN, "channel"),)), InvalidValue),
    (Plan(cls=Interaction, aggregates=(Aggregate(How.SUM, "customer"),)), InvalidValue),
    (Plan(cls=Interaction, aggregates=(Aggregate(How.COUNT, where=ge("amuont", 1)),)), UnknownName),
    (Plan(cls=Interaction, at="ocurred_at"), UnknownName),
    (Plan(cls=Interaction, at="amount"), InvalidValue),
]

#: What drawn plans group feedback by.
KEYS = [
    Key("kind"),
    Key("owner"),
    Key("is_open"),
    Key("outcome"),
    Key("due"),
    Key("customer"),
    Key("net"),
    Key("late"),
] + [
    Key(field, bucket, zone)
    for field in ("due", "received_at", "recorded_at")
    for bucket in Bucket
    for zone in ("UTC", "Europe/Ljubljana", "America/New_York")
]

#: And what they add up.
AGGREGATES = [Aggregate(How.COUNT)] + [
    Aggregate(how, field)
    for how in (How.COUNT, How.SUM, How.MIN, How.MAX)
    for field in ("process", "rating", "is_open", "waited", "net", "due", "received_at")
    if how is not How.SUM or field not in {"due", "received_at"}
]


def aggregates() -> SearchStrategy[Aggregate]:
    """Aggregates over `Feedback`, some with conditions of their own."""
    return st.builds(
        lambda part, where: evolve(part, where=where), st.sampled_from(AGGREGATES), st.just(ALL) | conditions()
    )


class Sums(Suite):
    """Tests of `aggregate`."""

    def test_a_plan_without_keys_always_gives_one_group(self, store: Store) -> None:
        """Over no rows the counts are 0 and the other numbers None; with keys there is no group then."""
        numbers = (
            Aggregate(How.COUNT),
            Aggregate(How.COUNT, "amount"),
            Aggregate(How.SUM, "amount"),
            Aggregate(How.MIN, "amount"),
        )
        plan = Plan(cls=Interaction, aggregates=numbers)
        assert list(store.aggregate("main", plan)) == [Group((), (0, 0, None, None))]
        assert list(store.aggregate("main", Plan(cls=Interaction, keys=(Key("kind"),), aggregates=numbers))) == []
        put(store, sample(Interaction, amount=None))
        assert list(store.aggregate("main", plan)) == [Group((), (1, 0, None, None))]

    def test_rows_are_added_up_by_group(self, store: Store) -> None:
        """Count, sum, min and max of the rows of each group that satisfy the condition, sorted by the encoded keys."""
        amounts = [("b", 5), ("a", 7), ("b", None), ("b", -9), ("a", 100)]
        put(
            store,
            *(sample(Interaction, n, channel=channel, amount=amount) for n, (channel, amount) in enumerate(amounts)),
        )
        numbers = tuple(Aggregate(how, "amount") for how in (How.COUNT, How.SUM, How.MIN, How.MAX))
        plan = Plan(cls=Interaction, keys=(Key("channel"),), aggregates=(Aggregate(How.COUNT), *numbers))
        assert list(store.aggregate("main", plan)) == [
            Group(("a",), (2, 2, 107, 7, 100)),
            Group(("b",), (3, 2, -4, -9, 5)),
        ]
        plan = Plan(cls=Interaction, where=ge("amount", 7), keys=(Key("channel"),))
        assert list(store.aggregate("main", plan)) == [Group(("a",), (2,))]
        assert list(store.aggregate("other", plan)) == []

    @pytest.mark.parametrize("amount", [2**63 - 1, -(2**63)])
    def test_sums_are_exact_beyond_64_bits(self, store: Store, amount: int) -> None:
        """Sums neither overflow nor lose their last digits in a floating number."""
        put(
            store,
            *(sample(Interaction, number, amount=amount) for number in range(3)),
            sample(Interaction, 3, amount=1),
        )
        plan = Plan(cls=Interaction, aggregates=(Aggregate(How.SUM, "amount"),))
        assert list(store.aggregate("main", plan)) == [Group((), (3 * amount + 1,))]

    @drawn(0.5)
    @given(st.lists(INTEGERS, max_size=12))
    def test_any_sum_is_exact(self, store: Store, amounts: list[int]) -> None:
        """Drawn amounts of all sizes add up to what Python's integers say."""
        space = fresh_space()
        put(store, *(sample(Interaction, n, space=space, amount=amount) for n, amount in enumerate(amounts)))
        numbers = tuple(Aggregate(how, "amount") for how in (How.SUM, How.MIN, How.MAX))
        (group,) = store.aggregate(space, Plan(cls=Interaction, aggregates=numbers))
        assert group.values == ((sum(amounts), min(amounts), max(amounts)) if amounts else (None, None, None))

    @pytest.mark.parametrize(("at", "zone", "bucket", "first"), BUCKETS, ids=str)
    def test_buckets_follow_the_calendar_of_the_zone(
        self, store: Store, at: datetime, zone: str, bucket: Bucket, first: date
    ) -> None:
        """Days, months and years begin at midnight of the named zone, at changes of the clocks and of the year too."""
        put(store, sample(Interaction, occurred_at=at, recorded_at=at))
        for field in ("occurred_at", "recorded_at"):
            plan = Plan(cls=Interaction, keys=(Key(field, bucket, zone),))
            assert list(store.aggregate("main", plan)) == [Group((first,), (1,))]

    def test_every_hour_of_a_day_of_changing_clocks_is_in_it(self, store: Store) -> None:
        """The day on which clocks go back has 25 hours, that on which they go forward 23."""
        for space, start, hours in (("spring", datetime(2026, 3, 29), 23), ("autumn", datetime(2026, 10, 25), 25)):  # noqa: DTZ001  # given a zone below
            midnight = start.replace(tzinfo=LJUBLJANA).astimezone(UTC)
            times = [midnight + timedelta(hours=hour) for hour in range(-1, hours + 1)]
            put(store, *(sample(Interaction, n, space=space, occurred_at=at) for n, at in enumerate(times)))
            plan = Plan(cls=Interaction, keys=(Key("occurred_at", Bucket.DAY, "Europe/Ljubljana"),))
            assert [group.values[0] for group in store.aggregate(space, plan)] == [1, hours, 1]

    @pytest.mark.parametrize("zone", ["UTC", "Europe/Ljubljana"])
    def test_spans_of_a_known_period_are_the_same(self, store: Store, zone: str) -> None:
        """A condition that bounds the times changes no span, though part of the first and the last is left out."""
        times = [datetime(2026, month, day, tzinfo=UTC) for month in (1, 2, 3) for day in (10, 20)]
        put(store, *(sample(Interaction, n, occurred_at=at) for n, at in enumerate([*times, None])))
        lately = ge("occurred_at", times[1]) & lt("occurred_at", times[4])
        plan = Plan(cls=Interaction, where=lately, keys=(Key("occurred_at", Bucket.MONTH, zone),))
        months = [Group((date(2026, 1, 1),), (1,)), Group((date(2026, 2, 1),), (2,))]
        assert list(store.aggregate("main", plan)) == months

    def test_none_is_a_group_and_no_number(self, store: Store) -> None:
        """Rows whose time or name is missing are a group of their own; what stands for None is never min or max."""
        put(store, sample(Feedback, 0), sample(Feedback, 1, owner="anna", due=SAMPLE_TIME))
        at = microseconds(SAMPLE_TIME)
        numbers = (Aggregate(How.COUNT, "due"), Aggregate(How.MIN, "due"), Aggregate(How.MAX, "due"))
        by_day = Plan(cls=Feedback, keys=(Key("due", Bucket.DAY),), aggregates=numbers)
        assert list(store.aggregate("main", by_day)) == [
            Group((None,), (0, None, None)),
            Group((SAMPLE_TIME.date(),), (1, at, at)),
        ]
        by_due = Plan(cls=Feedback, keys=(Key("due"),))
        assert list(store.aggregate("main", by_due)) == [Group((SAMPLE_TIME,), (1,)), Group((None,), (1,))]
        by_owner = Plan(cls=Feedback, keys=(Key("owner"),), aggregates=(Aggregate(How.COUNT, "owner"),))
        assert list(store.aggregate("main", by_owner)) == [Group((None,), (0,)), Group(("anna",), (1,))]

    def test_keys_come_back_as_the_fields_hold_them(self, store: Store) -> None:
        """Ids, enums, truths and spans are keys as themselves, not as the database holds them."""
        item = sample(Feedback, 1, full=True)
        put(store, item)
        names = ("id", "priority", "is_open", "net", "state", "received_at", "data", "late", "deadlines")
        (group,) = store.aggregate("main", Plan(cls=Feedback, keys=tuple(Key(name) for name in names)))
        assert group.keys == tuple(getattr(item, name) for name in names)
        assert isinstance(group.keys[1], Priority)

    def test_groups_are_sorted_by_all_keys(self, store: Store) -> None:
        """Groups come in the order of the first key, then of the second, None first."""
        cases = [(kind, customer) for kind in InteractionKind for customer in (sample_id(1), None, sample_id(0))]
        put(store, *(sample(Interaction, n, kind=kind, customer=customer) for n, (kind, customer) in enumerate(cases)))
        found = store.aggregate("main", Plan(cls=Interaction, keys=(Key("kind"), Key("customer"))))
        expected = [(kind, id_) for kind in sorted(InteractionKind) for id_ in (None, sample_id(0), sample_id(1))]
        assert [group.keys for group in found] == expected

    def test_each_number_is_of_the_rows_that_its_own_condition_takes(self, store: Store) -> None:
        """A group without such rows counts 0, has no other number, and is there all the same."""
        amounts = [("a", 5), ("a", 7), ("b", 1), ("b", None)]
        put(
            store,
            *(sample(Interaction, n, channel=channel, amount=amount) for n, (channel, amount) in enumerate(amounts)),
        )
        large = ge("amount", 6)
        numbers = (
            Aggregate(How.COUNT),
            Aggregate(How.COUNT, where=large),
            Aggregate(How.SUM, "amount", where=large),
            Aggregate(How.MIN, "amount"),
        )
        plan = Plan(cls=Interaction, keys=(Key("channel"),), aggregates=numbers)
        assert list(store.aggregate("main", plan)) == [Group(("a",), (2, 1, 7, 5)), Group(("b",), (2, 0, None, 1))]

    @drawn()
    @given(
        st.data(),
        conditions(),
        st.lists(st.sampled_from(KEYS), max_size=2),
        st.lists(aggregates(), min_size=1, max_size=4),
    )
    def test_any_plan_adds_up_like_its_rows(
        self, store: Store, data: st.DataObject, where: Where, keys: list[Key], aggregates: list[Aggregate]
    ) -> None:
        """Drawn plans over drawn items give what folding the encoded rows gives."""
        space = fresh_space()
        items = data.draw(feedback(space=space))
        put(store, *items)
        plan = Plan(cls=Feedback, where=where, keys=tuple(keys), aggregates=tuple(aggregates))
        assert list(store.aggregate(space, plan)) == aggregate(encoded(items), plan)

    @pytest.mark.parametrize(
        ("plan", "error"), FAULTS, ids=lambda value: None if isinstance(value, type) else repr(value)[:90]
    )
    def test_a_plan_that_cannot_be_meant_is_refused(
        self, store: Store, plan: Plan, error: type[ClientLoopError]
    ) -> None:
        """Unknown fields and zones, sums of times, and spans of what is no time are refused, also over no rows."""
        with pytest.raises(error) as caught:
            store.aggregate("main", plan)
        assert caught.value.code == error.code
