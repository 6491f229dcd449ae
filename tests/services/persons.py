"""Customers with long histories, for the tests of merging."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

from clientloop import ClientLoop, ManualClock
from clientloop.model.accounts import Topic
from clientloop.model.asking import Respondent
from clientloop.model.customers import Customer, CustomerClass, Merge, Purpose, Suggestion
from clientloop.model.interactions import Interaction, InteractionKind, Text
from clientloop.model.schema import CLASSES
from clientloop.model.spaces import SpaceDue
from clientloop.model.units import Insert, Unit

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
STORES = ("memory:", "sqlite:///{}/shop.db")


class Ids:
    """Ids in order; a series of its own for what a test does besides, so that all else has the same ids without it."""

    def __init__(self) -> None:
        self._series = {"main": count(1), "besides": count(1 << 64)}
        self.of = "main"

    def __call__(self, _: int) -> UUID:
        """The next id of the series."""
        return UUID(int=next(self._series[self.of]))


def open_firm(url: str, ids: Ids | None = None) -> ClientLoop:
    """A firm in Ljubljana without customers, whose ids, numbers and times are the same in every run."""
    refs = count()
    return ClientLoop.open(
        url,
        clock=ManualClock(NINE),
        region="SI",
        entry_points=False,
        ids=ids or Ids(),
        refs=lambda: f"{next(refs):08}",
    )


def live(loop: ClientLoop, customer: Customer, *, interactions: int, items: int) -> None:
    """Give a customer a history: purchases with notes, open loops, timers, messages that wait, and more."""
    made = _purchases(loop, customer, interactions)
    while rows := [Insert(record) for _, record in zip(range(2_000), made, strict=False)]:
        loop.store.commit(Unit(tuple(rows)))
    for number in range(items):
        item = loop.feedback.receive(
            kind="complaint",
            channel="email",
            text=f"Broken {number}",
            customer=customer,
            reply_to="a@b.example",
        )
        item = loop.feedback.move(item, "assign", to="mia", by="desk")
        if number % 2:
            item = loop.feedback.move(item, "start", by="mia")
            loop.tasks.add(item, "look at it")
    loop.consent.forbid(customer, Purpose.MARKETING, proof="call")
    loop.customers.learn(customer, Topic.INTEREST, "chess", source="talk", by="mia")
    loop.accounts.link(loop.accounts.add(f"Mill of {customer.name}"), customer, post="buyer")


def _purchases(loop: ClientLoop, customer: Customer, many: int) -> Iterator[object]:
    for number in range(many):
        bought = Interaction(
            space=customer.space, id=loop.context.new_id(), kind=InteractionKind.PURCHASE, channel="shop",
            origin=f"{customer.id}-{number}", customer=customer.id, occurred_at=NINE - timedelta(hours=number),
            recorded_at=NINE, amount=100 + number, currency="EUR",
        )  # fmt: skip
        yield bought
        if number % 10 == 0:
            yield Text(space=customer.space, id=bought.id, body=f"note {number}")


def two_customers(loop: ClientLoop) -> tuple[Customer, Customer]:
    """Two customers who have nothing in common but what a person knows."""
    add = loop.customers.add
    return (
        add(name="Ana Novak", email="ana@example.com", customer_class=CustomerClass.B, locale="sl", zone="Europe/Rome"),
        add(name="Ana Kovač", phone="040 123 456", customer_class=CustomerClass.A, locale="de", extra={"shoe": 38}),
    )


def rows(loop: ClientLoop) -> dict[str, list[object]]:
    """Every row of a space, but for what a merge writes."""
    return {
        cls.__name__: list(loop.store.pages(cls, loop.space.space))
        for cls in CLASSES
        if cls not in {Customer, Merge, Respondent, Suggestion, SpaceDue}
    }
