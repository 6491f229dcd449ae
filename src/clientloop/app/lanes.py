"""The lanes of a worker: kinds of work that go on side by side, so that what hangs in one holds up no other.

Each lane is one thread, which claims for itself what it does next. A channel has a lane for what is sent and one for
what is fetched. While it hangs it keeps these, and the one batch that it has claimed, whose leases end.
"""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import timedelta
from random import random
from time import monotonic
from typing import TYPE_CHECKING

from attrs import frozen

from clientloop.app.running import (
    Work,
    absences,
    polling,
    reading,
    routines,
    sending,
    sending_besides,
    timers,
    together,
)
from clientloop.errors import Sealed, StoreCorrupt, StoreError
from clientloop.ports.channel import Direction

if TYPE_CHECKING:
    from clientloop.app.health import Ledger
    from clientloop.app.loop import ClientLoop
    from clientloop.services.context import Context
    from clientloop.services.leases import Stop
    from clientloop.services.setup.channels import Channels

logger = logging.getLogger(__name__)

#: The pauses after errors: each is twice the one before, up to the longest, and shortened by chance by up to half.
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(seconds=0.5), timedelta(minutes=1)

#: How long whoever found nothing waits at least before looking again: many rings in between are one.
BREATH = timedelta(seconds=0.02)

#: For how long a worker goes by the settings that it has read of a space.
FRESH = timedelta(seconds=10)

#: What a store refuses of one space alone; where all of it is damaged, it does not say which spaces are due either.
_OF_A_SPACE = (Sealed, StoreCorrupt)

#: How many due spaces are asked for at first.
_FEW = 100


def concerns_all(error: BaseException) -> bool:
    """Whether what went wrong in one space will go wrong in all: they are in one store."""
    return isinstance(error, StoreError) and not isinstance(error, _OF_A_SPACE)


@frozen(kw_only=True)
class Lane:
    """Kinds of work that are done one after another."""

    #: What it is called.
    name: str
    #: What is done, in this order.
    works: tuple[Work, ...]
    #: The channel, of a lane of one.
    channel: str | None = None


def lanes_of(channels: Channels) -> tuple[Lane, ...]:
    """The lanes of a worker: those of the loop, and those of each channel that can be used.

    Args:
        channels: The channels of the application.
    """
    polled = tuple(name for name in channels.configured if channels.can(name, Direction.POLL))
    sent = channels.senders
    return (
        Lane(name="deadlines", works=(absences, timers)),
        Lane(name="reading", works=(reading,)),
        Lane(name="routines", works=(routines,)),
        *(Lane(name=f"poll {name}", works=(polling(channel=name),), channel=name) for name in polled),
        *(Lane(name=f"send {name}", works=(sending(name),), channel=name) for name in sent),
        Lane(name="other channels", works=(polling(besides=polled), sending_besides(sent))),
    )


def pause_after(failures: int, chance: float) -> timedelta:
    """How long to wait after an error.

    Args:
        failures: How often it has gone wrong in a row, at least once.
        chance: From 0 to 1: those that failed together do not come back together.

    >>> [pause_after(failures, 1).total_seconds() for failures in (1, 2, 3, 20)]
    [0.5, 1.0, 2.0, 60.0]
    >>> pause_after(2, 0).total_seconds()
    0.5
    """
    whole = min(SHORTEST_PAUSE * (1 << min(failures - 1, 20)), LONGEST_PAUSE)
    return whole * (1 + chance) / 2


class Patience:
    """How long to leave alone what goes wrong."""

    def __init__(self) -> None:
        """Nothing has gone wrong."""
        self._failures, self._until = 0, monotonic()

    @property
    def is_over(self) -> bool:
        """Whether it may be tried."""
        return monotonic() >= self._until

    def lose(self) -> timedelta:
        """It has gone wrong: the pause until it may be tried again."""
        self._failures += 1
        pause = pause_after(self._failures, random())  # noqa: S311  # no secret
        self._until = monotonic() + pause.total_seconds()
        return pause


