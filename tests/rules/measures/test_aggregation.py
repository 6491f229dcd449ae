"""Plans folded over rows: against sums written out by hand, and against `zoneinfo`."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.errors import ClientLoopError, InvalidValue, UnknownName
from clientloop.model.codec import microseconds
from clientloop.model.feedback import Feedback, Outcome
from clientloop.model.interactions import Interaction
from clientloop.model.plan import Aggregate, Bucket, Group, How, Key, Plan
from clientloop.model.record import record_of
from clientloop.model.units import Row
from clientloop.model.where import eq, ge
from clientloop.rules.measures.aggregation import aggregate, check_plan, first_day
from clientloop.testing import SAMPLE_TIME, sample

ZONES = ["UTC", "Europe/Ljubljana", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "Australia/Lord_Howe"]
FIRST_DAY = {
    Bucket.DAY: lambda day: day,
    Bucket.WEEK: lambda day: date.fromisocalendar(*day.isocalendar()[:2], 1),
    Bucket.MONTH: lambda day: date(day.year, day.month, 1),
    Bucket.QUARTER: lambda day: date(day.year, (1, 4, 7, 10)[(day.month - 1) // 3], 1),
    Bucket.YEAR: lambda day: date(day.year, 1, 1),
}


def rows(*instances: object) -> list[Row]:
    """The encoded rows of some records."""
    return [record_of(type(instance)).encode(instance) for instance in instances]


def purchase(number: int, channel: str, amount: int | None) -> Interaction:
    """An interaction with an amount."""
    return sample(Interaction, number, channel=channel, amount=amount)


AMOUNTS = st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.none() | st.integers(-(2**63), 2**63 - 1)))


@given(AMOUNTS)
def test_numbers_are_those_of_the_rows_of_each_group(cases: list[tuple[str, int | None]]) -> None:
    """Count of rows, count of values, exact sum, least and greatest, each None where there is no value."""
    groups: dict[str, list[int]] = defaultdict(list)
    counts: dict[str, int] = defaultdict(int)
    for channel, amount in cases:
        counts[channel] += 1
        groups[channel] += [] if amount is None else [amount]
    numbers = (Aggregate(How.COUNT), *(Aggregate(how, "amount") for how in (How.COUNT, How.SUM, How.MIN, How.MAX)))
    plan = Plan(cls=Interaction, keys=(Key("channel"),), aggregates=numbers)
    found = aggregate(rows(*(purchase(n, *case) for n, case in enumerate(cases))), plan)
    assert found == [
        Group(
            (channel,),
            (
                counts[channel],
                len(groups[channel]),
                sum(groups[channel]) if groups[channel] else None,
                min(groups[channel], default=None),
                max(groups[channel], default=None),
            ),
        )
        for channel in sorted(counts)
    ]


@given(AMOUNTS, AMOUNTS)
def test_sums_of_parts_add_up_to_the_sum_of_the_whole(
    first: list[tuple[str, int | None]], second: list[tuple[str, int | None]]
) -> None:
    """Counts and sums of two lots of rows are those of both together."""
    plan = Plan(cls=Interaction, aggregates=(Aggregate(How.COUNT), Aggregate(How.SUM, "amount")))
    one, two = (rows(*(purchase(n, *case) for n, case in enumerate(cases))) for cases in (first, second))
    parts = [aggregate(part, plan)[0].values for part in (one, two)]
    (whole,) = aggregate(one + two, plan)
    assert whole.values[0] == sum(part[0] or 0 for part in parts)
    assert (whole.values[1] or 0) == sum(part[1] or 0 for part in parts)


def test_only_rows_that_satisfy_the_condition_count() -> None:
    """The filter of a plan goes before its keys: a group of which nothing is left is absent."""
    some = rows(purchase(1, "a", 5), purchase(2, "b", 7), purchase(3, "b", None))
    plan = Plan(cls=Interaction, where=ge("amount", 6), keys=(Key("channel"),))
    assert aggregate(some, plan) == [Group(("b",), (1,))]
    plan = Plan(
        cls=Interaction, where=eq("channel", "x"), aggregates=(Aggregate(How.COUNT), Aggregate(How.SUM, "amount"))
    )
    assert aggregate(some, plan) == [Group((), (0, None))]


def test_rows_are_read_once_and_in_a_stream() -> None:
    """Any iterable of rows will do, also one that can be read only once."""
    assert aggregate(iter(rows(purchase(1, "a", 5))), Plan(cls=Interaction)) == [Group((), (1,))]


@pytest.mark.parametrize(
    ("instance", "how", "field", "value"),
    [
        (sample(Feedback, is_open=True), How.SUM, "is_open", 1),
        (sample(Feedback, waited=timedelta(hours=1)), How.SUM, "waited", 3_600_000_000),
        (sample(Feedback, net=timedelta(microseconds=-1)), How.MIN, "net", -1),
        (sample(Feedback, received_at=SAMPLE_TIME), How.MAX, "received_at", microseconds(SAMPLE_TIME)),
        (sample(Feedback, due=SAMPLE_TIME), How.MIN, "due", microseconds(SAMPLE_TIME)),
        (sample(Feedback, due=None), How.MAX, "due", None),
        (sample(Feedback, due=None), How.COUNT, "due", 0),
        (sample(Feedback, owner=None), How.COUNT, "owner", 0),
        (sample(Feedback, owner="anna"), How.COUNT, "owner", 1),
        (sample(Feedback), How.COUNT, "state", 1),
        (sample(Feedback), How.COUNT, "received_at", 0),
    ],
)
def test_numbers_are_taken_of_each_type_that_has_them(
    instance: Feedback, how: How, field: str, value: int | None
) -> None:
    """Truths count as 1 and 0, spans and times as microseconds, and what stands for None as nothing."""
    assert aggregate(rows(instance), Plan(cls=Feedback, aggregates=(Aggregate(how, field),))) == [Group((), (value,))]


def test_keys_are_field_values_sorted_as_they_are_stored() -> None:
    """Keys come back decoded, None where something stands for it, in the order of the database values."""
    items = [
        sample(Feedback, 0, outcome=Outcome.SILENT, due=None, rating=1),
        sample(Feedback, 1, outcome=Outcome.CONFIRMED, due=SAMPLE_TIME, rating=None),
        sample(Feedback, 2, outcome=Outcome.CONFIRMED, due=None, rating=2),
    ]

    def keys(*names: str) -> list[tuple[object, ...]]:
        return [group.keys for group in aggregate(rows(*items), Plan(cls=Feedback, keys=tuple(map(Key, names))))]

    assert keys("outcome", "rating") == [(Outcome.CONFIRMED, None), (Outcome.CONFIRMED, 2), (Outcome.SILENT, 1)]
    assert keys("due") == [(SAMPLE_TIME,), (None,)]
    assert keys("rating") == [(None,), (1,), (2,)]


@given(st.datetimes(timezones=st.just(UTC)), st.sampled_from(Bucket), st.sampled_from(ZONES))
def test_a_bucket_is_the_calendar_span_of_the_local_date(at: datetime, bucket: Bucket, zone: str) -> None:
    """The first day of a span is that of the date which the zone's calendar shows."""
    try:
        local = at.astimezone(ZoneInfo(zone))
    except OverflowError:
        local = at
    assert first_day(microseconds(at), bucket, zone) == FIRST_DAY[bucket](local.date())


