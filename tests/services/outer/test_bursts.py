import logging
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from clientloop import ClientLoop, Role
from clientloop.errors import InvalidValue, Refused, StoreBusy
from clientloop.model.calendar import Span, hours, minutes, working_hours
from clientloop.model.customers import Purpose
from clientloop.model.facts import Fact, FactName
from clientloop.model.feedback import Feedback
from clientloop.model.improvements import Burst, BurstField, Improvement, ImprovementSort, ImprovementState
from clientloop.model.messages import OutboundMessage
from clientloop.model.units import Unit
from clientloop.model.where import eq
from clientloop.services.outer.bursts import INCIDENT
from clientloop.testing.invariants import broken_invariants
from tests.test_processes import Firm

HOUR, MINUTE = hours(1), timedelta(minutes=1)


def set_burst(loop: ClientLoop, *, field: str = "product", count: int = 3, within: Span = HOUR, **more: object) -> None:
    """The firm has one rule."""
    burst = Burst(name="outage", field=BurstField(field), count=count, within=within, **more)
    loop.settings.set("bursts", (burst,))


def receive(loop: ClientLoop, product: str | None = "line", **more: object) -> Feedback:
    """A complaint about a product."""
    given = {"kind": "complaint", "channel": "email", "text": "It is down", "reply_to": "a@example.com", **more}
    return loop.feedback.receive(product=product, **given)


def proposed(loop: ClientLoop) -> tuple[Improvement, ...]:
    """The incidents that wait for a decision."""
    return loop.improvements.list(state=ImprovementState.PROPOSED).items


def alerts(loop: ClientLoop) -> list[OutboundMessage]:
    """The alerts in the outbox."""
    return [message for message in loop.outbox.list() if message.template == INCIDENT]


def test_a_burst_proposes_an_incident_and_tells_the_superiors_once(firm: Firm) -> None:
    """The third item within the hour does it, and none that follow; the alert says what it is about."""
    set_burst(firm.loop)
    first = receive(firm.loop)
    for number in range(6):
        firm.clock.advance(5 * MINUTE)
        receive(firm.loop)
        assert len(proposed(firm.loop)) == (number >= 1)
    (incident,) = proposed(firm.loop)
    assert (incident.sort, incident.topic) == (ImprovementSort.INCIDENT, {"product": "line"})
    assert incident.extra["since"] == first.recorded_at.isoformat()
    (alert,) = alerts(firm.loop)
    assert (alert.to, alert.purpose, alert.item) == ("head@firm.example.com", Purpose.INTERNAL, None)
    assert alert.subject == "Perhaps an incident: product line"
    for words in ('At least 3 items with the product "line"', "within 1 hour", "2026-03-02 09:00 UTC", "(outage)"):
        assert words in alert.body
    assert "$" not in alert.subject + alert.body
    firm.loop.run_due()
    assert [message.template for message in firm.post.sent].count(INCIDENT) == 1
    assert broken_invariants(firm.loop) == ()


