"""What a piece of code calls outside of itself: the clock, lots, files and sockets. Nothing is replaced, only seen."""

import gc
import os
import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from datetime import date
from random import Random
from socket import socket
from types import FrameType, ModuleType
from typing import Any

#: Functions written in C that a pure function does not call, by module; None for all of a module.
IMPURE: Mapping[str, frozenset[str] | None] = {
    "time": frozenset(
        name + unit
        for name in ("clock_gettime", "monotonic", "perf_counter", "process_time", "thread_time", "time")
        for unit in ("", "_ns")
    )
    | {"ctime", "localtime", "sleep"},
    "_io": frozenset({"open", "open_code"}),
    "io": frozenset({"open", "open_code"}),
    "posix": None,
    "nt": None,
    "select": None,
    "_socket": None,
    "_ssl": None,
    "_posixsubprocess": None,
    "_winapi": None,
}

#: What of these modules is harmless.
HARMLESS = frozenset(
    {
        *("fspath", "getpid", "htonl", "htons", "inet_aton", "inet_ntop", "inet_pton", "ntohl", "ntohs"),
        *("_path_normpath", "_path_splitroot", "_path_splitroot_ex"),  # what `os.path` does with texts
    }
)

#: What tells the present.
_PRESENT = frozenset({"now", "today", "utcnow"})

#: Says what a function is called in a list; None for one that is of no interest. Any: functions of all types.
Interest = Callable[[Any], str | None]


def impure(function: Any) -> str | None:  # Any: a function written in C, of any type
    """The name of a function that does I/O, reads the clock or draws lots; None for any other.

    >>> import time
    >>> impure(time.time), impure(len)
    ('time.time', None)
    """
    owner, name = getattr(function, "__self__", None), function.__name__
    if isinstance(owner, ModuleType):
        found = IMPURE.get(owner.__name__, frozenset())
        return f"{owner.__name__}.{name}" if (found is None or name in found) and name not in HARMLESS else None
    if isinstance(owner, type):
        return f"{owner.__name__}.{name}" if issubclass(owner, date) and name in _PRESENT else None
    return f"{type(owner).__name__}.{name}" if isinstance(owner, (Random, socket)) else None


def compares_digests(function: Any) -> str | None:  # Any: as above
    """The name of a function that compares in a time that tells nothing; None for any other."""
    name: str = function.__name__
    return name if name.endswith("compare_digest") else None


@contextmanager
def watched(interest: Interest) -> Generator[list[str]]:
    """The calls of functions written in C that are of interest, made by this thread, each with its place.

    Aliases are seen as well, such as by `from time import time`; what has been imported before is not seen again.

    Args:
        interest: Says which.

    >>> import time
    >>> with watched(impure) as calls:
    ...     now = time.time()
    >>> [call.partition(" ")[0] for call in calls]
    ['time.time']
    """
    calls: list[str] = []

    def look(frame: FrameType, event: str, function: Any) -> None:  # Any: as above
        if event == "c_call" and (name := interest(function)):
            calls.append(f"{name} at {frame.f_code.co_filename}:{frame.f_lineno}")

    before, collects = sys.getprofile(), gc.isenabled()
    gc.disable()  # who listens to the collection of garbage is not the code that is watched
    sys.setprofile(look)
    try:
        yield calls
    finally:
        sys.setprofile(before)
        if collects:
            gc.enable()


@contextmanager
def in_zone(zone: str) -> Generator[None]:
    """Let the machine stand in another time zone meanwhile; where that cannot be done, as on Windows, it stays.

    Args:
        zone: IANA name of the zone.
    """
    before = os.environ.get("TZ")
    os.environ["TZ"] = zone
    getattr(time, "tzset", lambda: None)()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        getattr(time, "tzset", lambda: None)()
