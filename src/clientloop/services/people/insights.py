"""What the firm has learnt of customers and accounts, each with source and date; nothing is overwritten."""

from datetime import datetime
from uuid import UUID

from clientloop.errors import InvalidValue
from clientloop.model.accounts import Insight, Topic
from clientloop.model.names import named
from clientloop.model.units import Insert, Unit
from clientloop.model.where import ALL, Where, eq
from clientloop.model.work import Actor
from clientloop.services.context import Context


def learn(
    context: Context, subject: UUID, topic: Topic | str, text: str, *, source: str, at: datetime | None, by: str | Actor
) -> Insight:
    """Write down what the firm has learnt.

    Args:
        context: The space.
        subject: The customer or the account; it exists.
        topic: What it is about.
        text: What was learnt.
        source: How the firm knows.
        at: Since when it is known, aware; the present if not given.
        by: Who writes it down.

    Raises:
        InvalidValue: The text or the source is empty.
        UnknownName: There is no such topic.
    """
    for what, said in (("text", text), ("source", source)):
        if not said.strip():
            raise InvalidValue(f"an insight without {what}", hint="say what was learnt, and how the firm knows")
    insight = Insight(
        space=context.space.space, id=context.new_id(), subject=subject,
        topic=named(Topic, topic, what="topic"), text=text.strip(), source=source.strip(),
        by=Actor.of(by).name, at=at or context.now(),
    )  # fmt: skip
    context.commit(Unit((Insert(insight),)))
    return insight


def about(topic: Topic | str | None) -> Where:
    """Insights on one topic, or on all.

    Raises:
        UnknownName: There is no such topic.
    """
    return ALL if topic is None else eq("topic", named(Topic, topic, what="topic"))
