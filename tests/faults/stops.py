"""Workers that stand still past their leases, while others do their work, and then go on as if nothing had been."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from attrs import define, field

from clientloop import ClientLoop, ManualClock
from clientloop.errors import ClientLoopError, Conflict
from clientloop.model.messages import OutboundMessage
from clientloop.ports.store import Store
from tests.faults.acks import Acks
from tests.faults.crashes import AFTERWARDS, RUNS
from tests.faults.firm import USE_CASES, tend
from tests.faults.forks import Fork, stand_still
from tests.faults.house import SPACE, START
from tests.faults.judge import judge
from tests.faults.lines import Lines
from tests.faults.places import Place

#: When the others look: by their clock all leases of the first are over, and when everybody has gone on.
MEANWHILE, AT_LAST = START + timedelta(hours=30), START + timedelta(hours=60)


@define
class Writes:
    """The writes and claims of one process, which may stand still before or after one of them."""

    #: Where it is noted that one was refused.
    refusals: Lines
    #: Before which it stands still, of all that it is at: each is one as it begins, and one as it ends.
    stop: int | None = None
    seen: int = 0

    def watch(self, store: Store) -> None:
        """See all of a store."""
        watched: Any = store  # Any: its methods are replaced
        watched.commit, watched.claim = self._seen(store.commit), self._seen(store.claim)

    def _seen(self, act: Callable[..., Any]) -> Callable[..., Any]:  # Any: whatever they take and give
        def seen(*args: Any, **options: Any) -> Any:
            self._pass()
            try:
                answer = act(*args, **options)
            except Conflict:
                self.refusals.append("refused")
                raise
            self._pass()
            return answer

        return seen

    def _pass(self) -> None:
        if self.seen == self.stop:
            stand_still()
        self.seen += 1


@define
class Stops:
    """The points of one use case at which a worker may stand still."""

    place: Place
    name: str
    #: How many stood still.
    stops: int = 0
    #: How many messages were sent again, as is documented.
    repeats: int = 0
    #: At how many points it can be stopped.
    points: int = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Do it without any disturbance, and see where it could be stopped."""
        self.place.begin_anew()
        self.points = self._work(None)

    def stop(self, number: int) -> None:
        """Let a worker stand still before or after a write, and judge what comes of it.

        Raises:
            AssertionError: Something is not as it must be.
        """
        where = f"{self.name}, stopped at {number}"
        self.place.begin_anew()
        worker = Fork(partial(self._work, number))
        try:
            assert worker.stops(), f"{where}: nobody stopped"
            self.stops += 1
            self._look(MEANWHILE)
            worker.go_on()
            worker.wait()
        finally:
            worker.kill()
        self._look(AT_LAST, after=tend)
        with self.place.house.opened(self.place.url) as loop:
            verdict = judge(loop, self.place.acks, self.place.sent)
        assert not verdict.faults, f"{where}: {verdict.faults}"
        self.repeats += verdict.repeats

    def overtake(self, number: int) -> None:
        """Let a worker stand still at a point, and go on when another has claimed all that it held, and is at it.

        Raises:
            AssertionError: It has sent what is not its own any more.
        """
        self.place.begin_anew()
        worker = Fork(partial(self._work, number))
        try:
            assert worker.stops(), f"{self.name}, stopped at {number}: nobody stopped"
            with self.place.house.opened(self.place.url) as loop:
                claimed = loop.store.claim(OutboundMessage, SPACE, now=MEANWHILE, lease=timedelta(days=1), limit=1_000)
            before = self.place.sent.read_bytes()
            worker.go_on()
            worker.wait()
        finally:
            worker.kill()
        assert claimed, "there is something to hold"
        assert self.place.sent.read_bytes() == before, "who holds nothing sends nothing"

    @property
    def refused(self) -> int:
        """How many writes of those who were late were refused."""
        return sum(1 for _ in Lines(self._refusals))

    @property
    def _refusals(self) -> Path:
        return self.place.acks.with_name("refused")

    def _work(self, stop: int | None) -> int:
        """Do the use case, however it ends; how many points there were."""
        writes = Writes(Lines(self._refusals), stop)
        with self.place.house.opened(self.place.url) as loop:
            writes.watch(loop.store)
            with suppress(ClientLoopError):
                USE_CASES[self.name](loop, Acks(self.place.acks), 1)
        return writes.seen

    def _look(self, at: datetime, *, after: Callable[[ClientLoop], None] = lambda _: None) -> None:
        """Let another worker do what is due from a time on."""
        with self.place.house.opened(self.place.url, clock=ManualClock(at)) as loop:
            assert isinstance(loop.clock, ManualClock)
            for _ in range(RUNS):
                loop.run_due()
                after(loop)
                loop.clock.advance(AFTERWARDS)
