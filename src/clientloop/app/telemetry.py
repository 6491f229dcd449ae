"""The numbers of a worker for OpenTelemetry, where its API is installed (extra `telemetry`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING

from attrs import asdict

if TYPE_CHECKING:
    from opentelemetry.metrics import CallbackOptions, Meter, Observation

    from clientloop.app.running import Ran
    from clientloop.services.waiting import Waiting

#: What is counted: each field of `Ran`, with what it says.
COUNTED: Mapping[str, str] = {
    "absences": "Absences that were looked at",
    "reread": "Messages read again whose reader was lost",
    "polls": "Polls of channels",
    "fetched": "Messages that polls brought",
    "timers": "Items whose deadlines had come",
    "accepted": "Messages that a channel took",
    "failed": "Messages that no channel took",
    "routines": "Routines done",
}

#: What is looked at when somebody asks: each field of `Waiting`, with its unit and what it says.
OBSERVED: Mapping[str, tuple[str, str]] = {
    "timers": ("{item}", "Items whose deadlines have come and that nobody has claimed"),
    "messages": ("{message}", "Messages that are to be sent and that nobody has claimed"),
    "lag": ("s", "For how long the first of what is due has waited"),
}

#: For how many seconds a look holds: each gauge is asked by itself, and a look reads all that is due.
HOLDS = 1.0

#: The bounds of the histogram of durations, in seconds.
BOUNDS = (0.001, 0.01, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 120.0, 600.0)


def meter_of_the_host() -> Meter | None:
    """The meter of the provider that the host has set up; None where the API is not installed."""
    try:
        from opentelemetry.metrics import get_meter
    except ImportError:
        return None
    return get_meter("clientloop")


class Telemetry:
    """Counts what workers do, times their batches, and shows what waits.

    Args:
        meter: Makes the instruments.
        waiting: What waits now; None where the store does not say.
    """

    def __init__(self, meter: Meter, waiting: Callable[[], Waiting | None]) -> None:
        """Make the instruments."""
        self._counters = {
            name: meter.create_counter(f"clientloop.{name}", unit="1", description=said)
            for name, said in COUNTED.items()
        }
        self._failures = meter.create_counter(
            "clientloop.failures", unit="1", description="Batches of work that ran into an error"
        )
        self._durations = meter.create_histogram(
            "clientloop.batch.duration", unit="s", description="How long one batch of work took",
            explicit_bucket_boundaries_advisory=BOUNDS,
        )  # fmt: skip
        looked = _shared(waiting)
        for name, (unit, said) in OBSERVED.items():
            look = _look(name, looked)
            meter.create_observable_gauge(f"clientloop.waiting.{name}", [look], unit=unit, description=said)

    def did(self, ran: Ran, channel: str | None) -> None:
        """Count what was done; of one channel, if it was."""
        attributes = {} if channel is None else {"channel": channel}
        for name, number in asdict(ran).items():
            if number:
                self._counters[name].add(number, attributes)

    def took(self, lane: str, seconds: float) -> None:
        """Time a batch."""
        self._durations.record(seconds, {"lane": lane})

    def failed(self, lane: str, error: str) -> None:
        """Count an error, by its class."""
        self._failures.add(1, {"lane": lane, "error.type": error})


def _shared(waiting: Callable[[], Waiting | None]) -> Callable[[], Waiting | None]:
    """One look for all who ask at about the same time, who so see the same."""
    until, last = monotonic(), None

    def look() -> Waiting | None:
        nonlocal until, last
        if monotonic() >= until:
            last = waiting()
            until = monotonic() + HOLDS
        return last

    return look


def _look(name: str, waiting: Callable[[], Waiting | None]) -> Callable[[CallbackOptions], Iterable[Observation]]:
    from opentelemetry.metrics import Observation

    def look(_: CallbackOptions) -> Iterable[Observation]:
        found = waiting()
        if found is not None:
            value = getattr(found, name)
            yield Observation(value.total_seconds() if isinstance(value, timedelta) else value)

    return look
