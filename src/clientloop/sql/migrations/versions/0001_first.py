"""The tables of the first version."""

import re
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_TYPES: dict[str, sa.types.TypeEngine[Any]] = {  # Any: each has a type of its own in Python
    "int": sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
    "text": sa.Text(),
    "bytes": sa.LargeBinary(),
}


def upgrade() -> None:
    """Make the tables and their indexes; a `?` marks a column that may be NULL."""
    _firm()
    _customers()
    _loops()


def _firm() -> None:
    """The firm, what it has set, and its people."""
    _create(
        "space",
        """
        space text, region text?, zone text, locale text, currency text, version int
        """,
        key="space",
    )
    _create(
        "setting",
        """
        space text, name text, value text, version int
        """,
        key="space name",
    )
    _create(
        "definition",
        """
        space text, sort text, name text, number int, body text
        """,
        key="space sort name number",
    )
    _create(
        "plugin_state",
        """
        space text, plugin text, name text, value text, version int
        """,
        key="space plugin name",
    )
    _create(
        "space_due",
        """
        space text, next_due int
        """,
        key="space",
    )
    _index("space_due", "by_next", "next_due space")
    _create(
        "team",
        """
        space text, name text, title text, lead text?, calendar text?, outside int, channel text?, address text?,
        version int
        """,
        key="space name",
    )
    _create(
        "member",
        """
        space text, name text, roles text, teams text, skills text, languages text, capacity int?, calendar text?,
        deputy text?, channel text?, address text?, active int, version int
        """,
        key="space name",
    )
    _create(
        "absence",
        """
        space text, member text, since int, until int, deputy text?, reason text, wake_at int, version int
        """,
        key="space member since",
    )
    _index("absence", "by_until", "space until member since")
    _index("absence", "by_wake", "space wake_at member since")


def _customers() -> None:
    """Customers, and what is known of them."""
    _create(
        "customer",
        """
        space text, id bytes, name text, customer_class text?, locale text?, zone text?, created_at int,
        extra text, merged_into bytes?, absorbed text, version int
        """,
        key="space id",
    )
    _index("customer", "by_name", "space name id")
    _create(
        "identity",
        """
        space text, kind text, value text, customer bytes, trust text, given text, created_at int
        """,
        key="space kind value customer",
        references={"customer": "customer.id"},
    )
    _index("identity", "by_customer", "space customer kind value")
    _create(
        "suggestion",
        """
        space text, first bytes, second bytes, evidence text, opinion text, created_at int, version int
        """,
        key="space first second",
    )
    _index("suggestion", "by_opinion", "space opinion created_at first second")
    _create(
        "merge",
        """
        space text, id bytes, kept bytes, absorbed bytes, by text, reason text, at int, filled text, undone_at int?,
        undone_by text?, version int
        """,
        key="space id",
        references={"kept": "customer.id", "absorbed": "customer.id"},
    )
    _index("merge", "of_kept", "space kept at id")
    _index("merge", "of_absorbed", "space absorbed at id")
    _create(
        "split",
        """
        space text, id bytes, source bytes, target bytes, by text, reason text, at int, interactions text,
        identities text
        """,
        key="space id",
        references={"source": "customer.id", "target": "customer.id"},
    )
    _index("split", "of_source", "space source at id")
    _index("split", "of_target", "space target at id")
    _create(
        "consent",
        """
        space text, customer bytes, purpose text, channel text, allowed int, proof text, at int, version int
        """,
        key="space customer purpose channel",
        references={"customer": "customer.id"},
    )
    _create(
        "account",
        """
        space text, id bytes, name text, customer_class text?, large int, created_at int, extra text, version int
        """,
        key="space id",
    )
    _index("account", "by_name", "space name id")
    _create(
        "contact",
        """
        space text, account bytes, customer bytes, post text, created_at int, version int
        """,
        key="space account customer",
        references={"account": "account.id", "customer": "customer.id"},
    )
    _index("contact", "by_customer", "space customer account")
    _create(
        "insight",
        """
        space text, id bytes, subject bytes, topic text, text text, source text, by text, at int
        """,
        key="space id",
    )
    _index("insight", "of_subject", "space subject at id")


