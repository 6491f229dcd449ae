"""Reports in free text, in the forms that mail servers are known to send; addresses and sentences around are ours."""

from collections.abc import Mapping

import pytest
from attrs import frozen

from clientloop.channels.mail.outcomes import Action
from clientloop.channels.mail.reading import read_mail
from clientloop.channels.mail.reports import outcomes
from clientloop.model.messages import Failure
from tests.channels.mail.letters import ORIGINAL, bounce, letter, multipart, part


@frozen(kw_only=True)
class Form:
    """How a server reports."""

    subject: str
    headers: Mapping[str, str] = {}
    text: str
    #: Whether it shows the mail that came back, below the text.
    shows: bool = True
    action: Action = Action.FAILED
    failure: Failure | None = None


FORMS = {
    "qmail": Form(
        subject="failure notice",
        text="""\
Hi. This is the qmail-send program at mx.example.net.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<ana@example.com>:
192.0.2.1 does not like recipient.
Remote host said: 550 5.1.1 unknown user
Giving up on 192.0.2.1.

--- Below this line is a copy of the message.

Return-Path: <bo@firm.example>
""",
        failure=Failure.PERMANENT,
    ),
    "exim": Form(
        subject="Mail delivery failed: returning message to sender",
        headers={"X-Failed-Recipients": "ana@example.com"},
        text="""\
This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  ana@example.com
    host mx.example.com [192.0.2.1]
    SMTP error from remote mail server after RCPT TO:<ana@example.com>:
    550 No such user here

------ This is a copy of the message, including all the headers. ------
""",
        failure=Failure.PERMANENT,
    ),
    "exim waits": Form(
        subject="Warning: message 1abc-0001 delayed 24 hours",
        text="""\
This message was created automatically by mail delivery software.
A message that you sent has not yet been delivered to one or more of its
recipients after more than 24 hours on the queue.

The address to which the message has not yet been delivered is:

  ana@example.com
    Delay reason: mailbox full

No action is required on your part.
""",
        action=Action.DELAYED,
    ),
    "postfix": Form(
        subject="Undelivered Mail Returned to Sender",
        text="""\
This is the mail system at host mx.example.net.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

                   The mail system

<ana@example.com>: host mx.example.com[192.0.2.1] said: 452 4.2.2 The email account
    is over quota (in reply to RCPT TO command)

---------- original message headers ----------
""",
        failure=Failure.RETRY,
    ),
    "sendmail": Form(
        subject="Returned mail: see transcript for details",
        headers={"From": "Mail Delivery Subsystem <MAILER-DAEMON>"},
        text="""\
The original message was received at Mon, 3 Mar 2014 12:00:00 GMT

   ----- The following addresses had permanent fatal errors -----
<ana@example.com>
    (reason: 550 5.1.1 <ana@example.com>... User unknown)

   ----- Transcript of session follows -----
... while talking to mx.example.com.:
>>> DATA
<<< 550 5.1.1 <ana@example.com>... User unknown

   ----- Original message follows -----
""",
        failure=Failure.PERMANENT,
    ),
    "sendmail waits": Form(
        subject="Warning: could not send message for past 4 hours",
        text="""\
    **      THIS IS A WARNING MESSAGE ONLY      **
    **  YOU DO NOT NEED TO RESEND YOUR MESSAGE  **

   ----- Transcript of session follows -----
<ana@example.com>... Deferred: Connection timed out
Will keep trying until message is 5 days old

   ----- Message header follows -----
""",
        action=Action.DELAYED,
    ),
    "old Exchange": Form(
        subject="Undeliverable: Your order",
        headers={"From": "System Administrator <postmaster@example.com>"},
        text="""\
Your message

  To:      Ana
  Subject: Your order
  Sent:    Mon, 3 Mar 2014 12:00:00 +0100

did not reach the following recipient(s):

ana@example.com on Mon, 3 Mar 2014 12:00:05 +0100
    The e-mail account does not exist at the organization this message was sent to.
    <mx.example.com #5.1.1>
""",
        shows=False,
        failure=Failure.PERMANENT,
    ),
    "newer Exchange": Form(
        subject="Undeliverable: Your order",
        headers={"From": "Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.com>"},
        text="""\
Delivery has failed to these recipients or groups:

Ana Novak (ana@example.com)<mailto:ana@example.com>
The e-mail address you entered couldn't be found.

Diagnostic information for administrators:

Generating server: mx.example.com

ana@example.com
#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##

Original message headers:
""",
        failure=Failure.PERMANENT,
    ),
    "Gmail": Form(
        subject="Delivery Status Notification (Failure)",
        headers={"From": "Mail Delivery Subsystem <mailer-daemon@googlemail.example>"},
        text="""\
** Address not found **

Your message wasn't delivered to ana@example.com because the address couldn't be found, or is unable to receive mail.

The response from the remote server was:
550 5.1.1 No such user
""",
        shows=False,
        failure=Failure.PERMANENT,
    ),
    "old Gmail": Form(
        subject="Delivery Status Notification (Failure)",
        text="""\
Delivery to the following recipient failed permanently:

     ana@example.com

Technical details of permanent failure:
Google tried to deliver your message, but it was rejected: 552 5.2.2 mailbox full

----- Original message -----
""",
        failure=Failure.RETRY,
    ),
    "Russian": Form(
        subject="=?utf-8?B?0J3QtdC00L7RgdGC0LDQstC70LXQvdC90L7QtSDRgdC+0L7QsdGJ0LXQvdC40LU=?=",
        headers={"Content-Type": "text/plain; charset=utf-8"},
        text="""\
Ваше письмо не было доставлено одному или нескольким получателям.

ana@example.com
Почтовый ящик не найден
""",
        shows=False,
        failure=Failure.PERMANENT,
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_report_in_free_text_names_the_recipient_and_why(name: str) -> None:
    """Whatever server wrote it, the address, the kind of report and the reason are found."""
    form = FORMS[name]
    text = f"{form.text}\n{ORIGINAL}\nHello\n" if form.shows else form.text
    [outcome] = outcomes(read_mail(bounce(text, {"Subject": form.subject, **form.headers})))
    assert (outcome.recipient, outcome.action, outcome.failure) == ("ana@example.com", form.action, form.failure)
    assert outcome.message_id == ("7@firm.example" if form.shows else None)


def test_a_report_that_names_nobody_is_on_the_recipient_of_the_mail_that_came_back() -> None:
    """Old servers say only why, and show the mail below."""
    text = f"Deferred: Connection timed out\n\n   ----- Unsent message follows -----\n{ORIGINAL}"
    [outcome] = outcomes(read_mail(bounce(text, {"Subject": "Returned mail: Cannot send message for 4 days"})))
    assert (outcome.recipient, outcome.message_id) == ("ana@example.com", "7@firm.example")
    assert outcome.failure is Failure.RETRY


def test_the_id_is_taken_from_an_attached_mail_or_the_thread() -> None:
    """Where the text does not show the mail that came back, other places may."""
    text = "<ana@example.com>: 550 5.1.1 user unknown\n"
    head = {"Subject": "failure notice", "Return-Path": "<>", "From": "MAILER-DAEMON@mx.example"}
    attached = multipart("mixed", part(text), part(ORIGINAL, {"Content-Type": "message/rfc822"}), headers=head)
    [by_part] = outcomes(read_mail(attached))
    [by_thread] = outcomes(read_mail(bounce(text, {"Subject": "failure notice", "In-Reply-To": "<7@firm.example>"})))
    assert (by_part.message_id, by_thread.message_id) == ("7@firm.example", "7@firm.example")


def test_each_recipient_has_its_own_reason() -> None:
    """Of two addresses, each has the words that follow it."""
    text = "Undelivered:\n\n<ana@example.com>:\n550 5.1.1 unknown\n\n<bo@example.com>:\n452 4.2.2 mailbox full\n"
    found = outcomes(read_mail(bounce(text, {"Subject": "failure notice"})))
    assert [(each.recipient, each.failure) for each in found] == [
        ("ana@example.com", Failure.PERMANENT),
        ("bo@example.com", Failure.RETRY),
    ]


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ({"Subject": "failure notice"}, "My order could not be delivered, says bo@example.com.\n"),
        (
            {"Subject": "Undeliverable: my parcel", "Return-Path": "<ana@example.com>"},
            "bo@example.com did not get it.\n",
        ),
        ({"Return-Path": "<>", "Subject": "Away"}, "I am away. Ask bo@example.com.\n"),
        ({"Auto-Submitted": "auto-replied", "Subject": "Delivery failed"}, "bo@example.com\n"),
    ],
)
def test_what_people_and_answering_machines_write_is_no_report(headers: dict[str, str], text: str) -> None:
    """The words of a report count only from a server, and a server's mail only with such words."""
    assert outcomes(read_mail(letter(text, headers))) == ()


def test_a_report_names_no_address_of_the_firm() -> None:
    """Neither the server that reports nor the address that the report went to is a recipient that failed."""
    text = "Returned to sender.\n\nbo@firm.example\npostmaster@mx.example\n"
    headers = {"From": "postmaster@mx.example", "To": "bo@firm.example", "Subject": "Returned mail"}
    assert outcomes(read_mail(bounce(text, headers))) == ()
