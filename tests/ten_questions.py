"""The shop that `docs/how-to/ten-questions.md` asks about: two weeks of it, the same every time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

from clientloop import Actor, ClientLoop, ManualClock, Money, Purpose, Role, Trust
from clientloop.model.improvements import ImprovementSort
from clientloop.model.interactions import InteractionKind
from clientloop.model.routing import Route
from clientloop.model.where import contains, eq
from clientloop.testing.fakes import FakeChannels

#: A Monday at noon in Ljubljana, where the shop is.
NOW = datetime(2026, 3, 16, 11, tzinfo=UTC)

#: How many customers were hit by the outage.
HIT = 400

#: The numbers of the items that the page names, in the order of receipt; the others have some.
_REFS = ("7K3M9QXA", "5T2W8BNH", "9D4F6GJC")


def open_shop(url: str = "memory:") -> ClientLoop:
    """The shop as it stands on that Monday."""
    clock, numbers = ManualClock(NOW - timedelta(days=14)), count(1)
    loop = ClientLoop.open(
        url,
        clock=clock,
        plugins=[FakeChannels("email")],
        entry_points=False,
        zone="Europe/Ljubljana",
        region="SI",
        currency="EUR",
        ids=lambda microseconds: UUID(f"019cc5a1-0000-7000-8000-{next(numbers):012x}"),
        refs=_refs().__next__,
    )
    outage = loop.improvements.add("Shop down on 16 March", sort=ImprovementSort.INCIDENT, owner="maja")
    _hire(loop)
    _say(loop, clock)
    _break_down(loop, clock)
    loop.improvements.link(outage, contains("title", "does not open"), by="maja")
    clock.set(NOW)
    loop.run_due()
    return loop


def _refs() -> Iterator[str]:
    yield from _REFS
    yield from (f"A{number:07}" for number in count(1))


def _hire(loop: ClientLoop) -> None:
    """Maja decides, Tim works with her; complaints are theirs. There is a text for outages."""
    loop.staff.add_team("service", title="Customer service")
    loop.staff.add("maja", roles=(Role.OWNER, Role.SUPERIOR), teams=["service"])
    loop.staff.add("tim", teams=["service"])
    loop.settings.set("routing", (Route(name="complaints", where=eq("kind", "complaint"), team="service"),))
    words = {"subject": "We are back ($ref)", "body": "Good day $name, the shop opens again. We are sorry."}
    loop.settings.set("texts", {"en.outage": words})


def _say(loop: ClientLoop, clock: ManualClock) -> None:
    """Ana complains, calls about it under another name, and is helped; Bo and Eva rate badly; nobody calls Bo."""
    ana = loop.customers.add(name="Ana Bizjak", email="ana@example.com", zone="Europe/Ljubljana")
    bo = loop.customers.add(name="Bo Novak", email="bo@example.com")
    eva = loop.customers.add(name="Eva Kos", email="eva@example.com")
    before = clock.now() - timedelta(days=9)
    for who, cents, what in ((ana, 12_000, "A tent for two"), (bo, 4_500, "Dinner for three")):
        loop.interactions.record(
            kind=InteractionKind.PURCHASE, channel="shop", customer=who, money=Money(cents, "EUR"), text=what,
            occurred_at=before,
        )  # fmt: skip
    loop.consent.forbid(ana, Purpose.MARKETING, proof="link in a mail")
    parcel = loop.feedback.receive(
        kind="complaint", channel="email", text="The parcel came broken", customer=ana, product="tent"
    )
    loop.feedback.move(parcel.id, "assign", to="tim", by="maja")
    clock.advance(timedelta(hours=3))
    caller = loop.customers.add(name="A. Bizjak", phone="+386 40 123 456", trust=Trust.ASSERTED)
    loop.feedback.receive(kind="question", channel="phone", text="Where is my refund?", customer=caller)
    loop.customers.merge(ana, caller, by="maja", reason="same voice, same order")
    loop.feedback.move(parcel.id, "start", by="tim")
    clock.advance(timedelta(minutes=40))
    loop.feedback.move(parcel.id, "wait", by="tim", text="Would you send us a picture?")
    loop.run_due()
    clock.advance(timedelta(hours=2))
    loop.feedback.move(parcel.id, "resume", by=Actor.customer("Ana Bizjak"))
    for task in loop.tasks.of(parcel):
        loop.tasks.done(task, result="sent a new one")
    given = {"cause": "bad packing", "action": "sent a new one", "redress": 2_500}
    loop.feedback.move(parcel.id, "resolve", by="tim", reason="it was our fault", **given)
    loop.feedback.move(parcel.id, "inform", by="tim")
    loop.run_due()
    clock.advance(timedelta(days=1))
    loop.feedback.move(parcel.id, "confirm", by=Actor.customer("Ana Bizjak"))
    soup = loop.feedback.receive(kind="complaint", channel="form", text="Cold soup", customer=bo, rating=1, scale="1-5")
    loop.feedback.move(soup, "assign", to="maja", by="maja", cause="cold kitchen")
    clock.set(NOW - timedelta(hours=20))
    loop.run_due()
    loop.feedback.receive(kind="praise", channel="form", text="Slow, but kind", customer=eva, rating=2, scale="1-5")


def _break_down(loop: ClientLoop, clock: ManualClock) -> None:
    """The shop does not open, and many customers say so."""
    clock.set(NOW - timedelta(hours=5))
    for number in range(HIT):
        customer = loop.customers.add(name=f"Customer {number}", email=f"customer{number}@example.com")
        loop.feedback.receive(
            kind="complaint", channel="email", text="The shop does not open", customer=customer, category="login"
        )
