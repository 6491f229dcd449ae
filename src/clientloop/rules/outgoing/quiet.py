"""Quiet hours: when somebody is left in peace, by the clocks of wherever they may be."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

from attrs import frozen

from clientloop.model.calendar import Hours
from clientloop.model.zones import zones_of
from clientloop.rules.people.contacts import country_of

#: How far ahead to look for a time that is quiet nowhere: all days are alike, but for those on which clocks are set.
_LOOK_AHEAD = timedelta(days=3)

_MINUTE = timedelta(minutes=1)


@frozen
class Quiet:
    """That it is quiet somewhere."""

    #: IANA name of the zone.
    zone: str
    #: The time by its clock.
    local: datetime
    #: The quiet hours that it lies in.
    hours: Hours

    @property
    def end(self) -> datetime:
        """When these hours are over, UTC; always later than now.

        What is over at a time that the clocks skip is over when that time would have come.
        """
        minute = self.local.replace(second=0, microsecond=0)
        over = (minute.replace(hour=0, minute=0) + timedelta(minutes=self.hours.end)).astimezone(UTC)
        # a clock that was set back shows these hours once more: that is found minute by minute
        return over if over > self.local.astimezone(UTC) else minute.astimezone(UTC) + _MINUTE


def whereabouts(zone: str | None, numbers: Iterable[str], region: str | None, firm_zone: str) -> tuple[str, ...]:
    """The zones that somebody may be in: the strictest reading of what is known.

    Whose zone is not known may be anywhere in the countries of their phone numbers; who has none, anywhere in the
    firm's country; and where the firm has named no country, in the firm's zone.

    Args:
        zone: IANA name of the zone where the person lives; None if nobody knows.
        numbers: The person's phone numbers as E.164.
        region: ISO 3166 code of the firm's country; None if it has named none.
        firm_zone: IANA name of the firm's zone.

    >>> whereabouts(None, ["+351912345678"], "SI", "Europe/Ljubljana")
    ('Europe/Lisbon', 'Atlantic/Madeira', 'Atlantic/Azores')
    """
    if zone is not None:
        return (zone,)
    countries = {country: None for number in numbers if (country := country_of(number))}
    zones = chain.from_iterable(map(zones_of, countries or filter(None, [region])))
    return tuple(zones) or (firm_zone,)


def quiet_at(at: datetime, zones: Iterable[str], hours: Sequence[Hours]) -> Quiet | None:
    """Where it is quiet at a time, if anywhere.

    Args:
        at: The time, aware.
        zones: IANA names of the zones.
        hours: The quiet hours, by the clocks of each zone.

    >>> night = (Hours.parse("21:00-24:00"),)
    >>> found = quiet_at(datetime(2026, 3, 2, 20, 30, tzinfo=UTC), ("Europe/London", "Europe/Paris"), night)
    >>> found.zone, found.end.isoformat()
    ('Europe/Paris', '2026-03-02T23:00:00+00:00')
    """
    for zone in zones:
        local = at.astimezone(ZoneInfo(zone))
        minute = local.hour * 60 + local.minute
        for each in hours:
            if each.start <= minute < each.end:
                return Quiet(zone, local, each)
    return None


def next_calm(at: datetime, zones: Sequence[str], hours: Sequence[Hours]) -> datetime | None:
    """The first time from one on that is quiet in no zone, UTC; None if there is none in the days ahead.

    Args:
        at: The time, aware.
        zones: As of `quiet_at`.
        hours: As of `quiet_at`.
    """
    calm, last = at.astimezone(UTC), at + _LOOK_AHEAD
    while calm <= last:
        quiet = quiet_at(calm, zones, hours)
        if quiet is None:
            return calm
        calm = quiet.end
    return None
