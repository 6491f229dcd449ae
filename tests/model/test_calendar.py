"""Lengths of time, opening hours and calendars as data."""

import pickle
from datetime import UTC, date, datetime

import pytest
from attrs import evolve
from cattrs.preconf.json import make_converter
from hypothesis import given
from hypothesis import strategies as st

from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.calendar import (
    Calendar,
    Clock,
    Hours,
    Span,
    Unit,
    days,
    hours,
    minutes,
    working_days,
    working_hours,
)

LUNCH = (Hours.parse("08:00-12:00"), Hours.parse("13:00-17:00"))


@pytest.mark.parametrize(
    ("span", "clock", "written"),
    [
        (minutes(90), Clock.ELAPSED, "90 minutes"),
        (hours(24), Clock.ELAPSED, "24 hours"),
        (days(30), Clock.ELAPSED, "30 days"),
        (working_hours(2), Clock.WORKING, "2 working hours"),
        (working_days(3), Clock.WORKING, "3 working days"),
        (working_days(1), Clock.WORKING, "1 working day"),
        (hours(0), Clock.ELAPSED, "0 hours"),
    ],
)
def test_every_span_names_its_clock_and_reads_well(span, clock, written):
    """A span knows whether it is elapsed or working time and prints as a person would write it."""
    assert span.clock is clock
    assert str(span) == written


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("90 min", minutes(90)),
        ("24 h", hours(24)),
        ("30 d", days(30)),
        ("2 wh", working_hours(2)),
        ("3 wd", working_days(3)),
        ("  3WD ", working_days(3)),
        ("1 working day", working_days(1)),
        ("0 minutes", minutes(0)),
    ],
)
def test_short_forms_parse(text, span):
    """The short forms of settings files are read, whatever their case and spacing."""
    assert Span.parse(text) == span


@given(st.builds(Span, amount=st.integers(0, 10**9 - 1), unit=st.sampled_from(Unit)))
def test_what_a_span_prints_it_parses(span):
    """Printing and parsing are inverse."""
    assert Span.parse(str(span)) == span


@pytest.mark.parametrize("text", ["", "3", "wd", "-1 h", "1.5 h", "3 wd 2 h", "٣ h", "9" * 5000 + " h"])
def test_what_is_no_span_is_refused(text):
    """Text without exactly one whole number and one unit is refused with an example."""
    with pytest.raises(InvalidValue, match='write it as "3 wd" or "24 h"'):
        Span.parse(text)


def test_a_misspelt_unit_is_met_with_the_nearest():
    """An unknown unit names the units that look like it."""
    with pytest.raises(UnknownName, match=r"no unit of time 'workin days': did you mean 'working days'"):
        Span.parse("3 workin days")


@pytest.mark.parametrize("amount", [-1, 1.5, True, "3", None])
def test_a_span_is_a_whole_number_of_units(amount):
    """Negative, broken and non-numeric amounts are refused when they are declared."""
    with pytest.raises(InvalidValue, match="is no length of time"):
        working_days(amount)


@pytest.mark.parametrize(
    ("text", "start", "end"), [("09:00-17:30", 540, 1050), ("0:00-24:00", 0, 1440), (" 8:05 - 12:00 ", 485, 720)]
)
def test_hours_parse(text, start, end):
    """Opening hours are read as minutes after midnight, up to 24:00."""
    assert Hours.parse(text) == Hours(start=start, end=end)


@pytest.mark.parametrize(
    "text", ["", "9-17", "09:60-10:00", "22:00-06:00", "10:00-10:00", "09:00-24:01", "09:00-25:00", "09:00"]
)
def test_hours_outside_one_day_are_refused(text):
    """Hours that are malformed, empty, or reach past midnight are refused."""
    with pytest.raises(InvalidValue):
        Hours.parse(text)


@given(st.tuples(st.integers(0, 1440), st.integers(0, 1440)).map(sorted).filter(lambda pair: pair[0] < pair[1]))
def test_what_hours_print_they_parse(pair):
    """Printing and parsing are inverse."""
    opening = Hours(start=pair[0], end=pair[1])
    assert Hours.parse(str(opening)) == opening


def test_the_standard_week():
    """The standard calendar is open from nine to five, Monday to Friday."""
    calendar = Calendar.standard("Europe/Ljubljana")
    open_on = [calendar.hours_on(date(2026, 3, day)) for day in range(2, 9)]  # a Monday to the Sunday
    assert open_on == [(Hours(start=540, end=1020),)] * 5 + [()] * 2


def test_around_the_clock_never_closes():
    """The calendar of critical items is open all day on every day."""
    calendar = Calendar.around_the_clock("America/New_York", name="critical")
    assert {calendar.hours_on(date(2026, 3, day)) for day in range(1, 32)} == {(Hours(start=0, end=1440),)}


