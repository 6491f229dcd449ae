"""What the tests of faults print: how often each fault struck, and what came of it."""

from collections.abc import Callable

import pytest

from tests.conftest import FIGURES

Figures = Callable[..., None]


@pytest.fixture
def figures(record_property: Callable[[str, object], None]) -> Figures:
    """Prints figures at the end of the run: ``figures("random kills", kills=2000, lost=0)``."""

    def note(title: str, **numbers: object) -> None:
        said = ", ".join(f"{value} {name.replace('_', ' ')}" for name, value in numbers.items())
        record_property(FIGURES, f"{title}: {said}")

    return note
