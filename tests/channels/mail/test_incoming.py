import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clientloop.channels.mail import incoming
from clientloop.channels.mail.incoming import Reading, events
from clientloop.channels.mail.limits import Limits
from clientloop.errors import BadPayload
from clientloop.model.customers import IdentityKind
from clientloop.model.messages import DeliveryStep, Failure
from clientloop.ports.events import Address, ConsentEvent, DeliveryEvent, Event, MessageIn
from tests.channels.mail.letters import ORIGINAL, letter, multipart, part, report

GROUP = "Final-Recipient: rfc822; ana@example.com\nAction: {}\nStatus: {}\n"


def one(mail: bytes) -> Event:
    """The only event of a mail."""
    [event] = events(mail)
    return event


def test_a_mail_is_a_message_with_its_new_words() -> None:
    """The event has what a service needs, and keeps beside it what was taken off."""
    text = "It broke.\n\nOn 3 Mar 2014 at 12:00, Bo <bo@firm.example> wrote:\n> Did it arrive?\n-- \nAna\n"
    event = one(letter(text, {"Subject": "Re: Order", "In-Reply-To": "<7@firm.example>", "To": "bo@firm.example"}))
    assert isinstance(event, MessageIn)
    assert event.sender == Address(kind=IdentityKind.EMAIL, value="ana@example.com", name="Ana Novak")
    assert (event.text, event.subject, event.in_reply_to, event.automatic) == (
        "It broke.",
        "Re: Order",
        "7@firm.example",
        False,
    )
    assert event.at is not None
    assert {name: event.extra[name] for name in ("message_id", "recipients", "style", "signature", "signs")} == {
        "message_id": "1@example.com",
        "recipients": ["bo@firm.example"],
        "style": "top",
        "signature": "-- \nAna",
        "signs": [],
    }
    assert "Did it arrive?" in str(event.extra["quoted"])


def test_an_absence_notice_is_an_automatic_message() -> None:
    """It is nobody's word, and says by which sign it is known."""
    event = one(letter("I am away.", {"Auto-Submitted": "auto-replied"}))
    assert isinstance(event, MessageIn)
    assert (event.automatic, event.extra["signs"]) == (True, ["auto_submitted"])


def test_mail_by_the_firms_own_list_is_not_automatic() -> None:
    """The settings of the reading reach the judgement."""
    [event] = events(letter("x", {"List-Id": "<all.firm.example>"}), Reading(own_lists=frozenset({"all.firm.example"})))
    assert isinstance(event, MessageIn)
    assert not event.automatic


def test_a_report_is_a_delivery_event_for_each_recipient() -> None:
    """It names the message, the recipient, the step, and what it means for the address; each has a key of its own."""
    two = GROUP.format("delivered", "2.0.0") + "\n" + GROUP.format("failed", "5.1.1").replace("ana@", "bo@")
    first, second = events(report(two))
    assert isinstance(first, DeliveryEvent)
    assert isinstance(second, DeliveryEvent)
    assert (first.provider_id, first.step, first.failure) == ("7@firm.example", DeliveryStep.DELIVERED, None)
    assert (second.step, second.failure, second.detail) == (DeliveryStep.FAILED, Failure.PERMANENT, "5.1.1 5.1.1")
    assert second.recipient == Address(kind=IdentityKind.EMAIL, value="bo@example.com")
    assert first.key != second.key


def test_a_mailbox_that_stayed_full_is_no_reason_to_stop_an_address() -> None:
    """The mail failed for good; the address did not."""
    event = one(report(GROUP.format("failed", "4.2.2")))
    assert isinstance(event, DeliveryEvent)
    assert (event.step, event.failure) == (DeliveryStep.FAILED, Failure.RETRY)


def test_a_delay_is_a_word_on_its_message() -> None:
    """A server that goes on trying has it: it was sent, and did not fail."""
    event = one(report(GROUP.format("delayed", "4.4.1")))
    assert isinstance(event, DeliveryEvent)
    assert (event.step, event.failure, event.provider_id) == (DeliveryStep.DELAYED, None, "7@firm.example")


def test_a_report_on_an_unknown_mail_stays_for_a_person() -> None:
    """Without an id the report is an automatic message that names whom it is about."""
    event = one(report(GROUP.format("failed", "5.1.1"), "Subject: x\n"))
    assert isinstance(event, MessageIn)
    assert event.automatic
    assert event.extra["report"] == [{"recipient": "ana@example.com", "action": "failed", "status": "5.1.1"}]


def complaint(kind: str, original: str) -> bytes:
    """What a provider says of one of its users."""
    fields = part(f"Feedback-Type: {kind}\n", {"Content-Type": "message/feedback-report"})
    return multipart("report", fields, part(original, {"Content-Type": "message/rfc822"}), headers={})


