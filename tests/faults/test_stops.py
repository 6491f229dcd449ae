"""Workers that are stopped past their leases and go on later: they hold nothing any more, and are told so."""

import os

import pytest

from tests.conftest import Size
from tests.faults.conftest import Figures
from tests.faults.places import Place, in_each_place
from tests.faults.stops import Stops

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system that forks: stops not tested")

#: What workers do by leases, and how many of the points of each are passed by from one to the next.
TRIED = {"retry": 2, "escalate": 6, "absence": 4, "poll": 2}

#: How many times as many on a server, where the same takes longer.
AS_MANY = {"sqlite": 1, "postgresql": 4}

#: The points of "retry" at which messages are just claimed, and at which the first is just marked.
CLAIMED, MARKED = 11, 15


@in_each_place
def test_stopped_past_the_lease(place: Place, size: Size, figures: Figures) -> None:
    """Another worker does the work; the late writes of the first are refused, and nothing happens twice."""
    tried = []
    for name, stride in (("retry", 1),) if size is Size.SMALL else TRIED.items():
        stops = Stops(place, name)
        step = stride * AS_MANY[place.kind]
        for number in size.pick(small=(CLAIMED, MARKED), ci=range(0, stops.points, step), night=range(stops.points)):
            stops.stop(number)
        tried.append(stops)
    refused = tried[-1].refused
    assert refused
    figures(
        f"stopped past the lease, {place.kind}", stops=sum(stops.stops for stops in tried), late_writes_refused=refused,
        repeats=sum(stops.repeats for stops in tried), doubled=0,
    )  # fmt: skip


@in_each_place
def test_overtaken_while_it_stands(place: Place) -> None:
    """Whoever goes on when another has claimed the same, and has not done it yet, does nothing of it."""
    Stops(place, "retry").overtake(CLAIMED)