def test_rows_without_a_time_have_a_bucket_of_their_own() -> None:
    """NULL, and what stands for it, fall into the bucket None, which comes first."""
    items = rows(sample(Interaction, 0), sample(Interaction, 1, occurred_at=SAMPLE_TIME))
    plan = Plan(cls=Interaction, keys=(Key("occurred_at", Bucket.YEAR),))
    assert aggregate(items, plan) == [Group((None,), (1,)), Group((date(2026, 1, 1),), (1,))]
    plan = Plan(cls=Feedback, keys=(Key("received_at", Bucket.YEAR),))
    assert aggregate(rows(sample(Feedback)), plan) == [Group((None,), (1,))]


@pytest.mark.parametrize(
    ("keys", "aggregates", "error", "words"),
    [
        ((Key("chanel"),), (), UnknownName, "did you mean 'channel'"),
        ((Key("occurred_at", Bucket.DAY, "Europe/Lubljana"),), (), UnknownName, "Europe/Ljubljana"),
        ((Key("occurred_at", Bucket.DAY, ""),), (), UnknownName, "no time zone"),
        ((Key("occurred_at", Bucket.DAY, "../../etc/passwd"),), (), UnknownName, "no time zone"),
        ((Key("amount", Bucket.DAY),), (), InvalidValue, "no time, so it has no day"),
        ((), (Aggregate(How.SUM, "amonut"),), UnknownName, "did you mean 'amount'"),
        ((), (Aggregate(How.COUNT, "amonut"),), UnknownName, "did you mean 'amount'"),
        ((), (Aggregate(How.SUM),), InvalidValue, "sum needs a field"),
        ((), (Aggregate(How.MIN),), InvalidValue, "min needs a field"),
        ((), (Aggregate(How.SUM, "occurred_at"),), InvalidValue, "sum cannot be taken of interaction.occurred_at"),
        ((), (Aggregate(How.MAX, "channel"),), InvalidValue, "max cannot be taken of interaction.channel"),
        ((), (Aggregate(How.SUM, "customer"),), InvalidValue, "sum cannot be taken"),
        ((), (Aggregate(How.MAX, "kind"),), InvalidValue, "max cannot be taken"),
        ((), (Aggregate(How.MIN, "extra"),), InvalidValue, "min cannot be taken"),
    ],
)
def test_a_plan_that_cannot_be_meant_is_refused(
    keys: tuple[Key, ...], aggregates: tuple[Aggregate, ...], error: type[ClientLoopError], words: str
) -> None:
    """Plans are checked before any row is read, by the function that stores call too."""
    plan = Plan(cls=Interaction, keys=keys, aggregates=aggregates)
    for check in (check_plan, lambda refused: aggregate((), refused)):
        with pytest.raises(error) as caught:
            check(plan)
        assert caught.value.code == error.code
        assert words in str(caught.value)
