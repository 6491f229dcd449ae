"""What reports say of a mail that was sent."""

from enum import StrEnum

from attrs import field, frozen

from clientloop.channels.mail.causes import failure_of
from clientloop.model.messages import DeliveryStep, Failure


class Action(StrEnum):
    """What a server did with a mail (RFC 3464), or a reader (RFC 8098)."""

    #: It gave up.
    FAILED = "failed"
    #: It goes on trying.
    DELAYED = "delayed"
    #: It put it into the mailbox.
    DELIVERED = "delivered"
    #: It passed it on to where nobody reports.
    RELAYED = "relayed"
    #: It passed it on to several.
    EXPANDED = "expanded"
    #: The recipient's program showed it.
    DISPLAYED = "displayed"
    #: The recipient's program did something else with it, such as to delete it unread.
    OTHER = "other"


#: How far each brings a message. Whatever a recipient's program does with it, it has arrived there.
STEPS = {
    Action.FAILED: DeliveryStep.FAILED,
    Action.DELAYED: DeliveryStep.DELAYED,
    Action.DELIVERED: DeliveryStep.DELIVERED,
    Action.RELAYED: DeliveryStep.SENT,
    Action.EXPANDED: DeliveryStep.SENT,
    Action.DISPLAYED: DeliveryStep.READ,
    Action.OTHER: DeliveryStep.DELIVERED,
}


@frozen(kw_only=True)
class Outcome:
    """What became of one mail to one recipient.

    >>> outcome = Outcome(recipient="a@example.com", message_id="1@firm.example", action=Action.FAILED, status="4.2.2")
    >>> outcome.step, outcome.failure
    (<DeliveryStep.FAILED: 'failed'>, <Failure.RETRY: 'retry'>)
    """

    #: The address that it was sent to; None if the report does not say.
    recipient: str | None = field(repr=False)
    #: The id of the mail, without angle brackets; None if the report does not say.
    message_id: str | None
    #: What happened.
    action: Action
    #: The enhanced status code (RFC 3463), if any.
    status: str | None = None
    #: What the server said.
    said: str = field(default="", repr=False)

    @property
    def step(self) -> DeliveryStep:
        """How far it brings the message."""
        return STEPS[self.action]

    @property
    def failure(self) -> Failure | None:
        """What it means for the address; None unless it failed."""
        return failure_of(self.status, self.said) if self.action is Action.FAILED else None
