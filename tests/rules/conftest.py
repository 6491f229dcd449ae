from collections.abc import Iterator

import pytest

from tests.test_processes import Firm


@pytest.fixture
def firm() -> Iterator[Firm]:
    """A small firm with a clock, one channel, three members and one customer."""
    firm = Firm()
    yield firm
    firm.loop.close()
