import pytest

from clientloop.channels.mail.causes import failure_of
from clientloop.channels.mail.outcomes import Action
from clientloop.channels.mail.reading import read_mail
from clientloop.channels.mail.reports import feedback, outcomes
from clientloop.model.messages import DeliveryStep, Failure
from tests.channels.mail.letters import ORIGINAL, letter, multipart, part, report

MTA = "Reporting-MTA: dns; mx.example.net\nArrival-Date: Mon, 3 Mar 2014 12:00:00 +0100\n\n"


def group(action: str, status: str, said: str = "") -> str:
    """What a report says of one recipient."""
    diagnostic = f"Diagnostic-Code: smtp; {said}\n" if said else ""
    return f"Final-Recipient: rfc822; ana@example.com\nAction: {action}\nStatus: {status}\n{diagnostic}"


@pytest.mark.parametrize(
    ("action", "status", "said", "step", "failure"),
    [
        ("failed", "5.1.1", "550 5.1.1 user unknown", DeliveryStep.FAILED, Failure.PERMANENT),
        ("failed", "5.0.0", "550 5.1.1 no such user", DeliveryStep.FAILED, Failure.PERMANENT),
        ("failed", "5.0.0", "550 No such user here", DeliveryStep.FAILED, Failure.PERMANENT),
        ("failed", "5.4.4", "Host or domain name not found", DeliveryStep.FAILED, Failure.PERMANENT),
        ("failed", "5.1.10", "", DeliveryStep.FAILED, Failure.PERMANENT),
        ("failed (bad destination mailbox address)", "5.1.1", "", DeliveryStep.FAILED, Failure.PERMANENT),
        ("failed", "4.2.2", "452 4.2.2 mailbox full", DeliveryStep.FAILED, Failure.RETRY),
        ("failed", "5.2.2", "552 5.2.2 over quota", DeliveryStep.FAILED, Failure.RETRY),
        ("failed", "4.4.1", "connection timed out", DeliveryStep.FAILED, Failure.RETRY),
        ("failed", "5.7.1", "554 message looks like spam", DeliveryStep.FAILED, Failure.RETRY),
        ("failed", "5.7.26", "unauthenticated mail", DeliveryStep.FAILED, Failure.CONFIG),
        ("failed", "5.7.1", "550 relay access denied", DeliveryStep.FAILED, Failure.CONFIG),
        ("failed", "4.7.28", "", DeliveryStep.FAILED, Failure.THROTTLED),
        ("failed", "5.3.4", "message too large", DeliveryStep.FAILED, Failure.RETRY),
        ("delayed", "4.4.1", "connection timed out", DeliveryStep.DELAYED, None),
        ("delivered", "2.0.0", "", DeliveryStep.DELIVERED, None),
        ("relayed", "2.0.0", "", DeliveryStep.SENT, None),
        ("expanded", "2.0.0", "", DeliveryStep.SENT, None),
        ("", "5.1.1", "", DeliveryStep.FAILED, Failure.PERMANENT),
        ("", "4.4.1", "", DeliveryStep.DELAYED, None),
        ("", "2.1.5", "", DeliveryStep.DELIVERED, None),
    ],
)
def test_a_report_says_how_far_a_mail_came(
    action: str, status: str, said: str, step: DeliveryStep | None, failure: Failure | None
) -> None:
    """The action decides the step, and the code with the words decides what it means for the address."""
    [outcome] = outcomes(read_mail(report(MTA + group(action, status, said))))
    assert (outcome.recipient, outcome.message_id) == ("ana@example.com", "7@firm.example")
    assert (outcome.step, outcome.failure) == (step, failure)


def test_each_recipient_has_an_outcome_of_its_own() -> None:
    """One report may say that a mail arrived here and failed there."""
    two = MTA + group("delivered", "2.0.0") + "\n" + group("failed", "5.1.1").replace("ana@", "bo@")
    assert [(each.recipient, each.action) for each in outcomes(read_mail(report(two)))] == [
        ("ana@example.com", Action.DELIVERED),
        ("bo@example.com", Action.FAILED),
    ]