def test_a_complaint_forbids_what_needs_consent() -> None:
    """The recipient's word is taken back for all purposes that need it, with the report as proof."""
    event = one(complaint("abuse", ORIGINAL))
    assert isinstance(event, ConsentEvent)
    assert (event.sender.value, event.allowed, event.purpose) == ("ana@example.com", False, None)
    assert "7@firm.example" in event.proof


def test_other_feedback_forbids_nothing() -> None:
    """What is no complaint, and a complaint of nobody, stay for a person."""
    kept = one(complaint("not-spam", ORIGINAL))
    assert isinstance(kept, MessageIn)
    assert kept.automatic
    assert kept.extra["provider_feedback"] == {"kind": "not-spam", "message_id": "7@firm.example"}
    hidden = one(complaint("abuse", ORIGINAL.replace("ana@", "redacted@")))
    assert isinstance(hidden, MessageIn)
    assert hidden.extra["complaint"] == {"kind": "abuse", "message_id": "7@firm.example"}


def test_the_same_mail_has_the_same_keys() -> None:
    """What is read twice is deduplicated by its keys."""
    mail = report(GROUP.format("failed", "5.1.1") + "\n" + GROUP.format("failed", "5.1.1"))
    assert events(mail) == events(mail)
    assert len({event.key for event in events(mail)}) == 2


@pytest.mark.parametrize("mail", [b"", b"hello", letter("x", {"From": ""}), letter("x", {"From": "<>"})])
def test_what_nobody_wrote_is_kept_for_a_person(mail: bytes) -> None:
    """A mail that does not say who wrote it, and bytes that are none, are refused whole."""
    with pytest.raises(BadPayload):
        events(mail)


def test_a_fault_of_the_reader_parks_the_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong inside is `BadPayload`, without words of the mail in it."""

    def fault(_: bytes, __: Limits) -> None:
        raise ZeroDivisionError("secret words")

    monkeypatch.setattr(incoming, "read_mail", fault)
    with pytest.raises(BadPayload, match="ZeroDivisionError") as caught:
        events(letter("secret words"))
    assert "secret" not in str(caught.value)


FRAGMENTS = st.sampled_from(
    [
        *(
            b"\r\n",
            b"\n",
            b"\r",
            b"\r\n\r\n",
            b"--x",
            b"--x--",
            b"--",
            b":",
            b";",
            b'"',
            b"(",
            b")",
            b"<",
            b">",
            b"\\",
            b"=",
            b"\0",
        ),
        *(
            b"From: a@b.c\r\n",
            b"From: ",
            b"Subject: =?utf-8?B?",
            b"=?koi8-r?Q?=FF?=",
            b"Message-ID: <1@x>\r\n",
            b"Return-Path: <>\r\n",
        ),
        *(b"Content-Type: multipart/mixed; boundary=x\r\n", b"Content-Type: multipart/report; boundary=x\r\n"),
        *(b"Content-Type: message/delivery-status\r\n", b"Content-Type: message/feedback-report\r\n"),
        *(b"Content-Type: message/disposition-notification\r\n", b"Content-Type: message/rfc822\r\n"),
        *(
            b"Content-Type: text/html; charset=utf-16\r\n",
            b"Content-Type: text/plain; charset=utf-7; format=flowed\r\n",
        ),
        *(b"Content-Transfer-Encoding: base64\r\n", b"Content-Transfer-Encoding: quoted-printable\r\n"),
        *(b"Content-Disposition: attachment; filename*0*=utf-8''%\r\n", b"Date: Mon, 31 Feb 99999 12:61 +9999\r\n"),
        *(
            b"Final-Recipient: rfc822; a@b\r\n",
            b"Action: failed\r\n",
            b"Status: 5.1.1\r\n",
            b"Feedback-Type: abuse\r\n",
        ),
        *(
            b"failure notice",
            b"<a@b.c>:\r\n",
            b"On 1.1.2014 12:00 a@b wrote:\r\n",
            b"> ",
            b"-- \r\n",
            b"<div",
            b"<!--",
            b"&#x110000;",
        ),
    ]
)


@given(data=st.lists(FRAGMENTS | st.binary(max_size=6), max_size=30).map(b"".join))
@example(data=b"From: a@b\r\nContent-Type: text/plain; charset=utf-16\r\n\r\n\xff")
def test_any_bytes_are_events_or_bad_payload(data: bytes) -> None:
    """Nothing else is raised inside, so that the net around it is never needed; and every event has a key."""
    try:
        found = list(incoming._events(data, Reading()))
    except BadPayload:
        return
    assert found
    assert all(event.key for event in found)