def test_special_days_count_before_holidays_and_these_before_the_week():
    """A date's hours come from the most exact declaration about it."""
    eve, christmas, inventory = date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 28)
    sunday = date(2026, 12, 27)
    calendar = evolve(
        Calendar.standard("Europe/Ljubljana"),
        holidays={eve, christmas},
        special={eve: LUNCH[:1], inventory: (), sunday: LUNCH},
    )
    found = {day: calendar.hours_on(day) for day in (eve, christmas, inventory, sunday)}
    assert found == {eve: LUNCH[:1], christmas: (), inventory: (), sunday: LUNCH}


@pytest.mark.parametrize("week", [{}, {0: ()}, dict.fromkeys(range(7), ())])
def test_a_calendar_that_never_opens_is_refused(week):
    """A week without hours is refused: no working deadline would ever come."""
    with pytest.raises(InvalidValue, match="never opens"):
        Calendar(name="closed", zone="UTC", week=week)


@pytest.mark.parametrize("opening", [LUNCH[::-1], (LUNCH[0], LUNCH[0]), (LUNCH[0], Hours.parse("11:59-13:00"))])
@pytest.mark.parametrize("where", ["week", "special"])
def test_hours_of_a_day_are_in_order_and_apart(opening, where):
    """Unsorted or overlapping hours are refused, in the week and on special days."""
    declared = {"week": {0: LUNCH}} | {where: {0 if where == "week" else date(2026, 1, 1): opening}}
    with pytest.raises(InvalidValue, match="sort the hours"):
        Calendar(name="shop", zone="UTC", **declared)


@pytest.mark.parametrize("weekday", [7, -1, "Mon"])
def test_weekdays_are_zero_to_six(weekday):
    """Any other weekday is refused, with the numbering in the hint."""
    with pytest.raises(InvalidValue, match=r"0 \(Monday\) to 6 \(Sunday\)"):
        Calendar(name="shop", zone="UTC", week={weekday: LUNCH})


@pytest.mark.parametrize("day", [datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01", None])
@pytest.mark.parametrize("where", ["holidays", "special"])
def test_holidays_are_dates(day, where):
    """A datetime or a text, which would never equal a date, is refused."""
    declared = {"holidays": {"holidays": {day}}, "special": {"special": {day: ()}}}[where]
    with pytest.raises(InvalidValue, match="is no date"):
        Calendar(name="shop", zone="UTC", week={0: LUNCH}, **declared)


def test_an_unknown_zone_is_met_with_the_nearest():
    """A misspelt zone names the zones that look like it."""
    with pytest.raises(UnknownName, match="no time zone 'Europe/Lubljana': did you mean 'Europe/Ljubljana'"):
        Calendar.standard("Europe/Lubljana")


@pytest.mark.parametrize("zone", ["", "Europe", "../etc/passwd", "/etc/localtime", "Europe/Rome\0", None, 1])
def test_what_is_no_zone_is_refused(zone):
    """Folders, paths, broken names and values that are no text are refused as zones."""
    with pytest.raises(UnknownName, match="no time zone"):
        Calendar.standard(zone)


def test_a_calendar_keeps_its_own_copy():
    """Changing the mapping that a calendar was made from does not change the calendar."""
    week = {0: list(LUNCH)}
    calendar = Calendar(name="shop", zone="UTC", week=week)
    week[0].clear()
    week[6] = list(LUNCH)
    assert calendar.week == {0: LUNCH}


def test_equal_calendars_hash_alike():
    """Calendars are values: the order of declaration does not matter, any other difference does."""
    one = Calendar(name="shop", zone="UTC", week={0: LUNCH, 1: LUNCH}, holidays={date(2026, 1, 1)})
    same = Calendar(name="shop", zone="UTC", week={1: LUNCH, 0: LUNCH}, holidays=[date(2026, 1, 1)])
    assert (one, hash(one)) == (same, hash(same))
    changes = (
        {"name": "x"},
        {"zone": "Europe/Rome"},
        {"week": {0: LUNCH}},
        {"holidays": ()},
        {"special": {date.max: ()}},
    )
    assert all(evolve(one, **change) != one for change in changes)


@pytest.mark.parametrize("copy", [pickle.dumps, make_converter().dumps])
def test_calendars_and_spans_survive_storage(copy):
    """Pickle and cattrs give back equal values."""
    calendar = Calendar(
        name="shop", zone="UTC", week={0: LUNCH}, holidays={date(2026, 1, 1)}, special={date(2026, 1, 2): LUNCH[:1]}
    )
    for value in (calendar, working_days(3)):
        stored = copy(value)
        back = pickle.loads(stored) if isinstance(stored, bytes) else make_converter().loads(stored, type(value))
        assert (back, hash(back)) == (value, hash(value))
