"""Deadlines that come at once for several workers."""

import os
from datetime import timedelta

import pytest

from clientloop import ManualClock
from tests.conftest import Size
from tests.faults.conftest import Figures
from tests.faults.house import START
from tests.faults.judge import judge
from tests.faults.places import Place, in_each_place
from tests.faults.timers import THEN, fire, journals, multiply

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system that forks: workers not tested")

WORKERS = 4

#: After which leases are over: all items here are one person's, and a message that met others of the same person too
#: often is left until then.
LEASES = timedelta(minutes=10)


@in_each_place
def test_each_timer_fires_once(place: Place, size: Size, figures: Figures) -> None:
    """Of four workers one claims each timer, and the journal of each item reads as if there were a single one."""
    count = size.pick(small=50, ci=10_000, night=100_000)
    place.begin_anew()
    with place.house.opened(place.url, clock=ManualClock(START)) as loop:
        multiply(loop, 50)
    assert set(fire(place, 1).values()) == {1}
    with place.house.opened(place.url) as loop:
        alone = journals(loop)
    place.begin_anew()
    with place.house.opened(place.url, clock=ManualClock(START)) as loop:
        made = multiply(loop, count)
    claims = fire(place, WORKERS)
    with place.house.opened(place.url, clock=ManualClock(THEN + LEASES)) as loop:
        loop.run_due()
        found = journals(loop)
        verdict = judge(loop, place.acks, place.sent)
    models = {made[item]: moves for item, moves in alone.items() if item in made}
    assert not verdict.faults, verdict.faults
    assert set(claims.values()) == {1}, "no timer is given to two"
    assert not {item: found[item] for item, name in made.items() if found[item] != models[name]}, models
    figures(
        f"fired by four workers, {place.kind}",
        timers=len(claims),
        twice=0,
        messages=verdict.taken,
        repeats=verdict.repeats,
    )
