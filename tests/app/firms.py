"""Firms whose workers are watched: a worker in a thread, and channels that hang until a test lets them go on."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

from clientloop import ClientLoop, Worker
from clientloop.model.customers import Purpose
from clientloop.model.messages import OutboundMessage, Receipt
from clientloop.model.units import Insert, Unit

#: Seconds after which something hangs that should not.
HANGS = 20

#: The same of what other processes do, which have to begin first.
HANGS_OUTSIDE = 100

#: How often workers of tests look: what they find at once is not waited for.
SOON = timedelta(seconds=0.02)


class Gate:
    """Where whoever comes stands still until it is opened."""

    def __init__(self) -> None:
        self.reached, self._opened = threading.Event(), threading.Event()

    def __call__(self, _: OutboundMessage) -> Receipt:
        """Stand still, as a channel that is given a message."""
        self.reached.set()
        assert self._opened.wait(HANGS)
        return Receipt()

    def open(self) -> None:
        """Let everybody go on."""
        self._opened.set()


@contextmanager
def working(loop: ClientLoop, **options: Any) -> Iterator[Worker]:
    """A worker in a thread for as long as the block takes."""
    worker = Worker(loop, **{"look_every": SOON} | options)
    thread = threading.Thread(target=worker.run, daemon=True)
    thread.start()
    try:
        yield worker
    finally:
        worker.stop()
        thread.join(HANGS)
        assert not thread.is_alive(), "the worker does not stop"


def until(holds: Callable[[], object], *, seconds: float = HANGS) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never was so"
        time.sleep(0.005)


def queue(loop: ClientLoop, channel: str, count: int = 1) -> list[OutboundMessage]:
    """Messages to a member, due now."""
    now = loop.clock.now()
    messages = [
        OutboundMessage(
            space=loop.space.space, id=uuid4(), channel=channel, to="mia@firm.example", purpose=Purpose.INTERNAL,
            template="alert", body="Look.", wake_at=now, created_at=now,
        )
        for _ in range(count)
    ]  # fmt: skip
    loop.store.commit(Unit(tuple(map(Insert, messages))))
    return messages