class Spaces:
    """The spaces of a store as a worker visits them.

    Args:
        loop: The application's.
        alone: Whether to visit the space alone that it has opened.
    """

    def __init__(self, loop: ClientLoop, *, alone: bool = False) -> None:
        """Read nothing yet."""
        self._loop, self._alone = loop, alone
        self._read: dict[str, tuple[float, Context]] = {}

    def due(self) -> Sequence[str]:
        """Where something may be due, the longest due first: all of them, also behind those where it stays so."""
        now, limit = self._loop.clock.now(), _FEW
        while len(found := self._loop.store.due_spaces(now=now, limit=limit)) == limit:
            limit *= 2
        return [name for name in found if name == self._loop.space.space] if self._alone else found

    def context(self, name: str) -> Context:
        """A space by its settings of now, or of a few seconds ago.

        Args:
            name: The name of the space.

        Raises:
            Sealed: It is on its way to another store.
        """
        from clientloop.services.keeping.seals import refuse_sealed

        refuse_sealed(self._loop.store, name)
        fresh = monotonic() - FRESH.total_seconds()
        read, context = self._read.get(name, (fresh, None))
        if context is None or read < fresh:
            context = self._loop.in_space(name).context
            self._read = {each: known for each, known in self._read.items() if known[0] >= fresh}
            self._read[name] = monotonic(), context
        return context


class Runner:
    """Goes on with one lane until it is to stop.

    Args:
        lane: The lane.
        spaces: The spaces.
        ledger: Where to write down what was done.
        stop: Whether to stop.
        rest: Waits for a time, or until the worker ends.
        found: Called after something was done: it may have made work for others.
    """

    def __init__(
        self,
        lane: Lane,
        spaces: Spaces,
        ledger: Ledger,
        *,
        stop: Stop,
        rest: Callable[[timedelta], object],
        found: Callable[[], None],
    ) -> None:
        """Wait for the bell."""
        self.lane = lane
        self._spaces, self._ledger = spaces, ledger
        self._stop, self._rest, self._found = stop, rest, found
        self._bell = threading.Event()
        self._patience: defaultdict[str, Patience] = defaultdict(Patience)

    def ring(self) -> None:
        """Something may be due."""
        self._bell.set()

    def run(self) -> None:
        """Do what is due whenever the bell rings."""
        store = Patience()
        while not self._stop():
            self._bell.wait()
            self._bell.clear()
            try:
                if self._burst():
                    self._found()
                store = Patience()
                self._rest(BREATH)
            except BaseException as error:  # noqa: BLE001  # the thread is ours: nobody else would hear of it
                self._rest(self._failed(error, store))
                self._bell.set()

    def _burst(self) -> bool:
        """Do what is due until nothing is; whether anything was."""
        passes = 0
        while not self._stop() and self._pass():
            passes += 1
        return passes > 0

    def _pass(self) -> bool:
        """One batch in each space that is due; whether anything was found."""
        return sum(self._batch(space) for space in self._spaces.due() if not self._stop()) > 0

    def _batch(self, space: str) -> bool:
        if not self._patience[space].is_over:
            return False
        try:
            context = self._spaces.context(space)
            with self._ledger.at_work(self.lane.name):
                step = together([work(context, self._stop) for work in self.lane.works])
        except BaseException as error:  # as in `run`, and no other space shall wait for it
            if concerns_all(error):
                raise
            self._failed(error, self._patience[space])
            return False
        self._patience.pop(space, None)
        self._ledger.did(step.ran, self.lane.channel)
        return step.found

    def _failed(self, error: BaseException, patience: Patience) -> timedelta:
        pause = patience.lose()
        self._ledger.failed(self.lane.name, error)
        logger.warning("%s ran into %s: again in %.1f s", self.lane.name, type(error).__name__, pause.total_seconds())
        return pause
