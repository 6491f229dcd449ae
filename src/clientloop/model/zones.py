"""Time zones by name, and by country."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, available_timezones

from clientloop.errors import UnknownName, near_matches


def zone_named(name: str) -> ZoneInfo:
    """The zone of this IANA name.

    Raises:
        UnknownName: There is none; the nearest names are in the hint.

    >>> zone_named("Europe/Ljubljana").key
    'Europe/Ljubljana'
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError, TypeError):  # what zoneinfo raises for unknown, malformed, folders, no text
        raise UnknownName(f"no time zone {name!r:.80}", hint=near_matches(name, available_timezones())) from None


def zones_of(region: str) -> tuple[str, ...]:
    """The IANA names of all zones of a country; none if no such country is known.

    Args:
        region: ISO 3166 code such as "SI".

    >>> zones_of("SI"), len(zones_of("PT")), zones_of("XX")
    (('Europe/Ljubljana',), 3, ())
    """
    return _by_country().get(region, ())


@cache
def _by_country() -> Mapping[str, tuple[str, ...]]:
    """The table that the IANA database brings along."""
    found: dict[str, tuple[str, ...]] = {}
    for line in files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            region, _, zone, *_ = line.split("\t")
            found[region] = (*found.get(region, ()), zone)
    return found
