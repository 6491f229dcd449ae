"""Makes a file ready for this version of clientloop."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from clientloop.errors import SchemaOutdated, StoreCorrupt, StoreError
from clientloop.sql.migrations import HEAD, upgrade
from clientloop.sql.tables import PREFIX, VERSION_TABLE
from clientloop.sql.work import Cursor
from clientloop.stores.sqlite.connections import Link


def migrate(link: Link, path: Path) -> None:
    """Make the tables, or bring them up to date; writers wait meanwhile.

    Args:
        link: To the file, outside of any transaction.
        path: Where the file is, for messages.

    Raises:
        SchemaOutdated: The tables are of a newer version of clientloop.
        StoreCorrupt: The file is another application's.
        StoreError: The file's system cannot keep a write-ahead log.
    """
    # the first thing written to a new file is that it keeps a log: before that, nobody else may look into it
    if path.is_file() and path.stat().st_size and _is_ready(link.cursor, path):
        return
    with link.turnstile:
        _keep_log(link.cursor, path)
        link.cursor.execute("PRAGMA foreign_keys = OFF")  # else a rebuilt table would take its child rows with it
        try:
            bring_up_to_date(link, path)
        finally:
            link.cursor.execute("PRAGMA foreign_keys = ON")


def _is_ready(cursor: Cursor, path: Path) -> bool:
    """Whether the tables are those of this version."""
    if _value(cursor, "PRAGMA application_id"):
        raise StoreCorrupt(f"{path} is a document of another application", hint="give the path of another file")
    if not _value(cursor, f"SELECT count(*) FROM sqlite_master WHERE name = '{VERSION_TABLE}'"):
        return False
    version = _value(cursor, f"SELECT max(version_num) FROM {VERSION_TABLE}")
    if not isinstance(version, str):
        raise StoreCorrupt(f"{path} does not say which version its tables have", hint="restore a backup")
    if version > HEAD:
        raise SchemaOutdated(
            f"{path} was written by a newer clientloop: its tables have version {version}, known is {HEAD}",
            hint="pip install --upgrade clientloop",
        )
    return bool(version == HEAD)


def _keep_log(cursor: Cursor, path: Path) -> None:
    mode = _value(cursor, "PRAGMA journal_mode = WAL")
    if mode != "wal":
        raise StoreError(f"{path} can keep no write-ahead log, only {mode!r}", hint="put the file on a local disk")


def bring_up_to_date(link: Link, path: Path) -> None:
    """Make the tables, or change those of an older version, in one transaction.

    Args:
        link: To the file, without foreign keys.
        path: Where the file is, for messages.

    Raises:
        StoreCorrupt: Rows point to others that are not there.
    """
    engine = sa.create_engine("sqlite://", creator=lambda: link.connection, poolclass=StaticPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        upgrade(connection)  # does nothing if another process was faster
        broken = {row[0] for row in connection.exec_driver_sql("PRAGMA foreign_key_check")}
        if any(table.startswith(PREFIX) for table in broken):
            raise StoreCorrupt(f"{path}: rows of {', '.join(sorted(broken))} point nowhere", hint="restore a backup")


def _value(cursor: Cursor, question: str) -> Any:  # Any: whatever SQLite says
    cursor.execute(question)
    ((value,),) = cursor.fetchall()
    return value
