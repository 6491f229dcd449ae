"""IMAPClient over a timed socket."""

import contextlib
import imaplib
import io
import socket
import time
from collections.abc import Iterator
from typing import cast

from imapclient import IMAPClient  # type: ignore[import-untyped]  # it tells no types
from imapclient.exceptions import IMAPClientError  # type: ignore[import-untyped]  # nor here

from clientloop.drivers.sockets import Flood, Socket, TlsContext, dial
from clientloop.ports.effects import ImapScan, Tls

#: How many bytes an answer may have beside the mails in it.
LARGEST_ANSWER = 4 * 1024 * 1024

#: How long to wait for the answer to LOGOUT, in seconds: nothing depends on it.
PARTING = 2.0

#: What names our IDLE in the server's answers.
IDLE_TAG = b"IDLE1"

#: What imaplib and IMAPClient raise when a server answers what no server should.
NONSENSE = (ValueError, LookupError, TypeError, AttributeError, AssertionError)

#: All that they raise when a server is not there or does not do as it was asked.
BROKEN = (OSError, EOFError, IMAPClientError, *NONSENSE)


class Client(IMAPClient):  # type: ignore[misc]  # the library tells no types
    """An IMAPClient over a timed socket.

    Args:
        look: Where to connect, and how long each answer may take.
        tls: How the connection is encrypted.
    """

    def __init__(self, look: ImapScan, tls: TlsContext) -> None:
        """Connect, and read the greeting."""
        self._imap_made = _Imap4(look, tls)
        self._is_idle = False
        super().__init__(look.server.host, look.server.port, ssl=False)
        self._imap_made.debug = 0  # IMAPClient has all that is received logged, mails included

    # The place for another connection; pyright infers the result from the ones that IMAPClient makes itself.
    def _create_IMAP4(self) -> imaplib.IMAP4:  # noqa: N802  # pyright: ignore[reportIncompatibleMethodOverride]
        return self._imap_made

    def allow(self, seconds: float, *, size: int = LARGEST_ANSWER) -> None:
        """Begin a new allowance."""
        self._imap_made.timed_socket().allow(seconds, size=size)

    def idle_lines(self) -> Iterator[bytes]:
        """What the server says from now on; first what it said by the way."""
        _type, counts = self._imap_made.response("EXISTS")
        yield from (b"* %b EXISTS" % count for count in counts if count)
        self._imap_made.send(IDLE_TAG + b" IDLE\r\n")
        self._is_idle = True
        while line := self._imap_made.readline():
            yield line
        raise EOFError

    def part(self) -> None:
        """Say goodbye, if somebody is there, and close."""
        with contextlib.suppress(*BROKEN):
            self.allow(PARTING)
            if self._is_idle:
                self._imap_made.send(b"DONE\r\n")
            self._imap_made.logout()
        with contextlib.suppress(OSError):
            self._imap_made.shutdown()


class _Imap4(imaplib.IMAP4):
    """An imaplib connection over a timed socket."""

    def __init__(self, look: ImapScan, tls: TlsContext) -> None:
        self._look, self._tls = look, tls
        super().__init__(look.server.host, look.server.port)

    def read(self, size: int) -> bytes:
        """Receive so many bytes; imaplib would first make room for as many as a server says."""
        if size > self.timed_socket().budget + io.DEFAULT_BUFFER_SIZE:  # some of them may be here already
            raise Flood("it answered too much")
        return super().read(size)

    def readline(self) -> bytes:
        """Receive a line; one that is too long is no refusal of a command, for which imaplib takes it."""
        try:
            return super().readline()
        except imaplib.IMAP4.error:
            raise Flood("it answered too much") from None

    def timed_socket(self) -> Socket:
        """What all goes over."""
        return cast("Socket", self.sock)  # as made here

    def _create_socket(self, _timeout: float | None = None) -> socket.socket:
        server, timeout = self._look.server, self._look.timeout
        made = dial(server.host, server.port, deadline=time.monotonic() + timeout)
        if server.tls is Tls.IMPLICIT:
            wrapped = self._tls.wrap_socket(made, server_hostname=server.host)
            wrapped.allow(timeout, size=LARGEST_ANSWER)
            return wrapped
        made.allow(timeout, size=LARGEST_ANSWER)
        return made
