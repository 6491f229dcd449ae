"""Workers that go on while their sessions with the server end under them."""

from collections.abc import Callable

from tests.faults.forks import Fork
from tests.faults.load import WORKERS, Load


class Struck(Load):
    """Workers at one place, and what befalls it; they live through it, and go on."""

    def strike(self, times: int, blow: Callable[[], object]) -> None:
        """Deal so many blows at random moments, each after something was done since the last."""
        self.workers += [Fork(self._worker(self.chance.randrange(2**32))) for _ in range(WORKERS)]
        try:
            for _ in range(times):
                self._wait()
                blow()
            self._wait()
            assert all(worker.runs for worker in self.workers), [w.wait() for w in self.workers if not w.runs]
        finally:
            for worker in self.workers:
                worker.kill()
        self.place.settle()
