"""The tables of channels: what they brought, what became of messages, and what stands against writing."""

from clientloop.sql.migrations.building import create, index

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables and their indexes."""
    _incoming()
    _outgoing()


def _incoming() -> None:
    """Messages as they came, and the events that were read out of them."""
    create(
        "raw",
        """
        space text, id bytes, channel text, digest bytes, route text, method text, url text, headers text, size int,
        trust text, state text, reason text?, received_at int, wake_at int, version int
        """,
        key="space id",
    )
    index("raw", "by_digest", "space channel digest", unique=True)
    index("raw", "by_state", "space state received_at id")
    index("raw", "by_wake", "space wake_at id")
    create(
        "raw_body",
        """
        space text, id bytes, content bytes
        """,
        key="space id",
        references={"id": "raw.id"},
    )
    create(
        "event",
        """
        space text, channel text, key text, sort text, raw bytes?, became bytes?, taken_at int
        """,
        key="space channel key",
    )
    index("event", "by_time", "space channel taken_at key")
    index("event", "of_raw", "space raw key channel")
    index("event", "of_became", "space became key channel")
    create(
        "claimant",
        """
        space text, kind text, value text, customer bytes
        """,
        key="space kind value",
        references={"customer": "customer.id"},
    )
    index("claimant", "of_customer", "space customer kind value")
    create(
        "thread",
        """
        space text, channel text, name text, item bytes, message bytes?, version int
        """,
        key="space channel name",
        references={"item": "feedback.id"},
    )
    index("thread", "of_item", "space item channel name")
    create(
        "channel_state",
        """
        space text, channel text, cursor text?, polled_at int, error text?, failures int, next_at int, wake_at int,
        version int
        """,
        key="space channel",
    )
    index("channel_state", "by_wake", "space wake_at channel")
    create(
        "channel_count",
        """
        space text, channel text, name text, times int, version int
        """,
        key="space channel name",
    )


def _outgoing() -> None:
    """What became of messages, how fast they may go out, and to whom they may not."""
    create(
        "channel_pace",
        """
        space text, channel text, free_at int, paused_until int?, version int
        """,
        key="space channel",
    )
    create(
        "delivery_report",
        """
        space text, channel text, key text, provider_id text?, message bytes?, recipient text?, step text,
        failure text?, detail text?, at int
        """,
        key="space channel key",
    )
    index("delivery", "of_customer", "space customer at message")
    index("delivery_report", "by_provider", "space channel provider_id key")
    index("delivery_report", "of_message", "space message channel key")
    create(
        "suppression",
        """
        space text, digest bytes, purpose text, reason text, kind text, stands int, at int, version int
        """,
        key="space digest purpose reason",
    )
    create(
        "contact_budget",
        """
        space text, customer bytes, sent text, version int
        """,
        key="space customer",
        references={"customer": "customer.id"},
    )
    create(
        "automatic_reply",
        """
        space text, digest bytes, at int, version int
        """,
        key="space digest",
    )