def test_the_recipient_is_whom_the_mail_was_sent_to_and_not_where_it_was_passed_on() -> None:
    """The original recipient, as it was encoded when the mail was sent, goes before the final one."""
    text = MTA + "Original-Recipient: rfc822;ana+2Bshop@example.com\n" + group("failed", "5.1.1", "no")
    [outcome] = outcomes(read_mail(report(text.replace("rfc822; ana@", "rfc822; elsewhere@"))))
    assert outcome.recipient == "ana+shop@example.com"


STATUS = MTA + group("failed", "5.1.1")


@pytest.mark.parametrize(
    ("status", "original", "headers", "message_id"),
    [
        (STATUS, "Subject: x\n", {"In-Reply-To": "<7@firm.example>"}, "7@firm.example"),
        (STATUS, "Subject: x\n", {"References": "<6@firm.example> <7@firm.example>"}, "7@firm.example"),
        (STATUS + "X-Original-Message-ID: <7@firm.example>\n", "", {}, "7@firm.example"),
        ("Original-Envelope-Id: 7@firm.example\n" + STATUS, "", {}, "7@firm.example"),
        (STATUS, "Subject: x\n", {}, None),
        (STATUS, ORIGINAL + "\nMessage-ID: <8@other.example>\n", {"References": "<6@firm.example>"}, "7@firm.example"),
    ],
)
def test_the_mail_is_known_by_whatever_place_says_it(
    status: str, original: str, headers: dict[str, str], message_id: str | None
) -> None:
    """The header that came back goes before the other places where servers write the id."""
    [outcome] = outcomes(read_mail(report(status, original, headers=headers)))
    assert outcome.message_id == message_id


def test_a_report_within_a_mail_of_a_list_or_a_scanner_is_found() -> None:
    """The part for machines counts wherever it lies, and in whatever encoding."""
    status = part(b"RmluYWwtUmVjaXBpZW50OiByZmM4MjI7IGFAYi5jCkFjdGlvbjogZmFpbGVkCg==",
                  {"Content-Type": "message/delivery-status", "Content-Transfer-Encoding": "base64"})  # fmt: skip
    inner = multipart("report", part("no"), status, boundary="b1")
    [outcome] = outcomes(read_mail(multipart("mixed", inner, part("scanned"), headers={})))
    assert (outcome.recipient, outcome.action) == ("a@b.c", Action.FAILED)


def test_a_mail_that_a_customer_passes_on_is_no_report() -> None:
    """What lies in an attached mail was not reported to us."""
    attached = part(report(STATUS), {"Content-Type": "message/rfc822"})
    mail = multipart("mixed", part("Look what came back"), attached, boundary="b9", headers={})
    assert outcomes(read_mail(mail)) == ()


def receipt(disposition: str) -> bytes:
    """What a program says that its user did with a mail."""
    said = (
        f"Final-Recipient: rfc822; ana@example.com\nOriginal-Message-ID: <7@firm.example>\nDisposition: {disposition}\n"
    )
    return multipart(
        "report; report-type=disposition-notification",
        part("Your mail was read."),
        part(said, {"Content-Type": "message/disposition-notification"}),
        headers={"Message-ID": "<m1@example.com>"},
    )


@pytest.mark.parametrize(
    ("disposition", "step"),
    [
        ("manual-action/MDN-sent-manually; displayed", DeliveryStep.READ),
        ("automatic-action/MDN-sent-automatically; displayed/mailbox-terminated", DeliveryStep.READ),
        ("automatic-action/MDN-sent-automatically; processed", DeliveryStep.DELIVERED),
        ("manual-action/MDN-sent-manually; deleted", DeliveryStep.DELIVERED),
        ("nonsense", DeliveryStep.DELIVERED),
    ],
)
def test_a_read_receipt_says_that_a_mail_was_read(disposition: str, step: DeliveryStep) -> None:
    """Only what was displayed was read; what was deleted was not."""
    [outcome] = outcomes(read_mail(receipt(disposition)))
    assert (outcome.recipient, outcome.message_id, outcome.step) == ("ana@example.com", "7@firm.example", step)


