"""A firm at work: customers say things, people and deadlines move them, by dice that fall the same every time."""

from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from uuid import UUID

from clientloop import Actor, ClientLoop, ManualClock, Refused, Role
from clientloop.errors import InvalidValue
from clientloop.model.calendar import Calendar
from clientloop.model.customers import Purpose
from clientloop.model.messages import Failure, Receipt
from clientloop.model.where import eq
from clientloop.testing.fakes import FakeChannels

START = datetime(2026, 1, 19, 7, tzinfo=UTC)
TICK = timedelta(hours=7)
ZONE = "Pacific/Auckland"

ACTORS = (Actor.of("mia"), Actor.superior("head"), Actor.superior("chief"), Actor.customer())
KINDS = ("complaint", "complaint", "question", "question", "idea", "praise", "referral")
#: People mostly work on the newest items.
NEWEST = 10
#: And mostly do what the table of the kind names first.
STRAIGHT = 0.35
#: What ends a loop at once, or takes it elsewhere, is done in so many of the cases.
RARELY = 0.1
RARE = {"duplicate", "not_feedback", "rekind", "split", "restore", "reopen", "hand_over", "update"}
#: Moves that are left out where this holds of the item, as the journal alone does not tell what they come to.
LEFT_OUT = {
    # deadlines escalate enough
    "escalate": lambda item: True,
    # the item would run after a solution that it has
    "restore": lambda item: item.solved_at is not None or item.resume_to in {"rejected", "invited", "ended"},
}


def answer(message):
    """Some addresses bounce; all other messages are taken."""
    if message.to.startswith("gone"):
        return Receipt(failure=Failure.PERMANENT, detail="no such mailbox")
    return Receipt(provider_id=str(message.id))


def open_firm(url="memory:", clock=None):
    """A firm that works around the clock, with a product line and three regular customers."""
    channels, numbers = FakeChannels("email", "form", answer=answer), count(1)

    def ids(microseconds):
        return UUID(int=next(numbers))

    loop = ClientLoop.open(url, clock=clock or ManualClock(START), plugins=[channels], zone=ZONE, ids=ids)
    loop.settings.set("calendar", Calendar.around_the_clock("UTC"))
    loop.settings.set("offers", {"tent": "stove"})
    return loop


class Player:
    """Plays ticks of a firm's time."""

    def __init__(self, loop, seed):
        self.loop, self.dice = loop, Random(seed)
        self.customers = [loop.customers.add(name=name, email=f"{name}@example.com") for name in ("ana", "bo", "gone")]
        self.improvement = loop.improvements.add("Saturdays")
        loop.consent.allow(self.customers[0], Purpose.MARKETING, proof="form")
        self.items = []

    def play(self, ticks):
        """Let so many ticks pass."""
        for _ in range(ticks):
            self.loop.clock.advance(TICK)
            self.loop.run_due()
            if self.dice.random() < 0.8:
                self.receive()
            for _ in range(8):
                self.move()
        self.loop.improvements.done(self.improvement, done="since May", lesson="ask earlier", by="mia")

    def receive(self):
        """A customer, or somebody unknown, says something; some of it was said a while ago."""
        dice = self.dice
        item = self.loop.feedback.receive(
            kind=dice.choice(KINDS),
            channel=dice.choice(["email", "form"]),
            text="words",
            customer=dice.choice([*self.customers, None]),
            reply_to=dice.choice([None, "eve@example.com"]),
            received_at=self.loop.clock.now() - dice.choice([0, 0, 5, 40]) * timedelta(hours=1),
            product=dice.choice(["tent", None]),
        )
        self.items.append(item.id)
        self.loop.run_due()

    def move(self):
        """Somebody moves something, if it can be moved like that."""
        dice, desk = self.dice, self.loop.feedback
        if not self.items:
            return
        newest = self.items[-NEWEST:] if dice.random() < 0.9 else self.items
        item, actor = desk.get(dice.choice(newest)), dice.choice(ACTORS)
        names = [
            name
            for name in desk.next_moves(item, by=actor)
            if not (name in LEFT_OUT and LEFT_OUT[name](item)) and (name not in RARE or dice.random() < RARELY)
        ]
        if not names:
            return
        name = names[0] if dice.random() < STRAIGHT else dice.choice(names)
        for task in self.loop.tasks.of(item):
            if task.is_open:
                self.loop.tasks.done(task, result="done")
        try:
            desk.move(item, name, by=actor, **self.given(item, name))
        except (Refused, InvalidValue):
            return
        self.loop.run_due()

    def given(self, item, name):
        """What the move takes, whatever it is; and sometimes the customer is told in person."""
        loop, dice = self.loop, self.dice
        row = loop.context.loop_of(item.kind, item.process).row(item.state, name)
        values = {
            "to": dice.choice(["mia", "tim"]),
            "date": loop.clock.now() + timedelta(days=dice.randint(2, 20)),
            "improvement": self.improvement.id,
            "kind": dice.choice(KINDS),
            "original": dice.choice([item, *loop.inbox(where=eq("customer", item.customer))]).id,
            "parts": [{"kind": dice.choice(KINDS), "text": "another matter"}],
            "value": 3,
            "effort": 2,
        }
        fields = {field for need in row.needs for field in need.fields}
        given = {field: values.get(field, f"some {field}") for field in fields}
        if name in {"accept", "contact"} and item.kind == "referral":
            given |= {"friend_agrees": True, "friend_address": f"{item.ref}@example.com"}
        if dice.random() < 0.1 and Role.OWNER in loop.context.loop_of(item.kind).row(item.state, name).who:
            given["told"] = "called"
        return given
