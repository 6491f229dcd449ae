"""eventsourcing: an aggregate whose events are stored in SQLite by the library's own recorder.

Loading an item replays its events; here there are one to three, so a move is as cheap as it can be.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate

from tests.benchmarks.rivals import RivalStore, require_durable
from tests.benchmarks.words import CUSTOMERS, Message, message

_MOVES = {("new", "assign"): "assigned", ("assigned", "start"): "working"}


class FeedbackItem(Aggregate):
    """A complaint. Its events are explicit classes: the library's decorators were 4 to 15 % slower."""

    class Received(Aggregate.Created):
        """A customer said something."""

        kind: str
        channel: str
        customer: str
        title: str
        text: str

    class Moved(Aggregate.Event):
        """The item changed its state."""

        move: str
        state: str
        owner: str
        by: str

        def apply(self, aggregate: FeedbackItem) -> None:
            """Change the item."""
            aggregate.state = self.state
            aggregate.owner = self.owner

    class DeadlineSet(Aggregate.Event):
        """Something is due."""

        name: str
        due: datetime

    class CustomerTold(Aggregate.Event):
        """A message waits to be sent."""

        recipient: str
        subject: str
        text: str

    def __init__(self, *, kind: str, channel: str, customer: str, title: str, text: str) -> None:
        self.kind = kind
        self.channel = channel
        self.customer = customer
        self.title = title
        self.text = text
        self.state = "new"
        self.owner = ""

    @classmethod
    def receive(cls, *, customer: str, said: Message) -> FeedbackItem:
        """A new complaint."""
        return cls._create(
            cls.Received, kind="complaint", channel="web", customer=customer, title=said.title, text=said.text
        )

    def move(self, move: str, *, owner: str, by: str) -> None:
        """Make a move that the item's state allows."""
        state = _MOVES.get((self.state, move))
        if state is None:
            raise ValueError(f"no move {move!r} from {self.state!r}")
        self.trigger_event(self.Moved, move=move, state=state, owner=owner, by=by)

    def set_deadline(self, name: str, *, days: int) -> None:
        """Set a deadline some days from now."""
        self.trigger_event(self.DeadlineSet, name=name, due=datetime.now(UTC) + timedelta(days=days))

    def tell_customer(self, recipient: str) -> None:
        """Confirm the receipt."""
        subject, text = "We received your message", f"Its number is {self.id}."
        self.trigger_event(self.CustomerTold, recipient=recipient, subject=subject, text=text)


class Customer(Aggregate):
    """A person, found by the e-mail address in the way that the library documents: by an id made from it."""

    class Added(Aggregate.Created):
        """A person became known."""

        name: str
        email: str
        phone: str

    def __init__(self, *, name: str, email: str, phone: str) -> None:
        self.name = name
        self.email = email
        self.phone = phone

    @staticmethod
    def id_of(email: str) -> UUID:
        """The id of the customer with this address."""
        return uuid5(NAMESPACE_URL, f"/customers/{email}")

    @classmethod
    def add(cls, said: Message) -> Customer:
        """The customer who says this."""
        customer_id = cls.id_of(said.email)
        return cls._create(cls.Added, id=customer_id, name=said.name, email=said.email, phone=said.phone)


class OneEvent(RivalStore[UUID]):
    """The least that can be stored: one event an operation; no customer is matched, nothing is due, nobody is told."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._application = Application(env={"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(path)})
        require_durable(self._pragma)

    def receive_one(self, words: Message) -> UUID:
        """Save a new item."""
        item = FeedbackItem.receive(customer=words.email, said=words)
        self._application.save(item)
        return item.id

    def move_one(self, key: UUID) -> None:
        """Load the item from its events, move it, save the new one."""
        item: FeedbackItem = self._application.repository.get(key)
        item.move("assign", owner="agent-7", by="desk")
        self._application.save(item)

    def close(self) -> None:
        """Close the application."""
        self._application.close()

    def _pragma(self, name: str) -> object:
        with self._application.recorder.datastore.transaction(commit=False) as cursor:
            cursor.execute(f"PRAGMA {name}")
            return cursor.fetchone()[0]


class SameFacts(OneEvent):
    """The facts that we store: the customer is matched; the item, its deadline and the receipt are saved together."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        for number in range(CUSTOMERS):
            self._application.save(Customer.add(message(number)))

    def receive_one(self, words: Message) -> UUID:
        """Load the customer, save a new item with three events."""
        customer: Customer = self._application.repository.get(Customer.id_of(words.email))
        item = FeedbackItem.receive(customer=str(customer.id), said=words)
        item.set_deadline("first_answer", days=1)
        item.tell_customer(customer.email)
        self._application.save(item)
        return item.id

    def move_one(self, key: UUID) -> None:
        """Load the item from its events, move it and set its next deadline, save both."""
        item: FeedbackItem = self._application.repository.get(key)
        item.move("assign", owner="agent-7", by="desk")
        item.set_deadline("solution", days=3)
        self._application.save(item)
