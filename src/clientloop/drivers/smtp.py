"""SMTP by smtplib: one mail over one connection, command by command.

Nothing has been sent before the final dot, whatever breaks; what breaks after it may have been.
"""

import base64
import contextlib
import re
import smtplib
import time
from collections.abc import Iterator

from clientloop.drivers.failures import words_of
from clientloop.drivers.sockets import Socket, TlsContext, dial
from clientloop.ports.effects import NoAnswer, SmtpResult, SmtpSend, SmtpStep, Tls

#: How many bytes one reply of a server may have.
LARGEST_REPLY = 64 * 1024

#: How much of a reply's text is kept, in characters.
LONGEST_TEXT = 500

#: At how many bytes a second a mail goes out at the slowest; a large one has that much more time.
SLOWEST = 32 * 1024

#: How long to wait for the answer to QUIT, in seconds: nothing depends on it.
PARTING = 2.0

#: The reply codes that let the dialogue go on.
_GOOD = {
    SmtpStep.CONNECT: {220},
    SmtpStep.EHLO: {250},
    SmtpStep.STARTTLS: {220},
    SmtpStep.AUTH: {235},
    SmtpStep.MAIL: {250},
    SmtpStep.RCPT: {250, 251, 252},
    SmtpStep.DATA: {354},
    SmtpStep.CONTENT: {250},
}


class _Refused(Exception):
    """The server, or this driver in its words, refuses the mail."""

    def __init__(self, result: SmtpResult) -> None:
        super().__init__()
        self.result = result


class _Broken(Exception):
    """The dialogue cannot go on."""


def hand_over(mail: SmtpSend, *, tls: TlsContext, name: str | None = None) -> SmtpResult | NoAnswer:
    """Hand one mail to a server.

    Args:
        mail: What the adapter asked for.
        tls: How the connection is encrypted.
        name: How to call ourselves to the server; its view of our address if not given.
    """
    dialogue = _Dialogue(mail, tls, name)
    try:
        return dialogue.run()
    except _Refused as refusal:
        dialogue.part()
        return refusal.result
    except _Broken as fault:
        return dialogue.broken(str(fault))
    except smtplib.SMTPServerDisconnected as error:  # smtplib says so of whatever happened to the connection
        cause = error.__context__
        return dialogue.broken(words_of(cause if isinstance(cause, OSError) else EOFError()))
    except smtplib.SMTPException:
        return dialogue.broken("its answer was no SMTP")
    except OSError as error:
        return dialogue.broken(words_of(error))
    finally:
        dialogue.close()


