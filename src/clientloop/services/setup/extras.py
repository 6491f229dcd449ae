"""Whether what a channel needs is installed: asked before the first message, not by it."""

import re
from collections.abc import Iterable, Iterator
from importlib import metadata

from clientloop.errors import MissingExtra

_OURSELVES = "clientloop"

#: A requirement (PEP 508), as far as it matters here: a distribution and its extras.
_REQUIREMENT = re.compile(r"\s*(?P<name>[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[(?P<extras>[^\]]*)\])?")

#: What `Requires-Dist` says of an extra without further conditions; what has some may be meant for another machine.
_OF_EXTRA = re.compile(r"""[^;]*;\s*extra\s*==\s*["'](?P<extra>[^"']+)["']\s*""")


def check_extras(needed: Iterable[str], who: str) -> None:
    """Refuse what lacks a library.

    Args:
        needed: Requirements, such as "clientloop[http]".
        who: Who needs them, for the message.

    Raises:
        MissingExtra: A library is not installed; the hint says what to do.

    >>> check_extras(["no-such-library>=2"], "channel 'fax'")
    Traceback (most recent call last):
    clientloop.errors.MissingExtra: channel 'fax' needs the library 'no-such-library': pip install 'no-such-library>=2'
    """
    for requirement in needed:
        for library in _missing(requirement):
            raise MissingExtra(f"{who} needs the library {library!r}", hint=f"pip install '{requirement}'")


def _missing(requirement: str) -> Iterator[str]:
    found = _REQUIREMENT.match(requirement)
    if found is None:
        return
    try:
        stated = metadata.requires(found["name"]) or ()
    except metadata.PackageNotFoundError:
        if found["name"] != _OURSELVES:  # used without being installed, say out of an archive: nobody can tell
            yield found["name"]
        return
    extras = {extra.strip() for extra in (found["extras"] or "").split(",")}
    for each in stated:
        condition = _OF_EXTRA.fullmatch(each)
        if condition is not None and condition["extra"] in extras:
            yield from _missing(each.partition(";")[0])
