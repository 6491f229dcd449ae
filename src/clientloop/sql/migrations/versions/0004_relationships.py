"""The tables of what customers are asked, of what they are to the firm, of deals, and of what is planned."""

from clientloop.sql.migrations.building import create, index

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables and their indexes."""
    _asking()
    _relationships()
    _deals()
    _planning()


def _asking() -> None:
    """Questions, whom they reached, and what was answered."""
    create(
        "question",
        """
        space text, name text, number int, instrument text, occasion text, scale text, least_is_best int,
        good_from int?, formula text, passive int, survey text?, texts text, created_at int
        """,
        key="space name number",
    )
    asked = """
        space text, id bytes, question text, number int, instrument text, occasion text, customer bytes?, channel text,
        origin text?, domain text?, country text?, locale text?, product text?, employee text?, stage text?,
        customer_class text?, variant text?,
        """
    create(
        "invitation",
        asked + "asked_at int, delivered_at int, answered_at int, disposition text, message bytes?, version int",
        key="space id",
        references={"customer": "customer.id"},
    )
    index("invitation", "by_origin", "space channel origin", unique=True)
    index("invitation", "by_time", "space question asked_at id")
    index("invitation", "of_customer", "space customer asked_at id")
    index("invitation", "of_message", "space message id")
    create(
        "answer",
        asked
        + """
        scale text, rating int?, text text, answered_at int, recorded_at int, superseded_at int, invitation bytes?,
        item bytes?, extra text, version int
        """,
        key="space id",
        references={"customer": "customer.id", "invitation": "invitation.id", "item": "feedback.id"},
    )
    index("answer", "by_origin", "space channel origin", unique=True)
    index("answer", "by_time", "space question answered_at id")
    index("answer", "of_customer", "space customer question answered_at id")
    index("answer", "of_item", "space item id")
    create(
        "respondent",
        "space text, customer bytes, version int",
        key="space customer",
        references={"customer": "customer.id"},
    )


def _relationships() -> None:
    """Where everybody stands, and how they came there."""
    create(
        "assessment",
        """
        space text, subject bytes, sort text, model text, number int, stage text?, previous text?, direction text,
        automatic text?, manual int, as_of int, at int, by text, reason text?, until int, explanation text
        """,
        key="space subject model number",
    )
    index("assessment", "by_time", "space model as_of subject number")
    create(
        "standing",
        """
        space text, subject bytes, sort text, model text, stage text, automatic text?, previous text?, direction text,
        since int, as_of int, explanation text, manual text?, manual_by text?, manual_reason text?, manual_at int,
        manual_until int, manual_of bytes?, number int, version int
        """,
        key="space subject model",
    )
    index("standing", "by_stage", "space model stage subject")
    index("standing", "by_expiry", "space model manual_until subject")


def _deals() -> None:
    """Deals, how they came along, and with whom the firm talks about them."""
    create(
        "deal",
        """
        space text, id bytes, title text, funnel text, stage text, is_open int, outcome text, customer bytes?,
        account bytes?, amount int?, currency text?, owner text, next_step text?, next_at int, source text,
        reason text?, opened_at int, stage_since int, closed_at int, extra text, version int
        """,
        key="space id",
        references={"customer": "customer.id", "account": "account.id"},
    )
    index("deal", "agenda", "space is_open owner next_at id")
    index("deal", "of_customer", "space customer is_open id")
    index("deal", "of_account", "space account is_open id")
    index("deal", "by_time", "space opened_at id")
    create(
        "deal_step",
        """
        space text, deal bytes, number int, funnel text, customer bytes?, account bytes?, source text?, target text,
        outcome text, by text, at int, since int, note text
        """,
        key="space deal number",
        references={"deal": "deal.id"},
    )
    index("deal_step", "by_time", "space at deal number")
    create(
        "deal_person",
        "space text, deal bytes, customer bytes, part text, since int, version int",
        key="space deal customer",
        references={"deal": "deal.id", "customer": "customer.id"},
    )
    index("deal_person", "by_customer", "space customer deal")


def _planning() -> None:
    """Planned contacts, and what the library does again and again."""
    create(
        "appointment",
        """
        space text, id bytes, uid text, customer bytes?, deal bytes?, owner text, way text, title text, note text,
        place text, starts_at int, ends_at int, precision text, is_open int, state text, done_at int, sequence int,
        created_at int, version int
        """,
        key="space id",
        references={"customer": "customer.id", "deal": "deal.id"},
    )
    index("appointment", "by_uid", "space uid", unique=True)
    index("appointment", "agenda", "space is_open owner starts_at id")
    index("appointment", "of_customer", "space customer starts_at id")
    index("appointment", "by_time", "space starts_at id")
    create("routine", "space text, name text, wake_at int, done_at int, version int", key="space name")
    index("routine", "by_wake", "space wake_at name")
