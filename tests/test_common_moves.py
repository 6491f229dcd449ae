"""The rows that are common to all kinds, walked in every open state of every kind."""

from datetime import timedelta

import pytest
from attrs import evolve

from clientloop import Actor, Incomplete, NotAllowed, Refused, UnknownName
from clientloop.model.codec import instant
from clientloop.testing.invariants import broken_invariants
from tests.test_processes import ACTORS, CUSTOMER, DAY, KINDS, NINE, OPEN_STATES, OWNER, SUPERIOR, SYSTEM, WAYS, Firm


@pytest.fixture
def firm():
    """A firm of its own for each test."""
    firm = Firm()
    yield firm
    firm.loop.close()


in_every_open_state = pytest.mark.parametrize(("kind", "state"), OPEN_STATES)
for_every_kind = pytest.mark.parametrize("kind", KINDS)

#: What each kind comes back to when it is reopened.
WORKING = {"complaint": "working", "idea": "assessed", "question": "assigned", "praise": "new", "referral": "lead"}


@in_every_open_state
def test_wait_asks_and_resume_goes_back(firm, kind, state):
    """From every open state the firm can ask and wait, and goes back to where it was when the customer answers."""
    item = firm.bring(kind, state)
    with pytest.raises(Incomplete, match="text"):
        firm.loop.feedback.move(item, "wait", by="mia")
    item = firm.move(item, "wait", OWNER, text="Which parcel?")
    assert (item.state, item.resume_to) == ("waiting", state)
    assert "question" in firm.told(item)
    firm.clock.advance(DAY)
    item = firm.move(item, "resume", CUSTOMER)
    assert item.state == state
    assert item.waited == DAY


@for_every_kind
def test_waiting_reminds_after_3_and_7_working_days_and_lapses_after_10(firm, kind):
    """A customer who does not answer is reminded twice; then the loop ends, and the customer hears how to reopen it."""
    item = firm.move(firm.bring(kind, "new"), "wait", OWNER, text="Which parcel?")
    firm.post.sent.clear()
    heard = {}
    for day in range(1, 16):
        firm.clock.set(NINE + day * DAY)
        firm.loop.run_due()
        for message in firm.post.sent:
            if message.to == "ana@example.com":
                heard.setdefault(day, []).append(message.template)
        firm.post.sent.clear()
    assert heard == {3: ["reminder"], 9: ["reminder"], 14: ["lapsed"]}
    assert firm.loop.feedback.get(item.id).state == "closed_no_reply"


def test_waiting_stops_the_solution_clock_and_never_the_first_answer(firm):
    """Two days of waiting move the end of the solution by two days; the first answer is due as before."""
    firm.clock.advance(timedelta(hours=1))  # in the middle of a working day
    item = firm.move(firm.bring("complaint", "new"), "assign", OWNER, to="mia")
    before = {clock.name: clock for clock in item.deadlines}
    firm.post.answer = lambda message: _later()
    item = firm.move(item, "wait", OWNER, text="Which parcel?")
    waiting = {clock.name: clock for clock in item.deadlines}
    assert waiting["solution"].wake is None
    assert waiting["first_answer"] == before["first_answer"]
    firm.clock.advance(2 * DAY)
    item = firm.move(item, "resume", OWNER)
    after = {clock.name: clock for clock in item.deadlines}
    assert instant(after["solution"].due) - instant(before["solution"].due) == 2 * DAY


def test_gross_and_net_times_are_kept_and_waiting_is_counted_once(firm):
    """Two waits of one and two days make three days between the gross and the net time of the solution."""
    item = firm.bring("complaint", "working")
    for days in (1, 2):
        item = firm.move(item, "wait", OWNER, text="Which parcel?")
        firm.clock.advance(days * DAY)
        item = firm.move(item, "resume", OWNER)
    firm.clock.advance(DAY)
    item = firm.move(item, "resolve", OWNER, cause="carrier", action="sent another")
    assert (item.gross, item.net) == (4 * DAY, DAY)


@for_every_kind
def test_a_closed_item_reopens_for_its_customer_within_30_days(firm, kind):
    """An ended loop goes back to its working state on the customer's word, and a superior hears of it."""
    item = firm.move(firm.bring(kind, "new"), "wait", OWNER, text="Which parcel?")
    firm.clock.advance(timedelta(days=16))
    firm.loop.run_due()
    item = firm.loop.feedback.get(item.id)
    assert not item.is_open
    with pytest.raises(NotAllowed):
        firm.loop.feedback.move(item, "reopen", by="mia")
    firm.post.sent.clear()
    item = firm.move(item, "reopen", CUSTOMER)
    assert (item.state, item.is_open, item.closed_at, item.reopened) == (WORKING[kind], True, None, 1)
    assert "alert" in {message.template for message in firm.post.sent}
    assert {"solution", "next_update"} <= {clock.name for clock in item.deadlines}


