"""Brings the tables of a database from one version of the schema to the next, by Alembic, along a single line.

A revision is written out in full: it must stay as it is when the records of `clientloop.model` have moved on. Alembic
is loaded only when there is something to do.
"""

import sqlalchemy as sa

#: The revision that this version of clientloop works with.
HEAD = "0005"


def upgrade(connection: sa.Connection) -> None:
    """Make the tables, or bring them to `HEAD`, as part of the transaction that a connection is in.

    Args:
        connection: On the database, in a transaction that the caller commits; foreign keys are not enforced meanwhile.
    """
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "clientloop.sql:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, HEAD)
