"""Fixtures for pytest, there wherever clientloop is installed; nothing is imported before a test asks for one.

Their names begin as they do so that they take no name which another plugin or a test suite is likely to use.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from clientloop.app import ClientLoop
    from clientloop.ports.clock import ManualClock
    from clientloop.testing.hosting import Host


@pytest.fixture
def clientloop_clock() -> "ManualClock":
    """A clock that stands until a test moves it: on a Monday at nine in the morning, UTC."""
    from clientloop.ports.clock import ManualClock
    from clientloop.testing.samples import SAMPLE_TIME

    return ManualClock(SAMPLE_TIME)


@pytest.fixture
def clientloop_loop(clientloop_clock: "ManualClock") -> Iterator["ClientLoop"]:
    """A `ClientLoop` in memory, with the plugins that are installed, by the clock `clientloop_clock`."""
    from clientloop.app import ClientLoop

    with ClientLoop.open("memory:", clock=clientloop_clock) as loop:
        yield loop


@pytest.fixture
def clientloop_host() -> Iterator[Callable[..., "Host"]]:
    """Makes a `clientloop.testing.hosting.Host` of a channel, closed at the end: `clientloop_host(Parrot(config))`."""
    from clientloop.testing.hosting import Host

    with ExitStack() as stack:
        yield lambda *args, **options: stack.enter_context(Host(*args, **options))