def test_without_bursts_nothing_is_asked(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """A firm that has set none pays for none: a receipt asks the store as much as a rule about another kind adds."""
    receive(firm.loop)  # what is read once is read
    asked: list[str] = []
    page = firm.loop.store.page
    monkeypatch.setattr(
        firm.loop.store, "page", lambda cls, *args, **more: asked.append(cls) or page(cls, *args, **more)
    )
    receive(firm.loop)
    assert (Feedback not in asked, Improvement not in asked) == (True, True)


def test_of_items_that_a_rule_leaves_out_nothing_is_asked(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a rule is about an item is seen without the store."""
    set_burst(firm.loop, where=eq("kind", "complaint"))
    receive(firm.loop)
    monkeypatch.setattr(firm.loop.store, "page", lambda *_, **__: pytest.fail("the store was asked"))
    receive(firm.loop, kind="question")


def test_a_check_reads_no_more_than_the_burst(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many items there are of a value, a check asks for as many as make it full."""
    set_burst(firm.loop, count=4)
    for _ in range(20):
        receive(firm.loop)
    read: list[int] = []
    page = firm.loop.store.page

    def counted(cls: type, *args: object, **more: object) -> object:
        found = page(cls, *args, **more)
        read.append(len(found.items)) if cls is Feedback else None
        return found

    monkeypatch.setattr(firm.loop.store, "page", counted)
    receive(firm.loop)
    assert sum(read) <= 4


@pytest.mark.parametrize(("pause", "expected"), [(30, 1), (31, 0)])
def test_items_far_apart_are_no_burst(firm: Firm, pause: int, expected: int) -> None:
    """Three items in exactly an hour are one, a minute more between them and they are not."""
    set_burst(firm.loop)
    for _ in range(6):
        receive(firm.loop)
        firm.clock.advance(pause * MINUTE)
    assert len(proposed(firm.loop)) == expected


def test_other_values_and_items_left_out_do_not_count(firm: Firm) -> None:
    """Only items with the same value, and of those only the ones that the rule is about."""
    set_burst(firm.loop, where=eq("kind", "complaint"))
    for product in ("line", "other", None, None, None, "line"):
        receive(firm.loop, product)
    receive(firm.loop, kind="question")
    assert proposed(firm.loop) == ()
    receive(firm.loop)
    assert len(proposed(firm.loop)) == 1


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (0, 2, 1)])
def test_a_cause_that_is_found_later_counts_in_any_order(firm: Firm, order: tuple[int, ...]) -> None:
    """Items recorded close together are a burst as soon as the last of them is known to have the cause."""
    set_burst(firm.loop, field="cause")
    items = []
    for _ in range(3):
        items.append(receive(firm.loop))
        firm.clock.advance(10 * MINUTE)
    firm.clock.advance(timedelta(days=2))
    for count, number in enumerate(order):
        assert proposed(firm.loop) == ()
        item = firm.loop.feedback.move(items[number].id, "assign", to="mia", cause="router", by="mia")
        assert (item.cause, count) == ("router", count)
    (incident,) = proposed(firm.loop)
    assert incident.extra["since"] == items[0].recorded_at.isoformat()
    firm.loop.feedback.move(items[0].id, "start", by="mia")
    assert len(proposed(firm.loop)) == 1


def test_a_cause_given_to_many_items_at_once_counts(firm: Firm) -> None:
    """One answer that names the cause of many items makes their burst full as single moves do."""
    set_burst(firm.loop, field="cause")
    items = [receive(firm.loop) for _ in range(3)]
    firm.loop.feedback.answer(items, answer="news", text="It was the router.", cause="router", by="mia")
    assert [incident.topic for incident in proposed(firm.loop)] == [{"cause": "router"}]


def test_a_dismissed_incident_is_not_proposed_again_while_its_burst_lasts(firm: Firm) -> None:
    """Within the window after it nobody is bothered again; after that a new burst is a new incident."""
    set_burst(firm.loop)
    for _ in range(3):
        receive(firm.loop)
    (incident,) = proposed(firm.loop)
    firm.loop.improvements.dismiss(incident, reason="a rehearsal", by="head")
    for _ in range(5):
        firm.clock.advance(11 * MINUTE)
        receive(firm.loop)
    assert proposed(firm.loop) == ()
    firm.clock.advance(10 * MINUTE)
    receive(firm.loop)
    assert len(proposed(firm.loop)) == 1
    assert len(alerts(firm.loop)) == 2


def test_an_incident_that_is_done_is_not_proposed_again_by_its_own_items(firm: Firm) -> None:
    """What comes within the window after it still belongs to it; a burst a day later is another incident."""
    set_burst(firm.loop)
    for _ in range(3):
        receive(firm.loop)
    (incident,) = proposed(firm.loop)
    firm.loop.improvements.accept(incident, by="head")
    firm.loop.improvements.done(incident.id, done="restarted", lesson="watch it", by="head")
    receive(firm.loop)
    assert proposed(firm.loop) == ()
    firm.clock.advance(timedelta(days=1))
    for _ in range(3):
        receive(firm.loop)
    assert len(proposed(firm.loop)) == 1


def test_values_are_told_apart(firm: Firm) -> None:
    """An incident of one value is none of another, also where one begins like the other."""
    set_burst(firm.loop, count=2)
    values = ("line", 'line"]#1', "lin", "Line")
    for product in values:
        receive(firm.loop, product)
        receive(firm.loop, product)
    assert [incident.topic["product"] for incident in proposed(firm.loop)] == [*values]


