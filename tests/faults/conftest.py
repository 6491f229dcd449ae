"""What the tests of faults print: how often each fault struck, and what came of it."""

import gc
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from tests.conftest import FIGURES

if TYPE_CHECKING:
    from tests.faults.failing import Firm
    from tests.faults.places import Place
    from tests.postgres import Server

Figures = Callable[..., None]


@pytest.fixture
def figures(record_property: Callable[[str, object], None]) -> Figures:
    """Prints figures at the end of the run: ``figures("random kills", kills=2000, lost=0)``."""

    def note(title: str, **numbers: object) -> None:
        said = ", ".join(f"{value} {name.replace('_', ' ')}" for name, value in numbers.items())
        record_property(FIGURES, f"{title}: {said}")

    return note


@pytest.fixture(scope="session")
def sqlite_place(tmp_path_factory: pytest.TempPathFactory) -> "Place":
    """A firm in a SQLite file, furnished once; whoever uses it begins anew."""
    from tests.faults.places import SqlitePlace

    return SqlitePlace(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql_place(tmp_path_factory: pytest.TempPathFactory, postgres: "Server") -> "Place":
    """The same in PostgreSQL."""
    from tests.faults.places import PostgresPlace

    return PostgresPlace(tmp_path_factory.mktemp("postgresql"), postgres)


@pytest.fixture
def place(request: pytest.FixtureRequest) -> "Iterator[Place]":
    """One of both, as the parameter says; what its forks share is not copied for the sake of a collection."""
    place: Place = request.getfixturevalue(f"{request.param}_place")
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
