"""What customers repeat of our mails without a mark, over the e-mail channel."""

from collections.abc import Iterator

import pytest

from clientloop import ClientLoop, ManualClock
from clientloop.channels.mail.channel import Email
from clientloop.ports.effects import Effect, Result, SmtpResult, SmtpSend
from clientloop.ports.events import MessageIn, Raw
from tests.channels.mail.letters import letter
from tests.channels.mail.samples import NOW, config


@pytest.fixture
def sent() -> list[SmtpSend]:
    """What went out."""
    return []


@pytest.fixture
def loop(sent: list[SmtpSend]) -> Iterator[ClientLoop]:
    """A firm with a mailbox, whose server takes every mail."""

    def perform(effect: Effect) -> Result:
        assert isinstance(effect, SmtpSend)
        sent.append(effect)
        return SmtpResult(code=250)

    settings = {"email": config(imap=None)}
    with ClientLoop.open(
        "memory:", clock=ManualClock(NOW), entry_points=False, channels=settings, perform=perform
    ) as loop:
        yield loop


def written(loop: ClientLoop, body: str, **headers: str) -> str:
    """Ana writes; gives her words as they are kept."""
    fields = {"Authentication-Results": "mx.firm.example; dmarc=pass header.from=example.com", **headers}
    received = loop.channels.receive("email", Raw(body=letter(body, fields)))
    [taken] = received.events
    assert taken.became is not None
    return loop.feedback.words(taken.became).body


def answered(loop: ClientLoop, sent: list[SmtpSend]) -> str:
    """The firm answers Ana; gives the id of the mail."""
    written(loop, "Where is it?")
    [item] = loop.inbox()
    loop.feedback.move(item.id, "rekind", by="mia", kind="question", reason="read it")
    loop.feedback.move(item.id, "answer", by="mia", text="It left on Monday.\nIt should be with you on Wednesday.")
    loop.run_due()
    [mail] = [each.message.decode() for each in sent if b"on Monday" in each.message]
    return mail.partition("Message-ID: <")[2].partition(">")[0]


REPEATED = "It did not come.\n\nIt left on Monday.\nIt should be with you on Wednesday.\n"


def test_what_we_sent_is_no_word_of_the_customer(loop: ClientLoop, sent: list[SmtpSend]) -> None:
    """Lines of our mail are taken off the answer to it although no program has marked them."""
    ours = answered(loop, sent)
    headers = {"Message-ID": "<2@example.com>", "In-Reply-To": f"<{ours}>"}
    assert written(loop, REPEATED, **headers) == "It did not come."


def test_the_same_words_elsewhere_stay(loop: ClientLoop, sent: list[SmtpSend]) -> None:
    """A mail that answers nothing of ours keeps every line."""
    answered(loop, sent)
    assert written(loop, REPEATED, **{"Message-ID": "<3@example.com>"}) == REPEATED.strip()


def test_a_channel_that_raises_costs_no_word(
    loop: ClientLoop, sent: list[SmtpSend], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it cannot part is kept whole."""

    def broken(self: Email, event: MessageIn, sent: str) -> MessageIn:
        raise RuntimeError

    ours = answered(loop, sent)
    monkeypatch.setattr(Email, "unquoted", broken)
    headers = {"Message-ID": "<2@example.com>", "In-Reply-To": f"<{ours}>"}
    assert written(loop, REPEATED, **headers) == REPEATED.strip()
