"""Public holidays for calendars, from the library `holidays` (extra `calendar`)."""

from collections.abc import Iterable
from importlib import import_module

from attrs import evolve

from clientloop.errors import MissingExtra, UnknownName
from clientloop.model.calendar import Calendar


def with_holidays(
    calendar: Calendar, country: str, years: Iterable[int], *, subdivision: str | None = None
) -> Calendar:
    """The same calendar, closed also on a country's public holidays.

    The dates are kept in the calendar as data, so that nothing needs the library afterwards. Years that are not named
    have no holidays: name those that deadlines will reach, and add the next ones in time.

    Args:
        calendar: Keeps its own holidays and special days.
        country: ISO 3166-1 alpha-2 code, say "SI".
        years: The years to fill in.
        subdivision: Code of a state or province with holidays of its own, say "BY" in "DE".

    Raises:
        UnknownName: The library does not know the country or the subdivision.
        MissingExtra: The library is not installed.

    ::

        calendar = with_holidays(Calendar.standard("Europe/Ljubljana"), "SI", range(2026, 2029))
    """
    try:
        holidays = import_module("holidays")  # no import statement: type checkers also run where it is missing
    except ImportError:
        raise MissingExtra.of("calendar", "holidays") from None
    try:
        dates = holidays.country_holidays(country, subdiv=subdivision, years=years)
    except NotImplementedError:
        known = holidays.list_supported_countries()
        if country in known:
            raise UnknownName.among(subdivision, known[country], what=f"subdivision of {country}") from None
        raise UnknownName.among(country, known, what="country with known holidays") from None
    return evolve(calendar, holidays=calendar.holidays.union(dates))
