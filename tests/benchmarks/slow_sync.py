"""Adds a delay to every sync of a process, without root: a disk that is slower than this machine's.

SQLite calls ``fsync`` and ``fdatasync`` of the C library. A small shared library wraps the two; it is compiled with gcc
and put before the C library by ``LD_PRELOAD``, which a process must have from its start, so the benchmarks run
themselves again below it.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

_SOURCE = Path(__file__).with_name("slow_sync.c")


def run_again(arguments: Sequence[str], *, milliseconds: float, busy: bool = False) -> int:
    """Run this package in a new process whose every sync takes longer.

    Args:
        arguments: The command line of the new process.
        milliseconds: What to add to each sync.
        busy: Whether the processor is kept busy for so long, where its time is what counts.

    Returns:
        The exit code of the new process.

    Raises:
        SystemExit: There is no C compiler.
    """
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise SystemExit("a slower sync needs a C compiler, and there is neither gcc nor cc (apt-get install gcc)")
    with tempfile.TemporaryDirectory(prefix="slow-sync-") as directory:
        library = Path(directory, "slow_sync.so")
        options = [f"-DDELAY_NS={round(milliseconds * 1e6)}LL", *(["-DBUSY"] if busy else [])]
        subprocess.run([compiler, "-O2", "-shared", "-fPIC", *options, _SOURCE, "-o", library, "-ldl"], check=True)
        package = (__package__ or "").removesuffix(".slow_sync")
        return subprocess.run(
            [sys.executable, "-m", package, *arguments], env={**os.environ, "LD_PRELOAD": str(library)}, check=False
        ).returncode


def delayed_syncs() -> int | None:
    """How many syncs of this process were delayed so far; None when it does not run under the delay."""
    try:
        return int(ctypes.CDLL(None).slow_sync_calls())
    except AttributeError:
        return None


def commit_cost(directory: Path) -> float:
    """The median seconds of one durable commit of one row, over 100 of them.

    Raises:
        SystemExit: This process runs under the delay, but SQLite's syncs do not pass through it.
    """
    before = delayed_syncs()
    times: list[float] = []
    connection = sqlite3.connect(directory / "commit-cost.db", isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE tick (id INTEGER PRIMARY KEY)")
        for _ in range(100):
            started = time.perf_counter()
            connection.execute("INSERT INTO tick DEFAULT VALUES")
            times.append(time.perf_counter() - started)
    finally:
        connection.close()
    if before is not None and (delayed_syncs() or 0) - before < len(times):
        raise SystemExit("SQLite's syncs are not delayed here: its library does not call the C library's fdatasync")
    return statistics.median(times)
