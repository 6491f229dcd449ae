"""Processes that are killed before and after every statement of every use case."""

import os

import pytest

from tests.conftest import SIZE, Size
from tests.faults.conftest import Figures
from tests.faults.crashes import Crashes
from tests.faults.firm import IN_PIECES, USE_CASES
from tests.faults.places import Place
from tests.faults.statements import around, points

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system that forks: kills not tested")

#: What a plain run tries: around the transactions in which these statements come first.
FEW = {
    "answer": "INSERT INTO clientloop_outbox",
    "escalate": "UPDATE clientloop_feedback",
    "retry": "DELETE FROM clientloop_outbox",
}

#: Of so many points one is tried in CI: on a server, and of the longest use case, which does the same for one item
#: after another.
STRIDES = {"postgresql": 6, "escalate": 8}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test for each use case on each store: in CI those on a server that are one unit, by night all."""
    size = metafunc.config.stash[SIZE]
    served = size.pick(small=(), ci=[name for name in USE_CASES if name not in IN_PIECES], night=USE_CASES)
    tried = [*(("sqlite", name) for name in size.pick(small=FEW, ci=USE_CASES, night=USE_CASES)),
             *(("postgresql", name) for name in served)]  # fmt: skip
    metafunc.parametrize(("place", "name"), tried, indirect=["place"])


def test_killed_at_every_statement(place: Place, name: str, size: Size, figures: Figures) -> None:
    """What was acknowledged is there, no unit is torn, the store checks clean, and doing it again doubles nothing."""
    crashes = Crashes(place, name)
    stride = STRIDES.get(place.kind, STRIDES.get(name, 1)) if size is Size.CI else 1
    every = list(points(crashes.statements))[::stride]
    for point in around(crashes.statements, FEW[name]) if size is Size.SMALL else every:
        crashes.strike(point)
    assert crashes.kills
    figures(
        f"killed at every statement, {place.kind}, {name}", kills=crashes.kills, repeats=crashes.repeats,
        acknowledged_writes_lost=0, torn_units=0,
    )  # fmt: skip
