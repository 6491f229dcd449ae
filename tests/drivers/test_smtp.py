"""Mails handed to aiosmtpd, which fails at every command in every way."""

import asyncio
import logging
import socket
import ssl
import threading
import time

import pytest

from clientloop.drivers import smtp
from clientloop.drivers.performing import AsyncDrivers, Drivers
from clientloop.ports.effects import MailServer, NoAnswer, SmtpResult, SmtpSend, SmtpStep, Tls
from tests.drivers.mailhost import PASSWORD, USER, Fault, Mailhost, hosting
from tests.drivers.peers import Line, playing

MAIL = b"From: desk@example.com\r\nSubject: s3cret\r\n\r\n.\r\n..two\nlast"
SENDER, ANN, BOB, EVE = "desk@example.com", "ann@example.com", "bob@example.com", "eve@example.com"


def _mail(port: int, *recipients: str, tls: Tls = Tls.NONE, login: bool = False, **more: object) -> SmtpSend:
    server = MailServer(
        host="localhost", port=port, tls=tls,
        username=USER if login else None, password=PASSWORD if login else None,
    )  # fmt: skip
    given: dict[str, object] = {"sender": SENDER, "message": MAIL, "timeout": 2.0} | more
    return SmtpSend(server=server, recipients=recipients or (ANN,), **given)  # type: ignore[arg-type]  # its fields


@pytest.mark.parametrize("login", [False, True])
@pytest.mark.parametrize("tls", Tls)
@pytest.mark.parametrize("way", ["sync", "async"])
def test_a_mail_arrives_as_it_was(
    drivers: Drivers, server_tls: ssl.SSLContext, tls: Tls, *, login: bool, way: str
) -> None:
    """Encrypted or not, with a login or without: sender, recipients and every line arrive, and the reply is told."""
    implicit, starttls = (server_tls if tls is each else None for each in (Tls.IMPLICIT, Tls.STARTTLS))
    with hosting(Mailhost(), implicit=implicit, starttls=starttls) as host:
        mail = _mail(host.port, ANN, BOB, tls=tls, login=login)
        result = drivers.perform(mail) if way == "sync" else asyncio.run(AsyncDrivers(drivers).perform(mail))
    assert result == SmtpResult(code=250, text="2.0.0 queued as 1", step=SmtpStep.CONTENT)
    [taken] = host.taken
    assert (taken.mail_from, taken.rcpt_tos) == (SENDER, [ANN, BOB])
    assert taken.content == b"From: desk@example.com\r\nSubject: s3cret\r\n\r\n.\r\n..two\r\nlast\r\n"
    assert (SmtpStep.AUTH in host.commands) == login
    assert host.commands[-1] == "quit"