class _Dialogue:
    """One connection, from the greeting to QUIT."""

    def __init__(self, mail: SmtpSend, tls: TlsContext, name: str | None) -> None:
        self._mail, self._tls, self._name = mail, tls, name
        self._content = _lines(mail.message)
        self._step = SmtpStep.CONNECT
        self._dotted = False
        self._socket: Socket
        self._smtp = smtplib.SMTP(local_hostname=name or "localhost")  # or it would ask DNS for a name

    def run(self) -> SmtpResult:
        """All of it, as far as the server goes along."""
        self._connect()
        self._introduce()
        if self._mail.server.tls is Tls.STARTTLS:
            self._start_tls()
        if self._mail.server.username is not None:
            self._log_in(self._mail.server.username, self._mail.server.password or "")
        self._ask(SmtpStep.MAIL, f"MAIL FROM:<{self._mail.sender}>{''.join(self._parameters())}")
        refused = self._name_recipients()
        self._ask(SmtpStep.DATA, "DATA")
        code, text = self._hand_over_content()
        self.part()
        return SmtpResult(code=code, text=text, refused=refused)

    def broken(self, why: str) -> NoAnswer:
        """What the adapter is told when no answer came."""
        return NoAnswer(detail=f"{self._step}: {why}", reached=self._dotted)

    def part(self) -> None:
        """Say goodbye; what comes of it changes nothing."""
        with contextlib.suppress(OSError, smtplib.SMTPException):
            self._allow(min(PARTING, self._mail.timeout))
            self._smtp.docmd("QUIT")

    def close(self) -> None:
        """Close the connection."""
        with contextlib.suppress(OSError):
            self._smtp.close()

    def _connect(self) -> None:
        server = self._mail.server
        self._use(dial(server.host, server.port, deadline=time.monotonic() + self._mail.timeout))
        if server.tls is Tls.IMPLICIT:
            self._encrypt()
        self._allow(self._mail.timeout)
        self._judge(*self._smtp.getreply())

    def _introduce(self) -> None:
        self._step = SmtpStep.EHLO
        self._allow(self._mail.timeout)
        self._judge(*self._smtp.ehlo(self._name or _literal(self._socket)))

    def _start_tls(self) -> None:
        if not self._smtp.has_extn("starttls"):
            self._refuse(502, "5.7.4 the server offers no STARTTLS", step=SmtpStep.STARTTLS)
        self._ask(SmtpStep.STARTTLS, "STARTTLS")
        self._encrypt()
        self._introduce()  # what was offered before could come from anybody

    def _encrypt(self) -> None:
        self._use(self._tls.wrap_socket(self._socket, server_hostname=self._mail.server.host))

    def _use(self, sock: Socket) -> None:
        self._socket = self._smtp.sock = sock
        self._smtp.file = None  # with what may have come before the encryption

    def _log_in(self, username: str, password: str) -> None:
        self._step = SmtpStep.AUTH
        offered = self._smtp.esmtp_features.get("auth", "").upper().split()
        if "PLAIN" in offered:
            self._ask(SmtpStep.AUTH, "AUTH PLAIN " + _base64(f"\0{username}\0{password}"))
        elif "LOGIN" in offered:
            self._ask(SmtpStep.AUTH, "AUTH LOGIN", good={334})
            self._ask(SmtpStep.AUTH, _base64(username), good={334})
            self._ask(SmtpStep.AUTH, _base64(password))
        else:
            self._refuse(504, "5.7.4 the server offers neither AUTH PLAIN nor AUTH LOGIN")

    def _parameters(self) -> Iterator[str]:
        """What MAIL says of the mail; refused here is what the server says it would not take."""
        self._step = SmtpStep.MAIL
        offers = self._smtp.esmtp_features
        if "size" in offers:
            largest = int(offers["size"]) if _NUMBER.fullmatch(offers["size"]) else 0
            if 0 < largest < len(self._content):
                self._refuse(552, f"5.3.4 the mail is larger than {largest} bytes, which the server takes at most")
            yield f" SIZE={len(self._content)}"
        if not self._content.isascii():
            if "8bitmime" not in offers:
                self._refuse(554, "5.6.3 the mail has 8-bit content, which the server does not take")
            yield " BODY=8BITMIME"
        if self._is_international():
            if "smtputf8" not in offers:
                self._refuse(553, "5.6.7 the mail has addresses beyond ASCII, which the server does not take")
            self._smtp.command_encoding = "utf-8"
            yield " SMTPUTF8"
        if not _is_mailbox(self._mail.sender, empty=True):
            self._refuse(553, "5.1.7 the sender's address is none")
        if self._reports:
            yield f" RET=HDRS ENVID={_xtext(self._mail.report_as or '')}"

    @property
    def _reports(self) -> bool:
        """Whether to ask for reports (RFC 3461)."""
        return self._mail.report_as is not None and self._smtp.has_extn("dsn")

    def _report_on(self, recipient: str) -> str:
        """What RCPT says of reports; the parameter that repeats the address has no form for one beyond ASCII."""
        if not self._reports:
            return ""
        original = f" ORCPT=rfc822;{_xtext(recipient)}" if recipient.isascii() else ""
        return f" NOTIFY=SUCCESS,DELAY,FAILURE{original}"

    def _is_international(self) -> bool:
        addresses = (self._mail.sender, *self._mail.recipients)
        return not (all(map(str.isascii, addresses)) and self._content.partition(b"\r\n\r\n")[0].isascii())

    def _name_recipients(self) -> dict[str, int]:
        refused: dict[str, SmtpResult] = {}
        for recipient in self._mail.recipients:
            try:
                if not _is_mailbox(recipient):
                    self._refuse(553, "5.1.3 the recipient's address is none", step=SmtpStep.RCPT)
                self._ask(SmtpStep.RCPT, f"RCPT TO:<{recipient}>{self._report_on(recipient)}")
            except _Refused as refusal:
                if refusal.result.code == 421:  # the server leaves
                    raise
                refused[recipient] = refusal.result
        if len(refused) == len(set(self._mail.recipients)):
            raise _Refused(_of_all(refused))
        return {recipient: refusal.code for recipient, refusal in refused.items()}

    def _hand_over_content(self) -> tuple[int, str]:
        self._step = SmtpStep.CONTENT
        self._allow(self._mail.timeout + len(self._content) / SLOWEST)
        self._socket.sendall(_LINE_START_DOT.sub(b"..", self._content))
        self._allow(self._mail.timeout)
        self._dotted = True
        self._socket.sendall(b".\r\n")
        return self._judge(*self._smtp.getreply())

    def _ask(self, step: SmtpStep, command: str, *, good: set[int] | None = None) -> None:
        self._step = step
        self._allow(self._mail.timeout)
        self._judge(*self._smtp.docmd(command), good=good)

    def _allow(self, seconds: float) -> None:
        self._socket.allow(seconds, size=LARGEST_REPLY)

    def _judge(self, code: int, text: bytes, *, good: set[int] | None = None) -> tuple[int, str]:
        if code in (good or _GOOD[self._step]):
            return code, self._readable(text)
        if 400 <= code < 600:
            self._refuse(code, self._readable(text))
        raise _Broken(f"it answered {code}" if code > 0 else "its answer was no SMTP")

    def _readable(self, text: bytes) -> str:
        """A reply's text; after a login it could hold what we sent."""
        if self._step is SmtpStep.AUTH:
            found = _ENHANCED.match(text)
            return found[0].decode() if found else ""
        return " ".join(text.decode("utf-8", "replace").split())[:LONGEST_TEXT]

    def _refuse(self, code: int, text: str, *, step: SmtpStep | None = None) -> None:
        raise _Refused(SmtpResult(code=code, text=text, step=step or self._step))


