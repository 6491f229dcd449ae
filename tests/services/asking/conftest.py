"""What the tests of questions share: a firm that asks two of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from clientloop import ClientLoop
from tests.services.asking.model import open_asking
from tests.services.persons import STORES


@pytest.fixture(params=STORES)
def loop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ClientLoop]:
    """A firm that asks, in memory and in a file."""
    with open_asking(request.param.format(tmp_path)) as opened:
        yield opened
