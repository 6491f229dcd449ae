from uuid import UUID

import pytest
from attrs import evolve

from clientloop import Actor
from clientloop.errors import Conflict, Incomplete, InvalidValue, NotFound, Refused, UnknownName
from clientloop.model.facts import Fact, FactName
from clientloop.model.feedback import Feedback
from clientloop.model.improvements import ImprovementSort, ImprovementState
from clientloop.model.where import eq
from clientloop.testing.invariants import broken_invariants
from tests.test_processes import Firm


def test_improvements_are_listed_while_they_are_open(firm: Firm) -> None:
    """What is done leaves the list; what is unknown or stale is refused."""
    other = firm.loop.improvements.add("Quieter shop")
    assert [each.title for each in firm.loop.improvements.list()] == ["Better parcels", "Quieter shop"]
    done = firm.loop.improvements.done(firm.improvement, done="thicker boxes", lesson="test them", by="mia")
    assert (done.is_open, done.done, done.done_by) == (False, "thicker boxes", "mia")
    assert done == firm.loop.improvements.get(done.id)
    assert firm.loop.improvements.list().items == (other,)
    with pytest.raises(Conflict):
        firm.loop.improvements.done(firm.improvement, done="thinner boxes", lesson="none", by="mia")
    with pytest.raises(Refused, match="is done, not open"):
        firm.loop.improvements.done(done.id, done="thinner boxes", lesson="none", by="mia")
    with pytest.raises(NotFound, match="no improvement"):
        firm.loop.improvements.done(UUID(int=1), done="done", lesson="none", by="mia")


def test_lists_are_by_state_and_sort(firm: Firm) -> None:
    """One state and one sort at a time, or all, page by page."""
    add, every = firm.loop.improvements.add, firm.loop.improvements.list
    idea = add("Saturdays", sort=ImprovementSort.IDEA)
    gone = firm.loop.improvements.dismiss(add("Sundays", sort=ImprovementSort.IDEA), reason="the law", by="head")
    assert every(sort=ImprovementSort.IDEA).items == (idea,)
    assert every(state=ImprovementState.DISMISSED).items == (gone,)
    first = every(state=None, limit=2)
    assert len([*first, *every(state=None, limit=2, after=first.next)]) == 3


def test_observers_hear_of_improvements(firm: Firm) -> None:
    """Facts tell that an improvement was opened, and that it is done."""
    heard: list[Fact] = []
    firm.loop.context._tell = heard.extend
    firm.loop.improvements.done(firm.improvement.id, done="thicker boxes", lesson="test them", by="mia")
    added = firm.loop.improvements.add("Quieter shop")
    assert [(fact.name, fact.subject, fact.data) for fact in heard] == [
        (FactName.IMPROVEMENT_DONE, firm.improvement.id, {}),
        (FactName.IMPROVEMENT_OPENED, added.id, {"sort": "cause"}),
    ]


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"done": "", "lesson": "test them"}, ("done",)),
        ({"done": "boxes", "lesson": " \n"}, ("lesson",)),
        ({"done": "", "lesson": ""}, ("done", "lesson")),
    ],
)
def test_closing_demands_what_was_done_and_a_lesson(
    firm: Firm, given: dict[str, str], missing: tuple[str, ...]
) -> None:
    """All that is missing is named, and the improvement stays open."""
    with pytest.raises(Incomplete) as caught:
        firm.loop.improvements.done(firm.improvement, by="mia", **given)
    assert caught.value.missing == missing
    assert firm.loop.improvements.get(firm.improvement).is_open


def test_a_dismissed_improvement_is_not_done(firm: Firm) -> None:
    """It has a reason, cannot be done any more, and keeps no promise to the customer."""
    plan = {"value": "much", "effort": "little", "improvement": firm.improvement.id}
    item = firm.move(firm.receive("idea"), "assess", "o", **plan)
    item = firm.move(item, "accept", "s", date=firm.clock.now())
    with pytest.raises(Incomplete, match="reason"):
        firm.loop.improvements.dismiss(firm.improvement, reason="", by="head")
    gone = firm.loop.improvements.dismiss(firm.improvement, reason="too dear", by=Actor.superior("head"))
    assert (gone.state, gone.done, gone.done_by) == (ImprovementState.DISMISSED, "too dear", "head")
    with pytest.raises(Refused, match="is dismissed, not open"):
        firm.loop.improvements.done(gone, done="it after all", lesson="none", by="mia")
    with pytest.raises(Incomplete, match="the improvement done"):
        firm.loop.feedback.move(item, "implement", by="mia", told="called")


