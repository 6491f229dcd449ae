"""Facts: what has happened, past tense and dotted, for observers and webhooks."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from attrs import field, frozen

from clientloop.model.codec import Json


class FactName(StrEnum):
    """Every fact; its value is also the type of the webhook."""

    CUSTOMER_ADDED = "customer.added"
    CUSTOMER_SUGGESTED = "customer.suggested"
    CUSTOMER_MERGED = "customer.merged"
    CUSTOMER_UNMERGED = "customer.unmerged"
    CUSTOMER_SPLIT = "customer.split"
    INTERACTION_RECORDED = "interaction.recorded"
    FEEDBACK_RECEIVED = "feedback.received"
    FEEDBACK_MOVED = "feedback.moved"
    FEEDBACK_ESCALATED = "feedback.escalated"
    FEEDBACK_CLOSED = "feedback.closed"
    TASK_OPENED = "task.opened"
    TASK_DONE = "task.done"
    MESSAGE_QUEUED = "message.queued"
    MESSAGE_ACCEPTED = "message.accepted"
    MESSAGE_FAILED = "message.failed"
    MESSAGE_DELIVERED = "message.delivered"
    MESSAGE_READ = "message.read"
    MESSAGE_BOUNCED = "message.bounced"
    IMPROVEMENT_PROPOSED = "improvement.proposed"
    IMPROVEMENT_OPENED = "improvement.opened"
    IMPROVEMENT_DONE = "improvement.done"
    ANSWER_RECEIVED = "answer.received"
    RELATIONSHIP_CHANGED = "relationship.changed"
    METRIC_MISSED = "metric.missed"
    DEAL_OPENED = "deal.opened"
    DEAL_MOVED = "deal.moved"
    DEAL_CLOSED = "deal.closed"

    @property
    def hook(self) -> str:
        """Name of the observer hook: `clientloop_on_feedback_moved`.

        >>> FactName.FEEDBACK_MOVED.hook
        'clientloop_on_feedback_moved'
        """
        return f"clientloop_on_{self.value.replace('.', '_')}"


@frozen
class Fact:
    """Something that has happened."""

    #: What.
    name: FactName
    #: In which space.
    space: str
    #: To which record.
    subject: UUID
    #: When, UTC.
    at: datetime
    #: What else is worth knowing; ids and names of declared things, never personal data.
    data: Mapping[str, Json] = field(factory=dict)
