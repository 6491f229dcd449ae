"""The drivers of an application that brings none: made when something is first sent, for all its spaces together."""

import threading
from typing import TYPE_CHECKING

from clientloop.ports.clock import Clock
from clientloop.ports.effects import Effect, Result

if TYPE_CHECKING:
    from clientloop.drivers.performing import Drivers


class LazyDrivers:
    """As `Drivers`, but loads nothing before the first effect.

    Args:
        clock: What tells the time.
    """

    def __init__(self, clock: Clock) -> None:
        """Load nothing yet."""
        self._clock = clock
        self._lock = threading.Lock()
        self._drivers: Drivers | None = None

    def perform(self, effect: Effect) -> Result:
        """Carry out one effect; as of `Drivers.perform`."""
        return self._made().perform(effect)

    def close(self) -> None:
        """Close the connections that are kept, if there are any."""
        if self._drivers is not None:
            self._drivers.close()

    def _made(self) -> "Drivers":
        with self._lock:
            if self._drivers is None:
                from clientloop.drivers.performing import Drivers

                self._drivers = Drivers(clock=self._clock)
            return self._drivers
