"""Deadlines and durations on the elapsed and the working clock."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from clientloop.errors import InvalidValue
from clientloop.model.calendar import Calendar, Hours, Span, Unit, days, hours, minutes, working_days, working_hours
from clientloop.model.codec import microseconds
from clientloop.rules.time.worktime import (
    add_worked,
    add_worked_us,
    deadline,
    deadline_us,
    is_open,
    next_open,
    passed_since,
    worked,
    worked_us,
)

ZONE = ZoneInfo("Europe/Ljubljana")
STANDARD = Calendar.standard("Europe/Ljubljana")
LUNCH = (Hours.parse("09:00-12:00"), Hours.parse("13:00-17:00"))
#: With a lunch break, Friday mornings only, a holiday on a Thursday, and two Sundays with hours of their own.
SHOP = Calendar(
    name="shop",
    zone="Europe/Ljubljana",
    week=dict.fromkeys(range(4), LUNCH) | {4: LUNCH[:1]},
    holidays={date(2026, 1, 1)},
    special={date(2026, 1, 11): [Hours.parse("10:00-11:00")], date(2026, 1, 18): [Hours.parse("12:00-13:00")]},
)


def local(text: str) -> datetime:
    """A wall time in Ljubljana."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("calendar", "start", "span", "end"),
    [
        # elapsed time looks at no calendar
        (STANDARD, "2026-01-03 12:00", minutes(90), "2026-01-03 13:30"),
        (STANDARD, "2026-03-28 12:00", hours(24), "2026-03-29 13:00"),  # the clocks went forward
        (STANDARD, "2026-10-24 12:00", days(1), "2026-10-25 11:00"),  # and back
        (STANDARD, "2026-01-03 12:00", hours(0), "2026-01-03 12:00"),
        # working hours
        (STANDARD, "2026-01-05 10:00", working_hours(3), "2026-01-05 13:00"),
        (STANDARD, "2026-01-05 16:00", working_hours(3), "2026-01-06 11:00"),
        (STANDARD, "2026-01-02 16:00", working_hours(1), "2026-01-02 17:00"),  # at closing, not at the next opening
        (STANDARD, "2026-01-02 17:00", working_hours(1), "2026-01-05 10:00"),
        (STANDARD, "2026-01-03 12:00", working_hours(16), "2026-01-06 17:00"),
        (SHOP, "2026-01-05 11:00", working_hours(2), "2026-01-05 14:00"),  # over lunch
        (SHOP, "2025-12-31 16:30", working_hours(1), "2026-01-02 09:30"),  # over the holiday
        # working days
        (STANDARD, "2026-01-05 10:00", working_days(1), "2026-01-06 10:00"),
        (STANDARD, "2026-01-05 10:00", working_days(5), "2026-01-12 10:00"),
        (STANDARD, "2026-01-05 08:00", working_days(1), "2026-01-06 09:00"),  # begins at opening
        (STANDARD, "2026-01-02 16:59", working_days(1), "2026-01-05 16:59"),
        (STANDARD, "2026-01-02 17:00", working_days(1), "2026-01-06 09:00"),  # after closing: begins on Monday
        (STANDARD, "2026-01-03 12:00", working_days(1), "2026-01-06 09:00"),
        (STANDARD, "2026-03-27 12:00", working_days(1), "2026-03-30 12:00"),  # the same wall time across the change
        (STANDARD, "2026-01-05 10:00", working_days(5 * 52), "2027-01-04 10:00"),
        (SHOP, "2025-12-31 16:00", working_days(1), "2026-01-02 12:00"),  # after the holiday Friday closes at noon
        (SHOP, "2026-01-09 10:30", working_days(1), "2026-01-11 10:30"),  # the special Sunday
        (SHOP, "2026-01-09 09:30", working_days(1), "2026-01-11 10:00"),  # which opens later
        (SHOP, "2026-01-09 11:30", working_days(1), "2026-01-11 11:00"),  # and closes earlier
        (SHOP, "2026-01-09 11:30", working_days(2), "2026-01-12 11:30"),
        (SHOP, "2026-01-18 12:30", working_days(1), "2026-01-19 13:00"),  # into Monday's lunch break
        # zero: the next open instant
        (STANDARD, "2026-01-03 12:00", working_days(0), "2026-01-05 09:00"),
        (STANDARD, "2026-01-05 12:00", working_days(0), "2026-01-05 12:00"),
        (STANDARD, "2026-01-02 17:00", working_hours(0), "2026-01-05 09:00"),
    ],
)
def test_deadlines(calendar, start, span, end):
    """A deadline falls where a person with a calendar on the wall would put it."""
    assert deadline(calendar, local(start), span).astimezone(ZONE) == local(end)


