"""What the tests of faults print: how often each fault struck, and what came of it."""

import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import FIGURES

if TYPE_CHECKING:
    from tests.faults.failing import Firm
    from tests.faults.places import Place

Figures = Callable[..., None]


@pytest.fixture
def figures(record_property: Callable[[str, object], None]) -> Figures:
    """Prints figures at the end of the run: ``figures("random kills", kills=2000, lost=0)``."""

    def note(title: str, **numbers: object) -> None:
        said = ", ".join(f"{value} {name.replace('_', ' ')}" for name, value in numbers.items())
        record_property(FIGURES, f"{title}: {said}")

    return note


@pytest.fixture
def place(tmp_path: Path) -> "Iterator[Place]":
    """A firm in a SQLite file; what its forks share is not copied for the sake of a collection."""
    from tests.faults.places import SqlitePlace

    place = SqlitePlace(tmp_path)
    gc.freeze()
    yield place
    gc.unfreeze()


@pytest.fixture(scope="session")
def firm(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Firm]":
    """The firm, furnished once; each test makes it anew in a store of its own."""
    from tests.faults.failing import Firm

    firm = Firm(tmp_path_factory.mktemp("firm"))
    yield firm
    firm.close()
