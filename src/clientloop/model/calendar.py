"""What a firm means by time: lengths that name their clock, and calendars of opening hours.

A process says `working_days(3)` or `hours(24)`; a calendar says when the firm is open. Both are plain data:
`rules/time/worktime.py` puts them together.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from itertools import pairwise
from typing import Self, TypeVar

from attrs import field, frozen

from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.zones import zone_named

K = TypeVar("K")

_DAY_MINUTES = 24 * 60


class Clock(StrEnum):
    """What makes a length of time pass."""

    #: Always running: an hour is 60 minutes, through nights, holidays and changes of the clocks.
    ELAPSED = "elapsed"
    #: Running only while the calendar is open.
    WORKING = "working"


class Unit(StrEnum):
    """What a length of time is counted in; each unit belongs to one clock."""

    MINUTES = "minutes"
    HOURS = "hours"
    #: 24 hours each.
    DAYS = "days"
    WORKING_HOURS = "working hours"
    #: Days on which the calendar opens, however long.
    WORKING_DAYS = "working days"

    @property
    def clock(self) -> Clock:
        """The clock that counts this unit."""
        return Clock.WORKING if self in _WORKING else Clock.ELAPSED


_WORKING = frozenset({Unit.WORKING_HOURS, Unit.WORKING_DAYS})

_SYMBOLS = dict(zip(("min", "h", "d", "wh", "wd"), Unit, strict=True))

#: Every spelling that `Span.parse` reads: the symbol, the plural and the singular.
_SPELLINGS = _SYMBOLS | {unit.value: unit for unit in Unit} | {unit.value[:-1]: unit for unit in Unit}


def _check_amount(_: object, __: object, amount: int) -> None:
    if type(amount) is not int or amount < 0:
        raise InvalidValue(f"{amount!r:.80} is no length of time", hint="give a whole number, zero or more")


@frozen(kw_only=True)
class Span:
    """A declared length of time that names its clock.

    Tables of processes write it with `minutes`, `hours`, `days`, `working_hours` and `working_days`.

    >>> print(working_days(3), "|", hours(1), "|", Span.parse("24 h"))
    3 working days | 1 hour | 24 hours
    """

    #: How many units; zero or more.
    amount: int = field(validator=_check_amount)
    #: What is counted, and so by which clock.
    unit: Unit

    @property
    def clock(self) -> Clock:
        """The clock that this length runs on."""
        return self.unit.clock

    def __str__(self) -> str:
        """As a person would write it: "1 hour", "3 working days"."""
        return f"{self.amount} {self.unit.value[:-1] if self.amount == 1 else self.unit.value}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a length such as "90 min", "24 h", "30 d", "2 wh" or "3 wd", or what `str` wrote.

        Args:
            text: A whole number and a unit: `min`, `h`, `d` (elapsed), `wh`, `wd` (working), or its name in full.

        Raises:
            InvalidValue: The text does not say a number and a unit.

        >>> Span.parse("3 wd") == Span.parse("3 working days") == working_days(3)
        True
        """
        match = re.fullmatch(r"\s*([0-9]{1,9})\s*([A-Za-z][A-Za-z ]*?)\s*", text)
        if match is None:
            raise InvalidValue(f"{text!r:.80} is no length of time", hint='write it as "3 wd" or "24 h"')
        amount, spelling = match.groups()
        unit = _SPELLINGS.get(spelling.lower())
        if unit is None:
            raise UnknownName.among(spelling, _SPELLINGS, what="unit of time")
        return cls(amount=int(amount), unit=unit)


def minutes(amount: int) -> Span:
    """So many elapsed minutes."""
    return Span(amount=amount, unit=Unit.MINUTES)


def hours(amount: int) -> Span:
    """So many elapsed hours: `hours(24)` is due at the same instant whether or not the firm was open."""
    return Span(amount=amount, unit=Unit.HOURS)


def days(amount: int) -> Span:
    """So many times 24 elapsed hours."""
    return Span(amount=amount, unit=Unit.DAYS)


def working_hours(amount: int) -> Span:
    """So many hours during which the calendar is open."""
    return Span(amount=amount, unit=Unit.WORKING_HOURS)


def working_days(amount: int) -> Span:
    """So many days on which the calendar opens, to the same time of day."""
    return Span(amount=amount, unit=Unit.WORKING_DAYS)


