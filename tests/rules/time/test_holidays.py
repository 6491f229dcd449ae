"""Public holidays from the optional library."""

import sys
from datetime import date

import pytest
from attrs import evolve

from clientloop.errors import MissingExtra, UnknownName
from clientloop.model.calendar import Calendar
from clientloop.rules.time.holidays import with_holidays

CALENDAR = evolve(Calendar.standard("Europe/Ljubljana"), holidays={date(2026, 7, 3)})


@pytest.fixture
def library():
    """The library itself."""
    return pytest.importorskip("holidays", reason="needs the extra 'calendar'")


def test_a_country_closes_on_its_holidays(library):
    """The named years get the country's holidays beside those that were there; other years stay as they were."""
    calendar = with_holidays(CALENDAR, "SI", range(2026, 2028))
    assert {date(2026, 2, 8), date(2027, 12, 25), date(2026, 7, 3)} <= calendar.holidays
    assert {day.year for day in calendar.holidays} == {2026, 2027}


def test_a_subdivision_has_holidays_of_its_own(library):
    """Epiphany is a holiday in Bavaria and not in Berlin."""
    epiphany = date(2026, 1, 6)
    assert epiphany in with_holidays(CALENDAR, "DE", [2026], subdivision="BY").holidays
    assert epiphany not in with_holidays(CALENDAR, "DE", [2026], subdivision="BE").holidays


@pytest.mark.parametrize(
    ("country", "subdivision", "message"),
    [("XX", None, "no country with known holidays 'XX'"), ("DE", "ZZ", "no subdivision of DE 'ZZ'")],
)
def test_unknown_places_are_refused(library, country, subdivision, message):
    """A country or subdivision that the library does not know is an error, not a calendar without holidays."""
    with pytest.raises(UnknownName, match=message):
        with_holidays(CALENDAR, country, [2026], subdivision=subdivision)


def test_a_missing_library_names_its_extra(monkeypatch):
    """Without the library the error says what to install."""
    monkeypatch.setitem(sys.modules, "holidays", None)
    with pytest.raises(MissingExtra, match=r"pip install 'clientloop\[calendar\]'"):
        with_holidays(CALENDAR, "SI", [2026])
