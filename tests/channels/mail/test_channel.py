from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from clientloop.channels.mail.channel import CUT
from clientloop.channels.mail.composing import compose
from clientloop.channels.mail.cursors import Cursor
from clientloop.errors import BadPayload, InvalidValue, NotSupported, Unreachable
from clientloop.model.customers import IdentityKind, Purpose, Trust
from clientloop.model.messages import DeliveryStep, Failure
from clientloop.model.permission import SuppressionReason
from clientloop.ports.channel import Direction
from clientloop.ports.effects import (
    Effect,
    ImapResult,
    ImapScan,
    NoAnswer,
    Result,
    ScannedMail,
    SmtpResult,
    SmtpSend,
    SmtpStep,
    drive,
)
from clientloop.ports.events import Address, ConsentEvent, DeliveryEvent, MessageIn, Raw
from tests.channels.mail.letters import letter, report
from tests.channels.mail.samples import IMAP, KEY, MESSAGE, NOW, SMTP, channel, config, message

EMAIL = channel()
PATH = EMAIL.config.naming.return_path_of(MESSAGE)
OURS = f"{MESSAGE}@firm.example"
GONE = "Final-Recipient: rfc822; ana@example.com\nAction: failed\nStatus: 5.1.1\n"


class Server:
    """Answers what it is told to, and keeps what it was asked."""

    def __init__(self, *answers: Result) -> None:
        """Answer so."""
        self.answers = list(answers)
        self.asked: list[Effect] = []

    def __call__(self, effect: Effect) -> Result:
        """The next answer."""
        self.asked.append(effect)
        return self.answers.pop(0)


def test_what_it_is() -> None:
    """It sends and fetches; mails are recognised by no server, so a repeat would arrive twice."""
    assert EMAIL.directions == {Direction.SEND, Direction.RECEIVE, Direction.POLL, Direction.PROBE}
    able = channel(per_second=5.0).capabilities()
    assert (able.per_second, able.receipts, able.idempotent_send) == (5.0, True, False)
    assert not channel(imap=None).capabilities().receipts


def test_what_it_can_depends_on_what_is_set() -> None:
    """Without a mailbox nothing is fetched and no library is needed; without an address of ours no link leads back."""
    assert EMAIL.able() == EMAIL.directions
    assert EMAIL.extras() == ("clientloop[mail]",)
    only_out = channel(imap=None, public_url=None, tracked_hosts=(), track_opens=False)
    assert only_out.able() == {Direction.SEND, Direction.PROBE}
    assert only_out.extras() == ()
    assert channel(imap=None).able() == EMAIL.directions - {Direction.POLL}


def test_a_message_is_one_mail_to_one_server() -> None:
    """With a return path of its own, and no report that was not asked for."""
    server = Server(SmtpResult(code=250, text="2.0.0 queued as 1"))
    receipt = drive(EMAIL.send(message()), server)
    assert server.asked == [
        SmtpSend(server=SMTP, sender=PATH, recipients=("ana@example.com",), message=compose(message(), config()))
    ]
    assert (receipt.accepted, receipt.provider_id) == (True, OURS)


def test_every_try_has_the_same_id() -> None:
    """Whatever came between two tries, a mail that arrives twice is known to be one."""
    asked = []
    for attempts in (0, 1, 5):
        server = Server(NoAnswer(detail="content: timed out", reached=True))
        drive(EMAIL.send(message(attempts=attempts, version=attempts + 1)), server)
        asked += server.asked
    assert asked[0] == asked[1] == asked[2]


def test_reports_are_asked_for_where_wanted() -> None:
    """They name the mail by its id."""
    server = Server(SmtpResult(code=250))
    drive(channel(ask_reports=True).send(message()), server)
    assert isinstance(server.asked[0], SmtpSend)
    assert server.asked[0].report_as == OURS


@pytest.mark.parametrize(("reached", "failure"), [(False, Failure.RETRY), (True, Failure.UNKNOWN)])
def test_without_an_answer(*, reached: bool, failure: Failure) -> None:
    """Only what cannot have arrived is tried again; the id is told either way, so that a report settles it."""
    receipt = drive(EMAIL.send(message()), Server(NoAnswer(detail="content: timed out", reached=reached)))
    assert (receipt.failure, receipt.provider_id) == (failure, OURS)


def test_no_address_no_call() -> None:
    """What is no address is refused for good before anybody is asked."""
    server = Server()
    assert drive(EMAIL.send(message(to="ana")), server).failure is Failure.PERMANENT
    assert server.asked == []