@frozen(kw_only=True, order=True)
class Hours:
    """One unbroken stretch of opening hours within a day, by the clock on the wall.

    A night shift is two of them: until 24:00 of one day and from 00:00 of the next.

    >>> Hours.parse("09:00-17:30")
    Hours(start=540, end=1050)
    >>> print(Hours.parse("22:00-24:00"))
    22:00-24:00
    """

    #: Opening, in minutes after midnight.
    start: int
    #: Closing, in minutes after midnight, at most 1440 (24:00); not part of the stretch.
    end: int

    def __attrs_post_init__(self) -> None:
        """Refuse a stretch that does not lie within one day."""
        if not 0 <= self.start < self.end <= _DAY_MINUTES:
            raise InvalidValue(
                f"nothing can be open from minute {self.start} to minute {self.end} of a day",
                hint="give start < end <= 1440; split hours that cross midnight at 24:00",
            )

    def __str__(self) -> str:
        """As "09:00-17:30"."""
        return "-".join(f"{at // 60:02}:{at % 60:02}" for at in (self.start, self.end))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read opening hours such as "09:00-17:30".

        Raises:
            InvalidValue: The text is not two times of day, the earlier one first.
        """
        match = re.fullmatch(r"\s*(\d{1,2}):([0-5]\d)\s*-\s*(\d{1,2}):([0-5]\d)\s*", text, re.ASCII)
        if match is None:
            raise InvalidValue(f"{text!r:.80} are no opening hours", hint='write them as "09:00-17:30"')
        from_hour, from_minute, to_hour, to_minute = map(int, match.groups())
        return cls(start=from_hour * 60 + from_minute, end=to_hour * 60 + to_minute)


_ALL_DAY = (Hours(start=0, end=_DAY_MINUTES),)
_NINE_TO_FIVE = (Hours(start=9 * 60, end=17 * 60),)


def _copied(by_day: Mapping[K, Iterable[Hours]]) -> dict[K, tuple[Hours, ...]]:
    """The calendar's own copy, which a later change of the caller's mapping cannot reach."""
    return {day: tuple(opening) for day, opening in by_day.items()}


def _by_weekday(week: Mapping[int, Iterable[Hours]]) -> dict[int, tuple[Hours, ...]]:
    return _copied(week)


def _by_date(special: Mapping[date, Iterable[Hours]]) -> dict[date, tuple[Hours, ...]]:
    return _copied(special)


def _dates(days: Iterable[date]) -> frozenset[date]:
    return frozenset(days)


def _as_set(by_day: Mapping[K, tuple[Hours, ...]]) -> frozenset[tuple[K, tuple[Hours, ...]]]:
    """What two mappings are compared and hashed by."""
    return frozenset(by_day.items())


def _check_zone(_: object, __: object, zone: str) -> None:
    zone_named(zone)


def _check_stretches(day: object, opening: tuple[Hours, ...]) -> None:
    for earlier, later in pairwise(opening):
        if later.start < earlier.end:
            raise InvalidValue(f"{later} follows {earlier} on {day}", hint="sort the hours of a day; let none overlap")


def _check_week(_: object, __: object, week: Mapping[int, tuple[Hours, ...]]) -> None:
    for weekday, opening in week.items():
        if weekday not in range(7):
            raise InvalidValue(f"no weekday {weekday!r:.80}", hint="weekdays are 0 (Monday) to 6 (Sunday)")
        _check_stretches(f"weekday {weekday}", opening)
    if not any(week.values()):
        raise InvalidValue("a calendar that never opens: no deadline could be met", hint="give hours for some weekday")


def _check_dates(_: object, __: object, dates: Iterable[object]) -> None:
    for day in dates:
        if not isinstance(day, date) or isinstance(day, datetime):  # a datetime is a date that would never match
            raise InvalidValue(f"{day!r:.80} is no date", hint="give datetime.date(year, month, day)")


def _check_special(_: object, __: object, special: Mapping[date, tuple[Hours, ...]]) -> None:
    _check_dates(_, __, special)
    for day, opening in special.items():
        _check_stretches(day, opening)


@frozen(kw_only=True, cache_hash=True)
class Calendar:
    """When a firm, a team or a branch is open, by the wall clock of its zone.

    What is declared for a date in `special` counts before `holidays`, and these before `week`.

    Raises:
        InvalidValue: The zone is unknown, the hours of a day overlap, or no weekday has any.

    >>> lunch = (Hours.parse("08:00-12:00"), Hours.parse("13:00-17:00"))
    >>> calendar = Calendar(name="shop", zone="Europe/Ljubljana", week={day: lunch for day in range(5)})
    >>> [str(hours) for hours in calendar.hours_on(date(2026, 1, 2))]
    ['08:00-12:00', '13:00-17:00']
    """

    #: What people call it.
    name: str
    #: IANA name of the zone whose wall clock the hours are read from.
    zone: str = field(validator=_check_zone)
    #: Weekday (0 is Monday) to its opening hours, in order and not overlapping; breaks lie between them.
    week: Mapping[int, tuple[Hours, ...]] = field(converter=_by_weekday, validator=_check_week, eq=_as_set)
    #: Dates on which it stays closed.
    holidays: frozenset[date] = field(default=frozenset(), converter=_dates, validator=_check_dates)
    #: Dates with hours of their own; none at all means closed.
    special: Mapping[date, tuple[Hours, ...]] = field(
        factory=dict, converter=_by_date, validator=_check_special, eq=_as_set
    )

    @classmethod
    def standard(cls, zone: str, *, name: str = "standard") -> Self:
        """Monday to Friday, 09:00 to 17:00, no holidays.

        Args:
            zone: IANA name, say "Europe/Ljubljana".
            name: What people call it.

        Raises:
            InvalidValue: The zone is unknown.
        """
        return cls(name=name, zone=zone, week=dict.fromkeys(range(5), _NINE_TO_FIVE))

    @classmethod
    def around_the_clock(cls, zone: str, *, name: str = "around the clock") -> Self:
        """Every day, 00:00 to 24:00, no holidays.

        Args:
            zone: IANA name; it says where days begin.
            name: What people call it.

        Raises:
            InvalidValue: The zone is unknown.
        """
        return cls(name=name, zone=zone, week=dict.fromkeys(range(7), _ALL_DAY))

    def hours_on(self, day: date) -> tuple[Hours, ...]:
        """The opening hours of one date; empty when closed."""
        if day in self.special:
            return self.special[day]
        return () if day in self.holidays else self.week.get(day.weekday(), ())
