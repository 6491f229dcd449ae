"""Children that need no start: each is a fork of this process, which has imported everything already."""

import gc
import os
import select
import signal
import time
import traceback
import warnings
from collections.abc import Callable

#: Seconds after which a child hangs: far more than any one takes.
HANGS = 60


class Fork:
    """A function at work in a child of its own, which opens whatever it needs itself.

    Args:
        do: What it does. The child ends with it: by code 0, or by 1 if it raised.
    """

    def __init__(self, do: Callable[[], object]) -> None:
        self._said, says = os.pipe()
        with warnings.catch_warnings():
            # the other thread of pytest-xdist waits for its controller and holds no lock that a child could need
            warnings.simplefilter("ignore", DeprecationWarning)
            self.pid = os.fork()
        if self.pid == 0:
            os.close(self._said)
            _live(do, says)
        os.close(says)
        self.ended: int | None = None

    def kill(self) -> None:
        """Kill it, wherever it is, and wait for its end."""
        if self.ended is None:
            os.kill(self.pid, signal.SIGKILL)
            self._reap()

    def stops(self) -> bool:
        """Wait until it stands still, or has ended; whether it stands still."""
        seen = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WSTOPPED | os.WNOWAIT)
        return seen is not None and seen.si_code == os.CLD_STOPPED

    def go_on(self) -> None:
        """Let it go on."""
        os.kill(self.pid, signal.SIGCONT)

    @property
    def runs(self) -> bool:
        """Whether it has not ended; never waits."""
        seen = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) if self.ended is None else True
        return seen is None

    def wait(self, hangs: float = HANGS) -> int:
        """Wait for its end.

        Returns:
            The code that it ended with; less than zero: the signal that killed it.

        Raises:
            AssertionError: It raised something, or did not end in time and was killed.
        """
        said = self._hear(hangs)
        self._reap()
        assert not said, f"a child raised:\n{said}"
        assert self.ended is not None
        return self.ended

    def _hear(self, hangs: float) -> str:
        """What it has to say, which it has when its end of the pipe closes."""
        said, ends = b"", time.monotonic() + hangs
        while True:
            ready, _, _ = select.select([self._said], [], [], max(ends - time.monotonic(), 0))
            if not ready:
                self.kill()
                raise AssertionError(f"a child was still at work after {hangs} s")
            some = os.read(self._said, 65536)
            if not some:
                return said.decode()
            said += some

    def _reap(self) -> None:
        """Wait for its end."""
        _, status = os.waitpid(self.pid, 0)
        self.ended = os.waitstatus_to_exitcode(status)
        os.close(self._said)


def run(do: Callable[[], object], *, hangs: float = HANGS) -> int:
    """Do something in a child, and wait for its end; see `Fork.wait`."""
    return Fork(do).wait(hangs)


def stand_still() -> None:
    """Stop this process until somebody lets it go on."""
    os.kill(os.getpid(), signal.SIGSTOP)


def die() -> None:
    """The end of this process, as by somebody who pulls its plug."""
    os.kill(os.getpid(), signal.SIGKILL)


def _live(do: Callable[[], object], says: int) -> None:
    """The life of a child: it must not run the tests that its parent has still to run."""
    code = 1
    gc.disable()  # a short life needs none, and it would copy all that is shared with the parent
    try:
        do()
        code = 0
    except BaseException:  # noqa: BLE001  # whatever it is, the parent hears it
        os.write(says, traceback.format_exc().encode(errors="replace")[-60_000:])
    finally:
        os._exit(code)