def complaint(fields: str, original: str = ORIGINAL) -> bytes:
    """What a provider says of one of its users (RFC 5965)."""
    return multipart(
        "report; report-type=feedback-report",
        part("This is a report of abuse."),
        part(fields, {"Content-Type": "message/feedback-report"}),
        part(original + "\nHello.\n", {"Content-Type": "message/rfc822"}),
        headers={"From": "fbl@provider.example", "Message-ID": "<f1@provider.example>"},
    )


@pytest.mark.parametrize(
    ("fields", "original", "recipients"),
    [
        ("Feedback-Type: abuse\nOriginal-Rcpt-To: <ana@example.com>\n", ORIGINAL, ("ana@example.com",)),
        ("Feedback-Type: abuse\nOriginal-Rcpt-To: rfc822;ana@example.com\n", ORIGINAL, ("ana@example.com",)),
        ("Feedback-Type: Abuse\nVersion: 1\n", ORIGINAL, ("ana@example.com",)),
        ("Feedback-Type: fraud\n", ORIGINAL.replace("ana@", "redacted-1@"), ()),
    ],
)
def test_a_complaint_names_who_complains_of_which_mail(fields: str, original: str, recipients: tuple[str, ...]) -> None:
    """The recipient is in the report or in the mail that came back, and a hidden one is no address."""
    found = feedback(read_mail(complaint(fields, original)))
    assert found is not None
    assert (found.complains, found.recipients, found.message_id) == (True, recipients, "7@firm.example")


@pytest.mark.parametrize("kind", ["not-spam", "auth-failure", "virus", "other"])
def test_other_feedback_is_no_complaint(kind: str) -> None:
    """A provider also tells of signatures that failed, and of mail that was no spam after all."""
    found = feedback(read_mail(complaint(f"Feedback-Type: {kind}\n")))
    assert found is not None
    assert not found.complains


def test_complaints_of_the_older_form_are_known_by_their_field() -> None:
    """Outlook.com used to send the mail alone, with the recipient in a field of its own."""
    original = "X-HmXmrOriginalRecipient: ana@example.com\n" + ORIGINAL
    headers = {"From": "staff@hotmail.example", "Subject": "complaint about message from 192.0.2.1"}
    found = feedback(read_mail(multipart("mixed", part(original, {"Content-Type": "message/rfc822"}), headers=headers)))
    assert found is not None
    assert (found.complains, found.recipients) == (True, ("ana@example.com",))
    assert feedback(read_mail(letter("complaint about you", headers))) is None


@pytest.mark.parametrize(
    ("said", "failure"),
    [
        ("The email account that you tried to reach does not exist", Failure.PERMANENT),
        ("Recipient address rejected: User unknown in virtual mailbox table", Failure.PERMANENT),
        ("550 Requested action not taken: mailbox unavailable", Failure.PERMANENT),
        ("Unrouteable address", Failure.PERMANENT),
        ("550 Invalid recipient", Failure.PERMANENT),
        ("RESOLVER.ADR.RecipNotFound; not found", Failure.RETRY),
        ("The mailbox is full", Failure.RETRY),
        ("Message rejected due to content", Failure.RETRY),
        ("too many connections from your host", Failure.THROTTLED),
        ("your host is listed in Spamhaus", Failure.CONFIG),
        ("", Failure.RETRY),
    ],
)
def test_without_a_code_the_words_decide(said: str, failure: Failure) -> None:
    """Only words that say that the address does not exist stop it."""
    assert failure_of(None, said) is failure
