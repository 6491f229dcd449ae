"""What observers hear while an application works: every fact, with the data that its hook promises."""

import inspect
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from clientloop import Actor, ClientLoop, InteractionKind, ManualClock, hookimpl
from clientloop.model.calendar import hours
from clientloop.model.facts import Fact, FactName
from clientloop.model.improvements import Burst, BurstField
from clientloop.model.messages import DeliveryStep, Failure, OutboundMessage, Receipt
from clientloop.model.targets import Target
from clientloop.plugins import spec
from clientloop.ports.events import DeliveryEvent
from clientloop.services.outgoing.deliveries import take_delivery
from clientloop.testing.fakes import FakeChannels

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Listener:
    """Observes everything."""

    def __init__(self) -> None:
        """Hear nothing yet."""
        self.heard: dict[FactName, list[Fact]] = {}
        for name in FactName:
            setattr(self, name.hook, self._observer(name))

    def _observer(self, name: FactName) -> object:
        @hookimpl
        def observe(facts: Sequence[Fact]) -> None:
            self.heard.setdefault(name, []).extend(facts)

        return observe


@pytest.fixture(scope="module")
def heard() -> dict[FactName, list[Fact]]:
    """The facts of a day on which everything happens once."""
    listener = Listener()
    post = FakeChannels("email", answer=_refuse_one)
    clock = ManualClock(START)
    with ClientLoop.open("memory:", clock=clock, plugins=[listener, post], entry_points=False) as loop:
        customer = loop.customers.add(name="Kim", email="one@example.com")
        other = loop.customers.add(name="Lee", email="one@example.com")
        loop.customers.merge(customer, other, by="desk", reason="they said so")
        loop.customers.unmerge(other, by="desk")
        visits = [
            loop.interactions.record(kind=InteractionKind.VISIT, channel="shop", customer=customer) for _ in range(2)
        ]
        loop.customers.split(customer, interactions=visits[:1], by="desk", reason="they said so")
        item = loop.feedback.receive(kind="complaint", channel="email", text="It is broken", customer=customer)
        for move in ("assign", "start", "escalate"):
            item = loop.feedback.move(item, move, by="desk", **({"to": "desk"} if move == "assign" else {}))
        for task in loop.tasks.of(item):
            loop.tasks.done(task, result="mended")
        item = loop.feedback.move(item, "resolve", cause="wear", action="a new one", by="desk")
        loop.feedback.move(item, "inform", by="desk")
        loop.run_due()
        loop.feedback.move(item.id, "confirm", by=Actor.customer())
        gone = loop.feedback.receive(kind="complaint", channel="email", text="So is mine", reply_to="gone@example.com")
        loop.feedback.move(gone, "assign", to="desk", by="desk")
        loop.run_due()
        for message, step in zip(
            post.sent, (DeliveryStep.DELIVERED, DeliveryStep.READ, DeliveryStep.FAILED), strict=False
        ):
            take_delivery(loop.context, "email", DeliveryEvent(key=step, message=message.id, step=step))
        loop.questions.declare("recommend", instrument="nps", occasion="relational")
        loop.questions.answer("recommend", 9, channel="email", customer=customer)
        loop.relationships.set(customer, "abc", "A", by="desk", reason="buys for ten shops")
        deal = loop.deals.open("A hundred parcels", customer=customer, by="desk")
        loop.deals.win(loop.deals.move(deal, "offer", by="desk"), by="desk")
        parcels = loop.improvements.add("Stronger parcels")
        loop.improvements.done(parcels, done="thicker paper", lesson="test it", by="desk")
        loop.settings.set("bursts", (Burst(name="heap", field=BurstField.CHANNEL, count=1, within=hours(1)),))
        loop.feedback.receive(kind="complaint", channel="email", text="And mine")
        loop.settings.set("targets", (Target(name="all", metric="loop_rate", parameters={"rate": "closed"}, goal=1),))
        clock.advance(timedelta(days=31))
        loop.run_due()
    return listener.heard


def _refuse_one(message: OutboundMessage) -> Receipt:
    return Receipt(failure=Failure.PERMANENT if message.to == "gone@example.com" else None)


@pytest.mark.parametrize("name", FactName)
def test_a_fact_is_told_with_the_data_that_its_hook_promises(name: FactName, heard: dict[FactName, list[Fact]]) -> None:
    """Whatever the documentation of the hook puts in code after "data:" is there, and nothing else."""
    _, _, promised = (inspect.getdoc(getattr(spec, name.hook)) or "").partition("data:")
    assert heard.get(name), f"no {name} was told"
    assert all(fact.name is name for fact in heard[name])
    for fact in heard[name]:
        assert set(fact.data) == set(re.findall(r"`(\w+)`", promised))
