"""Routing at receipt, of parts, of what is there already, and as a trial."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from clientloop import ClientLoop, ManualClock
from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.calendar import Calendar
from clientloop.model.customers import CustomerClass
from clientloop.model.feedback import Feedback, Priority
from clientloop.model.routing import Route
from clientloop.model.units import Unit, Update
from clientloop.model.where import contains, eq, le, one_of
from clientloop.model.work import Role, Task
from clientloop.rules.staff.rights import Right, Scope
from clientloop.services.staff.handover import HandedOver
from clientloop.services.staff.rerouting import Trial
from clientloop.services.staff.routing import KEPT
from clientloop.testing.fakes import FakeChannels
from clientloop.testing.invariants import broken_invariants

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday; the firm works 9 to 17, UTC
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

RUDE = Route(name="rude", where=contains("words", "rude"), grave=True, tags=["conduct"], priority=Priority.HIGH)
CHAT = Route(name="chat", where=eq("channel", "chat"), team="us")
REST = Route(name="rest", team="service")


class Desk:
    """A firm with two teams and a superior, and every route of the tests set."""

    def __init__(self, url: str) -> None:
        self.clock, self.post = ManualClock(NINE), FakeChannels("email")
        self.loop = loop = ClientLoop.open(url, clock=self.clock, plugins=[self.post], entry_points=False)
        loop.settings.set("calendars", {"late": Calendar.standard("America/New_York")})
        loop.staff.add_team("service")
        loop.staff.add_team("us", calendar="late", outside=True)
        for name in ("ana", "bor"):
            loop.staff.add(name, teams=["service"])
        loop.staff.add("noah", teams=["us"], skills=["tax"])
        loop.staff.add("head", roles=[Role.OWNER, Role.SUPERIOR], channel="email", address="head@firm.example.com")
        loop.staff.change_team("service", lead="head")
        loop.settings.set("routing", (RUDE, CHAT, REST))

    def receive(self, text: str = "It broke.", **more: object) -> Feedback:
        """Words of a customer."""
        given = {"kind": "complaint", "channel": "form", **more}
        return self.loop.feedback.receive(text=text, **given)  # type: ignore[arg-type]  # fields of several types


@pytest.fixture(params=["memory", "sqlite"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """A firm with two teams and a superior, in each store."""
    desk = Desk("memory:" if request.param == "memory" else f"sqlite:///{tmp_path / 'shop.db'}")
    yield desk
    desk.loop.close()


# At receipt


def test_a_new_item_has_an_owner_a_team_and_its_calendar(desk: Desk) -> None:
    """It stays new, its deadlines count by the team's hours, and the journal says which rules put it there."""
    item = desk.receive(channel="chat")
    assert (item.state, item.owner, item.team, item.calendar) == ("new", "noah", "us", "late")
    assert item.due == datetime(2026, 3, 3, 14, tzinfo=UTC)  # nine in New York, a working day later
    assert desk.receive().due == NINE + DAY
    (row,) = desk.loop.feedback.history(item)
    assert row.data == {"to": "noah", "team": "us", "routes": ["chat", "rest"]}
    assert desk.loop.feedback.get(item.id) == item
    assert desk.loop.feedback.move(item, "assign", by="noah").owner == "noah"
    assert broken_invariants(desk.loop) == ()


def test_items_go_round(desk: Desk) -> None:
    """Each goes to whoever has the least to do."""
    assert [desk.receive().owner for _ in range(4)] == ["ana", "bor", "ana", "bor"]


