"""Processes that are killed before and after every statement of every use case."""

import os
from collections.abc import Iterable
from pathlib import Path

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


def strike(place: Place, names: Iterable[str], size: Size, figures: Figures) -> None:
    """Kill a process at the points of use cases."""
    tried = []
    for name in names:
        crashes = Crashes(place, name)
        statements = crashes.statements
        every = list(points(statements))[:: size.pick(small=1, ci=STRIDES.get(name, 1), night=1)]
        for point in around(statements, FEW[name]) if size is Size.SMALL else every:
            crashes.strike(point)
        tried.append(crashes)
    kills = sum(crashes.kills for crashes in tried)
    assert kills
    figures(
        f"killed at every statement, {place.url.partition(':')[0]}", use_cases=len(tried), kills=kills,
        repeats=sum(crashes.repeats for crashes in tried), acknowledged_writes_lost=0, torn_units=0,
    )  # fmt: skip


def test_killed_at_every_statement_of_every_use_case(place: Place, size: Size, figures: Figures) -> None:
    """What was acknowledged is there, no unit is torn, the store checks clean, and doing it again doubles nothing."""
    strike(place, FEW if size is Size.SMALL else USE_CASES, size, figures)


def test_killed_at_every_statement_on_postgresql(
    request: pytest.FixtureRequest, tmp_path: Path, size: Size, figures: Figures
) -> None:
    """The same with a server, which has to find out by itself that a client is gone; by night all use cases."""
    if size is Size.SMALL:
        pytest.skip("a plain run kills processes on SQLite alone")
    from tests.faults.served import PostgresPlace

    place = PostgresPlace(tmp_path, request.getfixturevalue("postgres"))
    try:
        strike(place, [name for name in USE_CASES if size is Size.NIGHT or name not in IN_PIECES], size, figures)
    finally:
        place.close()