def _loops() -> None:
    """What was said, and the loops around it."""
    _create(
        "improvement",
        """
        space text, id bytes, sort text, title text, state text, topic text, owner text, done text?, lesson text?,
        created_at int, done_at int?, done_by text?, origin text?, extra text, version int
        """,
        key="space id",
    )
    _index("improvement", "by_state", "space state created_at id")
    _index("improvement", "by_origin", "space origin", unique=True)
    _create(
        "interaction",
        """
        space text, id bytes, kind text, channel text, origin text?, customer bytes?, occurred_at int,
        precision text, recorded_at int, amount int?, currency text?, quantity int?, source text, extra text
        """,
        key="space id",
        references={"customer": "customer.id"},
    )
    _index("interaction", "by_origin", "space channel origin", unique=True)
    _index("interaction", "timeline", "space customer occurred_at id")
    _create(
        "text",
        """
        space text, id bytes, subject text?, body text
        """,
        key="space id",
        references={"id": "interaction.id"},
    )
    _create(
        "attachment",
        """
        space text, item bytes, number int, name text, media_type text, content bytes
        """,
        key="space item number",
        references={"item": "interaction.id"},
    )
    _create(
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
    _index("feedback", "agenda", "space is_open due id")
    _index("feedback", "by_ref", "space ref", unique=True)
    _index("feedback", "inbox", "space is_open owner due id")
    _index("feedback", "by_team", "space is_open team due id")
    _index("feedback", "by_time", "space recorded_at id")
    _index("feedback", "of_customer", "space customer is_open id")
    _index("feedback", "of_improvement", "space improvement id")
    _create(
        "transition",
        """
        space text, item bytes, number int, source text, move text, target text, by text, role text, at int,
        data text, told text
        """,
        key="space item number",
        references={"item": "feedback.id"},
    )
    _create(
        "timer",
        """
        space text, item bytes, wake_at int, version int
        """,
        key="space item",
        references={"item": "feedback.id"},
    )
    _index("timer", "by_wake", "space wake_at item")
    _create(
        "task",
        """
        space text, id bytes, item bytes, kind text, title text, owner text, due int, is_open int,
        checklist text, after text, result text?, created_at int, done_at int?, version int
        """,
        key="space id",
        references={"item": "feedback.id"},
    )
    _index("task", "agenda", "space is_open owner due id")
    _index("task", "of_item", "space item is_open id")
    _create(
        "outbox",
        """
        space text, id bytes, item bytes?, transition int?, customer bytes?, channel text, to text,
        purpose text, template text, automatic int, subject text, body text, completes text, state text,
        attempts int, error text?, wake_at int, created_at int, version int
        """,
        key="space id",
    )
    _index("outbox", "by_wake", "space wake_at id")
    _index("outbox", "of_customer", "space customer id")
    _index("outbox", "of_item", "space item id")
    _create(
        "delivery",
        """
        space text, message bytes, item bytes?, transition int?, template text, state text, provider_id text?,
        detail text?, attempts int, at int
        """,
        key="space message",
    )
    _index("delivery", "of_item", "space item at message")


def _create(name: str, columns: str, *, key: str, references: dict[str, str] | None = None) -> None:
    """Make a table; a reference holds, after `space`, the key of a row of another one."""
    op.create_table(
        f"clientloop_{name}",
        *(
            sa.Column(column, _TYPES[kind], nullable=bool(nullable), autoincrement=False)
            for column, kind, nullable in re.findall(r"(\w+) (\w+)(\??)", columns)
        ),
        sa.PrimaryKeyConstraint(*key.split()),
        *(
            sa.ForeignKeyConstraint(["space", column], [f"clientloop_{other}.space", f"clientloop_{target}"])
            for column, target in (references or {}).items()
            for other in [target.partition(".")[0]]
        ),
        sqlite_strict=True,
    )


def _index(table: str, name: str, columns: str, *, unique: bool = False) -> None:
    op.create_index(f"clientloop_{table}_{name}", f"clientloop_{table}", columns.split(), unique=unique)
