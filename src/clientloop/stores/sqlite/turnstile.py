"""One writer at a time, over all threads and processes, by a lock that the system lets go of with its process.

The lock (`flock`) is one of an open file, and a fork shares what is open: a child that has never written would keep the
lock of a parent that was killed within a write. So a child closes what it has of its parent's turnstiles before it does
anything else. That takes nothing from the parent, which has them open still; to unlock them would.
"""

import os
import sys
from pathlib import Path
from threading import RLock
from types import TracebackType
from weakref import WeakSet

if sys.platform != "win32":
    import fcntl

#: In the place of a file that is closed: no number of one.
_CLOSED = -1


class Turnstile:
    """Lets one writer in at a time, over all threads and processes, by a lock on a file beside the database.

    SQLite's own busy handler sleeps and tries again, which starves some writers for seconds. The system's lock wakes
    the next one, and is gone with the process that holds it. Where there is no such lock, SQLite's handler must do.

    A forked process needs a turnstile of its own: one that came by the fork is closed there.

    Args:
        path: The database's file.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, making it if need be."""
        with _here.lock:
            self._file = os.open(f"{path}-turnstile", os.O_RDWR | os.O_CREAT, 0o666)
            _here.turnstiles.add(self)

    def __enter__(self) -> None:
        """Wait to be let in."""
        if sys.platform != "win32":
            fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Let the next one in; in a child that was forked within the block, leave that to the parent."""
        if sys.platform != "win32" and self._file != _CLOSED:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Close the file; closing twice is harmless."""
        with _here.lock:
            file, self._file = self._file, _CLOSED
            if file != _CLOSED:
                os.close(file)


class _Here:
    """The turnstiles of this process, none of which a fork takes along."""

    def __init__(self) -> None:
        #: Those that are open, and perhaps some that are not.
        self.turnstiles: WeakSet[Turnstile] = WeakSet()
        #: Held while one is opened or closed: a fork must not come between a file and the note of it.
        self.lock = RLock()
        if sys.platform != "win32":
            os.register_at_fork(before=self._hold, after_in_parent=self._go_on, after_in_child=self._close_inherited)

    def _hold(self) -> None:
        self.lock.acquire()

    def _go_on(self) -> None:
        self.lock.release()

    def _close_inherited(self) -> None:
        self.lock = RLock()  # servers that fork in C hold none before, so there may be none to release
        for turnstile in tuple(self.turnstiles):
            turnstile.close()


_here = _Here()
