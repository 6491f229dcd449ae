"""Facts told to webhooks: written with what made them true, told at least once, and never about themselves."""

import json
from collections.abc import Generator, Mapping
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from clientloop import ClientLoop, ManualClock
from clientloop.errors import Conflict, InvalidValue, NotFound, Refused
from clientloop.model.customers import Purpose
from clientloop.model.feedback import Feedback
from clientloop.model.messages import Delivery, DeliveryState, OutboundMessage
from clientloop.model.units import Insert, Unit, Update
from clientloop.ports.effects import AskTime, Effect, HttpCall, HttpResult, NoAnswer, Result, TimeResult
from clientloop.rules.outgoing.sending import PAUSES
from tests.test_processes import NINE

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ENDPOINTS = {
    "crm": {"url": "https://crm.example.com/hook", "secrets": [SECRET], "facts": ["feedback.*"]},
    "log": {"url": "https://log.example.com/hook", "secrets": [SECRET], "facts": ["*"]},
    "deaf": {"url": "https://deaf.example.com/hook", "secrets": [SECRET]},
}


class Web:
    """Servers that answer as they are told, and remember what they were called with."""

    def __init__(self) -> None:
        self.clock = ManualClock(NINE)
        self.calls: list[HttpCall] = []
        self.answer: Result = HttpResult(status=204)

    def __call__(self, effect: Effect) -> Result:
        """Carry an effect out."""
        if isinstance(effect, AskTime):
            return TimeResult(now=self.clock.now())
        assert isinstance(effect, HttpCall)
        self.calls.append(effect)
        return self.answer

    def told(self, host: str) -> list[str]:
        """The types of what one server heard, in order."""
        return [json.loads(call.body)["type"] for call in self.calls if host in call.url]


@pytest.fixture
def web() -> Web:
    """The servers."""
    return Web()


@pytest.fixture
def shop(web: Web, tmp_path: Path) -> Generator[ClientLoop]:
    """A firm that tells three endpoints, on a store in a file."""
    with opened(web, f"sqlite:///{tmp_path / 'shop.db'}") as loop:
        yield loop


def opened(web: Web, url: str, endpoints: Mapping[str, object] = ENDPOINTS) -> ClientLoop:
    """The firm, with endpoints."""
    return ClientLoop.open(
        url, clock=web.clock, perform=web, entry_points=False, channels={"webhook": {"endpoints": endpoints}}
    )


def received(shop: ClientLoop) -> Feedback:
    """An item that somebody brought."""
    return shop.feedback.receive(kind="idea", channel="form", text="Deliver on Saturdays")


def test_each_endpoint_hears_what_it_wants(shop: ClientLoop, web: Web) -> None:
    """A fact is told to all who want to hear of such, and to nobody else."""
    item = received(shop)
    shop.customers.add(name="Ana")
    shop.run_due()
    assert web.told("crm") == ["feedback.received"]
    assert web.told("log") == ["feedback.received", "customer.added"]
    assert web.told("deaf") == []
    (body,) = [json.loads(call.body) for call in web.calls if "crm" in call.url]
    assert body["data"]["subject"] == str(item.id)


def test_what_becomes_of_a_telling_is_not_told(shop: ClientLoop, web: Web) -> None:
    """An endpoint that hears of everything does not hear that it heard: the outbox runs empty."""
    received(shop)
    shop.run_due()
    assert shop.outbox.list().items == ()
    assert not [name for name in web.told("log") if name.startswith("message.")]


