"""When calendars are open, around every change of the clocks, against minutes counted one by one."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve

from clientloop.errors import InvalidValue
from clientloop.model.calendar import Calendar, Hours, working_days, working_hours
from clientloop.model.codec import instant
from clientloop.rules.time import openings
from clientloop.rules.time.worktime import add_worked, deadline, is_open, next_open, worked
from tests.conftest import Size

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

#: Zones, the years of which every change of the clocks is tested, and how many changes these have at least.
CHANGES = {
    ("Europe/Ljubljana", 2020, 2030): 22,
    ("America/New_York", 2020, 2030): 22,
    ("Australia/Lord_Howe", 2020, 2030): 22,  # by half an hour
    ("Africa/Casablanca", 2020, 2030): 22,  # back for Ramadan
    ("Asia/Tehran", 2020, 2030): 6,  # at midnight; the last one in 2022
    ("America/Sao_Paulo", 2015, 2020): 9,  # at midnight: a Saturday shows its last hour twice
    ("America/St_Johns", 2005, 2012): 16,  # at 00:01 until 2011: the date itself goes back
    ("Pacific/Apia", 2010, 2013): 7,  # a whole Friday skipped
    ("America/Juneau", 1983, 1984): 3,  # back by two hours at once
    ("America/Costa_Rica", 1991, 1992): 4,  # skips a midnight at which two blocks meet
    ("Asia/Gaza", 2023, 2023): 2,  # at midnight UTC, just where a block looks at the offset
}
ZONES = list(CHANGES)


def _calendar(name: str, zone: str, *week: str) -> Calendar:
    """A calendar from a week as seven texts."""
    return Calendar(
        name=name,
        zone=zone,
        week={day: [Hours.parse(text) for text in hours.split()] for day, hours in enumerate(week)},
    )


@cache
def _calendars(zone: str) -> tuple[Calendar, ...]:
    """Hours that begin, end and break within the times that changes of the clocks skip and repeat."""
    nights = "00:00-00:20 00:40-01:45 02:00-02:10 02:15-02:30 02:40-04:00 22:30-23:20 23:40-24:00"
    return (
        Calendar.around_the_clock(zone),
        _calendar("nights", zone, *[nights] * 7),
        _calendar(
            "mixed", zone, "08:00-12:00 13:00-17:00", "", nights, "02:30-09:00", "00:30-23:30", nights, "01:50-02:20"
        ),
    )


@cache
def _changes(zone: str, first: int, last: int) -> list[datetime]:
    """Every instant of those years at which the zone's offset changes."""
    info = ZoneInfo(zone)
    days = (datetime(last + 1, 1, 1, tzinfo=UTC) - datetime(first, 1, 1, tzinfo=UTC)).days
    noons = [datetime(first, 1, 1, 12, tzinfo=UTC) + n * DAY for n in range(days)]
    found = []
    for before, after in pairwise(noons):
        offset = before.astimezone(info).utcoffset()
        if after.astimezone(info).utcoffset() != offset:
            minutes = (before + n * MINUTE for n in range(24 * 60 + 1))
            found.append(next(at for at in minutes if at.astimezone(info).utcoffset() != offset))
    return found


def _minutes(calendar: Calendar, day: date) -> set[int]:
    """The minutes after midnight within the opening hours of a date."""
    return {minute for hours in calendar.hours_on(day) for minute in range(hours.start, hours.end)}


class Oracle:
    """What a patient clerk would find who looks at the wall clock at every minute of some days."""

    def __init__(self, calendar: Calendar, walls: Sequence[datetime], since: datetime) -> None:
        self.since = since
        self.walls = walls
        shown = {day: _minutes(calendar, day) for day in {wall.date() for wall in walls}}
        self.open = [wall.hour * 60 + wall.minute in shown[wall.date()] for wall in walls]
        self.worked = list(accumulate(self.open, initial=0))
        #: The latest date seen so far, and the time until which that clock has run.
        self.dates = list(accumulate((wall.date() for wall in walls), max))
        ran_until = accumulate((wall + MINUTE for wall in walls), max, initial=walls[0])
        self.reached = [max(pair) for pair in zip(walls, ran_until, strict=False)]
        self.by_date: dict[date, list[int]] = {}
        for i in range(len(walls)):
            if self.open[i]:
                self.by_date.setdefault(self.dates[i], []).append(i)

    def instant(self, i: int) -> datetime:
        """The instant at which a minute begins."""
        return self.since + i * MINUTE

    def next_open(self, i: int) -> int:
        """The first open minute from this one on."""
        return self.open.index(True, i)

    def worked_later(self, i: int, amount: int) -> int:
        """The minute at whose beginning so many more open minutes are over."""
        return bisect_left(self.worked, self.worked[i] + amount)

    def days_later(self, i: int, count: int) -> int:
        """The minute of the same time of day, so many dates with an open minute later."""
        i = self.next_open(i)
        day = sorted(self.by_date)[sorted(self.by_date).index(self.dates[i]) + count]
        time_of_day = self.reached[i] - datetime.combine(self.dates[i], datetime.min.time())
        wanted = datetime.combine(day, datetime.min.time()) + time_of_day
        return next((j for j in self.by_date[day] if self.walls[j] >= wanted), self.by_date[day][-1] + 1)