def test_receipts_go_by_loads_that_were_just_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A burst adds up open items once, and counts its own; what others did is seen a little later."""
    sums = []
    aggregate = desk.loop.store.aggregate
    monkeypatch.setattr(desk.loop.store, "aggregate", lambda *args: sums.append(1) or aggregate(*args))
    items = [desk.receive() for _ in range(4)]
    assert [item.owner for item in items] == ["ana", "bor", "ana", "bor"]
    for item in items[:3:2]:
        desk.loop.feedback.move(item, "not_feedback", by="ana", reason="advertising")
    desk.loop.staff.add("cene", teams=["service"])
    assert desk.receive().owner == "cene"  # members are read each time
    assert len(sums) == 1
    desk.clock.advance(KEPT)
    assert [desk.receive().owner for _ in range(2)] == ["ana", "ana"]
    assert len(sums) == 2


def test_all_that_a_rule_may_speak_of_is_there(desk: Desk) -> None:
    """Page, subject, language, class, rating, product, category and employee reach the rules."""
    customer = desk.loop.customers.add(name="Ana", locale="de-AT", customer_class=CustomerClass.A)
    asked = {
        "page": eq("page", "/tax"),
        "subject": contains("words", "REFUND"),
        "language": eq("language", "de-AT"),
        "class": eq("customer_class", CustomerClass.A),
        "rating": le("rating", 2),
        "product": one_of("product", ["chair", "sofa"]),
        "category": eq("category", "delivery"),
        "employee": eq("employee", "bor"),
        "priority": eq("priority", Priority.LOW),
    }
    desk.loop.settings.set("routing", [Route(name=name, where=where, tags=[name]) for name, where in asked.items()])
    item = desk.receive(
        customer=customer, source={"page": "/tax"}, subject="My refund", rating=2, scale="1-5", product="sofa",
        category="delivery", employee="bor", priority=Priority.LOW,
    )  # fmt: skip
    assert item.tags == tuple(asked)
    assert item.owner is None
    assert desk.receive().tags == ()


def test_what_is_grave_is_told_at_once_at_night(desk: Desk) -> None:
    """The alert is in the unit of the receipt, and sent by the next run whatever the hour."""
    desk.clock.advance(14 * HOUR)
    item = desk.receive("So rude!")
    assert (item.priority, item.tags) == (Priority.HIGH, ("conduct",))
    desk.loop.run_due()
    assert [(message.to, message.template) for message in desk.post.sent] == [("head@firm.example.com", "grave")]
    assert desk.post.sent[0].subject == f"Grave: please look at {item.ref} at once: So rude!"


def test_without_rules_the_store_is_not_asked(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A firm that routes nothing pays nothing, and its items have no owner."""
    desk.loop.settings.set("routing", ())
    desk.receive()
    for verb in ("get", "page", "aggregate"):
        monkeypatch.setattr(desk.loop.store, verb, None)
    assert desk.receive().owner is None


def test_the_same_words_again_are_the_item_that_is_there(desk: Desk) -> None:
    """A message that is delivered twice is routed once."""
    first = desk.receive(origin="m1")
    desk.loop.staff.away(str(first.owner))
    assert desk.receive(origin="m1").owner == first.owner


def test_parts_go_where_their_own_words_belong(desk: Desk) -> None:
    """What is split off is routed by its kind and words, from where the whole came; what remains stays."""
    desk.loop.settings.set("routing", (Route(name="tax", where=contains("words", "tax"), skills=["tax"]), REST))
    item = desk.loop.feedback.move(desk.receive(), "assign", by="ana")
    parts = [{"kind": "question", "text": "And the tax?"}, {"kind": "idea", "text": "Use glue."}]
    whole = desk.loop.feedback.move(item, "split", by="ana", reason="three matters", parts=parts)
    found = {each.kind: each for each in desk.loop.feedback.list() if each.id != item.id}
    assert (whole.owner, found["question"].owner, found["idea"].owner) == ("ana", "noah", "bor")
    assert (found["question"].team, found["idea"].team) == (None, "service")
    assert broken_invariants(desk.loop) == ()


@pytest.mark.parametrize(
    ("route", "says"),
    [
        (Route(name="x", team="servise"), "route 'x': no team 'servise': did you mean 'service'"),
        (Route(name="x", member="anna"), "route 'x': no member 'anna': did you mean 'ana'"),
        (Route(name="x", skills=["taxes"]), "route 'x': no skill 'taxes': did you mean 'tax'"),
    ],
)
def test_rules_name_what_there_is(desk: Desk, route: Route, says: str) -> None:
    """A team, a member or a skill that nobody has is refused where the rule is set, or tried."""
    with pytest.raises(UnknownName, match=says):
        desk.loop.settings.set("routing", (route,))
    with pytest.raises(UnknownName, match=says):
        desk.loop.staff.try_routing([route])


def test_two_rules_have_two_names(desk: Desk) -> None:
    """The journal tells rules apart by their names."""
    with pytest.raises(InvalidValue, match="2 routes are called 'rest'"):
        desk.loop.settings.set("routing", (REST, REST))


# What is there already


