"""Makes a database ready for this version of clientloop."""

import psycopg
import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from clientloop.errors import SchemaOutdated
from clientloop.sql.migrations import HEAD, upgrade
from clientloop.sql.tables import VERSION_TABLE
from clientloop.stores.postgres.connections import Connection

#: Which advisory lock whoever migrates holds, in the whole database: "clientlo" in ASCII.
_LOCK = int.from_bytes(b"clientlo", "big")


def migrate(connection: Connection, conninfo: str, place: str) -> None:
    """Make the tables, or bring them up to date; others who would do so wait meanwhile.

    Args:
        connection: To the database, outside of any transaction.
        conninfo: Of the same database, for a connection of the migration's own.
        place: What the database is called in messages.

    Raises:
        SchemaOutdated: The tables are of a newer version of clientloop.
    """
    if _is_ready(connection, place):
        return
    engine = sa.create_engine(
        "postgresql+psycopg://",
        creator=lambda: psycopg.connect(conninfo),
        poolclass=StaticPool,
        isolation_level="READ COMMITTED",  # who has waited for the lock sees what was made meanwhile
    )
    try:
        with engine.begin() as migrating:
            migrating.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            upgrade(migrating)  # does nothing if another process was faster
    finally:
        engine.dispose()


def _is_ready(connection: Connection, place: str) -> bool:
    """Whether the tables are those of this version."""
    if connection.execute("SELECT to_regclass($1)::text", (VERSION_TABLE,)).fetchall() == [(None,)]:
        return False
    ((version,),) = connection.execute(f"SELECT max(version_num) FROM {VERSION_TABLE}".encode()).fetchall()
    if version is not None and version > HEAD:
        raise SchemaOutdated(
            f"{place} was written by a newer clientloop: its tables have version {version}, known is {HEAD}",
            hint="pip install --upgrade clientloop",
        )
    return bool(version == HEAD)