def test_after_30_days_later_words_become_a_new_item_that_is_linked(firm):
    """What comes after 30 days is refused as a reopening; a new item points to the old one."""
    item = firm.move(firm.bring("complaint", "new"), "wait", OWNER, text="Which parcel?")
    firm.clock.advance(timedelta(days=50))
    firm.loop.run_due()
    firm.clock.advance(timedelta(days=31))
    item = firm.loop.feedback.get(item.id)
    with pytest.raises(Incomplete, match="30 days"):
        firm.loop.feedback.move(item, "reopen", by=Actor.customer())
    later = firm.loop.feedback.receive(kind="complaint", channel="email", text="Again", follows=item)
    assert later.original == item.id


@in_every_open_state
def test_a_duplicate_joins_its_original_which_takes_the_earlier_deadline(firm, kind, state):
    """The duplicate ends; the original of the same customer goes on with the earlier of each deadline."""
    item = firm.bring(kind, state)
    firm.clock.advance(DAY)
    original = firm.receive(kind)
    joined = firm.loop.feedback.move(item, "duplicate", by="mia", original=original)
    assert (joined.state, joined.original) == ("closed_duplicate", original.id)
    mine = {clock.name: clock.due for clock in item.deadlines if clock.left is None}
    kept = firm.loop.feedback.get(original.id)
    for clock in original.deadlines:
        now = next(each for each in kept.deadlines if each.name == clock.name)
        assert now.due == min(clock.due, mine.get(clock.name, clock.due))
    assert firm.loop.feedback.history(original)[-1].move == "joined"


def test_a_duplicate_of_another_customers_item_is_refused(firm):
    """An item is a duplicate only of an open item of the same customer, and not of itself."""
    item = firm.bring("complaint", "new")
    stranger = firm.receive("complaint", reachable=False)
    for original, missing in ((stranger, "of the same customer"), (item, "another item"), (firm.customer, "exists")):
        with pytest.raises(Incomplete, match=missing):
            firm.loop.feedback.move(item, "duplicate", by="mia", original=original)


@in_every_open_state
def test_not_feedback_is_reversible(firm, kind, state):
    """What turns out to be no feedback ends with a reason, and comes back to where it was."""
    item = firm.bring(kind, state)
    with pytest.raises(Incomplete, match="reason"):
        firm.loop.feedback.move(item, "not_feedback", by="mia")
    item = firm.move(item, "not_feedback", OWNER, reason="advertising")
    assert (item.state, item.is_open) == ("closed_not_feedback", False)
    item = firm.move(item, "restore", OWNER, reason="it was none")
    assert (item.state, item.is_open) == (state, True)


@in_every_open_state
def test_rekind_begins_again_with_deadlines_from_the_original_receipt(firm, kind, state):
    """An item of the wrong kind begins again as the right one; its deadlines count from when it came."""
    target = "question" if kind != "question" else "complaint"
    item = firm.bring(kind, state)
    firm.clock.advance(2 * timedelta(hours=1))
    item = firm.move(item, "rekind", OWNER, kind=target, reason="they ask")
    assert (item.kind, item.state) == (target, "new")
    assert instant({clock.name: clock for clock in item.deadlines}["solution"].started) == item.received_at
    with pytest.raises(UnknownName, match="did you mean"):
        firm.loop.feedback.move(item, "rekind", by="mia", kind="prais", reason="typo")


@in_every_open_state
def test_split_makes_linked_items_that_came_when_the_original_came(firm, kind, state):
    """Words about two matters become two items, both new, the second linked to the first."""
    item = firm.bring(kind, state)
    item = firm.move(item, "split", OWNER, reason="two matters", parts=[{"kind": "idea", "text": "Use thicker boxes"}])
    assert item.state == "new"
    part = next(each for each in firm.loop.inbox() if each.original == item.id)
    assert (part.kind, part.state, part.received_at, part.customer) == ("idea", "new", item.received_at, item.customer)
    assert firm.loop.feedback.words(part).body == "Use thicker boxes"


@in_every_open_state
@pytest.mark.parametrize("who", [OWNER, SUPERIOR, SYSTEM, CUSTOMER])
def test_anybody_escalates_an_open_item(firm, kind, state, who):
    """An escalation leaves the item where it is, alerts the superior and tells the customer a new date."""
    item = firm.bring(kind, state)
    firm.post.sent.clear()
    item = firm.move(item, "escalate", who)
    assert (item.state, item.escalations) == (state, 1)
    assert {"alert", "new_date"} == {message.template for message in firm.post.sent}