def test_critical_items_run_round_the_clock():
    """On a calendar that never closes working hours are elapsed hours, and working days end at the same wall time."""
    always = Calendar.around_the_clock("Europe/Ljubljana")
    start = local("2026-10-24 12:00")
    assert deadline(always, start, working_hours(24)) == deadline(always, start, hours(24))
    assert deadline(always, start, working_days(1)).astimezone(ZONE) == local("2026-10-25 12:00")


def test_results_are_in_utc():
    """Whatever the zone of the start, results are in UTC."""
    start = datetime(2026, 1, 5, 10, tzinfo=timezone(timedelta(hours=-7)))
    assert deadline(STANDARD, start, working_hours(1)).tzinfo is UTC
    assert next_open(STANDARD, start).tzinfo is UTC


def test_the_second_of_two_equal_wall_times_is_told_apart():
    """A start in the repeated hour counts from the instant that its fold names."""
    first = local("2026-10-25 02:30")
    gap = deadline(STANDARD, first.replace(fold=1), hours(1)) - deadline(STANDARD, first, hours(1))
    assert gap == timedelta(hours=1)


@pytest.mark.parametrize(
    ("start", "end", "net"),
    [
        ("2026-01-02 16:00", "2026-01-05 10:00", timedelta(hours=1)),  # from Friday afternoon to Monday morning
        ("2026-01-05 08:00", "2026-01-05 18:00", timedelta(hours=7)),  # without lunch
        ("2026-01-10 00:00", "2026-01-12 00:00", timedelta(hours=1)),  # the special Sunday
        ("2026-01-05 12:00", "2026-01-05 13:00", timedelta(0)),
        ("2026-01-05 13:00", "2026-01-05 11:00", timedelta(hours=-1)),  # backwards, as in a subtraction
        ("2027-01-04 00:00", "2029-01-01 00:00", timedelta(days=2 * 52 * 31 / 24)),  # 104 weeks of 31 hours
    ],
)
def test_net_time(start, end, net):
    """Between two instants only open time counts."""
    assert worked(SHOP, local(start), local(end)) == net


def test_closing_time_is_closed_and_opening_time_is_open():
    """A day is open from its opening, included, to its closing, excluded."""
    opened = [is_open(STANDARD, local(f"2026-01-05 {at}")) for at in ("08:59", "09:00", "16:59", "17:00")]
    assert opened == [False, True, True, False]


@pytest.mark.parametrize(
    "ask",
    [
        lambda naive: deadline(STANDARD, naive, hours(1)),
        lambda naive: worked(STANDARD, naive, local("2026-01-05 09:00")),
        lambda naive: add_worked(STANDARD, naive, timedelta(1)),
        lambda naive: is_open(STANDARD, naive),
        lambda naive: next_open(STANDARD, naive),
    ],
)
def test_a_time_without_a_zone_is_refused(ask):
    """No function guesses the zone of a naive datetime."""
    with pytest.raises(InvalidValue, match="names no zone"):
        ask(datetime(2026, 1, 5))  # noqa: DTZ001  # this is the point


def test_negative_open_time_is_refused():
    """Time cannot be un-worked."""
    with pytest.raises(InvalidValue, match="-1 day, 0:00:00 of open time cannot pass"):
        add_worked(STANDARD, local("2026-01-05 09:00"), timedelta(days=-1))


@pytest.mark.parametrize("span", [days(10**7), days(10**9), working_days(2 * 10**6)])
def test_deadlines_beyond_the_calendar_are_refused(span):
    """A deadline after the year 9999 is an error of this library."""
    with pytest.raises(InvalidValue, match="year"):
        deadline(STANDARD, datetime(9990, 1, 1, tzinfo=UTC), span)


@st.composite
def opening_hours(draw):
    """The hours of one day: none to three stretches."""
    cuts = draw(st.lists(st.integers(0, 1440), max_size=6, unique=True).map(sorted))
    return tuple(Hours(start=start, end=end) for start, end in zip(cuts[::2], cuts[1::2], strict=False))


