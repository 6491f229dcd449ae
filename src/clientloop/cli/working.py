"""The command that does what is due for as long as it runs."""

import os
import signal
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import FrameType

from clientloop.app.health import Health
from clientloop.app.worker import GRACE, TELL_EVERY, Worker
from clientloop.cli.options import HERE, OnScreen, Place
from clientloop.cli.screen import Screen
from clientloop.errors import InvalidValue

#: What ends a worker: what a supervisor sends, and what a keyboard does.
SIGNALS = (signal.SIGTERM, signal.SIGINT)


def worker(
    *,
    health_file: Path | None = None,
    tell_every: float = TELL_EVERY.total_seconds(),
    grace: float = GRACE.total_seconds(),
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Do what is due, until SIGTERM or SIGINT comes: then finish what is in hand, and end; a second one ends at once.

    Any number may run at once, on one machine or many. They work for all firms of the store; with --space for this one
    alone. Each says now and then how it is, in a line on standard error.

    Args:
        health_file: Keep this line in this file, too, for whoever watches over the process.
        tell_every: After how many seconds to say it again.
        grace: How many seconds to wait at the end for what is in hand.
        place: Where to work.
        screen: Where to write.
    """
    for name, seconds in (("tell-every", tell_every), ("grace", grace)):
        if not 0 < seconds <= _DAY:
            raise InvalidValue(f"--{name} {seconds:g} is no time to wait", hint=f"give seconds, up to {_DAY}")
    if health_file is not None and not health_file.parent.is_dir():
        raise InvalidValue(
            f"--health-file {health_file}: there is no folder {health_file.parent}", hint="make it first"
        )
    with place.open() as loop:
        running = Worker(
            loop,
            alone=place.space is not None,
            grace=timedelta(seconds=grace),
            tell=partial(_tell, screen, health_file),
            tell_every=timedelta(seconds=tell_every),
        )
        with _ended_by_signals(running):
            running.run()


_DAY = 24 * 60 * 60


@contextmanager
def _ended_by_signals(running: Worker) -> Generator[None]:
    def stop(number: int, _: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)  # the next one is the system's to deal with
        running.stop()

    before = {each: signal.signal(each, stop) for each in SIGNALS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _tell(screen: Screen, file: Path | None, health: Health) -> None:
    line = health.line()
    screen.err.print(line, soft_wrap=True, markup=False, highlight=False)
    if file is not None:
        written = file.with_name(f".{file.name}.{os.getpid()}")
        written.write_text(f"{line}\n", encoding="utf-8")
        written.replace(file)  # whoever reads it finds a whole line
