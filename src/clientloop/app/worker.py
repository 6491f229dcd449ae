"""The worker: does what is due for as long as it runs, any number of them at once."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import islice
from time import monotonic
from typing import TYPE_CHECKING

from clientloop.app.health import Health, Ledger
from clientloop.app.lanes import BREATH, Lane, Patience, Runner, Spaces, lanes_of
from clientloop.errors import NotSupported, StoreError
from clientloop.plugins.loading import harmless

if TYPE_CHECKING:
    from opentelemetry.metrics import Meter

    from clientloop.app.loop import ClientLoop
    from clientloop.services.waiting import Waiting

logger = logging.getLogger(__name__)

#: How often a worker looks for what is due, where the store does not wake it before.
LOOK_EVERY = timedelta(seconds=1)

#: How often a worker says how it is.
TELL_EVERY = timedelta(minutes=1)

#: How long a worker that is to stop waits for what it has in hand.
GRACE = timedelta(seconds=20)

#: How long a worker may be deaf to `stop`.
_SLICE = timedelta(seconds=0.25)

#: In how many spaces it is counted what waits: those that have waited longest.
_COUNTED = 100


class Worker:
    """Does what is due, in all spaces of a store, until it is told to stop.

    Deadlines, routines and each channel have a thread of their own, with claims of their own: what hangs holds up no
    other. Where the store fails, the worker tries again after growing pauses; one that does not answer at all keeps no
    worker from stopping.

    Args:
        loop: The application's; it stays the caller's to close.
        alone: Whether to work for the opened space alone: where the firms of one store have channels of their own, each
            needs a worker of its own.
        look_every: How often to look for what is due, where the store does not wake before.
        grace: How long, from `stop` on, to wait for what is in hand; what is not finished by then is left, as if the
            worker had been killed.
        tell: Told how the worker is when it begins, then again and again, and once more at the end.
        tell_every: How often.
        meter: Makes the instruments of OpenTelemetry; if not given, that of the host does where the extra `telemetry`
            is installed.

    >>> from clientloop import ClientLoop
    >>> from clientloop.testing.fakes import FakeChannels
    >>> post = FakeChannels("email")
    >>> loop = ClientLoop.open("memory:", plugins=[post])
    >>> item = loop.feedback.receive(kind="question", channel="email", text="Open today?", reply_to="a@example.com")
    >>> item = loop.feedback.move(item, "answer", by="agent-7", text="Until six.")
    >>> worker = Worker(loop)
    >>> post.answer = lambda message: worker.stop() or Receipt()
    >>> from clientloop.model.messages import Receipt
    >>> worker.run()
    >>> worker.health().done.accepted
    1
    """

    def __init__(
        self,
        loop: ClientLoop,
        *,
        alone: bool = False,
        look_every: timedelta = LOOK_EVERY,
        grace: timedelta = GRACE,
        tell: Callable[[Health], object] | None = None,
        tell_every: timedelta = TELL_EVERY,
        meter: Meter | None = None,
    ) -> None:
        """Begin nothing yet."""
        from clientloop.app.telemetry import Telemetry, meter_of_the_host

        self._loop, self._spaces = loop, Spaces(loop, alone=alone)
        self._look_every, self._grace = look_every, grace
        self._tell, self._tell_every = tell, tell_every
        meter = meter or meter_of_the_host()
        self._ledger = Ledger(loop.clock, Telemetry(meter, self._waiting) if meter else None)
        self._begun = threading.Lock()  # never given back
        self._until = math.inf  # when it is to stop at last; a plain mark, as a handler of signals may take no lock
        self._ended = threading.Event()
        self._runners = [self._runner(lane) for lane in lanes_of(loop.context.plugins)]

    def run(self) -> None:
        """Work until `stop` is called, by another thread or by a handler of signals.

        Raises:
            NotSupported: It runs or has run already.
        """
        if not self._begun.acquire(blocking=False):
            raise NotSupported("a worker runs once, and this one has begun already", hint="make a new Worker")
        threads = [threading.Thread(target=each.run, name=each.lane.name, daemon=True) for each in self._runners]
        watch = threading.Thread(target=self._watch, name="watch", daemon=True)
        for thread in (*threads, watch):
            thread.start()
        try:
            while not self._is_stopping():
                watch.join(_SLICE.total_seconds())
        finally:
            self.stop()
            self._end([*threads, watch])

    def stop(self) -> None:
        """Have `run` return: what is in hand is finished, what is claimed and not begun is given back."""
        self._until = min(self._until, monotonic() + self._grace.total_seconds())

    def health(self) -> Health:
        """How the worker is; may be asked by any thread."""
        return self._ledger.health(waiting=self._waiting(), stopping=self._is_stopping())

    def _runner(self, lane: Lane) -> Runner:
        return Runner(
            lane, self._spaces, self._ledger, stop=self._is_stopping,
            rest=lambda pause: self._ended.wait(pause.total_seconds()), found=self._ring,
        )  # fmt: skip

    def _is_stopping(self) -> bool:
        return self._until < math.inf

    def _watch(self) -> None:
        """Wake the lanes whenever something may be due."""
        patience, told = Patience(), -math.inf
        while not self._is_stopping():
            try:
                if monotonic() >= told + self._tell_every.total_seconds():
                    told = monotonic()
                    self._say_what_waits()
                if self._loop.store.due_spaces(now=self._loop.clock.now(), limit=1):
                    self._ring()
                self._wait(BREATH, _sleep)  # many commits that are heard of ring once
                self._wait(self._look_every, self._loop.store.wait_for_due)
                patience = Patience()
            except BaseException as error:  # noqa: BLE001  # the thread is ours: nobody else would hear of it
                self._ledger.failed("watch", error)
                self._wait(patience.lose(), _sleep)

    def _ring(self) -> None:
        for runner in self._runners:
            runner.ring()

    def _wait(self, length: timedelta, wait: Callable[[timedelta], bool]) -> None:
        """Wait, in slices, until the time is over, something is heard, or the worker is to stop."""
        until = monotonic() + length.total_seconds()
        while not self._is_stopping() and (left := until - monotonic()) > 0:
            if wait(min(_SLICE, timedelta(seconds=left))):
                return

    def _end(self, threads: list[threading.Thread]) -> None:
        self._ended.set()
        self._ring()
        until = max(self._until, monotonic() + _SLICE.total_seconds())  # threads that have just begun end, too
        for thread in threads:
            thread.join(max(0.0, until - monotonic()))
        late = [thread.name for thread in threads if thread.is_alive()]
        if late:
            logger.warning("stopped without the end of: %s; others take it over when its leases end", ", ".join(late))
        self._say(self._ledger.health(waiting=None, stopping=True))  # the store may have gone silent: it is not asked

    def _say_what_waits(self) -> None:
        if self._tell is not None:
            health = self.health()
            if not health.stopping:  # else the last word may have been said while the store was asked
                self._say(health)

    def _say(self, health: Health) -> None:
        if self._tell is None:
            return
        try:
            self._tell(health)
        except harmless() as error:  # say, a full disk: the work goes on
            file = getattr(error, "filename", None)
            where = "" if file is None else f" at {file}"
            logger.warning("nobody can be told how the worker is: %s%s", type(error).__name__, where)

    def _waiting(self) -> Waiting | None:
        from clientloop.services.waiting import waiting

        try:
            return waiting(self._loop.store, islice(self._spaces.due(), _COUNTED), self._loop.clock.now())
        except StoreError:
            return None


def _sleep(length: timedelta) -> bool:
    time.sleep(length.total_seconds())
    return False