def test_what_is_changed_and_what_stays(firm: Firm) -> None:
    """What is not given stays; a stale object is refused, an id never is stale."""
    first = firm.loop.improvements.change(firm.improvement, owner="mia", topic={"product": "parcel"})
    assert first == evolve(firm.improvement, owner="mia", topic={"product": "parcel"}, version=2)
    second = firm.loop.improvements.change(first.id, title="Parcels that last")
    assert (second.title, second.owner, second.topic) == ("Parcels that last", "mia", {"product": "parcel"})
    assert firm.loop.improvements.change(second) == second
    with pytest.raises(Conflict):
        firm.loop.improvements.change(first, owner="tim")


def test_what_is_no_improvement_is_refused(firm: Firm) -> None:
    """A title has words, and a topic is of fields that improvements are about."""
    add = firm.loop.improvements.add
    with pytest.raises(InvalidValue, match="without a title"):
        add(" ")
    with pytest.raises(UnknownName, match="did you mean 'product'"):
        add("Parcels", topic={"prodct": "chair"})
    with pytest.raises(InvalidValue, match="is no product"):
        add("Parcels", topic={"product": ""})
    with pytest.raises(ValueError, match="caus"):
        add("Parcels", sort="caus")


def some_items(firm: Firm, count: int) -> list[Feedback]:
    """Complaints of the firm's customer."""
    return [firm.receive("complaint") for _ in range(count)]


def test_slips_in_sorts_owners_and_ids_are_told(firm: Firm) -> None:
    """What nobody declared is refused with near matches, and nobody is told of an improvement that there is not."""
    improvements, nothing = firm.loop.improvements, UUID(int=7)
    with pytest.raises(UnknownName, match="no sort of improvement 'caus': did you mean 'cause'"):
        improvements.add("Parcels", sort="caus")  # type: ignore[arg-type]  # wrong on purpose
    for slip in (
        lambda: improvements.add("Parcels", owner="mja"),
        lambda: improvements.change(firm.improvement, owner="mja"),
    ):
        with pytest.raises(UnknownName, match="did you mean 'mia'"):
            slip()
    for missing in (
        lambda: improvements.items(nothing),
        lambda: improvements.answer(nothing, answer="a", text="b", by="mia"),
    ):
        with pytest.raises(NotFound, match="no improvement"):
            missing()


def test_items_are_linked_once_and_found_again(firm: Firm) -> None:
    """Every link is a move with its actor in the journal; linking again moves nothing."""
    items = some_items(firm, 3)
    report = firm.loop.improvements.link(firm.improvement, items, by="mia")
    assert report.moved == tuple(item.id for item in items)
    history = firm.loop.feedback.history(items[0])
    assert (history[-1].move, history[-1].by) == ("link", "mia")
    again = firm.loop.improvements.link(firm.improvement, eq("product", "chair"), by="tim")
    assert (again.moved, set(again.before)) == ((), {item.id for item in items})
    first = firm.loop.improvements.items(firm.improvement, limit=2)
    rest = firm.loop.improvements.items(firm.improvement.id, after=first.next)
    assert [found.id for found in (*first, *rest)] == [item.id for item in items]
    assert broken_invariants(firm.loop) == ()


def test_linking_to_nothing_is_refused(firm: Firm) -> None:
    """An improvement that does not exist takes no items."""
    with pytest.raises(NotFound):
        firm.loop.improvements.link(UUID(int=1), some_items(firm, 1), by="mia")


@pytest.mark.parametrize("end", ["done", "dismissed"])
def test_nothing_is_linked_to_what_is_over(firm: Firm, end: str) -> None:
    """An improvement that is done or dismissed takes no items, and the hint says where the open ones are."""
    improvements = firm.loop.improvements
    if end == "done":
        improvements.done(firm.improvement, done="new boxes", lesson="test boxes", by="mia")
    else:
        improvements.dismiss(firm.improvement, reason="too dear", by="mia")
    items = some_items(firm, 1)
    with pytest.raises(Refused, match=f"is {end}, not proposed or open: .*improvements.list") as caught:
        improvements.link(firm.improvement, items, by="mia")
    assert caught.value.code == "refused"
    assert firm.loop.feedback.get(items[0]).improvement is None


def test_all_linked_items_are_answered_in_one_call(firm: Firm) -> None:
    """The open ones are told, the closed ones are counted."""
    items = some_items(firm, 3)
    firm.loop.improvements.link(firm.improvement, items, by="mia")
    firm.loop.feedback.move(items[1].id, "not_feedback", reason="an advert", by="mia")
    report = firm.loop.improvements.answer(firm.improvement, answer="news-1", text="Better boxes.", by="mia")
    assert (report.moved, report.with_another) == ((items[0].id,), (items[2].id,))
    assert report.closed == (items[1].id,)
    assert [message.template for message in firm.loop.feedback.outbox(items[0])] == ["progress"]