def test_an_accepted_incident_has_the_items_of_its_burst(firm: Firm) -> None:
    """All that came since the first point to it; it is open, and observers hear so; then all are answered at once."""
    set_burst(firm.loop, where=eq("kind", "complaint"))
    before = receive(firm.loop, "other")
    items = [receive(firm.loop) for _ in range(5)]
    receive(firm.loop, kind="question")
    (incident,) = proposed(firm.loop)
    heard: list[Fact] = []
    firm.loop.context._tell = heard.extend
    report = firm.loop.improvements.accept(incident, by="head")
    assert set(report.moved) == {item.id for item in items}
    assert firm.loop.improvements.get(incident).state is ImprovementState.OPEN
    assert [fact.data for fact in heard if fact.name is FactName.IMPROVEMENT_OPENED] == [{"sort": "incident"}]
    assert [item.id for item in firm.loop.improvements.items(incident)] == [item.id for item in items]
    assert firm.loop.feedback.get(before).improvement is None
    answered = firm.loop.improvements.answer(incident, answer="outage-1", text="It works again.", by="head")
    assert (len(answered.moved), len(answered.with_another)) == (1, 4)
    receive(firm.loop)
    assert proposed(firm.loop) == ()
    with pytest.raises(Refused, match="is open, not proposed"):
        firm.loop.improvements.accept(incident.id, by="head")


def test_a_topic_may_be_narrowed_before_an_incident_is_accepted(firm: Firm) -> None:
    """A person who knows better says what it is about; about nothing it cannot be."""
    set_burst(firm.loop)
    items = [receive(firm.loop, category=category) for category in ("speed", "line", "line")]
    (incident,) = proposed(firm.loop)
    empty = firm.loop.improvements.change(incident, topic={})
    with pytest.raises(InvalidValue, match="has no topic"):
        firm.loop.improvements.accept(empty, by="head")
    narrowed = firm.loop.improvements.change(empty, topic={"product": "line", "category": "line"})
    assert firm.loop.improvements.accept(narrowed, by="head").moved == (items[1].id, items[2].id)


def test_an_incident_of_a_rule_that_is_gone_can_still_be_accepted(firm: Firm) -> None:
    """Then its value alone says what belongs to it."""
    set_burst(firm.loop, where=eq("kind", "complaint"))
    for _ in range(3):
        receive(firm.loop)
    firm.loop.settings.set("bursts", ())
    (incident,) = proposed(firm.loop)
    assert len(firm.loop.improvements.accept(incident, by="head").moved) == 3


def test_what_fails_harms_no_receipt_and_is_made_good(
    firm: Firm, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A store that fails while it proposes is logged without personal data, and the next item proposes."""
    set_burst(firm.loop)
    commit = firm.loop.store.commit

    def fail(unit: Unit) -> None:
        if any(isinstance(getattr(change, "record", None), Improvement) for change in unit.changes):
            raise StoreBusy
        commit(unit)

    monkeypatch.setattr(firm.loop.store, "commit", fail)
    with caplog.at_level(logging.ERROR):
        items = [receive(firm.loop) for _ in range(3)]
    assert len(items) == 3
    assert proposed(firm.loop) == ()
    assert caplog.messages == ["the burst outage was not looked at, StoreBusy"]
    monkeypatch.undo()
    receive(firm.loop)
    assert [incident.topic for incident in proposed(firm.loop)] == [{"product": "line"}]


def test_many_threads_propose_one_incident(tmp_path: Path) -> None:
    """Whoever receives the items of a burst, and however much at once, there is one incident and one alert."""
    with ClientLoop.open(f"sqlite:///{tmp_path / 'shop.db'}", entry_points=False) as loop:
        loop.staff.add("head", roles=[Role.SUPERIOR], channel="email", address="head@firm.example.com")
        set_burst(loop)
        start = threading.Barrier(4)

        def work() -> None:
            start.wait()
            for _ in range(10):
                receive(loop)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert len(proposed(loop)) == 1
        assert len(alerts(loop)) == 1


def test_a_burst_lasts_some_elapsed_time() -> None:
    """Working time, none at all, and no items are no rule."""
    for wrong in ({"within": working_hours(2)}, {"within": minutes(0)}, {"count": 0}):
        with pytest.raises(InvalidValue):
            Burst(**{"name": "outage", "field": BurstField.CAUSE, "count": 3, "within": hours(1), **wrong})


def test_two_bursts_of_one_name_are_refused(firm: Firm) -> None:
    """Incidents are told apart by the name of their burst."""
    burst = Burst(name="outage", field=BurstField.CAUSE, count=3, within=hours(1))
    with pytest.raises(InvalidValue, match="2 bursts are called 'outage'"):
        firm.loop.settings.set("bursts", (burst, burst))