def _oracles(
    zone: str, instants: list[datetime], *, before: timedelta, after: timedelta
) -> Iterator[tuple[Calendar, Oracle]]:
    """Each calendar with a clerk who watched around each of some instants."""
    info = ZoneInfo(zone)
    for at in instants:
        minutes = range((before + after) // MINUTE)
        walls = [(at - before + n * MINUTE).astimezone(info).replace(tzinfo=None, fold=0) for n in minutes]
        for calendar in _calendars(zone):
            yield calendar, Oracle(calendar, walls, at - before)


def _check_openings(zone: str, instants: list[datetime]) -> None:
    """Compare with the clerk when calendars are open and how much is worked."""
    for calendar, oracle in _oracles(zone, instants, before=timedelta(hours=4), after=timedelta(hours=14)):
        found = [is_open(calendar, oracle.instant(i)) for i in range(len(oracle.open))]
        assert found == oracle.open, calendar
        for i in range(0, len(oracle.open), 7):
            expected = oracle.worked[i] * MINUTE
            assert worked(calendar, oracle.since, oracle.instant(i)) == expected, (calendar, oracle.instant(i))


def _check_deadlines(zone: str, instants: list[datetime]) -> None:
    """Compare with the clerk where deadlines fall that begin up to a day before or after."""
    for calendar, oracle in _oracles(zone, instants, before=3 * DAY, after=7 * DAY):
        for i in range(2 * 24 * 60, 4 * 24 * 60, 53):
            start = oracle.instant(i)
            opening = oracle.instant(oracle.next_open(i))
            assert next_open(calendar, start) == opening, (calendar, start)
            assert deadline(calendar, start, working_days(0)) == opening, (calendar, start)
            for amount in (1, 60, 500):
                end = oracle.instant(oracle.worked_later(i, amount))
                assert add_worked(calendar, start, amount * MINUTE) == end, (calendar, start, amount)
            for count in (1, 2):
                end = oracle.instant(oracle.days_later(i, count))
                assert deadline(calendar, start, working_days(count)) == end, (calendar, start, count)


@pytest.mark.parametrize(("zone", "first", "last", "at_least"), [(*zone, n) for zone, n in CHANGES.items()])
def test_the_clocks_do_change(zone, first, last, at_least):
    """The years under test hold the changes that they are there for, so that the tests below test something."""
    assert len(_changes(zone, first, last)) >= at_least


#: Of how many changes one is tried: an odd number, as every second is of the same season.
_STEP = {Size.SMALL: 7, Size.CI: 1, Size.NIGHT: 1}


@pytest.mark.parametrize(("zone", "first", "last"), ZONES)
def test_openings_around_every_change(zone, first, last, size):
    """Around each change (some, in a plain run) a calendar is open, and time is worked, as the wall clock shows."""
    _check_openings(zone, _changes(zone, first, last)[:: _STEP[size]])


@pytest.mark.parametrize(("zone", "first", "last"), ZONES)
def test_deadlines_around_every_change(zone, first, last, size):
    """Around each change (some, in a plain run) working hours and days end at the minute that the clerk finds."""
    _check_deadlines(zone, _changes(zone, first, last)[:: _STEP[size]])


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "UTC", "Pacific/Honolulu"])
def test_nothing_is_lost_between_blocks(zone):
    """Where two blocks meet, on any side of the meridian, openings and deadlines are as the clerk finds them."""
    block = openings.block_number(Calendar.around_the_clock(zone), 56)
    edges = [instant(block.begin), instant(block.end)]
    _check_openings(zone, [*edges, *(edge - 12 * HOUR for edge in edges)])
    _check_deadlines(zone, edges)
    always = Calendar.around_the_clock(zone)
    assert [add_worked(always, edge - HOUR, HOUR) for edge in edges] == edges


