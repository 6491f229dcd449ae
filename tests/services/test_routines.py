"""What the library does again and again: when, by whom, and once."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from clientloop import ClientLoop, ManualClock, hookimpl
from clientloop.errors import InvalidValue, StoreFull
from clientloop.model.calendar import days, hours, working_days
from clientloop.model.facts import Fact
from clientloop.model.planning import Routine
from clientloop.model.units import Delete, Unit
from clientloop.services import batches, routines
from clientloop.services.leases import Beat, Hold, Overtaken
from clientloop.services.routines import Chore, every, keep_routines, run_routine
from tests.services.relationships.models import START, buy, open_loop

NIGHT = datetime(2026, 3, 3, 3, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands until a test moves it."""
    return ManualClock(START)


@pytest.fixture
def loop(clock: ManualClock) -> Iterator[ClientLoop]:
    """A firm with small models."""
    with open_loop(clock=clock) as loop:
        yield loop


@pytest.fixture(autouse=True)
def one_routine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only everybody's reassessment is ever due."""
    monkeypatch.setattr(routines, "CHORES", {"relationships": routines.CHORES["relationships"]})


def _row(loop: ClientLoop) -> Routine:
    found = loop.store.get(Routine, (loop.space.space, "relationships"))
    assert found is not None
    return found


def _runs(loop: ClientLoop, clock: ManualClock, hours_between: int, times: int) -> list[datetime]:
    """When something was done."""
    found = []
    for _ in range(times):
        clock.advance(timedelta(hours=hours_between))
        if loop.run_due().routines:
            found.append(clock.now())
    return found


def test_time_alone_changes_stages(loop: ClientLoop, clock: ManualClock) -> None:
    """Over thirteen months with nothing but `run_due`, whoever buys no more is gone after thirty days."""
    kim, tom = loop.customers.add(name="Kim"), loop.customers.add(name="Tom")
    buy(loop, kim)
    for month in range(13):
        buy(loop, tom)
        for _ in range(3):
            clock.advance(timedelta(days=10))
            assert loop.run_due().routines == 1
        standing = loop.relationships.standing(kim, "recent")
        assert standing is not None
        assert standing.stage == ("here" if month == 0 else "gone")
    assert [row.stage for row in loop.relationships.history(kim, "recent")] == ["gone", "here"]
    assert [row.stage for row in loop.relationships.history(tom, "recent")] == ["here"]
    assert loop.relationships.as_of(kim, "recent", START + timedelta(days=20)) == "here"


def test_everybody_is_assessed_by_night(loop: ClientLoop, clock: ManualClock) -> None:
    """At three in the morning of the space's zone, once a day, whenever workers come."""
    assert _row(loop).wake_at == NIGHT
    done = _runs(loop, clock, 1, 72)
    assert done == [NIGHT + timedelta(days=number) for number in range(3)]


@pytest.mark.parametrize(("every", "times"), [(None, 0), (hours(6), 11), (days(2), 2)])
def test_a_firm_says_how_often(loop: ClientLoop, clock: ManualClock, every: object, times: int) -> None:
    """Or that it is never to be done; a changed setting counts from the next night on."""
    loop.settings.set("reassess", every)
    assert len(_runs(loop, clock, 1, 80)) == times
    loop.settings.set("reassess", days(1))
    assert len(_runs(loop, clock, 1, 48)) == 2


def test_what_is_no_rhythm_is_refused(loop: ClientLoop) -> None:
    """No working time, and no time at all."""
    for wrong in (working_days(1), days(0)):
        with pytest.raises(InvalidValue, match="reassessed every"):
            loop.settings.set("reassess", wrong)


def test_a_space_that_lacks_a_routine_gets_it(loop: ClientLoop) -> None:
    """A space of an older version has it as soon as it is entered, and every space its own by its zone."""
    row = _row(loop)
    loop.store.commit(Unit((Delete(Routine, ("main", row.name), row.version),)))
    keep_routines(loop.context)
    keep_routines(loop.context)
    assert _row(loop) == row
    other = loop.in_space("other", zone="America/New_York")
    assert _row(other).wake_at == datetime(2026, 3, 3, 8, tzinfo=UTC)


def test_all_spaces_are_assessed(loop: ClientLoop, clock: ManualClock) -> None:
    """A worker visits every space whose time has come."""
    other = loop.in_space("other")
    buy(other, other.customers.add(name="Kim"))
    clock.set(NIGHT)
    assert loop.run_due().routines == 2
    assert other.relationships.stages("recent") == {"gone": 0, "here": 1}


