"""Read by Alembic when it migrates: runs the revisions on the connection that `upgrade` passes."""

from alembic import context

from clientloop.sql.tables import METADATA, VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    transactional_ddl=True,  # SQLite can, but Alembic does not know
)
with context.begin_transaction():
    context.run_migrations()
