"""How a worker is: what it has done, what waits, what it is at, and what went wrong last."""

from __future__ import annotations

import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING

from attrs import asdict, frozen

from clientloop.app.running import Ran
from clientloop.errors import ClientLoopError

if TYPE_CHECKING:
    from clientloop.app.telemetry import Telemetry
    from clientloop.ports.clock import Clock
    from clientloop.services.waiting import Waiting

#: How long a lane may be at one batch before it is named.
LONG = timedelta(seconds=10)


@frozen(kw_only=True)
class Trouble:
    """Something that went wrong."""

    #: The lane that ran into it.
    lane: str
    #: What sort of error, and its code where it has one: words might hold what customers wrote.
    error: str
    #: When, UTC.
    at: datetime


@frozen(kw_only=True)
class Health:
    """How a worker is."""

    #: When this was so, UTC.
    at: datetime
    #: When the worker began, UTC.
    since: datetime
    #: Whether it has been told to stop.
    stopping: bool
    #: What it has done.
    done: Ran
    #: What is due and nobody has claimed; None where the store does not say, or is not asked, as at the end.
    waiting: Waiting | None
    #: The lanes that are at one batch for longer than `LONG`, each with how long: a channel may hang.
    busy: Mapping[str, timedelta]
    #: How often something went wrong.
    failures: int
    #: What went wrong last; None if nothing has.
    trouble: Trouble | None

    def line(self) -> str:
        """All of it in one line of plain text."""
        return "; ".join(
            [
                f"{self.at:%Y-%m-%dT%H:%M:%SZ} {'stopping' if self.stopping else 'running'} for {_whole(self.worked)}",
                f"done {_pairs(asdict(self.done))}",
                f"waiting {'unknown' if self.waiting is None else _pairs(asdict(self.waiting))}",
                *(f"{lane} at one batch for {_whole(length)}" for lane, length in self.busy.items()),
                f"failures {self.failures}",
                *(self._last(self.trouble) if self.trouble else ()),
            ]
        )

    @property
    def worked(self) -> timedelta:
        """How long it has worked."""
        return self.at - self.since

    def _last(self, trouble: Trouble) -> list[str]:
        return [f"last {trouble.error} in {trouble.lane} {_whole(self.at - trouble.at)} ago"]


def _pairs(values: Mapping[str, object]) -> str:
    said = {name: _whole(value) if isinstance(value, timedelta) else str(value) for name, value in values.items()}
    return " ".join(f"{name}={value}" for name, value in said.items())


def _whole(length: timedelta) -> str:
    return f"{length.total_seconds():.0f}s"


class Ledger:
    """What the lanes of one worker write down; may be used by many threads.

    Args:
        clock: Where the present comes from.
        telemetry: What else is told; None for nobody.
    """

    def __init__(self, clock: Clock, telemetry: Telemetry | None = None) -> None:
        """Begin now."""
        self._clock, self._telemetry = clock, telemetry
        self._lock = threading.Lock()
        self._since = clock.now()
        self._done = Ran()
        self._busy: dict[str, float] = {}
        self._failures = 0
        self._trouble: Trouble | None = None

    @contextmanager
    def at_work(self, lane: str) -> Generator[None]:
        """Note that a lane is at a batch for as long as the block takes."""
        self._busy[lane] = monotonic()
        try:
            yield
        finally:
            began = self._busy.pop(lane)
            if self._telemetry is not None:
                self._telemetry.took(lane, monotonic() - began)

    def did(self, ran: Ran, channel: str | None) -> None:
        """Add what was done; of one channel, if it was."""
        with self._lock:
            self._done += ran
        if self._telemetry is not None:
            self._telemetry.did(ran, channel)

    def failed(self, lane: str, error: BaseException) -> None:
        """Note what went wrong."""
        code = f" ({error.code})" if isinstance(error, ClientLoopError) else ""
        trouble = Trouble(lane=lane, error=f"{type(error).__name__}{code}", at=self._clock.now())
        with self._lock:
            self._failures += 1
            self._trouble = trouble
        if self._telemetry is not None:
            self._telemetry.failed(lane, type(error).__name__)

    def health(self, *, waiting: Waiting | None, stopping: bool) -> Health:
        """How things stand.

        Args:
            waiting: What waits, where that is known.
            stopping: Whether the worker has been told to stop.
        """
        now = monotonic()
        lengths = {lane: timedelta(seconds=now - began) for lane, began in sorted(self._busy.copy().items())}
        with self._lock:
            return Health(
                at=self._clock.now(),
                since=self._since,
                stopping=stopping,
                done=self._done,
                waiting=waiting,
                busy={lane: length for lane, length in lengths.items() if length > LONG},
                failures=self._failures,
                trouble=self._trouble,
            )
