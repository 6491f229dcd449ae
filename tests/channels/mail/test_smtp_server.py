"""The channel against aiosmtpd, with every failure at every command."""

import socket
import ssl

import pytest
from attrs import evolve

from clientloop.channels.mail.channel import Email
from clientloop.drivers.performing import Drivers
from clientloop.model.messages import Failure, Receipt
from clientloop.ports.effects import Effect, Result, SmtpSend, SmtpStep, Tls, drive
from tests.channels.mail.samples import MESSAGE, at, config, message
from tests.drivers.mailhost import PASSWORD, USER, Fault, Mailhost, hosting

STEPS = (*SmtpStep, "quit")

#: The ways in which a server says no; else it breaks the connection, or says nothing. The drivers are tried in more.
REFUSALS = {Fault.LATER: Failure.RETRY, Fault.NEVER: Failure.CONFIG}


def expected(step: str, fault: Fault) -> Failure | None:
    """What the outbox must be told: after the final dot, a connection that breaks may have brought the mail."""
    if step == "quit":
        return None
    return REFUSALS.get(fault, Failure.UNKNOWN if step == SmtpStep.CONTENT else Failure.RETRY)


def sent(drivers: Drivers, port: int, to: str = "ana@example.com", patience: float = 10.0, **server: object) -> Receipt:
    """Send one message, and wait so many seconds for each answer."""

    def perform(effect: Effect) -> Result:
        assert isinstance(effect, SmtpSend)
        return drivers.perform(evolve(effect, timeout=patience))

    return drive(at(port, **server).send(message(to=to)), perform)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("fault", [Fault.LATER, Fault.NEVER, Fault.CLOSE, Fault.RESET, Fault.SILENCE])
def test_every_failure_at_every_command(drivers: Drivers, server_tls: ssl.SSLContext, step: str, fault: Fault) -> None:
    """Connect, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, content, QUIT: refused, cut, or without an end.

    A mail that the server may have taken is never tried again by itself, and one that it has not is never lost.
    """
    with hosting(Mailhost(step, fault), starttls=server_tls) as host:
        patience = 0.8 if fault is Fault.SILENCE else 10.0
        receipt = sent(drivers, host.port, patience=patience, tls=Tls.STARTTLS, username=USER, password=PASSWORD)
    assert receipt.failure is expected(step, fault)
    assert bool(host.taken) == (step in {SmtpStep.CONTENT, "quit"})
    if host.taken:
        assert receipt.failure is not Failure.RETRY or fault is Fault.LATER


@pytest.mark.parametrize(
    ("reply", "failure"),
    [
        ("550 5.1.1 no such user", Failure.PERMANENT),
        ("551 not here", Failure.PERMANENT),
        ("554 5.7.1 relaying denied", Failure.CONFIG),
        ("552 5.2.2 mailbox full", Failure.RETRY),
        ("450 4.2.0 greylisted", Failure.THROTTLED),
        ("451 4.7.0 rate limit", Failure.THROTTLED),
        ("452 4.2.2 mailbox full", Failure.RETRY),
        ("421 4.3.2 shutting down", Failure.RETRY),
    ],
)
def test_what_a_server_has_against_a_recipient(drivers: Drivers, reply: str, failure: Failure) -> None:
    """Only an address that does not exist is given up."""
    with hosting(Mailhost()) as host:
        host.refused = {"ana@example.com": reply}
        assert sent(drivers, host.port).failure is failure
    assert host.taken == []


def test_the_mail_arrives_as_it_was_composed(drivers: Drivers) -> None:
    """With the return path that names the message, to one recipient."""
    with hosting(Mailhost()) as host:
        receipt = sent(drivers, host.port)
    [taken] = host.taken
    assert receipt.accepted
    assert taken.mail_from == config().naming.return_path_of(MESSAGE)
    assert taken.rcpt_tos == ["ana@example.com"]
    assert isinstance(taken.content, bytes)
    assert f"Message-ID: <{MESSAGE}@firm.example>\r\n".encode() in taken.content


@pytest.mark.parametrize(("international", "failure"), [(True, None), (False, Failure.CONFIG)])
def test_an_international_address(drivers: Drivers, *, international: bool, failure: Failure | None) -> None:
    """A server that takes them gets the mail; one that does not is no reason to call the address bad."""
    with hosting(Mailhost(), enable_SMTPUTF8=international) as host:
        assert sent(drivers, host.port, to="žiga@žito.example").failure is failure
    assert [each.rcpt_tos for each in host.taken] == ([["žiga@xn--ito-b3a.example"]] if international else [])


@pytest.mark.parametrize(
    ("options", "server"),
    [
        ({}, {"tls": Tls.STARTTLS}),
        ({"auth_exclude_mechanism": ["PLAIN", "LOGIN"]}, {"username": USER, "password": PASSWORD}),
        ({}, {"username": USER, "password": "wrong"}),
    ],
)
def test_what_no_retry_mends_waits_for_a_person(
    drivers: Drivers, options: dict[str, object], server: dict[str, object]
) -> None:
    """A server without encryption or login, or with another password, is a matter of the settings."""
    with hosting(Mailhost(), **options) as host:
        receipt = sent(drivers, host.port, **server)
        health = drive(at(host.port, **server).probe(), drivers.perform)
    assert receipt.failure is Failure.CONFIG
    assert not health.ok
    assert PASSWORD not in f"{receipt}{health}"


def test_nobody_is_there(drivers: Drivers) -> None:
    """A refused connection is tried again."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert sent(drivers, port).failure is Failure.RETRY


def test_a_probe_sends_nothing(drivers: Drivers) -> None:
    """It goes as far as the recipients, and names none."""
    with hosting(Mailhost()) as host:
        email = at(host.port, username=USER, password=PASSWORD)
        health = drive(Email(evolve(email.config, imap=None)).probe(), drivers.perform)
    assert (health.ok, health.detail) == (True, "SMTP answers; no mailbox is set")
    assert host.taken == []
    assert SmtpStep.AUTH in host.commands
    assert SmtpStep.RCPT not in host.commands
