"""The commands on messages that no channel has taken."""

from uuid import UUID

import pytest

from clientloop.model.messages import Delivery, Failure, Receipt
from clientloop.services.outgoing.handover import note

NOW = ("--now", "2026-03-02T10:00")


@pytest.fixture
def dead(shop) -> list[UUID]:
    """Two answers: one met a channel that is set up wrongly, one may have been sent."""
    item = shop.feedback.receive(kind="question", channel="email", text="Open?", reply_to="ana@example.com")
    for text in ("Yes.", "Until six."):
        shop.feedback.move(item.id, "update", by="maja", text=text)
    messages = shop.feedback.outbox(item)
    for message, failure in zip(messages, (Failure.CONFIG, Failure.UNKNOWN), strict=False):
        note(shop.context, message, Receipt(failure=failure, detail="nobody knows"))
    assert len(shop.outbox.dead_letters()) == len(messages) == 2
    return [message.id for message in messages]


def test_dead_letters_are_shown_with_their_reasons(run, shop, dead):
    """The list says why each waits; a channel without dead letters has none."""
    shown = run("outbox", "list", "--dead", *NOW).out
    assert "parked" in shown
    assert "config: nobody knows" in shown
    assert [each["id"] for each in run("outbox", "list", "--json").json["messages"]] == [str(one) for one in dead]
    assert run("outbox", "list", "--channel", "sms").out == "No message waits.\n"
    first = run("outbox", "list", "--limit", "1").out
    assert "There are more: --after" in first


def test_one_is_sent_again_or_all(run, shop, dead):
    """Of all, those that may have been sent are left out unless they are asked for; nothing is done by a slip."""
    assert run("outbox", "again").code == 1
    assert run("outbox", "again", str(dead[0]), "--every").code == 1
    assert run("outbox", "again", "--every", *NOW).out == "1 message queued again\n"
    assert run("outbox", "again", "--channel", "email", "--unknown", "--json").json == {"queued": 1}
    assert len(shop.outbox.dead_letters()) == 0
    assert run("outbox", "again", str(dead[1])).out == "1 message queued again\n"


def test_a_message_is_given_up(run, shop, dead):
    """The item learns that the customer was not told, by whom that was decided, and why."""
    assert run("outbox", "drop", str(dead[1]), "--reason", "told by phone", "--by", "maja", *NOW).code == 0
    delivery = shop.store.get(Delivery, (shop.space.space, dead[1]))
    assert delivery.detail == "given up by maja: told by phone"
    assert "no message" in run("outbox", "drop", str(dead[1]), "--reason", "again", "--by", "maja").err


def test_only_facts_are_told_again(run, shop, dead):
    """What was no webhook with a fact is refused."""
    assert "was delivered" in run("outbox", "redeliver", str(dead[0])).err
    run("outbox", "drop", str(dead[0]), "--reason", "old", "--by", "maja")
    assert "told no fact" in run("outbox", "redeliver", str(dead[0])).err
