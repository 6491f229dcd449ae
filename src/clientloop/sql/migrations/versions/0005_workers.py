"""What workers find by: the messages of one channel that are due."""

from clientloop.sql.migrations.building import index

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the index."""
    index("outbox", "by_channel", "space channel wake_at id")
