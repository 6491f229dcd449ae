"""Hears of what became due, on a connection that does nothing else."""

import os
import threading
import time

import psycopg

from clientloop.stores.postgres.connections import Connection, Links
from clientloop.stores.postgres.statements import CHANNEL


class Ear:
    """Listens to what commits tell; what they tell between two calls is not missed.

    Args:
        links: Where a connection comes from.
    """

    def __init__(self, links: Links) -> None:
        """Listen to nothing yet."""
        self._links = links
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._process = os.getpid()
        self._parents: list[Connection] = []

    def hears(self, seconds: float) -> bool:
        """Wait until something is told, or a time has gone by; one thread waits at a time.

        Args:
            seconds: How long to wait at most.

        Returns:
            Whether something was told, or may have been before this began to listen.
        """
        self._leave_the_parents()
        until = time.monotonic() + seconds
        if not self._lock.acquire(timeout=seconds):
            return False
        try:
            if self._connection is None:
                return self._begin()
            return any(True for _ in self._connection.notifies(timeout=until - time.monotonic(), stop_after=1))
        except psycopg.Error:
            self._drop()
            raise
        finally:
            self._lock.release()

    def close(self) -> None:
        """Listen no more."""
        self._leave_the_parents()
        with self._lock:
            self._drop()

    def _leave_the_parents(self) -> None:
        """After a fork the connection is the parent's, and the lock may be held by a thread that is not here."""
        if self._process != os.getpid():
            self._lock, self._process = threading.Lock(), os.getpid()
            self._parents += [self._connection] if self._connection is not None else []
            self._connection = None

    def _begin(self) -> bool:
        self._connection = self._links.connect()
        self._connection.execute(f"LISTEN {CHANNEL}".encode())
        return True

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
