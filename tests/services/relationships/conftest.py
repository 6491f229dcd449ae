from collections.abc import Iterator

import pytest

from clientloop import ClientLoop, ManualClock
from tests.services.relationships.models import START, open_loop


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands until a test moves it."""
    return ManualClock(START)


@pytest.fixture
def loop(clock: ManualClock) -> Iterator[ClientLoop]:
    """A firm with small models."""
    with open_loop(clock=clock) as loop:
        yield loop
