"""Processes that are killed before and after every statement of every use case."""

import os
from collections.abc import Iterable

import pytest

from tests.conftest import Size
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

#: In CI one of so many points of the longest use case, which does the same for one item after another.
STRIDES = {"escalate": 5}


def test_killed_at_every_statement_of_every_use_case(place: Place, size: Size, figures: Figures) -> None:
    """What was acknowledged is there, no unit is torn, the store checks clean, and doing it again doubles nothing."""
    tried = []
    for name in use_cases(place, size):
        crashes = Crashes(place, name)
        statements = crashes.statements
        every = list(points(statements))[:: size.pick(small=1, ci=STRIDES.get(name, 1), night=1)]
        for point in around(statements, FEW[name]) if size is Size.SMALL else every:
            crashes.strike(point)
        tried.append(crashes)
    kills = sum(crashes.kills for crashes in tried)
    assert kills
    figures(
        f"killed at every statement, {place.kind}", use_cases=len(tried), kills=kills,
        repeats=sum(crashes.repeats for crashes in tried), acknowledged_writes_lost=0, torn_units=0,
    )  # fmt: skip


def use_cases(place: Place, size: Size) -> Iterable[str]:
    """Those that are tried: in CI on a server, the ones that are one unit."""
    if size is Size.SMALL:
        return FEW
    all_of_them = size is Size.NIGHT or place.kind == "sqlite"
    return [name for name in USE_CASES if all_of_them or name not in IN_PIECES]
