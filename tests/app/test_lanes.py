"""Lanes: which there are, how long they wait after errors, and the spaces that they visit."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop import ClientLoop, ManualClock
from clientloop.app import lanes
from clientloop.app.lanes import LONGEST_PAUSE, SHORTEST_PAUSE, Spaces, lanes_of, pause_after
from clientloop.errors import Sealed
from clientloop.model.units import Unit
from clientloop.services.keeping.seals import Seal, Way
from clientloop.testing.fakes import FakeChannels
from tests.app.firms import queue
from tests.services.intake.wires import Script, perform


@pytest.fixture
def loop() -> Iterator[ClientLoop]:
    """A firm with two channels that send and one that is polled."""
    with ClientLoop.open(
        "memory:", clock=ManualClock(datetime(2026, 3, 2, 9, tzinfo=UTC)), entry_points=False, perform=perform,
        plugins=[FakeChannels("email", "sms"), Script()], channels={"box": {}},
    ) as loop:  # fmt: skip
        yield loop


def test_each_channel_has_lanes_of_its_own(loop: ClientLoop) -> None:
    """One for each thing that it can do; whatever else there is shares the others."""
    assert [(lane.name, lane.channel) for lane in lanes_of(loop.context.plugins)] == [
        ("deadlines", None),
        ("reading", None),
        ("routines", None),
        ("poll box", "box"),
        ("send email", "email"),
        ("send sms", "sms"),
        ("other channels", None),
    ]


@given(failures=st.integers(1, 10_000), chance=st.floats(0, 1))
def test_pauses_grow_to_a_bound(failures: int, chance: float) -> None:
    """Each is between half of and all of the double of the one before, and the longest is never passed."""
    pause, full = pause_after(failures, chance), pause_after(failures, 1)
    assert full / 2 <= pause <= full <= LONGEST_PAUSE
    assert full == LONGEST_PAUSE or full == SHORTEST_PAUSE * 2 ** (failures - 1)


def test_spaces_behind_those_that_stay_due_are_seen(loop: ClientLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many have something that nobody here can do, each other one has its turn."""
    monkeypatch.setattr(lanes, "_FEW", 2)
    names = {f"space-{number}" for number in range(9)}
    for name in names:
        queue(loop.in_space(name), "email")
    assert set(Spaces(loop).due()) == {*names, "main"}


def test_a_space_that_is_sealed_is_left_at_once(loop: ClientLoop) -> None:
    """Also one that the worker has just been in: whatever it did there now, the copy would not know of."""
    spaces = Spaces(loop)
    assert spaces.context("main").space.space == "main"
    loop.store.commit(Unit((Seal(space="main", way=Way.LEAVING, other="postgresql:").setting(),)))
    with pytest.raises(Sealed, match="has moved to postgresql:"):
        spaces.context("main")


def test_settings_of_others_count_after_a_while(loop: ClientLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A space is read anew now and then; what another process has set counts from then on."""
    spaces = Spaces(loop)
    first = spaces.context("main")
    assert (spaces.context("main"), first.settings.reassess is None) == (first, False)
    loop.settings.set("reassess", None)
    monkeypatch.setattr(lanes, "FRESH", timedelta(seconds=-1))
    assert spaces.context("main").settings.reassess is None
