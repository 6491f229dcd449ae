"""The command line: chooses rows, makes the two sides of each contest, prints the table."""

from __future__ import annotations

import argparse
import platform
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

from tests.benchmarks import slow_sync
from tests.benchmarks.rows import CONTESTS, FEW, MANY, Contest, Files, Row
from tests.benchmarks.sides import NotAvailable, copy_database, find
from tests.benchmarks.timing import Operation, Result, interleave, table

_LIBRARIES = ("clientloop", "eventsourcing", "django-helpdesk", "Django", "transitions", "python-statemachine")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table of the chosen rows.

    Args:
        arguments: The command line; `sys.argv` by default.

    Returns:
        The exit code: 0 whether or not the targets are met.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    options = _parser().parse_args(arguments)
    if options.sync_ms and slow_sync.delayed_syncs() is None:
        return slow_sync.run_again(arguments, milliseconds=options.sync_ms, busy=options.cpu)
    chosen = [(contest, row) for contest in CONTESTS for row in contest.rows if _is_chosen(contest, row, options.row)]
    if not chosen:
        names = "\n".join(_name(contest, row) for contest in CONTESTS for row in contest.rows)
        raise SystemExit(f"no row is named like {options.row}; the rows are\n{names}")
    with tempfile.TemporaryDirectory(prefix="benchmarks-", dir=options.dir) as directory:
        _say(_setting(Path(directory), options))
        seeds = Path(directory).parent / "clientloop-benchmarks"
        clock = time.process_time if options.cpu else time.perf_counter
        bench = Bench(Path(directory), seeds=seeds, items=options.items, slow=options.sync_ms >= 1, clock=clock)
        _say(table(bench.run(chosen)))
    for reason in bench.missing:
        _say(f"not available: {reason}")
    return 0


class Bench:
    """Runs contests below one directory, and collects why sides are missing."""

    def __init__(self, directory: Path, *, seeds: Path, items: int, slow: bool, clock: Callable[[], float]) -> None:
        #: Why sides are not available, each reason once.
        self.missing: dict[str, None] = {}
        self._directory = directory
        self._seeds = seeds
        self._items = items
        self._many = max(items, MANY)
        self._slow = slow
        self._clock = clock

    def run(self, chosen: Sequence[tuple[Contest, Row]]) -> list[Result]:
        """The results of the chosen rows; the rows of a contest share its two sides."""
        results: list[Result] = []
        for contest in dict.fromkeys(contest for contest, _ in chosen):
            with self._sides(contest) as (ours, rival):
                rows = [row for other, row in chosen if other is contest]
                results.extend(self._time(contest, row, ours, rival) for row in rows)
        return results

    # Any, here and below: a row names the methods of its sides, which are not one type.
    def _time(self, contest: Contest, row: Row, ours: Any, rival: Any) -> Result:
        sys.stderr.write(f"timing {_name(contest, row)}\n")
        operations = [_operation(side, row) for side in (ours, rival) if side is not None]
        times = iter(interleave(operations, rounds=contest.rounds, count=contest.count, clock=self._clock))
        return Result(
            name=_name(contest, row),
            ours=None if ours is None else next(times),
            rival=None if rival is None else next(times),
            ratio=row.ratio,
            target=row.slow_target if self._slow else row.target,
        )

    @contextmanager
    def _sides(self, contest: Contest) -> Iterator[tuple[Any, Any]]:
        # In this order: the sides are closed before the directory of their files goes.
        with tempfile.TemporaryDirectory(dir=self._directory) as directory, ExitStack() as opened:
            makers = (partial(self._make_ours, contest), partial(self._make_rival, contest))
            ours, rival = (self._made(make, Path(directory), opened) for make in makers)
            yield ours, rival

    def _made(self, make: Callable[[Path], Any], directory: Path, opened: ExitStack) -> Any:
        try:
            side = make(directory)
        except NotAvailable as reason:
            self.missing[str(reason)] = None
            return None
        if hasattr(side, "close"):
            opened.callback(side.close)
        return side

    def _make_ours(self, contest: Contest, directory: Path) -> Any:
        side = find(contest.ours)
        match contest.files:
            case Files.NONE:
                return side()
            case Files.MANY_AND_FEW:
                return side(self._seed(contest, self._many), self._many)
            case Files.SEED:
                return side(self._seed(contest, self._items), self._items)
            case Files.SEED_AND_EMPTY | Files.SEED_EACH | Files.REPEATED:
                return side(copy_database(self._seed(contest, self._items), directory / "ours.db"))

    def _make_rival(self, contest: Contest, directory: Path) -> Any:
        side, path = find(contest.rival), directory / "rival.db"
        match contest.files:
            case Files.NONE:
                return side()
            case Files.MANY_AND_FEW:
                return side(self._seed(contest, FEW), FEW)
            case Files.SEED:
                return side(self._seed(contest, self._items), self._items)
            case Files.SEED_AND_EMPTY:
                return side(path)
            case Files.SEED_EACH:
                return side(copy_database(self._seed(contest, self._items), path))
            case Files.REPEATED:
                return side(copy_database(self._seed(contest, self._items), path), find(contest.ours))

    def _seed(self, contest: Contest, items: int) -> Path:
        seed: Path = find(contest.seed)(self._seeds, items)
        return seed


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _operation(side: Any, row: Row) -> Operation:
    timed: Operation = getattr(side, row.operation)
    if row.before is None:
        return timed
    before: Operation = getattr(side, row.before)

    def after_before(count: int) -> Callable[[], float | None]:
        before(count)()
        return timed(count)

    return after_before


def _name(contest: Contest, row: Row) -> str:
    return f"{row.label} / {contest.against}"


def _is_chosen(contest: Contest, row: Row, words: Sequence[str]) -> bool:
    return not words or any(word in _name(contest, row) for word in words)


def _setting(directory: Path, options: argparse.Namespace) -> str:
    commit = slow_sync.commit_cost(directory) * 1e6
    return "\n".join(
        (
            f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {', '.join(_versions())}",
            f"{options.items:,} items; {options.sync_ms:g} ms added to every sync; time of the {_clock(options)};",
            f"a durable commit of one row in {directory.parent} takes {commit:.0f} us",
        )
    )


def _clock(options: argparse.Namespace) -> str:
    return "processor" if options.cpu else "clock"


def _versions() -> Iterator[str]:
    for library in _LIBRARIES:
        try:
            yield f"{library} {metadata.version(library)}"
        except metadata.PackageNotFoundError:
            yield f"no {library}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description="Time this library against its rivals, in alternating rounds."
    )
    parser.add_argument("row", nargs="*", help="part of the name of the rows to run; all of them by default")
    parser.add_argument(
        "--items",
        type=int,
        default=FEW,
        help="feedback items in our store beforehand (%(default)s); rows of growth compare that, "
        f"and at least {MANY:,}, with {FEW:,}",
    )
    parser.add_argument("--sync-ms", type=float, default=0, help="milliseconds to add to every sync of the disk (0)")
    parser.add_argument(
        "--cpu",
        action="store_true",
        help="count this process's time on the processor, not the clock's: for a machine that others use as well",
    )
    parser.add_argument(
        "--dir",
        type=Path,
        help="where the files go, and stay if they are used again; in memory (/dev/shm) a sync costs nothing",
    )
    return parser