_NOT_IN_ADDRESS = re.compile(r"[\x00-\x20<>\x7f\ud800-\udfff]")
_NOT_IN_XTEXT = re.compile(r"[^!-*,-<>-~]")
_NUMBER = re.compile(r"\d{1,18}", re.ASCII)
_ENHANCED = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}")
_LINE_END = re.compile(rb"\r\n|\r|\n")
_LINE_START_DOT = re.compile(rb"(?m)^\.")


def _lines(message: bytes) -> bytes:
    """The mail with CRLF at the end of each line: a bare CR or LF could end the mail for one server and not another."""
    content = _LINE_END.sub(b"\r\n", message)
    return content if content.endswith(b"\r\n") else content + b"\r\n"


def _is_mailbox(address: str, *, empty: bool = False) -> bool:
    """Whether an address can stand between angle brackets."""
    return bool(address or empty) and not _NOT_IN_ADDRESS.search(address)


def _xtext(text: str) -> str:
    """Text as a parameter holds it (RFC 3461, 4)."""
    return _NOT_IN_XTEXT.sub(lambda found: "".join(f"+{byte:02X}" for byte in found[0].encode()), text)


def _literal(sock: Socket) -> str:
    """Our own address as a name (RFC 5321, 4.1.3)."""
    address = str(sock.getsockname()[0])
    return f"[IPv6:{address.partition('%')[0]}]" if ":" in address else f"[{address}]"


def _base64(text: str) -> str:
    return base64.b64encode(text.encode(errors="surrogateescape")).decode()


def _of_all(refused: dict[str, SmtpResult]) -> SmtpResult:
    """The answer for the mail if nobody may have it; where one may have it later, it is tried later."""
    refusals = [*refused.values()] or [SmtpResult(code=554, text="5.5.1 the mail has no recipient", step=SmtpStep.RCPT)]
    worst = min(refusals, key=lambda refusal: refusal.code)
    return SmtpResult(
        code=worst.code,
        text=worst.text,
        step=SmtpStep.RCPT,
        refused={recipient: refusal.code for recipient, refusal in refused.items()},
    )
