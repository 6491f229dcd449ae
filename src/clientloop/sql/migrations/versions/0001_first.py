"""The tables of the first version."""

from clientloop.sql.migrations.building import create, index

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables and their indexes; a `?` marks a column that may be NULL."""
    _firm()
    _customers()
    _loops()


def _firm() -> None:
    """The firm, what it has set, and its people."""
    create(
        "space",
        """
        space text, region text?, zone text, locale text, currency text, version int
        """,
        key="space",
    )
    create(
        "setting",
        """
        space text, name text, value text, version int
        """,
        key="space name",
    )
    create(
        "definition",
        """
        space text, sort text, name text, number int, body text
        """,
        key="space sort name number",
    )
    create(
        "plugin_state",
        """
        space text, plugin text, name text, value text, version int
        """,
        key="space plugin name",
    )
    create(
        "space_due",
        """
        space text, next_due int
        """,
        key="space",
    )
    index("space_due", "by_next", "next_due space")
    create(
        "team",
        """
        space text, name text, title text, lead text?, calendar text?, outside int, channel text?, address text?,
        version int
        """,
        key="space name",
    )
    create(
        "member",
        """
        space text, name text, roles text, teams text, skills text, languages text, capacity int?, calendar text?,
        deputy text?, channel text?, address text?, active int, version int
        """,
        key="space name",
    )
    create(
        "absence",
        """
        space text, member text, since int, until int, deputy text?, reason text, wake_at int, version int
        """,
        key="space member since",
    )
    index("absence", "by_until", "space until member since")
    index("absence", "by_wake", "space wake_at member since")


def _customers() -> None:
    """Customers, and what is known of them."""
    create(
        "customer",
        """
        space text, id bytes, name text, customer_class text?, locale text?, zone text?, created_at int,
        extra text, merged_into bytes?, absorbed text, version int
        """,
        key="space id",
    )
    index("customer", "by_name", "space name id")
    create(
        "identity",
        """
        space text, kind text, value text, customer bytes, trust text, given text, created_at int
        """,
        key="space kind value customer",
        references={"customer": "customer.id"},
    )
    index("identity", "by_customer", "space customer kind value")
    create(
        "suggestion",
        """
        space text, first bytes, second bytes, evidence text, opinion text, created_at int, version int
        """,
        key="space first second",
    )
    index("suggestion", "by_opinion", "space opinion created_at first second")
    create(
        "merge",
        """
        space text, id bytes, kept bytes, absorbed bytes, by text, reason text, at int, filled text, undone_at int?,
        undone_by text?, version int
        """,
        key="space id",
        references={"kept": "customer.id", "absorbed": "customer.id"},
    )
    index("merge", "of_kept", "space kept at id")
    index("merge", "of_absorbed", "space absorbed at id")
    create(
        "split",
        """
        space text, id bytes, source bytes, target bytes, by text, reason text, at int, interactions text,
        identities text
        """,
        key="space id",
        references={"source": "customer.id", "target": "customer.id"},
    )
    index("split", "of_source", "space source at id")
    index("split", "of_target", "space target at id")
    create(
        "consent",
        """
        space text, customer bytes, purpose text, channel text, allowed int, proof text, at int, version int
        """,
        key="space customer purpose channel",
        references={"customer": "customer.id"},
    )
    create(
        "account",
        """
        space text, id bytes, name text, customer_class text?, large int, created_at int, extra text, version int
        """,
        key="space id",
    )
    index("account", "by_name", "space name id")
    create(
        "contact",
        """
        space text, account bytes, customer bytes, post text, created_at int, version int
        """,
        key="space account customer",
        references={"account": "account.id", "customer": "customer.id"},
    )
    index("contact", "by_customer", "space customer account")
    create(
        "insight",
        """
        space text, id bytes, subject bytes, topic text, text text, source text, by text, at int
        """,
        key="space id",
    )
    index("insight", "of_subject", "space subject at id")


def _loops() -> None:
    """What was said, and the loops around it."""
    create(
        "improvement",
        """
        space text, id bytes, sort text, title text, state text, topic text, owner text, done text?, lesson text?,
        created_at int, done_at int?, done_by text?, origin text?, extra text, version int
        """,
        key="space id",
    )
    index("improvement", "by_state", "space state created_at id")
    index("improvement", "by_origin", "space origin", unique=True)
    create(
        "interaction",
        """
        space text, id bytes, kind text, channel text, origin text?, customer bytes?, occurred_at int,
        precision text, recorded_at int, amount int?, currency text?, quantity int?, cost int?, source text,
        extra text
        """,
        key="space id",
        references={"customer": "customer.id"},
    )
    index("interaction", "by_origin", "space channel origin", unique=True)
    index("interaction", "timeline", "space customer occurred_at id kind amount currency cost")
    create(
        "text",
        """
        space text, id bytes, subject text?, body text
        """,
        key="space id",
        references={"id": "interaction.id"},
    )
    create(
        "attachment",
        """
        space text, item bytes, number int, name text, media_type text, content bytes
        """,
        key="space item number",
        references={"item": "interaction.id"},
    )
    create(
        "feedback",
        """
        space text, id bytes, ref text, kind text, process int, state text, is_open int, outcome text,
        owner text, team text, calendar text?, priority text, due int, customer bytes?, customer_class text?,
        channel text, reply_to text?,
        locale text?, title text, received_at int?, recorded_at int, state_since int, touched_at int,
        resume_to text?, pending text?, acknowledged_at int?, first_answer_at int?, told_at int?,
        solved_at int?, closed_at int?, waiting_since int?, waited int, gross int?, net int?, deadlines text,
        late text, reopened int, escalations int, original bytes?, employee text?, product text?,
        category text?, cause text?, action text?, improvement bytes?, rating int?, scale text?, tags text,
        watchers text, data text, version int
        """,
        key="space id",
        references={"id": "interaction.id", "customer": "customer.id"},
    )
    index("feedback", "agenda", "space is_open due id")
    index("feedback", "by_ref", "space ref", unique=True)
    index("feedback", "inbox", "space is_open owner due id")
    index("feedback", "by_team", "space is_open team due id")
    index("feedback", "by_time", "space recorded_at id")
    index("feedback", "of_customer", "space customer is_open id")
    index("feedback", "of_improvement", "space improvement id")
    create(
        "transition",
        """
        space text, item bytes, number int, source text, move text, target text, by text, role text, at int,
        data text, told text
        """,
        key="space item number",
        references={"item": "feedback.id"},
    )
    create(
        "timer",
        """
        space text, item bytes, wake_at int, version int
        """,
        key="space item",
        references={"item": "feedback.id"},
    )
    index("timer", "by_wake", "space wake_at item")
    create(
        "task",
        """
        space text, id bytes, item bytes, kind text, title text, owner text, due int, is_open int,
        checklist text, after text, result text?, created_at int, done_at int?, version int
        """,
        key="space id",
        references={"item": "feedback.id"},
    )
    index("task", "agenda", "space is_open owner due id")
    index("task", "of_item", "space item is_open id")
    create(
        "outbox",
        """
        space text, id bytes, item bytes?, transition int?, customer bytes?, channel text, to text,
        purpose text, template text, locale text?, automatic int, subject text, body text, in_reply_to text?,
        completes text,
        state text, attempts int, error text?, wake_at int, slot int?, created_at int, version int
        """,
        key="space id",
    )
    index("outbox", "by_wake", "space wake_at id")
    index("outbox", "of_customer", "space customer id")
    index("outbox", "of_item", "space item id")
    create(
        "delivery",
        """
        space text, message bytes, item bytes?, transition int?, customer bytes?, channel text, to text,
        purpose text, template text, state text, failure text?, provider_id text?, detail text?, body text?,
        attempts int, at int, version int
        """,
        key="space message",
    )
    index("delivery", "by_channel", "space channel at message")
    index("delivery", "by_provider", "space channel provider_id message")
    index("delivery", "of_item", "space item at message")
