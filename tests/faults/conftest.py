"""What the tests of faults print: how often each fault struck, and what came of it."""

import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import FIGURES, Size

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


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path, size: Size) -> "Iterator[Place]":
    """A firm in a SQLite file, then in PostgreSQL; what its forks share is not copied for the sake of a collection."""
    from tests.faults.places import PostgresPlace, SqlitePlace

    if request.param == "sqlite":
        place: Place = SqlitePlace(tmp_path)
    elif size is Size.SMALL:
        pytest.skip("a plain run tries SQLite alone")
    else:
        place = PostgresPlace(tmp_path, request.getfixturevalue("postgres"))
    gc.freeze()
    yield place
    gc.unfreeze()
    place.close()


@pytest.fixture(scope="session")
def firm(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Firm]":
    """The firm, furnished once; each test makes it anew in a store of its own."""
    from tests.faults.failing import Firm

    firm = Firm(tmp_path_factory.mktemp("firm"))
    yield firm
    firm.close()
