"""The command that reports what became of messages."""

from clientloop.model.messages import DeliveryStep, Receipt
from clientloop.ports.events import DeliveryEvent
from clientloop.services.outgoing.deliveries import take_delivery
from clientloop.services.outgoing.handover import note


def test_messages_are_reported_by_channel(run, shop):
    """A line for each channel and one for all; words on messages that nobody knows are counted below."""
    item = shop.feedback.receive(kind="question", channel="email", text="Open?", reply_to="ana@example.com")
    for text in ("Yes.", "Until six."):
        shop.feedback.move(item.id, "update", by="maja", text=text)
    for message in shop.feedback.outbox(item):
        note(shop.context, message, Receipt())
    sent = shop.feedback.deliveries(item)
    take_delivery(shop.context, "email", DeliveryEvent(key="1", message=sent[0].message, step=DeliveryStep.READ))
    take_delivery(shop.context, "email", DeliveryEvent(key="2", provider_id="?", step=DeliveryStep.READ))
    shown = [line.split() for line in run("report", "messages").out.splitlines() if line]
    share = f"{100 // len(sent)}"
    assert shown[0] == [str(len(sent)), "messages", "to", "customers"]
    email, total = (line for line in shown if line[0] in ("email", "all"))
    assert email[1:] == total[1:]
    assert (email[1], email[2][:2], email[-2:]) == (str(len(sent)), share[:2], ["0", "0"])
    assert shown[-1][:4] == ["1", "report", "of", "channels"]
    found = run("report", "messages", "--since", "2026-03-01", "--json").json
    assert (found["unmatched"], found["total"]["arrived"]["part"]) == (1, 1)


def test_nothing_was_sent(run, shop):
    """A firm that has sent nothing gets no table."""
    assert run("report", "messages").out == "0 messages to customers\n"
