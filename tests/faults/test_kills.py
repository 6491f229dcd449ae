"""Processes that are killed at random moments while several work in one store."""

import os

import pytest

from tests.conftest import Size
from tests.faults.conftest import Figures
from tests.faults.load import kill_at_random
from tests.faults.places import Place, in_each_place

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system that forks: kills not tested")

SEED = 20260302

#: How many stores they work in, one after another.
ROUNDS = {"sqlite": {"small": 1, "ci": 15, "night": 150}, "postgresql": {"small": 0, "ci": 5, "night": 50}}


@in_each_place
def test_killed_at_random_under_load(place: Place, size: Size, figures: Figures) -> None:
    """Whoever is killed, and whenever: nothing acknowledged is lost, nothing is torn, and repeats are documented."""
    kills = size.pick(small=4, ci=100, night=100)
    counted = kill_at_random(place, rounds=size.pick(**ROUNDS[place.kind]), kills=kills, seed=SEED)
    assert counted["acknowledged"] > counted["kills"], "they had something to lose"
    figures(f"killed at random under load, {place.kind}", **counted, acknowledged_writes_lost=0, invariants_broken=0)
