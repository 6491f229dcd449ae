"""A firm whose few customers say much, by dice that fall the same every time; some turn out to be one person."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from uuid import UUID

from attrs import frozen

from clientloop import Actor, ClientLoop, ManualClock, Role
from clientloop.model.interactions import InteractionKind

START = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)

ANYBODY = Actor(name="anybody", roles=frozenset({Role.OWNER, Role.CUSTOMER}))
#: The moves that are made, each with one of these.
GIVEN = {
    "answer": [{"text": "yes", "told": "called"}],
    "update": [{"text": "soon"}, {"text": "soon", "told": "called"}],
    "deny": [{}],
    "not_feedback": [{"reason": "spam"}],
    "hand_over": [{"to": "mia"}],
}
KINDS = ("complaint", "question", "idea")
SCALES = (("1-5", 1, 5), ("0-10", 0, 10), ("1-10", 1, 10))


@frozen
class Crowd:
    """The firm, and who is who in it, kept apart from what the firm itself knows of that."""

    loop: ClientLoop
    #: The number of the person that each customer is.
    person: dict[UUID, int]

    def same(self, one, other):
        """Whether two customers are one person; somebody unknown is nobody."""
        return one is not None and other is not None and self.person[one] == self.person[other]

    def rows(self, cls):
        """All rows of a record."""
        return list(self.loop.store.pages(cls, self.loop.space.space))


def open_crowd(seed, url="memory:", *, hours=24 * 24, events=300):
    """A firm after some weeks, with twelve customers who are seven persons."""
    dice, clock = Random(seed), ManualClock(START)
    loop = ClientLoop.open(url, clock=clock, entry_points=False)
    customers = [loop.customers.add(name=f"customer {number}") for number in range(12)]
    person = {customer.id: number for number, customer in enumerate(customers)}
    for at in sorted(dice.randrange(hours) for _ in range(events)):
        clock.set(START + at * HOUR)
        _happen(loop, dice, dice.choice([*customers, None, None]))
    for kept, *absorbed in ((0, 5, 7), (2, 3), (9, 10, 11)):
        merge(loop, customers[kept], *(customers[number] for number in absorbed))
        person |= {customers[number].id: kept for number in absorbed}
    clock.set(START + hours * HOUR)
    return Crowd(loop, person)


def merge(loop, *people):
    """Make one person of customers: the last is merged into the one before it, and so on."""
    for kept, absorbed in reversed([*pairwise(people)]):
        loop.customers.merge(kept, absorbed, by="mia", reason="one voice")


def _happen(loop, dice, customer):
    event = dice.choice([_say, _say, _record, _work, _work, _work])
    event(loop, dice, customer)


def _say(loop, dice, customer):
    scale, least, most = dice.choice(SCALES)
    rated = dice.random() < 0.8
    loop.feedback.receive(
        kind=dice.choice(KINDS),
        channel=dice.choice(["form", "phone"]),
        text="words",
        customer=customer,
        rating=dice.randint(least, most) if rated else None,
        scale=scale if rated else None,
        received_at=loop.clock.now() - dice.choice([0, 0, 0, 1, 30]) * HOUR,
    )


def _record(loop, dice, customer):
    kinds = ["CALL", "CALL", "MEETING", "MESSAGE_IN", "MESSAGE_IN", "MESSAGE_OUT", "PURCHASE"]
    loop.interactions.record(kind=InteractionKind[dice.choice(kinds)], channel="phone", customer=customer)


def _work(loop, dice, customer):
    """Somebody works on one of the latest items: tells its customer in person or in writing, or puts it aside."""
    items = loop.feedback.list(limit=500).items
    if items:
        item = dice.choice(items[-8:])
        name = dice.choice([name for name in loop.feedback.next_moves(item, by=ANYBODY) if name in GIVEN] or [None])
        if name:
            loop.feedback.move(item, name, by=ANYBODY, **dice.choice(GIVEN[name]))