def unrouted(desk: Desk, number: int, text: str = "It broke.") -> list[Feedback]:
    """Items from the time before there were rules."""
    desk.loop.settings.set("routing", ())
    items = [desk.receive(text) for _ in range(number)]
    desk.loop.settings.set("routing", (RUDE, CHAT, REST))
    return items


def test_items_without_an_owner_are_routed(desk: Desk) -> None:
    """Open items that nobody owns get owners by a journaled move of their own; what they had is kept."""
    items = [*unrouted(desk, 3), desk.receive(channel="chat")]
    before = items[0].deadlines
    done = desk.loop.staff.route()
    assert done.moved == tuple(item.id for item in items[:3])
    assert [desk.loop.feedback.get(item.id).owner for item in items] == ["ana", "bor", "ana", "noah"]
    first = desk.loop.feedback.get(items[0].id)
    assert (first.team, first.deadlines) == ("service", before)
    last = desk.loop.feedback.history(first)[-1]
    assert (last.move, last.by, last.data["routes"]) == ("routed", "system", ["rest"])
    assert desk.loop.staff.route().moved == ()
    assert broken_invariants(desk.loop) == ()


def test_only_what_is_asked_for_is_routed(desk: Desk) -> None:
    """A condition leaves the others as they are; of the grave, superiors hear now; no rule, no move."""
    rude, plain = unrouted(desk, 1, "How rude!"), unrouted(desk, 1)
    desk.loop.staff.route(where=contains("title", "rude"), by="head")
    desk.loop.run_due()
    assert [message.template for message in desk.post.sent] == ["grave"]
    routed = desk.loop.feedback.get(rude[0].id)
    assert (routed.owner, routed.priority, routed.tags) == ("ana", Priority.HIGH, ("conduct",))
    desk.loop.settings.set("routing", (CHAT,))
    assert desk.loop.staff.route().before == (plain[0].id,)


# Work that goes to others


def test_a_member_s_work_goes_to_one_or_is_shared(desk: Desk) -> None:
    """All of it, or that of some items, with their tasks; the journal says by whom and why."""
    feedback = desk.loop.feedback
    items = [feedback.move(desk.receive(channel=each), "assign", by="ana", to="ana") for each in ("form", "chat")]
    tasks = [desk.loop.tasks.add(item, "Look", owner="ana") for item in items]
    done = desk.loop.staff.reassign("ana", to="head", where=eq("channel", "chat"), by="bor", reason="too much")
    assert done == HandedOver(items=1, tasks=1)
    assert [feedback.get(item.id).owner for item in items] == ["ana", "head"]
    assert [desk.loop.tasks.of(task.item)[-1].owner for task in tasks] == ["ana", "head"]
    last = feedback.history(items[1])[-1]
    assert (last.move, last.by, last.data) == ("hand_over", "bor", {"to": "head", "reason": "too much"})
    assert desk.loop.staff.reassign("ana", by="bor") == HandedOver(items=1, tasks=1)
    assert feedback.get(items[0].id).owner == "bor"


def test_what_cannot_be_given_away_is_named(desk: Desk) -> None:
    """To oneself, to nobody known, and to somebody who is away: nothing moves, and nothing is lost."""
    item = desk.receive()
    with pytest.raises(InvalidValue, match="ana's already"):
        desk.loop.staff.reassign("ana", to="ana", by="head")
    task = desk.loop.tasks.add(item, "Look", owner="ana")
    left = desk.loop.staff.reassign("ana", to="nobody", by="head").left
    assert left.keys() == {item.id, task.id}
    assert all("no member 'nobody'" in why for why in left.values())
    desk.loop.staff.away("bor")
    assert "bor is away" in desk.loop.staff.reassign("ana", to="bor", by="head").left[item.id]
    desk.loop.staff.away("head")
    left = desk.loop.staff.reassign("ana", by="head").left
    assert left == dict.fromkeys((item.id, task.id), "nobody is there: add a deputy, or name a lead of the team")
    assert desk.loop.feedback.get(item.id) == item


