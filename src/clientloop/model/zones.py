"""Time zones by name."""

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
