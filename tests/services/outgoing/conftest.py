from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.outgoing.mailing import Mailing


@pytest.fixture
def mailing() -> Iterator[Mailing]:
    """A firm that writes to its customers of its own accord."""
    mailing = Mailing()
    yield mailing
    mailing.loop.close()


@pytest.fixture(params=["memory", "sqlite"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a firm keeps its data."""
    return "memory:" if request.param == "memory" else f"sqlite:///{tmp_path / 'firm.db'}"