def test_escalation_levels_fire_once_each(firm):
    """A missed deadline escalates when it is due and once more at its second level, however often workers run."""
    item = firm.receive("complaint")
    for hour in range(24 * 6):
        firm.clock.set(NINE + timedelta(hours=hour))
        firm.loop.run_due()
        firm.loop.run_due()
    steps = [each for each in firm.loop.feedback.history(item) if each.data.get("deadline") == "first_answer"]
    assert [each.move for each in steps] == ["escalate", "escalate"]
    assert [each.at - NINE for each in steps] == [DAY, 2 * DAY]
    assert firm.loop.feedback.get(item.id).late == ("first_answer",)


@in_every_open_state
def test_every_open_item_has_a_deadline(firm, kind, state):
    """No open item is without a deadline: somebody has to do something by some time."""
    assert firm.bring(kind, state).due is not None


#: What people put on an item in any state, and what it then holds.
MARKS = {
    "note": ({"note": "Called, no reply"}, {}),
    "tag": ({"tags": " Late  Parcel, VIP"}, {"tags": ("late parcel", "vip")}),
    "untag": ({"tags": ["vip"]}, {"tags": ()}),
    "watch": ({"watchers": "tim"}, {"watchers": ("tim",)}),
    "unwatch": ({"watchers": ["tim", "mia"]}, {"watchers": ()}),
}


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize(("kind", "state"), [*OPEN_STATES, ("complaint", "waiting"), ("idea", "closed_not_feedback")])
def test_marks_can_be_put_on_an_item_in_any_state(firm, kind, state, mark):
    """A note, a tag or a watcher changes nothing else, tells no customer, and stands in the journal."""
    if state in WAYS[kind] or state == "new":
        item = firm.bring(kind, state)
    else:
        name, given = ("wait", {"text": "Which?"}) if state == "waiting" else ("not_feedback", {"reason": "none"})
        item = firm.move(firm.bring(kind, "new"), name, OWNER, **given)
    given, holds = MARKS[mark]
    field = next(iter(given))
    if mark.startswith("un"):
        item = firm.move(item, mark.removeprefix("un"), OWNER, **given)
    firm.post.sent.clear()
    firm.clock.advance(timedelta(minutes=1))
    with pytest.raises(Incomplete, match=field):
        firm.loop.feedback.move(item, mark, by="mia")
    with pytest.raises(NotAllowed):
        firm.loop.feedback.move(item, mark, by=Actor.customer(), **given)
    marked = firm.loop.feedback.move(item, mark, by="mia", **given)
    assert marked == evolve(item, version=item.version + 1, touched_at=marked.touched_at, **holds)
    assert firm.loop.feedback.get(item.id) == marked
    assert firm.loop.feedback.history(item)[-1].data[field]
    assert mark not in firm.loop.feedback.next_moves(item)
    assert broken_invariants(firm.loop) == ()
    firm.loop.run_due()
    assert firm.post.sent == []


@pytest.mark.parametrize("mark", MARKS)
def test_a_note_touches_an_item_and_other_marks_do_not(firm, mark):
    """Whoever writes a note is at work on the item; a tag or a watcher only says how it is found and who hears."""
    item = firm.bring("complaint", "working")
    firm.clock.advance(DAY)
    marked = firm.loop.feedback.move(item, mark, by="mia", **MARKS[mark][0])
    assert marked.touched_at == (firm.clock.now() if mark == "note" else item.touched_at)


def test_an_item_is_linked_to_an_improvement_that_exists(firm):
    """In whatever state it is, an item can be counted among those of its cause."""
    item = firm.move(firm.bring("complaint", "new"), "not_feedback", OWNER, reason="advertising")
    with pytest.raises(Incomplete, match="an improvement that exists"):
        firm.loop.feedback.move(item, "link", by="mia", improvement=firm.customer.id)
    linked = firm.loop.feedback.move(item, "link", by="mia", improvement=firm.improvement)
    assert linked.improvement == firm.improvement.id


@pytest.mark.parametrize("state", WAYS["complaint"])
def test_closed_loops_refuse_moves_of_open_ones(firm, state):
    """What was set aside takes no move but the one that brings it back."""
    item = firm.move(firm.bring("complaint", state), "not_feedback", OWNER, reason="advertising")
    with pytest.raises(Refused, match="no move 'resolve' from state 'closed_not_feedback'"):
        firm.loop.feedback.move(item, "resolve", by="mia")
    assert firm.loop.feedback.next_moves(item) == ("restore",)


def test_actors_of_the_tables_are_four():
    """The tables know the owner, the superior, the system and the customer."""
    assert set(ACTORS) == {OWNER, SUPERIOR, SYSTEM, CUSTOMER}


def _later():
    from clientloop.model.messages import Failure, Receipt

    return Receipt(failure=Failure.RETRY, detail="busy")
