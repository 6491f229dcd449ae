import asyncio
import threading
from datetime import UTC, datetime, timedelta
from typing import get_type_hints

import pytest
from attrs import evolve

from clientloop import ClientLoop, Conflict, ManualClock, NotFound, UnknownName
from clientloop.errors import InvalidValue
from clientloop.model.messages import Receipt
from clientloop.services.loop.filters import Filters
from clientloop.testing.fakes import FakeChannels

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday


@pytest.fixture
def loop():
    """A loop in memory on a Monday morning."""
    with ClientLoop.open("memory:", clock=ManualClock(NINE), plugins=[FakeChannels("email")], region="SI") as opened:
        yield opened


def test_whole_loop_on_sqlite_in_a_file(tmp_path):
    """A complaint is received, moved, told and lapses, and another process reads the same from the file."""
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    clock, post = ManualClock(NINE), FakeChannels("email")
    with ClientLoop.open(url, clock=clock, plugins=[post]) as loop:
        customer = loop.customers.add(name="Ana", email="ana@example.com")
        item = loop.feedback.receive(kind="question", channel="email", customer=customer, text="Open on Sunday?")
        loop.feedback.move(item, "answer", by="mia", text="No.")
        loop.run_due()
        clock.advance(timedelta(days=5))
        loop.run_due()
    with ClientLoop.open(url, clock=clock) as loop:
        kept = loop.feedback.get(item.ref.lower())
        assert (kept.state, kept.outcome) == ("closed_silent", "silent")
        assert [row.move for row in loop.feedback.history(kept)] == ["receive", "answer", "told", "lapse"]
        assert [message.template for message in post.sent] == ["answer"]


def test_an_asynchronous_host_goes_on_while_a_message_is_sent():
    """One hop into a thread for each unit of work: a channel that takes its time holds nobody up."""
    seen = threading.Event()

    def answer(message):
        assert seen.wait(10), "the event loop stood still"
        return Receipt()

    async def serve(loop):
        sending = asyncio.create_task(asyncio.to_thread(loop.run_due))
        await asyncio.sleep(0)
        seen.set()  # while the worker waits for it
        return await sending

    with ClientLoop.open("memory:", clock=ManualClock(NINE), plugins=[FakeChannels("email", answer=answer)]) as loop:
        item = loop.feedback.receive(kind="question", channel="email", text="Open?", reply_to="ana@example.com")
        loop.feedback.move(item, "answer", by="mia", text="Yes.")
        assert asyncio.run(serve(loop)).accepted == 1


def test_same_origin_gives_the_same_item(loop):
    """A message that a channel delivers twice becomes one item."""
    first = loop.feedback.receive(kind="idea", channel="form", text="Saturdays", origin="post-17")
    again = loop.feedback.receive(kind="idea", channel="form", text="Saturdays", origin="post-17")
    assert again == first
    assert len(loop.inbox()) == 1


def test_a_taken_ref_is_replaced_by_another(loop, monkeypatch):
    """Two items never share the number that customers are told, even if chance gives it twice."""
    refs = iter(["AAAAAAAA", "AAAAAAAA", "BBBBBBBB"])
    monkeypatch.setattr(loop.context, "parts", evolve(loop.context.parts, refs=lambda: next(refs)))
    loop.context.forget()
    items = [loop.feedback.receive(kind="idea", channel="form", text="Saturdays") for _ in range(2)]
    assert [item.ref for item in items] == ["AAAAAAAA", "BBBBBBBB"]


def test_a_stale_item_is_refused(loop):
    """Whoever moves an item that somebody else has moved since is told so, and nothing is changed."""
    item = loop.feedback.receive(kind="complaint", channel="email", text="Broken")
    loop.feedback.move(item, "assign", to="mia", by="desk")
    with pytest.raises(Conflict):
        loop.feedback.move(item, "assign", to="tim", by="desk")
    assert loop.feedback.get(item).owner == "mia"


def test_any_name_owns_until_there_is_staff(loop):
    """Without members any name may own; with members an unknown one is refused with the nearest known."""
    item = loop.feedback.receive(kind="complaint", channel="email", text="Broken")
    item = loop.feedback.move(item, "assign", to="agent-7", by="desk")
    loop.staff.add("mia")
    with pytest.raises(UnknownName, match="did you mean 'mia'"):
        loop.feedback.move(item, "hand_over", to="mja", by="desk")
    assert loop.feedback.move(item, "hand_over", to="mia", by="desk").owner == "mia"


def test_inbox_is_sorted_by_due_time_and_filtered_by_owner(loop):
    """The inbox shows open items, the earliest due first; an owner sees only their own."""
    late = loop.feedback.receive(kind="idea", channel="form", text="Later")
    soon = loop.feedback.receive(kind="complaint", channel="form", text="Sooner")
    assert [item.id for item in loop.inbox()] == [soon.id, late.id]
    loop.feedback.move(soon, "assign", to="mia", by="desk")
    assert [item.id for item in loop.inbox(owner="mia")] == [soon.id]
    assert len(loop.inbox(owner="tim")) == 0


def test_spaces_do_not_see_each_other(loop):
    """What one firm has recorded does not exist for another in the same store; due work of both is done."""
    other = loop.in_space("other", zone="America/New_York")
    item = other.feedback.receive(kind="complaint", channel="email", text="Broken")
    with pytest.raises(NotFound):
        loop.feedback.get(item.id)
    loop.clock.advance(timedelta(days=3, hours=6))  # a morning in New York
    assert loop.run_due().timers == 1
    assert "escalate" in [row.move for row in other.feedback.history(item)]


def test_an_unreadable_address_of_a_store_is_refused():
    """A path without a scheme is refused with the address that was probably meant."""
    with pytest.raises(InvalidValue, match=r"sqlite:///shop\.db"):
        ClientLoop.open("shop.db")
    with pytest.raises(UnknownName, match="did you mean 'sqlite'"):
        ClientLoop.open("sqlit:///shop.db")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"kind": "complant"}, "did you mean 'complaint'"),
        ({"text": "  "}, "without words"),
        ({"channel": "E-mail"}, "no name of a channel"),
        ({"rating": 4}, "scales are never guessed"),
        ({"rating": 6, "scale": "1-5"}, "outside the scale"),
        ({"rating": 4, "scale": "stars"}, "no scale"),
        ({"data": {"frend": "Ana"}}, "no field of complaint 'frend'"),
        ({"received_at": datetime(2026, 3, 2)}, "names no zone"),  # noqa: DTZ001  # that is the point
    ],
)
def test_feedback_that_cannot_be_meant_is_refused(loop, given, message):
    """Bad input is refused with what was wrong and what to do, and nothing is written."""
    with pytest.raises(InvalidValue, match=message):
        loop.feedback.receive(**{"kind": "complaint", "channel": "email", "text": "Broken", **given})
    assert len(loop.inbox()) == 0


def test_help_tells_what_the_inbox_can_be_asked_for(loop):
    """At the entrance stands every argument, and every filter by its name."""
    said = type(loop).inbox.__doc__
    assert all(f"`{name}`" in said for name in get_type_hints(Filters))
    assert "see `" not in said
