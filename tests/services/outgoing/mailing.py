"""A firm that writes to its customers of its own accord, for tests of what it may."""

from datetime import UTC, datetime
from uuid import UUID

from clientloop import ClientLoop, ManualClock
from clientloop.model.customers import Consent, Customer, Identity, IdentityKind, Purpose, Trust
from clientloop.model.messages import Delivery, OutboundMessage
from clientloop.model.permission import ContactBudget
from clientloop.model.record import record_of
from clientloop.model.units import Delete, Insert, Unit
from clientloop.model.where import eq
from clientloop.ports.events import Address, ConsentEvent
from clientloop.services.intake.events import take
from clientloop.testing.fakes import FakeChannels

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)

MAIL, PHONE = "ana@example.com", "+38640123456"

#: So that hashes are the same in every firm.
KEY = "0123456789abcdef"


class Mailing:
    """A firm in Slovenia with three channels, at noon, and a customer who takes surveys and offers."""

    def __init__(self, url: str = "memory:", *, channel: FakeChannels | None = None) -> None:
        self.clock = ManualClock(NOON)
        self.post = channel or FakeChannels("email", "sms", "chat")
        self.loop = ClientLoop.open(
            url, clock=self.clock, plugins=[self.post], entry_points=False, region="SI", zone="Europe/Ljubljana",
            suppression_key=KEY,
        )  # fmt: skip
        self.context = self.loop.context

    def ana(self, *, zone: str | None = None, trust: Trust = Trust.VERIFIED) -> Customer:
        """A customer with a mailbox and a telephone."""
        return self.willing("Ana", email=MAIL, phone=PHONE, zone=zone, trust=trust)

    def willing(self, name: str, **more: object) -> Customer:
        """A customer who allows surveys and marketing."""
        customer = self.loop.customers.add(name=name, **more)
        for purpose in (Purpose.SURVEY, Purpose.MARKETING):
            self.loop.consent.allow(customer, purpose, proof="form")
        return customer

    def queue(
        self,
        customer: Customer | UUID | None,
        purpose: Purpose = Purpose.SURVEY,
        *,
        channel: str = "email",
        to: str | None = None,
    ) -> OutboundMessage:
        """A message to a customer, due now."""
        now, whom = self.clock.now(), customer.id if isinstance(customer, Customer) else customer
        message = OutboundMessage(
            space="main", id=self.context.new_id(), customer=whom, channel=channel,
            to=to or (PHONE if channel == "sms" else MAIL), purpose=purpose, template="news",
            wake_at=now, created_at=now,
        )  # fmt: skip
        self.loop.store.commit(Unit((Insert(message),)))
        return message

    def send(self, *args: object, **more: object) -> str | None:
        """Queue a message and send what is due: None if it went out, else why not."""
        message = self.queue(*args, **more)  # type: ignore[arg-type]  # as `queue`
        self.loop.run_due()
        if message.id in {each.id for each in self.post.sent}:
            return None
        delivery = self.loop.store.get(Delivery, ("main", message.id))
        return "waits" if delivery is None else f"{delivery.state}: {delivery.detail}"

    def hear(
        self,
        *,
        allowed: bool = False,
        address: str = MAIL,
        channel: str = "email",
        trust: Trust = Trust.VERIFIED,
        key: str | None = None,
        **more: object,
    ) -> None:
        """Somebody says something about further messages."""
        kind = IdentityKind.EMAIL if "@" in address else IdentityKind.PHONE
        event = ConsentEvent(
            key=key or str(self.context.new_id()), sender=Address(kind=kind, value=address), allowed=allowed,
            **{"proof": "said so", **more},
        )  # fmt: skip
        take(self.context, channel, event, trust=trust, raw=None)

    def erase(self, customer: Customer) -> None:
        """Forget all that is kept of a customer."""
        store = self.loop.store
        theirs = eq("customer", customer.id)
        gone = [
            Delete(cls, tuple(getattr(row, name) for name in record_of(cls).key))
            for cls in (Identity, Consent, ContactBudget)
            for row in store.pages(cls, "main", where=theirs)
        ]
        store.commit(Unit((*gone, Delete(Customer, ("main", customer.id)))))
