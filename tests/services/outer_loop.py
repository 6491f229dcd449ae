"""A year of a small firm with causes, purchases, ratings, merged customers and three currencies, for reports on it."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from clientloop import Actor, ClientLoop, InteractionKind, ManualClock
from clientloop.model.customers import Customer, CustomerClass
from clientloop.model.feedback import Feedback
from clientloop.model.interactions import Interaction
from clientloop.model.money import Money

#: When the year begins.
START = datetime(2026, 3, 2, 9, tzinfo=UTC)

YEAR = timedelta(days=365)


def play(loop: ClientLoop, clock: ManualClock, seed: int = 7, *, customers: int = 40, items: int = 160) -> None:
    """Let customers buy and complain about four causes; every tenth is then merged into another."""
    dice = Random(seed)
    improvements = [loop.improvements.add(title) for title in ("Parcels", "Routers", "Prices", "Nothing yet")]
    people = [
        loop.customers.add(
            name=f"No. {number}", email=f"n{number}@example.com",
            customer_class=dice.choice([None, *CustomerClass]),
        )
        for number in range(customers)
    ]  # fmt: skip
    for number in range(items):
        clock.advance(timedelta(hours=dice.randrange(1, 120)))
        person = dice.choice(people)
        if dice.random() < 0.8:
            _buy(loop, person, dice)
        item = _say(loop, dice.choice([None, person, person, person]), dice, improvements[: 1 + number % 3])
        if dice.random() < 0.4:
            loop.feedback.move(item, "not_feedback", reason="an advert", by="mia")
    for number in range(0, customers - 10, 10):
        head = Actor.superior("head")
        loop.customers.merge(people[number], people[number + 10], by=head, reason="they say so")
    undone = loop.customers.merge(people[1], people[2], by=Actor.superior("head"), reason="a mistake")
    loop.customers.unmerge(undone, by=Actor.superior("head"))


def _buy(loop: ClientLoop, person: Customer, dice: Random) -> None:
    kind = InteractionKind.RETURN if dice.random() < 0.2 else InteractionKind.PURCHASE
    minor = dice.randrange(1, 90_000) * (-1 if kind is InteractionKind.RETURN else 1)
    money = Money(minor, dice.choice(["EUR", "EUR", "USD", "JPY"]))
    loop.interactions.record(kind=kind, channel="shop", customer=person, money=money)


def _say(loop: ClientLoop, person: Customer | None, dice: Random, improvements: list) -> Feedback:
    rating = dice.choice([None, 1, 2, 3, 4, 5])
    item = loop.feedback.receive(
        kind="complaint", channel="phone", text="It is broken", customer=person, rating=rating,
        scale="1-5" if rating else None,
    )  # fmt: skip
    given = {"cause": dice.choice(["carrier", "router", "price", "weather"])} if dice.random() < 0.8 else {}
    item = loop.feedback.move(item, "assign", to="mia", by="mia", **given)
    return loop.feedback.move(item, "link", improvement=dice.choice(improvements).id, by="mia")


class Judge:
    """The same numbers, from all rows and with nothing but loops."""

    def __init__(self, loop: ClientLoop) -> None:
        """Load everything."""
        self.space, self.now = loop.space.space, loop.clock.now()
        self.items = list(loop.store.pages(Feedback, self.space))
        self.bought = list(loop.store.pages(Interaction, self.space))
        self.people = {person.id: person for person in loop.store.pages(Customer, self.space)}

    def person(self, customer: UUID) -> UUID:
        """Who a customer is shown as."""
        found = self.people[customer]
        return customer if found.merged_into is None else self.person(found.merged_into)

    def persons(self, items: Iterable[Feedback]) -> set[UUID]:
        """Who said these."""
        return {self.person(item.customer) for item in items if item.customer is not None}

    def spent(self, persons: set[UUID]) -> Mapping[str, int]:
        """What persons spent in a year, by currency."""
        totals: dict[str, int] = {}
        for each in self.bought:
            lately = each.occurred_at is not None and each.occurred_at >= self.now - YEAR
            if lately and each.amount is not None and each.customer and self.person(each.customer) in persons:
                totals[each.currency] = totals.get(each.currency, 0) + each.amount
        return totals