@pytest.mark.parametrize(
    ("at", "opened"),
    [
        ("2026-03-29T00:29", False),  # 01:29, before the gap from 02:00 to 03:00
        ("2026-03-29T00:59", False),
        ("2026-03-29T01:00", True),  # 03:00: hours from 02:30 begin when the gap ends
        ("2026-03-29T01:14", True),
        ("2026-03-29T01:15", False),  # 03:15
        ("2026-10-25T00:29", False),  # 02:29 for the first time
        ("2026-10-25T00:30", True),  # 02:30 for the first time
        ("2026-10-25T00:59", True),
        ("2026-10-25T01:00", False),  # 02:00 for the second time
        ("2026-10-25T01:30", True),  # 02:30 for the second time
        ("2026-10-25T02:15", False),  # 03:15
    ],
)
def test_the_rule_on_one_night(at, opened):
    """Skipped wall times never come and repeated ones count twice: hours from 02:30 to 03:15 in Ljubljana."""
    calendar = _calendar("night", "Europe/Ljubljana", *["02:30-03:15"] * 7)
    assert is_open(calendar, datetime.fromisoformat(at).replace(tzinfo=UTC)) is opened


def test_a_skipped_date_is_no_working_day():
    """Apia had no 30th of December in 2011: one working day after the 29th is the 31st."""
    calendar = Calendar.around_the_clock("Pacific/Apia")
    zone = ZoneInfo(calendar.zone)
    end = deadline(calendar, datetime(2011, 12, 29, 15, tzinfo=zone), working_days(1))
    assert end.astimezone(zone) == datetime(2011, 12, 31, 15, tzinfo=zone)


def test_far_years_cost_a_few_blocks():
    """A deadline in 1990 and one in 2100 build what is around them and no century between."""
    openings.block_number.cache_clear()
    calendar = Calendar.standard("Europe/Ljubljana", name="far")
    for year in (1990, 2100):
        start = datetime(year, 6, 1, tzinfo=UTC)
        assert start < deadline(calendar, start, working_days(3)) < start + 7 * DAY
    assert openings.block_number.cache_info().misses <= 6


def test_memory_is_bounded():
    """However many calendars and years are asked for, only so many blocks are kept."""
    limit = openings.block_number.cache_info().maxsize
    assert limit is not None
    assert limit <= 1_000
    calendar = _calendar("monday", "UTC", "09:00-09:01")
    block = openings.block_number(calendar, 56)
    assert (
        sum(len(getattr(block, name)) for name in ("opens", "closes", "before", "shifts", "least", "days", "first"))
        < 400
    )


def test_threads_build_the_same_blocks():
    """Threads that meet an empty cache agree on every deadline."""
    calendar = Calendar.standard("America/New_York", name="threads")
    starts = [datetime(2000 + n % 60, 1, 1, tzinfo=UTC) for n in range(240)]
    expected = [deadline(calendar, start, working_hours(9)) for start in starts]
    openings.block_number.cache_clear()
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda start: deadline(calendar, start, working_hours(9)), starts)) == expected


def _closed_until(year: int) -> Calendar:
    """A calendar that is closed from 2026 to the end of the year before."""
    days = range(date(2026, 1, 1).toordinal(), date(year, 1, 1).toordinal())
    return evolve(Calendar.around_the_clock("UTC", name="abandoned"), holidays=map(date.fromordinal, days))


def test_ten_years_of_holidays_end():
    """A calendar that is closed for ten years opens again."""
    assert next_open(_closed_until(2036), datetime(2026, 1, 1, tzinfo=UTC)) == datetime(2036, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "ask",
    [
        next_open,
        lambda calendar, start: add_worked(calendar, start, MINUTE),
        lambda calendar, start: deadline(calendar, start, working_days(1)),
        lambda calendar, start: deadline(calendar, start, working_hours(1)),
    ],
)
def test_a_calendar_closed_for_ages_is_an_error(ask):
    """A search for the next open instant ends after ten years or so, with the calendar's name and a hint."""
    with pytest.raises(InvalidValue, match=r"'abandoned' stays closed for ten years.*holidays entered by mistake"):
        ask(_closed_until(2039), datetime(2026, 5, 1, tzinfo=UTC))


@pytest.mark.parametrize("at", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)])
def test_the_ends_of_time_are_refused(at):
    """Next to the years 1 and 9999, where a zone's clock cannot be read, the error says so."""
    with pytest.raises(InvalidValue, match="years 1 to 9999"):
        is_open(Calendar.standard("Europe/Ljubljana"), at)
