"""aiosmtpd in a thread, with a fault wherever a test wants one."""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Generator
from enum import StrEnum
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from clientloop.ports.effects import SmtpStep

#: Whom the host lets in.
USER, PASSWORD = "desk", "s3crét pass"


class Fault(StrEnum):
    """What goes wrong at a step."""

    CLOSE = "close"
    RESET = "reset"
    LATER = "later"
    NEVER = "never"
    DRIP = "drip"
    SILENCE = "silence"
    GARBAGE = "garbage"
    FLOOD = "flood"


REPLIES = {
    Fault.LATER: b"451 4.3.0 try later\r\n",
    Fault.NEVER: b"554 5.7.1 not from you\r\n",
    Fault.GARBAGE: b"HTTP/1.1 400 Bad Request\r\n",
}


class Mailhost:
    """What a host took, and where it fails."""

    def __init__(self, at: str | None = None, fault: Fault | None = None) -> None:
        """Fail at one step, or never."""
        self.at, self.fault = at, fault
        self.taken: list[Envelope] = []
        self.commands: list[str] = []
        self.refused: dict[str, str] = {}
        self.port = 0
        self.lines: list[Faulty] = []

    async def handle_RCPT(  # noqa: N802  # as aiosmtpd calls it
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Refuse those that are to be refused."""
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: "Faulty", _session: Session, envelope: Envelope) -> str:  # noqa: N802  # likewise
        """Take the mail, and then perhaps fail to say so."""
        self.taken.append(envelope)
        if await server.fail(SmtpStep.CONTENT):
            return "250 too late to be heard"
        return "250 2.0.0 queued as 1"

    def authenticate(self, _server: SMTP, _session: Session, _mail: Envelope, _way: str, data: object) -> AuthResult:
        """Let one user in."""
        assert isinstance(data, LoginPassword)
        return AuthResult(success=(data.login, data.password) == (USER.encode(), PASSWORD.encode()), handled=False)


class Faulty(SMTP):
    """The server, with one fault."""

    def __init__(self, host: Mailhost, **options: Any) -> None:
        """Know the host."""
        self._mailhost = host
        self._greeted = False
        host.lines.append(self)
        super().__init__(
            host, hostname="mail.example.com", authenticator=host.authenticate, auth_require_tls=False,
            decode_data=False, loop=asyncio.get_running_loop(), **options,
        )  # fmt: skip

    async def push(self, status: Any) -> None:
        """Reply, unless the connection is to fail at the greeting."""
        greeting, self._greeted = not self._greeted, True
        if not (greeting and await self.fail(SmtpStep.CONNECT)):
            await super().push(status)

    async def fail(self, step: str) -> bool:
        """Do the fault if this is its place."""
        self._mailhost.commands.append(step)
        if step != self._mailhost.at or self._mailhost.fault is None:
            return False
        fault, writer = self._mailhost.fault, self._writer
        with contextlib.suppress(ConnectionError):
            if fault in REPLIES:
                writer.write(REPLIES[fault])
            for _ in range(400 if fault is Fault.DRIP else 0):
                writer.write(b"2")
                await asyncio.sleep(0.05)
            for _ in range(400 if fault is Fault.SILENCE else 0):
                await asyncio.sleep(0.05 if not writer.is_closing() else 0)
            while fault is Fault.FLOOD and not writer.is_closing():
                writer.write(b"250-more and more\r\n" * 100)
                await asyncio.sleep(0)
        if fault in (Fault.CLOSE, Fault.GARBAGE):
            writer.close()
        if fault is Fault.RESET:
            writer.transport.abort()
        return True


def _at(step: SmtpStep | str) -> Any:
    name = f"smtp_{step.upper()}"

    async def command(self: Faulty, argument: str | None) -> None:
        if not await self.fail(step):
            await getattr(SMTP, name)(self, argument)

    return command


for each in (SmtpStep.EHLO, SmtpStep.STARTTLS, SmtpStep.AUTH, SmtpStep.MAIL, SmtpStep.RCPT, SmtpStep.DATA, "quit"):
    setattr(Faulty, f"smtp_{each.upper()}", _at(each))


@contextlib.contextmanager
def hosting(
    host: Mailhost, *, implicit: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None, **options: Any
) -> Generator[Mailhost]:
    """The host, for the time of the block."""
    started = threading.Event()
    stop: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def serve() -> None:
        loop, ending = asyncio.get_running_loop(), asyncio.Event()
        stop.append((loop, ending))
        loop.set_exception_handler(lambda _loop, _context: None)  # connections that break are what is tested
        server = await loop.create_server(
            lambda: Faulty(host, tls_context=starttls, **options), "127.0.0.1", 0, ssl=implicit
        )
        host.port = server.sockets[0].getsockname()[1]
        started.set()
        await ending.wait()
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        for line in host.lines:
            if line.transport is not None:  # it is none where the connection has ended
                line.transport.abort()
        await asyncio.sleep(0.01)  # in which transports close

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert started.wait(10)
    try:
        yield host
    finally:
        loop, ending = stop[0]
        loop.call_soon_threadsafe(ending.set)
        thread.join(20)
        assert not thread.is_alive()