def scanned(*uids: int, validity: int = 9, cut: Sequence[int] = ()) -> ImapResult:
    """What a folder held."""
    mails = tuple(ScannedMail(uid=uid, content=letter(str(uid)), cut=uid in cut) for uid in uids)
    return ImapResult(validity=validity, mails=mails)


@pytest.mark.parametrize(
    ("before", "answer", "after", "more"),
    [
        (None, scanned(3, 5), "9:5", True),
        (None, scanned(), "9:0", False),
        ("9:5", scanned(), "9:5", False),
        ("9:5", scanned(7), "9:7", True),
        ("8:5", scanned(), "9:0", False),
        ("8:500", scanned(1, 2), "9:2", True),
    ],
)
def test_the_cursor_goes_on(before: str | None, answer: ImapResult, after: str, *, more: bool) -> None:
    """It names the folder's UIDVALIDITY and the last mail seen; where the first has changed, it begins anew."""
    server = Server(answer)
    batch = drive(EMAIL.poll(before), server)
    assert (batch.cursor, batch.more) == (after, more)
    assert [raw.body for raw in batch.raws] == [mail.content for mail in answer.mails]
    place = Cursor.read(before)
    assert server.asked == [ImapScan(server=IMAP, folder="INBOX", validity=place.validity, after=place.after)]


def test_the_same_mail_is_the_same_raw_message() -> None:
    """Also under another UID, so that a folder made anew brings nothing twice."""
    one, other = scanned(1), ImapResult(validity=10, mails=(evolve(scanned(1).mails[0], uid=77),))
    digests = {drive(EMAIL.poll(None), Server(answer)).raws[0].digest for answer in (one, other)}
    assert len(digests) == 1


def test_a_mail_that_was_cut_says_where_the_rest_is() -> None:
    """It is read as far as it came, and a person can find the whole."""
    batch = drive(EMAIL.poll(None), Server(scanned(3, 5, cut=[5])))
    assert [raw.headers for raw in batch.raws] == [{}, {CUT: "9:5"}]
    [event] = EMAIL.parse(batch.raws[1]).events
    assert isinstance(event, MessageIn)
    assert event.extra["cut"] == "9:5"


def test_no_answer_is_an_error_that_says_where() -> None:
    """The host keeps the cursor and polls later."""
    with pytest.raises(Unreachable, match="the mailbox: login: it refused"):
        drive(EMAIL.poll("9:5"), Server(NoAnswer(detail="login: it refused", reached=False)))


@pytest.mark.parametrize("cursor", ["", ":", "9", "9:", "a:b", "9:-1", "²:1", "9:5:1"])
def test_a_strange_cursor_is_refused(cursor: str) -> None:
    """It is somebody else's."""
    with pytest.raises(InvalidValue, match="no place in a folder"):
        drive(EMAIL.poll(cursor), Server())


def test_without_a_mailbox_nothing_is_polled() -> None:
    """And it says which setting is missing."""
    with pytest.raises(NotSupported, match="imap"):
        drive(channel(imap=None).poll(None), Server())


@pytest.mark.parametrize(
    ("answers", "ok", "said"),
    [
        ([SmtpResult(code=554, step=SmtpStep.RCPT), ImapResult(validity=9)], True, "SMTP and IMAP answer"),
        ([SmtpResult(code=535, step=SmtpStep.AUTH, text="5.7.8")], False, "SMTP: auth: 535 5.7.8"),
        ([NoAnswer(detail="connect: timed out", reached=False)], False, "SMTP: connect: timed out"),
        (
            [SmtpResult(code=554, step=SmtpStep.RCPT), NoAnswer(detail="login: it refused", reached=False)],
            False,
            "IMAP: login: it refused",
        ),
    ],
)
def test_a_probe_goes_to_both_servers(answers: list[Result], said: str, *, ok: bool) -> None:
    """It names nobody to the one and fetches nothing from the other."""
    server = Server(*answers)
    health = drive(EMAIL.probe(), server)
    assert (health.ok, health.detail) == (ok, said)
    asked = server.asked[0]
    assert isinstance(asked, SmtpSend)
    assert asked.recipients == ()
    assert all(effect.limit == 0 for effect in server.asked[1:] if isinstance(effect, ImapScan))


def fetched(mail: bytes) -> Raw:
    """A mail as a poll brings it."""
    return Raw(body=mail)


PASSED = "mx.firm.example; dmarc=pass header.from=example.com"


