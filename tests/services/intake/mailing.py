"""A firm that people write to, and what they write."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from clientloop import ClientLoop, ManualClock
from clientloop.model.customers import IdentityKind, Trust
from clientloop.model.feedback import Feedback
from clientloop.model.interactions import Interaction
from clientloop.model.messages import OutboundMessage
from clientloop.model.work import Role
from clientloop.ports.events import Address, MessageIn
from clientloop.services.intake.messages import take_message
from clientloop.testing.fakes import FakeChannels

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)

ANA = "ana@example.com"


def email(value: str, name: str = "", trust: Trust | None = None) -> Address:
    """An e-mail address."""
    return Address(kind=IdentityKind.EMAIL, value=value, name=name, trust=trust)


class Firm:
    """A firm with a clock, a member, and a mailbox.

    Args:
        url: Where its data live.
        plugins: Further plugins.
    """

    def __init__(self, url: str, *plugins: object) -> None:
        """Nobody has written yet."""
        self.clock, self.post = ManualClock(NINE), FakeChannels("email", "sms")
        self.loop = ClientLoop.open(url, clock=self.clock, plugins=[self.post, *plugins], entry_points=False)
        self.loop.staff.add("mia", channel="email", address="mia@firm.example.com")
        self.loop.staff.add("head", roles=[Role.OWNER, Role.SUPERIOR], channel="email", address="head@firm.example.com")

    def take(
        self,
        key: str,
        text: str = "It broke",
        *,
        sender: Address | str = ANA,
        trust: Trust = Trust.VOUCHED,
        channel: str = "email",
        **more: Any,
    ) -> UUID:
        """Take a message; gives the interaction."""
        by = email(sender) if isinstance(sender, str) else sender
        event = MessageIn(key=key, sender=by, text=text, **more)
        taken = take_message(self.loop.context, channel, event, trust=trust, raw=None)
        assert taken is not None
        return taken

    def item(self, number: UUID) -> Feedback:
        """An item as it is now."""
        return self.loop.feedback.get(number)

    def items(self) -> list[Feedback]:
        """All items, oldest first."""
        return list(self.loop.store.pages(Feedback, "main"))

    def interaction(self, number: UUID) -> Interaction:
        """An interaction."""
        found = self.loop.store.get(Interaction, ("main", number))
        assert found is not None
        return found

    def move(self, item: UUID, name: str, **given: Any) -> Feedback:
        """Somebody of the firm moves an item, and what it says goes out."""
        self.loop.feedback.move(item, name, by="mia", **given)
        self.loop.run_due()
        return self.item(item)

    def sorted_as(self, item: UUID, kind: str) -> Feedback:
        """Somebody of the firm finds out what an item is."""
        return self.move(item, "rekind", kind=kind, reason="read it")

    def asked(self, item: UUID, kind: str = "complaint") -> OutboundMessage:
        """The firm asks the customer something; gives its message."""
        self.sorted_as(item, kind)
        self.move(item, "wait", text="Which one?")
        return self.sent("question")

    def sent(self, template: str) -> OutboundMessage:
        """The last message of ours of a sort."""
        return [message for message in self.post.sent if message.template == template][-1]

    def moves(self, item: UUID) -> list[str]:
        """What the journal of an item calls its moves."""
        return [row.move for row in self.loop.feedback.history(item)]

    def heard(self, member: str) -> list[str]:
        """Templates of what a member was told, once everything went out."""
        self.loop.run_due()
        return [message.template for message in self.post.sent if message.to.startswith(member)]

    def customers(self) -> int:
        """How many customers there are."""
        return len(self.loop.customers.list(limit=200).items)

    def suggested(self) -> list[tuple[UUID, UUID]]:
        """Pairs of customers that may be one."""
        return [(each.first, each.second) for each in self.loop.customers.suggestions()]