def test_a_fact_is_written_in_the_unit_that_makes_it_true(shop: ClientLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that is lost right after the commit loses no fact; a unit that fails tells none."""
    item = received(shop)
    before = len(shop.outbox.list(limit=500))
    store_commit = shop.store.commit

    def power_cut(unit: Unit) -> None:
        store_commit(unit)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(shop.store, "commit", power_cut)
        with pytest.raises(KeyboardInterrupt):
            shop.feedback.move(item, "not_feedback", by="mia", reason="advertising")
    assert len(shop.outbox.list(limit=500)) > before
    after = len(shop.outbox.list(limit=500))
    stale = Unit((Update(Feedback, (item.space, item.id), {"title": ""}, item.version),))
    with pytest.raises(Conflict):
        shop.context.commit(stale)
    assert len(shop.outbox.list(limit=500)) == after


def test_a_fact_is_told_again_by_the_same_body(shop: ClientLoop, web: Web) -> None:
    """Through every try, and when somebody asks for it once more, the key and the body are the same."""
    web.answer = HttpResult(status=503)
    received(shop)
    shop.run_due()
    web.answer = NoAnswer(detail="timed out", reached=True)
    web.clock.advance(2 * PAUSES[0])
    shop.run_due()
    web.answer = HttpResult(status=204)
    web.clock.advance(2 * PAUSES[1])
    shop.run_due()
    first = next(call for call in web.calls if "crm" in call.url)
    shop.outbox.redeliver(first.headers["webhook-id"])
    shop.run_due()
    tries = [call for call in web.calls if "crm" in call.url]
    assert len(tries) == 4
    assert {(call.headers["webhook-id"], call.body) for call in tries} == {(first.headers["webhook-id"], first.body)}
    delivery = shop.store.get(Delivery, (shop.space.space, UUID(first.headers["webhook-id"])))
    assert delivery is not None
    assert (delivery.state, delivery.attempts) == (DeliveryState.ACCEPTED, 1)


def test_an_endpoint_that_is_gone_hears_no_more_of_that_fact(shop: ClientLoop, web: Web) -> None:
    """What it refused for good can be told again by a person."""
    web.answer = HttpResult(status=410)
    received(shop)
    shop.run_due()
    assert shop.outbox.list().items == ()
    web.answer = HttpResult(status=204)
    shop.outbox.redeliver(web.calls[0].headers["webhook-id"])
    assert shop.run_due().accepted == 1


def test_only_facts_are_told_again(shop: ClientLoop, web: Web) -> None:
    """Words to people are not said twice, and what is unknown is said to be."""
    with pytest.raises(NotFound, match="was delivered"):
        shop.outbox.redeliver(UUID(int=1))
    ana = shop.customers.add(name="Ana")
    said = OutboundMessage(
        space="main", id=UUID(int=2), customer=ana.id, channel="webhook", to="crm", purpose=Purpose.SERVICE,
        template="answer", body="Yes.", wake_at=NINE, created_at=NINE,
    )  # fmt: skip
    shop.store.commit(Unit((Insert(said),)))
    shop.run_due()
    with pytest.raises(Refused, match="told no fact"):
        shop.outbox.redeliver(said.id)


def test_without_listeners_nothing_is_written(web: Web) -> None:
    """A firm that tells nobody pays nothing for it."""
    with opened(web, "memory:", {"deaf": ENDPOINTS["deaf"]}) as loop:
        received(loop)
        assert loop.outbox.list().items == ()


@pytest.mark.parametrize(
    ("facts", "says"), [(["feedback.movd"], "did you mean 'feedback.moved'"), ("feedback.moved", "is no list")]
)
def test_a_fact_that_there_is_not_is_refused_when_the_firm_opens(web: Web, facts: object, says: str) -> None:
    """A slip in the settings is told with what comes near."""
    endpoint = {"url": "https://crm.example.com/hook", "secrets": [SECRET], "facts": facts}
    with pytest.raises(InvalidValue, match=says):
        opened(web, "memory:", {"crm": endpoint})


def test_an_endpoint_that_does_not_answer_is_tried_for_hours(shop: ClientLoop, web: Web) -> None:
    """From seconds to hours, and then it waits for a person."""
    web.answer = NoAnswer(detail="timed out", reached=True)
    received(shop)
    while any(message.wake_at for message in shop.outbox.list(limit=500)):
        shop.run_due()
        web.clock.advance(timedelta(hours=1))
    assert web.clock.now() - NINE > timedelta(hours=24)
    assert {message.state.value for message in shop.outbox.dead_letters(limit=500)} == {"unknown"}
