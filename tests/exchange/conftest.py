"""What the tests of imports share: a space with a standing clock, and files in memory."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from clientloop.app import ClientLoop
from clientloop.ports.clock import ManualClock

#: When imports happen: a Wednesday.
NOW = datetime(2026, 3, 4, 9, tzinfo=UTC)


@pytest.fixture
def loop() -> Iterator[ClientLoop]:
    """A space in memory, in Ljubljana."""
    clock = ManualClock(NOW)
    with ClientLoop.open("memory:", region="SI", zone="Europe/Ljubljana", clock=clock, entry_points=False) as loop:
        yield loop
