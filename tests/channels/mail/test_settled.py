"""What became of mails that nobody knew about, by the reports on them."""

from collections.abc import Iterator

import pytest

from clientloop import ClientLoop, ManualClock
from clientloop.model.messages import Delivery, DeliveryState, Failure, MessageState
from clientloop.ports.effects import Effect, NoAnswer, Result, SmtpSend
from clientloop.ports.events import Raw
from tests.channels.mail.letters import report
from tests.channels.mail.samples import NOW, config

GROUP = "Final-Recipient: rfc822; ana@example.com\nAction: {}\nStatus: {}\n"


@pytest.fixture
def sent() -> list[SmtpSend]:
    """What may have gone out."""
    return []


@pytest.fixture
def loop(sent: list[SmtpSend]) -> Iterator[ClientLoop]:
    """A firm whose server hangs up after it got the content of a mail."""

    def perform(effect: Effect) -> Result:
        assert isinstance(effect, SmtpSend)
        sent.append(effect)
        return NoAnswer(detail="content: reset the connection", reached=True)

    settings = {"email": config(imap=None)}
    with ClientLoop.open(
        "memory:", clock=ManualClock(NOW), entry_points=False, channels=settings, perform=perform
    ) as loop:
        yield loop


def answer(loop: ClientLoop) -> None:
    """The firm answers a question, and may have been heard."""
    item = loop.feedback.receive(kind="question", channel="email", text="Open today?", reply_to="ana@example.com")
    loop.feedback.move(item, "answer", by="mia", text="Until six.")
    loop.run_due()


@pytest.mark.parametrize(
    ("action", "status", "state", "failure"),
    [
        ("delivered", "2.0.0", DeliveryState.DELIVERED, None),
        ("failed", "5.1.1", DeliveryState.FAILED, Failure.PERMANENT),
    ],
)
@pytest.mark.parametrize("original", ["Subject: x\n", "Message-ID: <{}>\n"])
def test_a_report_settles_what_may_have_been_sent(
    loop: ClientLoop, sent: list[SmtpSend], *, action: str, status: str, state: DeliveryState,
    failure: Failure | None, original: str,
) -> None:  # fmt: skip
    """By the return path alone or the id of the mail alone: the message leaves the outbox, and is not sent again."""
    answer(loop)
    [message] = [each for each in loop.outbox.list() if each.template == "answer"]
    assert message.state is MessageState.UNKNOWN
    [mail] = [each for each in sent if b"Until six" in each.message]
    named = f"{message.id}@firm.example"
    to = mail.sender if "Subject" in original else "desk@firm.example"
    loop.channels.receive(
        "email", Raw(body=report(GROUP.format(action, status), original.format(named), headers={"To": to}))
    )
    assert [each for each in loop.outbox.list() if each.id == message.id] == []
    [delivery] = [each for each in loop.store.pages(Delivery, "main") if each.message == message.id]
    assert (delivery.state, delivery.failure) == (state, failure)
    before = len(sent)
    loop.run_due()
    assert [each for each in sent[before:] if b"Until six" in each.message] == []
