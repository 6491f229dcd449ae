"""A small firm with something of everything that a check looks at, in a file."""

from datetime import timedelta
from pathlib import Path

from clientloop import Actor, ClientLoop
from clientloop.channels.desk.entries import Call
from clientloop.model.money import Money
from clientloop.ports.clock import ManualClock
from clientloop.testing.fakes import FakeChannels
from tests.services.persons import NINE


def make(path: Path) -> None:
    """Write the file.

    There are a complaint that is worked on, a question that was answered, an idea that was none, another one that is
    declined once its message is taken, a call by telephone, two customers that were merged, answers, a deal, standings,
    and planned work.
    """
    clock, post = ManualClock(NINE), FakeChannels("email")
    with ClientLoop.open(f"sqlite:///{path}", clock=clock, plugins=[post], entry_points=False, region="SI") as loop:
        loop.settings.set("acknowledge", ["email"])
        loop.staff.add("mia", channel="email", address="mia@example.com")
        loop.staff.away("mia", since=NINE + timedelta(days=30), until=NINE + timedelta(days=40))
        eva, ana = loop.customers.add(name="Eva", email="eva@example.com"), loop.customers.add(name="Eva B")
        say = loop.feedback.receive
        answered = say(kind="question", channel="email", text="When?", reply_to="eva@example.com", customer=eva)
        complaint = say(kind="complaint", channel="email", text="Late", reply_to="ana@example.com", customer=ana)
        loop.feedback.move(answered, "answer", by="mia", text="Tomorrow")
        idea = say(kind="idea", channel="form", text="Saturdays")
        loop.feedback.move(idea, "not_feedback", by="mia", reason="a joke")
        loop.run_due()
        clock.advance(timedelta(minutes=1))
        waits = say(kind="idea", channel="email", text="A bell", reply_to="bor@example.com")
        bells = loop.improvements.add("Bells", owner="mia")
        waits = loop.feedback.move(waits, "assess", value=1, effort=9, improvement=bells.id, by="mia")
        loop.feedback.move(waits, "decline", reason="we have one", by=Actor.superior("mia"))
        loop.write_down(Call(call="117", operator="mia", kind="complaint", text="Torn", phone="040 123 456"))
        _deal(loop, clock, str(eva.id), str(ana.id))
        task = loop.tasks.add(complaint, "Look", owner="mia")
        loop.tasks.done(task, result="Found")
        loop.tasks.add(complaint, "Send", owner="mia")


def _deal(loop: ClientLoop, clock: ManualClock, eva: str, ana: str) -> None:
    """What the firm has with one customer, who is known twice."""
    loop.questions.declare("delivery", instrument="csat", occasion="transactional", scale="1-5")
    for rating in (2, 4):
        loop.questions.answer("delivery", rating, channel="form", customer=eva)
        clock.advance(timedelta(minutes=1))
    loop.customers.merge(eva, ana, by="mia", reason="they said so")
    deal = loop.deals.open("A mill", customer=eva, amount=Money(500, "EUR"), by="mia")
    loop.deals.move(deal, "negotiation", by="mia")
    loop.appointments.plan("Visit", starts_at=clock.now() + timedelta(days=3), customer=eva)
    loop.relationships.reassess()
    loop.relationships.set(eva, "funnel", "negotiation", by="mia", reason="she wants it")