def test_two_workers_do_it_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes second finds nothing to do: while the first is at it, and afterwards."""
    clock, url, done = ManualClock(START), f"sqlite:///{tmp_path}/shop.db", []
    with open_loop(url, clock=clock) as loop, open_loop(url, clock=clock) as other:

        def do(*_: object) -> None:
            done.append(clock.now())
            if len(done) == 1:
                other.run_due()

        monkeypatch.setattr(routines, "CHORES", {"relationships": Chore(do=do, due=every(lambda _: days(1)))})
        clock.set(NIGHT)
        assert [each.run_due().routines for each in (loop, other, loop)] == [1, 0, 0]
        assert done == [NIGHT]


def test_one_that_takes_longer_than_its_lease_is_done_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who assesses many customers is heard of on the way, and no free worker begins anew."""
    clock, url, others = ManualClock(START), f"sqlite:///{tmp_path}/shop.db", []
    monkeypatch.setattr(batches, "BATCH", 1)

    class Slow:
        @hookimpl
        def clientloop_on_relationship_changed(self, facts: Sequence[Fact]) -> None:
            clock.advance(timedelta(minutes=40))
            others.append(other.run_due().routines)

    with open_loop(url, clock=clock, plugins=[Slow()]) as loop, open_loop(url, clock=clock) as other:
        for name in ("Kim", "Tom", "Eva"):
            buy(loop, loop.customers.add(name=name))
        clock.set(NIGHT)
        assert loop.run_due().routines == 1
        assert len(others) > 2 * routines.LEASE / timedelta(minutes=40)
        assert sum(others) == 0
        assert (_row(loop).done_at, _row(loop).wake_at) == (NIGHT, NIGHT + timedelta(days=1))


def test_who_was_overtaken_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A worker that slept through its lease leaves the routine to the other, also past handlers of errors."""
    clock, url, done = ManualClock(START), f"sqlite:///{tmp_path}/shop.db", []
    with open_loop(url, clock=clock) as loop, open_loop(url, clock=clock) as other:

        def do(_: object, beat: Beat) -> None:
            if loop.clock.now() == NIGHT:
                clock.advance(routines.LEASE)
                assert other.run_due().routines == 1
            with suppress(Exception):
                beat()
            done.append(clock.now())

        monkeypatch.setattr(routines, "CHORES", {"relationships": Chore(do=do, due=every(lambda _: days(1)))})
        clock.set(NIGHT)
        assert loop.run_due().routines == 0
        assert len(done) == 1
        assert "routine relationships was taken by another worker" in caplog.text
        assert _row(loop).done_at == NIGHT + routines.LEASE


def test_what_is_done_is_done(loop: ClientLoop, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes to the end is believed, though another had begun anew; that one stops."""
    taken: list[Routine] = []

    def do(*_: object) -> None:
        clock.advance(routines.LEASE)
        taken.extend(loop.store.claim(Routine, "main", now=clock.now(), lease=routines.LEASE, limit=1))

    monkeypatch.setattr(routines, "CHORES", {"relationships": Chore(do=do, due=every(lambda _: days(1)))})
    clock.set(NIGHT)
    assert loop.run_due().routines == 1
    hold = Hold(loop.context, *taken)
    assert (_row(loop).done_at, _row(loop).wake_at) == (NIGHT, NIGHT + timedelta(days=1))
    clock.advance(routines.LEASE / 2)
    with pytest.raises(Overtaken):
        hold.beat()


def test_a_worker_that_dies_leaves_it_to_the_next(
    loop: ClientLoop, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the lease, and not before."""
    died = [True]

    def do(*_: object) -> None:
        if died.pop():
            raise StoreFull("the power went")

    monkeypatch.setattr(routines, "CHORES", {"relationships": Chore(do=do, due=every(lambda _: days(1)))})
    clock.set(NIGHT)
    with pytest.raises(StoreFull):
        loop.run_due()
    died.append(False)
    clock.advance(routines.LEASE - timedelta(seconds=1))
    assert loop.run_due().routines == 0
    clock.advance(timedelta(seconds=1))
    assert loop.run_due().routines == 1


def test_one_that_fails_is_tried_again(
    loop: ClientLoop, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It stops nothing else that is due, and one that is not known here sleeps."""
    broken = Chore(do=lambda *_: 1 // 0, due=every(lambda _: days(1)))
    monkeypatch.setattr(routines, "CHORES", {"relationships": broken})
    clock.set(NIGHT)
    assert loop.run_due().routines == 0
    assert "routine relationships raised ZeroDivisionError" in caplog.text
    assert _row(loop).wake_at == NIGHT + routines.AGAIN
    monkeypatch.setattr(routines, "CHORES", {})
    clock.advance(routines.AGAIN)
    assert loop.run_due().routines == 0
    assert _row(loop).wake_at == NIGHT + timedelta(days=1)


def test_a_missing_rate_does_not_stop_the_others(
    loop: ClientLoop, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    """What the firm has to mend is said in the log, and everybody is assessed by the models that see no amounts."""
    kim = loop.customers.add(name="Kim")
    buy(loop, kim, currency="CHF")
    clock.set(NIGHT)
    assert loop.run_due().routines == 1
    assert "spenders: 1 left out: there are amounts in CHF" in caplog.text
    standings = loop.relationships.of(kim)
    assert "spenders" not in standings
    assert standings["recent"].stage == "here"


def test_a_worker_that_stops_gives_it_back(
    loop: ClientLoop, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two parts of it; another worker then need not wait for the end of the lease."""
    parts: list[int] = []

    def do(_: object, beat: Beat) -> None:
        for number in range(3):
            with suppress(Exception):
                beat()
            parts.append(number)

    monkeypatch.setattr(routines, "CHORES", {"relationships": Chore(do=do, due=every(lambda _: days(1)))})
    clock.set(NIGHT)
    assert run_routine(loop.context, stop=lambda: len(parts) == 2).done == 0
    assert (parts, _row(loop).done_at, _row(loop).wake_at) == ([0, 1], None, NIGHT)
    assert run_routine(loop.context).done == 1
