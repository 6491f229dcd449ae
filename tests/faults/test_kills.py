"""Processes that are killed at random moments while several work in one store."""

import os

import pytest

from tests.conftest import Size
from tests.faults.conftest import Figures
from tests.faults.load import kill_at_random
from tests.faults.places import Place

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system that forks: kills not tested")

SEED = 20260302


def test_killed_at_random_under_load(place: Place, size: Size, figures: Figures) -> None:
    """Whoever is killed, and whenever: nothing acknowledged is lost, nothing is torn, and repeats are documented."""
    rounds, kills = size.pick(small=(1, 4), ci=(20, 100), night=(200, 100))
    counted = kill_at_random(place, rounds=rounds, kills=kills, seed=SEED)
    assert counted["acknowledged"] > counted["kills"], "they had something to lose"
    figures("killed at random under load, sqlite", **counted, acknowledged_writes_lost=0, invariants_broken=0)
