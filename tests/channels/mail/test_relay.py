"""The channel with Debian's postfix between it and the recipients: real reports come back over SMTP."""

import time
from uuid import UUID

import pytest
from aiosmtpd.smtp import Envelope
from attrs import frozen

from clientloop.channels.mail.channel import Email
from clientloop.channels.mail.outcomes import Action
from clientloop.channels.mail.reading import read_mail
from clientloop.channels.mail.reports import outcomes
from clientloop.drivers.performing import Drivers
from clientloop.model.customers import IdentityKind
from clientloop.model.messages import DeliveryStep, Failure
from clientloop.ports.effects import drive
from clientloop.ports.events import Address, DeliveryEvent, Event, Raw
from tests.channels.mail.samples import at, message
from tests.drivers.mailhost import Mailhost
from tests.drivers.postfix import HERE, Postfix


@frozen
class Case:
    """One recipient, and what becomes of a mail to it."""

    #: The message's number, which its id is made of.
    number: int
    #: The recipient.
    to: str
    #: What its server says; empty for yes.
    refusal: str
    #: What postfix reports.
    action: Action
    #: What that is to us.
    step: DeliveryStep
    #: And why.
    failure: Failure | None = None


CASES = {
    "delivered": Case(1, f"ana@{HERE}", "", Action.DELIVERED, DeliveryStep.DELIVERED),
    "relayed": Case(2, "ana@elsewhere.example", "", Action.RELAYED, DeliveryStep.SENT),
    "failed": Case(
        3, "gone@elsewhere.example", "550 5.1.1 no such user", Action.FAILED, DeliveryStep.FAILED, Failure.PERMANENT
    ),
    "spam": Case(
        4, "strict@elsewhere.example", "554 5.7.1 looks like spam", Action.FAILED, DeliveryStep.FAILED, Failure.RETRY
    ),
    "delayed": Case(5, "slow@elsewhere.example", "450 4.2.0 try later", Action.DELAYED, DeliveryStep.DELAYED),
}


def reported(next_hop: Mailhost, path: str) -> bytes:
    """The report that came back to a return path, once it has."""
    for _ in range(600):
        for taken in list(next_hop.taken):
            if path in taken.rcpt_tos:
                return content_of(taken)
        time.sleep(0.05)
    raise AssertionError(f"no report came: {[taken.rcpt_tos for taken in next_hop.taken]}")


def content_of(taken: Envelope) -> bytes:
    """The mail in an envelope."""
    assert isinstance(taken.content, bytes)
    return taken.content


@pytest.mark.parametrize("name", CASES)
def test_a_real_report_names_our_message(relay: Postfix, next_hop: Mailhost, drivers: Drivers, name: str) -> None:
    """By recipient and original Message-ID, and by the address that it came to, each of which is enough."""
    case = CASES[name]
    email = at(relay.port, ask_reports=True)
    ours = UUID(int=case.number)
    next_hop.refused |= {case.to: case.refusal} if case.refusal else {}
    assert drive(email.send(message(id=ours, to=case.to)), drivers.perform).accepted, relay.log
    path, known_as = email.config.naming.return_path_of(ours), email.config.naming.message_id(ours)
    report = reported(next_hop, path)

    [outcome] = outcomes(read_mail(report))
    assert (outcome.recipient, outcome.message_id, outcome.action) == (case.to, known_as, case.action)
    check(one(email, report), case, ours, known_as)
    # without the address that it came to, then without all that names our mail
    check(one(email, report.replace(path.encode(), b"desk@firm.example")), case, ours, known_as)
    nameless = report.replace(known_as.encode(), b"").replace(b"Original-Envelope-Id", b"X")
    check(one(email, nameless), case, ours, None)


def one(email: Email, report: bytes) -> Event:
    """What a report says."""
    [event] = email.parse(Raw(body=report)).events
    return event


def check(event: Event, case: Case, ours: UUID, known_as: str | None) -> None:
    """It says of our message what became of it."""
    assert isinstance(event, DeliveryEvent)
    assert (event.message, event.provider_id) == (ours, known_as)
    assert (event.step, event.failure) == (case.step, case.failure)
    assert event.recipient == Address(kind=IdentityKind.EMAIL, value=case.to)