@st.composite
def calendars(draw):
    """Any calendar: breaks, odd minutes, days off."""
    zones = ["Europe/Ljubljana", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Tehran", "UTC"]
    week = draw(st.dictionaries(st.integers(0, 6), opening_hours()).filter(lambda week: any(week.values())))
    return Calendar(name="any", zone=draw(st.sampled_from(zones)), week=week)


@st.composite
def situations(draw):
    """A calendar, with holidays and special days near three instants of which each is at most weeks from the first."""
    start = draw(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
    near = st.timedeltas(timedelta(days=-40), timedelta(days=40))
    some_dates = near.map(lambda delta: (start + delta).date())
    calendar = evolve(
        draw(calendars()),
        holidays=draw(st.sets(some_dates, max_size=8)),
        special=draw(st.dictionaries(some_dates, opening_hours(), max_size=4)),
    )
    return calendar, start, start + draw(near), start + draw(near)


spans = st.builds(Span, amount=st.integers(0, 60), unit=st.sampled_from(Unit))
amounts = st.timedeltas(timedelta(0), timedelta(days=30))


@given(situations())
def test_net_times_add_up(situation):
    """Net time from a to b and from b to c is net time from a to c, whatever their order."""
    calendar, a, b, c = situation
    assert worked(calendar, a, b) + worked(calendar, b, c) == worked(calendar, a, c)
    assert abs(worked(calendar, a, b)) <= abs(b - a)


@given(situations(), amounts)
def test_what_was_added_was_worked(situation, amount):
    """Adding net time and measuring it are inverse, and no earlier instant would do."""
    calendar, start, *_ = situation
    end = add_worked(calendar, start, amount)
    assert worked(calendar, start, end) == amount
    if amount:
        assert worked(calendar, start, end - timedelta(microseconds=1)) == amount - timedelta(microseconds=1)


@given(situations(), amounts, amounts)
def test_a_paused_deadline_resumes(situation, spent, left):
    """Spending some net time, then the rest, ends where the whole would have ended."""
    calendar, start, *_ = situation
    paused = add_worked(calendar, start, spent)
    assert worked(calendar, start, add_worked(calendar, paused, left)) == spent + left


@given(situations(), spans)
def test_a_later_start_gives_no_earlier_deadline(situation, span):
    """Deadlines keep the order of what they are for."""
    calendar, *starts = situation
    ends = [deadline(calendar, start, span) for start in sorted(starts)]
    assert ends == sorted(ends)


@given(situations(), spans)
def test_deadlines_are_read_backwards(situation, span):
    """From the start that is found the span has passed by the end, and from no later microsecond."""
    calendar, end, *_ = situation
    start = passed_since(calendar, end, span)
    assert deadline(calendar, start, span) <= end
    assert deadline(calendar, start + timedelta(microseconds=1), span) > end


@given(situations(), spans)
def test_a_longer_span_gives_no_earlier_deadline(situation, span):
    """One unit more is never due earlier, and no deadline lies before its start."""
    calendar, start, *_ = situation
    longer = evolve(span, amount=span.amount + 1)
    assert start <= deadline(calendar, start, span) < deadline(calendar, start, longer)


@given(situations())
def test_the_next_opening_is_open_and_the_first(situation):
    """The next open instant is open, is its own next one, and nothing is worked before it."""
    calendar, start, *_ = situation
    opening = next_open(calendar, start)
    assert is_open(calendar, opening)
    assert next_open(calendar, opening) == opening
    assert worked(calendar, start, opening) == timedelta(0)
    assert is_open(calendar, start) == (opening == start)


@given(situations(), spans.filter(lambda span: span.unit in {Unit.WORKING_DAYS, Unit.WORKING_HOURS}))
def test_working_deadlines_are_open_or_closing_times(situation, span):
    """A deadline on the working clock is met by people who are at work: it is open, or open until just then."""
    calendar, start, *_ = situation
    end = deadline(calendar, start, span)
    assert is_open(calendar, end) or is_open(calendar, end - timedelta(microseconds=1))


@given(situations(), spans, amounts)
def test_microseconds_say_the_same(situation, span, amount):
    """The functions for stored times agree with those for datetimes to the microsecond."""
    calendar, start, end, _ = situation
    us = microseconds(start)
    assert deadline_us(calendar, us, span) == microseconds(deadline(calendar, start, span))
    assert worked_us(calendar, us, microseconds(end)) * timedelta(microseconds=1) == worked(calendar, start, end)
    added = add_worked_us(calendar, us, amount // timedelta(microseconds=1))
    assert added == microseconds(add_worked(calendar, start, amount))