STEPS = list(SmtpStep)
#: What each fault makes of the mail, and whether its words are those of a server.
BROKEN = {
    Fault.CLOSE: {"closed the connection", "reset the connection", "broke the connection within TLS"},
    Fault.RESET: {"reset the connection", "closed the connection", "broke the connection within TLS"},
    Fault.DRIP: {"timed out"},
    Fault.SILENCE: {"timed out"},
    Fault.GARBAGE: {"its answer was no SMTP"},
    Fault.FLOOD: {"it answered too much"},
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("fault", BROKEN)
def test_nothing_is_sent_before_the_final_dot(
    drivers: Drivers, server_tls: ssl.SSLContext, step: SmtpStep, fault: Fault
) -> None:
    """A connection that breaks at any command has sent nothing; after the content it may have. Nobody is held."""
    with hosting(Mailhost(step, fault), starttls=server_tls) as host:
        began = time.monotonic()
        result = drivers.perform(_mail(host.port, tls=Tls.STARTTLS, login=True, timeout=0.6))
        assert time.monotonic() - began < 10
    assert isinstance(result, NoAnswer)
    assert result.reached == (step is SmtpStep.CONTENT)
    at, _, what = result.detail.partition(": ")
    assert at == step
    assert what in BROKEN[fault]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(("fault", "code"), [(Fault.LATER, 451), (Fault.NEVER, 554)])
def test_a_refusal_says_at_which_command(
    drivers: Drivers, server_tls: ssl.SSLContext, step: SmtpStep, fault: Fault, code: int
) -> None:
    """What a server refuses is told with its code and the command: before the recipients it is not about them."""
    with hosting(Mailhost(step, fault), starttls=server_tls) as host:
        result = drivers.perform(_mail(host.port, tls=Tls.STARTTLS, login=True))
    assert isinstance(result, SmtpResult)
    assert (result.code, result.step) == (code, step)
    assert result.refused == ({ANN: code} if step is SmtpStep.RCPT else {})
    assert result.text.startswith("4.3.0" if code == 451 else "5.7.1")


@pytest.mark.parametrize("fault", Fault)
def test_a_failed_farewell_is_no_failure(drivers: Drivers, fault: Fault) -> None:
    """The mail was taken, whatever becomes of QUIT."""
    with hosting(Mailhost("quit", fault)) as host:
        result = drivers.perform(_mail(host.port, timeout=0.6))
    assert isinstance(result, SmtpResult)
    assert (result.code, result.step, len(host.taken)) == (250, SmtpStep.CONTENT, 1)


def test_recipients_are_refused_one_by_one(drivers: Drivers) -> None:
    """A mail goes to those that the server takes; the others are told with their codes."""
    with hosting(Mailhost()) as host:
        host.refused = {BOB: "550 5.1.1 unknown", EVE: "451 4.2.2 full"}
        result = drivers.perform(_mail(host.port, ANN, BOB, EVE, "no address>"))
    assert isinstance(result, SmtpResult)
    assert (result.code, result.refused) == (250, {BOB: 550, EVE: 451, "no address>": 553})
    assert host.taken[0].rcpt_tos == [ANN]


@pytest.mark.parametrize(
    ("refused", "code"),
    [({BOB: "550 5.1.1 unknown", EVE: "451 4.2.2 full"}, 451), ({BOB: "550 5.1.1 unknown", EVE: "554 no"}, 550)],
)
def test_a_mail_that_nobody_may_have_is_refused(drivers: Drivers, refused: dict[str, str], code: int) -> None:
    """Where all are refused the mail is; where one may have it later, so may the mail."""
    with hosting(Mailhost()) as host:
        host.refused = refused
        result = drivers.perform(_mail(host.port, BOB, EVE))
    assert isinstance(result, SmtpResult)
    assert (result.code, result.step) == (code, SmtpStep.RCPT)
    assert result.refused == {address: int(reply[:3]) for address, reply in refused.items()}
    assert SmtpStep.DATA not in host.commands


def test_a_mail_without_recipients_goes_nowhere(drivers: Drivers) -> None:
    """Nobody to send to is a refusal."""
    with hosting(Mailhost()) as host:
        server = MailServer(host="localhost", port=host.port, tls=Tls.NONE)
        result = drivers.perform(SmtpSend(server=server, sender=SENDER, recipients=(), message=MAIL))
    assert isinstance(result, SmtpResult)
    assert (result.code, result.step) == (554, SmtpStep.RCPT)


@pytest.mark.parametrize(
    ("options", "more", "code"),
    [
        ({"data_size_limit": 50}, {"message": b"x" * 60}, 552),
        ({}, {"message": "Subject: x\r\n\r\ncafé".encode()}, 0),
        ({}, {"message": "Subject: café\r\n\r\nx".encode()}, 553),
        ({}, {"sender": "café@example.com"}, 553),
        ({"enable_SMTPUTF8": True}, {"sender": "café@example.com"}, 0),
        ({"enable_SMTPUTF8": True}, {"message": "Subject: café\r\n\r\nx".encode()}, 0),
        ({}, {"sender": "a@b.example>\r\nRCPT TO:<c@d.example"}, 553),
        ({}, {"sender": "a@b.example> RET=FULL"}, 553),
        ({}, {"sender": ""}, 0),
    ],
)
def test_what_the_server_would_not_take_is_not_tried(
    drivers: Drivers, options: dict[str, object], more: dict[str, object], code: int
) -> None:
    """Size, 8-bit content and addresses beyond ASCII are held against what the server offers."""
    with hosting(Mailhost(), **options) as host:
        result = drivers.perform(_mail(host.port, **more))
    assert isinstance(result, SmtpResult)
    if code:
        assert (result.code, result.step, host.taken) == (code, SmtpStep.MAIL, [])
        assert SmtpStep.RCPT not in host.commands
    else:
        [taken] = host.taken
        assert result.code == 250
        assert taken.mail_from == (more.get("sender", SENDER) or "<>")
        assert taken.content.rstrip(b"\r\n") == more.get("message", taken.content.rstrip(b"\r\n"))


_NO_TLS = "5.7.4 the server offers no STARTTLS"
_NO_LOGIN = "5.7.4 the server offers neither AUTH PLAIN nor AUTH LOGIN"


def _without(*offers: bytes) -> object:
    def script(line: Line) -> None:
        line.write(b"220 hello\r\n")
        line.read_line()
        line.write(b"250-hello\r\n", *offers, b"250 HELP\r\n")
        line.read_line()
        line.write(b"221 bye\r\n")

    return script


@pytest.mark.parametrize(
    ("offers", "more", "refusal"),
    [
        ((), {"tls": Tls.STARTTLS}, SmtpResult(code=502, text=_NO_TLS, step=SmtpStep.STARTTLS)),
        ((), {"login": True}, SmtpResult(code=504, text=_NO_LOGIN, step=SmtpStep.AUTH)),
        (
            (b"250-AUTH CRAM-MD5 NTLM\r\n",),
            {"login": True},
            SmtpResult(code=504, text=_NO_LOGIN, step=SmtpStep.AUTH),
        ),
    ],
)
def test_what_the_server_does_not_offer_is_not_done_without(
    drivers: Drivers, offers: tuple[bytes, ...], more: dict[str, object], refusal: SmtpResult
) -> None:
    """A mail that is to be encrypted is not sent in the open, nor one with a login without it; no retry mends that."""
    with playing(_without(*offers)) as peer:  # type: ignore[arg-type]  # a script
        result = drivers.perform(_mail(peer.port, **more))  # type: ignore[arg-type]  # options of `_mail`
    assert result == refusal


@pytest.mark.parametrize("offers", [(), (b"250-DSN\r\n",)])
def test_reports_are_asked_for_where_the_server_makes_them(drivers: Drivers, offers: tuple[bytes, ...]) -> None:
    """The mail gets a name for its reports, in letters that a command can hold; a server that makes none hears none."""
    heard: list[bytes] = []

    def script(line: Line) -> None:
        for answer in (
            b"220 hello\r\n",
            b"250-hello\r\n" + b"".join(offers) + b"250 HELP\r\n",
            b"250 ok\r\n",
            b"550 no\r\n",
        ):
            line.write(answer)
            heard.append(line.read_line().strip())

    with playing(script) as peer:
        drivers.perform(_mail(peer.port, "a+b=c@example.com", report_as="7 é+@firm.example"))
    asked = [
        b" RET=HDRS ENVID=7+20+C3+A9+2B@firm.example",
        b" NOTIFY=SUCCESS,DELAY,FAILURE ORCPT=rfc822;a+2Bb+3Dc@example.com",
    ]
    mail, recipient = asked if offers else (b"", b"")
    assert heard[1:3] == [b"MAIL FROM:<desk@example.com>" + mail, b"RCPT TO:<a+b=c@example.com>" + recipient]


def test_eight_bits_are_not_sent_to_who_does_not_take_them(drivers: Drivers) -> None:
    """Content that a server might cut is refused as the server would."""
    with playing(_without()) as peer:  # type: ignore[arg-type]  # a script
        result = drivers.perform(_mail(peer.port, message="Subject: x\r\n\r\ncafé".encode()))
    assert isinstance(result, SmtpResult)
    assert (result.code, result.step) == (554, SmtpStep.MAIL)


def test_what_came_before_the_encryption_is_forgotten(drivers: Drivers, server_tls: ssl.SSLContext) -> None:
    """Who sits in between cannot slip an answer in ahead of the encrypted ones."""
    heard: list[bytes] = []

    def script(line: Line) -> None:
        line.write(b"220 hello\r\n")
        line.read_line()
        line.write(b"250-hello\r\n250-STARTTLS\r\n250 SIZE 1\r\n")
        line.read_line()
        line.write(b"220 go\r\n250 forged\r\n250 forged\r\n250 forged\r\n")
        line.encrypt(server_tls)
        heard.append(line.read_line())
        line.write(b"250 hello\r\n")
        heard.append(line.read_line())
        line.write(b"550 5.7.1 no\r\n")

    with playing(script) as peer:
        result = drivers.perform(_mail(peer.port, tls=Tls.STARTTLS))
    assert isinstance(result, SmtpResult)
    assert (result.code, result.step) == (550, SmtpStep.MAIL)
    assert heard == [b"ehlo [127.0.0.1]\r\n", b"MAIL FROM:<desk@example.com>\r\n"]


@pytest.mark.parametrize("tls", [Tls.IMPLICIT, Tls.STARTTLS])
def test_a_server_of_another_name_gets_nothing(drivers: Drivers, other_tls: ssl.SSLContext, tls: Tls) -> None:
    """A certificate for another name ends it before the login."""
    implicit, starttls = (other_tls if tls is each else None for each in (Tls.IMPLICIT, Tls.STARTTLS))
    with hosting(Mailhost(), implicit=implicit, starttls=starttls) as host:
        result = drivers.perform(_mail(host.port, tls=tls, login=True))
    step = SmtpStep.CONNECT if tls is Tls.IMPLICIT else SmtpStep.STARTTLS
    assert result == NoAnswer(detail=f"{step}: its certificate was not accepted: Hostname mismatch", reached=False)
    assert SmtpStep.AUTH not in host.commands


def test_nobody_is_there(drivers: Drivers) -> None:
    """A refused connection has sent nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert drivers.perform(_mail(port)) == NoAnswer(detail="connect: refused the connection", reached=False)


def test_the_older_way_to_log_in(drivers: Drivers) -> None:
    """Where only AUTH LOGIN is offered it is taken."""
    with hosting(Mailhost(), auth_exclude_mechanism=["PLAIN"]) as host:
        assert isinstance(result := drivers.perform(_mail(host.port, login=True)), SmtpResult)
    assert (result.code, len(host.taken)) == (250, 1)


def test_a_wrong_password_is_told_at_the_login(drivers: Drivers) -> None:
    """Who is not let in hears so, and the reply's code."""
    with hosting(Mailhost()) as host:
        server = MailServer(host="localhost", port=host.port, tls=Tls.NONE, username=USER, password="wrong")
        result = drivers.perform(SmtpSend(server=server, sender=SENDER, recipients=(ANN,), message=MAIL))
    assert isinstance(result, SmtpResult)
    assert (result.code, result.step, result.text) == (535, SmtpStep.AUTH, "5.7.8")


def test_the_host_says_its_name(authorities: object) -> None:
    """A server hears the name that the host gives itself."""
    heard: list[bytes] = []

    def script(line: Line) -> None:
        line.write(b"220 hello\r\n")
        heard.append(line.read_line())

    with playing(script) as peer, Drivers(name="desk.example.com") as drivers:
        drivers.perform(_mail(peer.port))
    assert heard == [b"ehlo desk.example.com\r\n"]


def test_a_bare_line_end_cannot_end_the_mail(drivers: Drivers) -> None:
    """A dot between bare line ends, by which a second mail could be smuggled, arrives as text."""
    smuggled = b"Subject: x\r\n\r\nhello\n.\nMAIL FROM:<ceo@example.com>\r.\rend\r\n.\r\nQUIT\r\n"
    with hosting(Mailhost()) as host:
        drivers.perform(_mail(host.port, message=smuggled))
    [taken] = host.taken
    assert taken.content == (
        b"Subject: x\r\n\r\nhello\r\n.\r\nMAIL FROM:<ceo@example.com>\r\n.\r\nend\r\n.\r\nQUIT\r\n"
    )


def test_a_large_mail_has_time_to_go_out(drivers: Drivers, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time for the content grows with its size, and a server that stops reading does not hold the worker."""
    monkeypatch.setattr(smtp, "SLOWEST", 10_000_000)
    finished = threading.Event()

    def script(line: Line) -> None:
        line.write(b"220 hello\r\n")
        for answer in (b"250 hello", b"250 ok", b"250 ok", b"354 go"):
            line.read_line()
            line.write(answer, b"\r\n")
        finished.wait(20)

    with playing(script) as peer:
        began = time.monotonic()
        result = drivers.perform(_mail(peer.port, message=b"x" * 70 + b"\r\n" * 6_000_000, timeout=0.3))
        took = time.monotonic() - began
        finished.set()
    assert result == NoAnswer(detail="content: timed out", reached=False)
    assert took < 15


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("fault", [Fault.CLOSE, Fault.NEVER, Fault.GARBAGE])
def test_no_secret_is_logged_or_told(
    drivers: Drivers, server_tls: ssl.SSLContext, caplog: pytest.LogCaptureFixture, *, step: SmtpStep, fault: Fault
) -> None:
    """Neither the result nor a log of ours shows the password, in whatever coding, or the mail."""
    caplog.set_level(logging.DEBUG)
    with hosting(Mailhost(step, fault), starttls=server_tls) as host:
        result = drivers.perform(_mail(host.port, tls=Tls.STARTTLS, login=True))
    ours = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("mail.log"))
    shown = repr(result) + ours
    for secret in (PASSWORD, "s3cret", smtp._base64(PASSWORD), smtp._base64(f"\0{USER}\0{PASSWORD}")):
        assert secret not in shown


def test_a_server_that_quotes_the_password_is_not_repeated(drivers: Drivers) -> None:
    """A reply to the login may hold what was sent in it; only its code is kept."""

    def script(line: Line) -> None:
        line.write(b"220 hello\r\n")
        line.read_line()
        line.write(b"250-hello\r\n250 AUTH PLAIN\r\n")
        line.write(b"535 5.7.8 cannot ", line.read_line())

    with playing(script) as peer:
        result = drivers.perform(_mail(peer.port, login=True))
    assert result == SmtpResult(code=535, text="5.7.8", step=SmtpStep.AUTH)
