"""Time zones by name, and by country."""

import re
from collections.abc import Iterator, Mapping
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


def countries_called(name: str) -> tuple[str, ...]:
    """The ISO 3166 codes of the countries in whose English names all words of a name occur.

    Args:
        name: The name; case does not matter.

    >>> countries_called("slovenia"), countries_called("UK"), countries_called("Nowhere")
    (('SI',), ('GB', 'VG'), ())
    """
    words = set(_WORD.findall(name.casefold()))
    return tuple(
        code for code, country in _table("iso3166.tab") if words and words <= set(_WORD.findall(country.casefold()))
    )


_WORD = re.compile(r"\w+")


@cache
def _by_country() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for region, _, zone, *_ in _table("zone.tab"):
        found[region] = (*found.get(region, ()), zone)
    return found


def _table(name: str) -> Iterator[list[str]]:
    """The rows of a table that the IANA database brings along."""
    for line in files("tzdata").joinpath("zoneinfo", name).read_text("utf-8").splitlines():
        if not line.startswith("#"):
            yield line.split("\t")
