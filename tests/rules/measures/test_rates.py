from datetime import UTC, datetime, timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.model.calendar import Calendar, Hours, working_days
from clientloop.model.feedback import Feedback, Outcome
from clientloop.model.record import record_of
from clientloop.model.where import compile_test
from clientloop.rules.measures import rates
from clientloop.rules.measures.rates import RATES, Counts, Rates, Share, conditions, untouched_since
from clientloop.rules.time.worktime import deadline
from clientloop.testing import SAMPLE_TIME, sample

MICROSECOND = timedelta(microseconds=1)
#: Closed on Friday afternoons and on two days in the middle of a week.
SHOP = Calendar(
    name="shop",
    zone="Europe/Ljubljana",
    week=dict.fromkeys(range(4), (Hours.parse("09:00-17:00"),)) | {4: (Hours.parse("09:00-12:00"),)},
    holidays={datetime(2026, 4, 7, tzinfo=UTC).date(), datetime(2026, 4, 8, tzinfo=UTC).date()},
)

fates = st.builds(
    lambda outcome, **fields: sample(Feedback, outcome=outcome, is_open=outcome is Outcome.OPEN, **fields),
    st.sampled_from(Outcome),
    late=st.sets(st.sampled_from(["first_answer", "solution", "next_update"])).map(tuple),
    solved_at=st.none() | st.just(SAMPLE_TIME),
    reopened=st.integers(0, 2),
    due=st.none() | st.datetimes(SAMPLE_TIME.replace(tzinfo=None), timezones=st.just(UTC)),
    received_at=st.none() | st.just(SAMPLE_TIME),
)


def counted(item, now=SAMPLE_TIME):
    """The counts that an item is in."""
    row = record_of(Feedback).encode(item)
    tests = {name: compile_test(where, record_of(Feedback)) for name, where in conditions(untouched_since=now).items()}
    return {name for name, test in tests.items() if test(row)}


def names(cls):
    """The fields of a class."""
    return {field.name for field in attrs.fields(cls)}


def test_tables_and_classes_name_the_same():
    """Every count has its condition, every rate its field, and rates divide what is counted."""
    assert conditions(untouched_since=SAMPLE_TIME).keys() == names(Counts)
    assert RATES.keys() == names(Rates)
    assert {part for rate in RATES.values() for part in (rate.part, *rate.whole)} <= names(Counts)


@given(fates)
def test_every_item_is_of_one_sort(item):
    """An item is outside, open or closed; a closed one has one end; nothing outside is counted in anything else."""
    found = counted(item)
    ends = {outcome.value for outcome in Outcome} - {"open"}
    outside = {outcome.value for outcome in rates.OUTSIDE}
    assert len(found & (outside | {"open", "closed"})) == 1
    assert len(found & ends) == ("open" not in found)
    assert ("items" in found) != bool(found & outside)
    if found & outside:
        assert len(found) == 1


@given(fates)
def test_parts_are_of_their_wholes(item):
    """Whatever a rate counts is in exactly one part of what it is a share of."""
    found = counted(item)
    for name, rate in RATES.items():
        assert len(found & {*rate.whole}) <= 1, name
        assert rate.part not in found or found & {*rate.whole}, name


@pytest.mark.parametrize("calendar", [Calendar.standard("America/New_York"), Calendar.around_the_clock("UTC"), SHOP])
@given(now=st.datetimes(datetime(2026, 3, 1), datetime(2026, 4, 30), timezones=st.just(UTC)))  # noqa: DTZ001  # naive, as asked
def test_untouched_since_reads_the_deadline_backwards(calendar, now):
    """Five working days from it have passed by now, and from no later microsecond."""
    since = untouched_since(calendar, now)
    assert deadline(calendar, since, working_days(5)) <= now
    assert deadline(calendar, since + MICROSECOND, working_days(5)) > now


def test_untouched_since_goes_back_over_long_holidays():
    """After two closed months the five working days began before them."""
    june, august = datetime(2026, 6, 1, tzinfo=UTC).date(), datetime(2026, 8, 1, tzinfo=UTC).date()
    closed = {june + timedelta(days=day) for day in range((august - june).days)}
    calendar = attrs.evolve(Calendar.standard("UTC"), holidays=closed)
    since = untouched_since(calendar, datetime(2026, 8, 3, 10, tzinfo=UTC))  # a Monday
    assert since == datetime(2026, 5, 25, 10, tzinfo=UTC)


def test_a_share_of_nothing_is_no_number():
    """Where the whole is 0 there is no ratio, rather than 0."""
    assert Share(0, 0).ratio is None
    assert Share(0, 3).ratio == 0
    assert Share(1, 3).ratio == 1 / 3
