"""A copy of a file as it is at one moment, made while others go on writing, and found whole before it gets its name."""

import errno
import os
import sqlite3
import sys
from contextlib import closing, suppress
from pathlib import Path

from clientloop.errors import InvalidValue, StoreCorrupt, StoreFull

#: Pages copied at a time: between two such steps a person can break it off.
_PAGES = 4_096

#: How many faults of a file are told; those of a file that is beyond repair have no end.
_TOLD = 10

#: What the system says where nothing more can be written.
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def back_up(source: sqlite3.Connection, target: Path) -> None:
    """Write a copy.

    It is written under another name beside its own, synced, and named when it is whole: a backup that was broken off
    leaves no file under its name.

    Args:
        source: Outside of any transaction.
        target: The file to write.

    Raises:
        InvalidValue: There is such a file.
        StoreFull: The disk is.
        StoreCorrupt: The copy is damaged, as the source is or as the disk is.
        sqlite3.Error: The source could not be read, or the copy not be written.
        OSError: As above.
    """
    if target.exists():
        raise InvalidValue(f"{target} exists already", hint="name a file that does not exist; none is written over")
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.unfinished")
    try:
        with closing(sqlite3.connect(unfinished, isolation_level=None)) as copy:
            copy.execute("PRAGMA synchronous = OFF")  # it is synced as a whole
            _copy(source, copy)
            faults = faults_of(copy)
        if faults:
            hint = "the store itself may be damaged: `clientloop check` finds out"
            raise StoreCorrupt(f"{target} would be damaged: {'; '.join(faults)}", hint=hint)
        _sync(unfinished)
        _name(unfinished, target)
        _sync_folder(target.parent)
    except OSError as error:
        if error.errno in _FULL:
            raise StoreFull(f"{target}: {error.strerror}", hint="free some space: nothing was written") from error
        raise
    finally:
        for suffix in ("", "-journal", "-wal", "-shm"):
            Path(f"{unfinished}{suffix}").unlink(missing_ok=True)


def faults_of(connection: sqlite3.Connection) -> tuple[str, ...]:
    """What SQLite finds wrong with a file; it reads all of it.

    Args:
        connection: To the file.
    """
    rows = connection.execute(f"PRAGMA integrity_check({_TOLD})").fetchall()
    return tuple(said for (said,) in rows if said != "ok")


def _copy(source: sqlite3.Connection, copy: sqlite3.Connection) -> None:
    source.execute("BEGIN")
    try:
        # a transaction that has read sees one state of the data; without it SQLite begins anew with every write
        source.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        source.backup(copy, pages=_PAGES)
    finally:
        source.execute("ROLLBACK")


def _sync(path: Path) -> None:
    file = os.open(path, os.O_RDWR)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _name(unfinished: Path, target: Path) -> None:
    """Give the copy its name, and never that of another file."""
    try:
        os.link(unfinished, target)
    except FileExistsError:
        raise InvalidValue(f"{target} exists by now", hint="somebody else has written it; name another file") from None
    except OSError:  # some file systems know no second name for a file
        unfinished.rename(target)


def _sync_folder(folder: Path) -> None:
    """Make a name as durable as what it names, where folders can be synced."""
    if sys.platform != "win32":
        file = os.open(folder, os.O_RDONLY)
        try:
            with suppress(OSError):  # some file systems sync no folders
                os.fsync(file)
        finally:
            os.close(file)