def test_a_task_that_changes_again_and_again_is_named(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """After some tries it stays where it is; one that is done meanwhile is no work any more."""
    tasks = [desk.loop.tasks.add(desk.receive(channel="chat"), "Look", owner="ana") for _ in range(2)]
    commit = desk.loop.store.commit

    def late(unit: Unit) -> None:
        for change in unit.changes:
            if isinstance(change, Update) and change.cls is Task:
                ends = {"is_open": False} if change.key[1] == tasks[1].id else {"title": "Look again"}
                commit(Unit((Update(Task, change.key, ends),)))
        commit(unit)

    monkeypatch.setattr(desk.loop.store, "commit", late)
    done = desk.loop.staff.reassign("ana", to="bor", by="head")
    assert (done.tasks, list(done.left)) == (0, [tasks[0].id])


def test_rights_count_for_many_as_for_one(desk: Desk) -> None:
    """Who may move own items alone neither gives away those of others nor routes any; the system may."""
    item, (lost,) = desk.receive(), unrouted(desk, 1)
    task = desk.loop.tasks.add(item, "Look", owner="ana")
    desk.loop.settings.set("rights", {Role.OWNER: {Right.MOVE: Scope.OWN}})
    left = desk.loop.staff.reassign("ana", to="bor", by="bor").left
    assert left == dict.fromkeys(
        (item.id, task.id), f"bor may not move {item.ref}: they may move their own items alone"
    )
    assert lost.id in desk.loop.staff.route(by="bor").refused
    assert desk.loop.staff.reassign("ana", by="ana") == HandedOver(items=1, tasks=1)
    assert desk.loop.staff.route().moved == (lost.id,)


def test_what_others_change_meanwhile_is_tried_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """An item and a task that somebody touches in the last moment are handed over all the same."""
    item = desk.receive()
    task = desk.loop.tasks.add(item, "Look", owner="ana")
    commit = desk.loop.store.commit
    meanwhile: dict[type, Callable[[], object]] = {
        Feedback: lambda: desk.loop.feedback.move(item.id, "update", by="ana", text="Soon."),
        Task: lambda: commit(Unit((Update(Task, ("main", task.id), {"title": "Look again"}),))),
    }

    def late(unit: Unit) -> None:
        changed = {change.cls for change in unit.changes if isinstance(change, Update)} & meanwhile.keys()
        for cls in changed:
            meanwhile.pop(cls)()
        commit(unit)

    monkeypatch.setattr(desk.loop.store, "commit", late)
    assert desk.loop.staff.reassign("ana", to="bor", by="head") == HandedOver(items=1, tasks=1)
    assert meanwhile == {}
    (task,) = desk.loop.tasks.of(item)
    assert (task.owner, task.title) == ("bor", "Look again")
    assert desk.loop.feedback.get(item.id).owner == "bor"


def test_a_sudden_illness_moves_all_work_and_stops_new(desk: Desk) -> None:
    """From the moment on, nothing new comes; the next run hands over what is open, in shares."""
    items = [desk.receive() for _ in range(4)]
    desk.loop.staff.add("cene", teams=["service"])
    desk.loop.staff.away("ana", reason="ill")
    assert desk.receive().owner == "cene"
    assert desk.loop.run_due().absences == 1
    assert [desk.loop.feedback.get(item.id).owner for item in items] == ["cene", "bor", "bor", "bor"]
    assert desk.loop.staff.absences()[0].wake_at is None
    assert broken_invariants(desk.loop) == ()


# Trials


def test_a_trial_counts_and_writes_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What rules would have decided about the items of a period, by team, rule and none, and one by one."""
    desk.receive("How rude!", kind="praise")
    desk.clock.advance(DAY)
    items = [desk.receive(channel="chat"), desk.receive(), desk.receive("How rude!", kind="idea")]
    routes = (RUDE, Route(name="ideas", where=eq("kind", "idea"), team="us"), CHAT)
    monkeypatch.setattr(desk.loop.store, "commit", None)
    tried = desk.loop.staff.try_routing(routes, since=NINE + DAY, until=NINE + 2 * DAY)
    assert tried == Trial(
        items=3, nowhere=1, grave=1, teams={"us": 2}, routes={"rude": 1, "ideas": 1, "chat": 1},
        decided={"chat": 1, "ideas": 1},
    )  # fmt: skip
    rows = list(desk.loop.staff.tried(routes, since=NINE + DAY))
    assert [(row.item.id, row.ruling.by) for row in rows] == [
        (items[0].id, "chat"),
        (items[1].id, None),
        (items[2].id, "ideas"),
    ]
    assert desk.loop.staff.try_routing(routes).items == 4