@pytest.mark.parametrize(
    ("field", "trust"),
    [
        (PASSED, Trust.VOUCHED),
        (PASSED.replace("pass", "fail"), Trust.CLAIMED),
        (PASSED.replace("mx.firm", "mx.other"), Trust.CLAIMED),
        ("", Trust.CLAIMED),
    ],
)
def test_the_firms_own_server_vouches(field: str, trust: Trust) -> None:
    """Nobody else's word on the sender counts; a mail that nobody vouches for is taken all the same."""
    mail = letter("x", {"Authentication-Results": field})
    assert EMAIL.verify(fetched(mail), NOW).trust is trust
    assert channel(authserv_id=None).verify(fetched(mail), NOW).trust is Trust.CLAIMED


def one(mail: bytes, **settings: Any) -> Any:  # Any: whichever event it is
    """The only event of a mail."""
    [event] = channel(**settings).parse(fetched(mail)).events
    return event


@pytest.mark.parametrize(
    ("original", "to", "provider_id", "named"),
    [
        (f"Message-ID: <{OURS}>\n", PATH, OURS, True),
        (f"Message-ID: <{OURS}>\n", "desk@firm.example", OURS, True),
        ("Subject: without an id\n", PATH.upper(), None, True),
        ("Message-ID: <7@elsewhere.example>\n", "desk@firm.example", "7@elsewhere.example", False),
    ],
)
def test_a_report_names_our_message(original: str, to: str, provider_id: str | None, *, named: bool) -> None:
    """By the id of the mail that came back, and by the address that the report came to: either will do."""
    event = one(report(GONE, original, headers={"To": to}))
    assert isinstance(event, DeliveryEvent)
    assert (event.provider_id, event.message) == (provider_id, MESSAGE if named else None)
    assert (event.step, event.failure) == (DeliveryStep.FAILED, Failure.PERMANENT)
    assert event.recipient == Address(kind=IdentityKind.EMAIL, value="ana@example.com")


def test_a_forged_return_path_names_nothing() -> None:
    """A token of the same form that nobody signed makes an automatic message for a person, and no report."""
    forged = PATH.replace("+a", "+b")
    assert forged != PATH
    event = one(report(GONE, "Subject: x\n", headers={"To": forged}))
    assert isinstance(event, MessageIn)
    assert event.automatic


def test_who_answers_by_itself_answers_the_return_path() -> None:
    """An absence notice without a reference is attached to the mail that caused it."""
    event = one(letter("I am away.", {"To": PATH, "Auto-Submitted": "auto-replied"}))
    assert (event.automatic, event.in_reply_to) == (True, OURS)
    answered = one(letter("x", {"To": PATH, "In-Reply-To": "<5@firm.example>"}))
    assert answered.in_reply_to == "5@firm.example"


@pytest.mark.parametrize(("subject", "purpose"), [
    ("unsubscribe survey", Purpose.SURVEY), ("Unsubscribe MARKETING", Purpose.MARKETING), ("unsubscribe", None),
    ("Re: unsubscribe survey", None), ("unsubscribe service", None),
])  # fmt: skip
def test_a_mail_unsubscribes(subject: str, purpose: Purpose | None) -> None:
    """The mail that our own link makes refuses what it names; words of people are words."""
    event = one(letter("", {"Subject": subject}))
    if purpose is None:
        assert isinstance(event, MessageIn)
    else:
        assert isinstance(event, ConsentEvent)
        assert (event.sender.value, event.allowed, event.purpose) == ("ana@example.com", False, purpose)
        assert event.reason is SuppressionReason.UNSUBSCRIBE


def test_the_firms_lists_reach_the_reading() -> None:
    """What comes by them is people's mail."""
    assert not one(letter("x", {"List-Id": "<all.firm.example>"}), own_lists=["All.firm.example"]).automatic


@given(data=st.binary(max_size=300))
def test_any_bytes_are_taken_or_quarantined(data: bytes) -> None:
    """Judging raises nothing, and reading nothing but `BadPayload`."""
    raw = fetched(data)
    assert EMAIL.verify(raw, NOW).accepted
    with suppress(BadPayload):
        assert EMAIL.parse(raw).events


def test_secrets_are_not_shown() -> None:
    """Not by the effects that hold them, nor by a receipt or a probe."""
    server = Server(SmtpResult(code=535, step=SmtpStep.AUTH, text="5.7.8"))
    receipt = drive(EMAIL.send(message()), server)
    for shown in (repr(server.asked), repr(receipt), repr(EMAIL.scan(None)), repr(vars(EMAIL))):
        for secret in (KEY, "s3cret-out", "s3cret-in"):
            assert secret not in shown
