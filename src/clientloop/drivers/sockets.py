"""Connections that nobody can hold: each answer has so long, and so many bytes.

A timeout of the operating system starts anew with each byte, so a server that sends one byte a second holds its caller
for ever. Here an answer has a point of time by which all of it must be there. The sockets are sockets to all libraries
that take one, and remain so when TLS is started on them.
"""

import math
import queue
import socket
import ssl
import threading
import time
from pathlib import Path
from typing import Any, TypeAlias

from clientloop.ports.reach import Reach


class Flood(OSError):
    """It answered more than is taken."""


class Forbidden(OSError):
    """None of its addresses may be called."""


class _Timed(socket.socket):
    """What is sent and received counts against an allowance."""

    #: By when all must be there, by `time.monotonic()`; nothing is sent or received before it is set.
    deadline: float = 0.0
    #: How many bytes may still come.
    budget: float = math.inf

    def allow(self, seconds: float, *, size: float = math.inf) -> None:
        """Begin a new allowance.

        Args:
            seconds: How long all that follows may take.
            size: How many bytes may come.
        """
        self.deadline, self.budget = time.monotonic() + seconds, size

    def keep_to_deadline(self) -> None:
        """Set the timeout of the next operation to what is left.

        Raises:
            TimeoutError: Nothing is left.
        """
        self.settimeout(left_until(self.deadline))

    def recv(self, buflen: int = 65536, flags: int = 0) -> bytes:
        """Receive."""
        self.keep_to_deadline()
        received = super().recv(buflen, flags)
        self._spend(len(received))
        return received

    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:  # Any: any kind of buffer
        """Receive into a buffer, as files made of the socket do."""
        self.keep_to_deadline()
        count = super().recv_into(buffer, nbytes or memoryview(buffer).nbytes, flags)
        self._spend(count)
        return count

    def send(self, data: Any, flags: int = 0) -> int:  # Any: any kind of buffer
        """Send some."""
        self.keep_to_deadline()
        return super().send(data, flags)

    def sendall(self, data: Any, flags: int = 0) -> None:  # Any: any kind of buffer
        """Send all; under TLS the base class does it by `send`."""
        self.keep_to_deadline()
        super().sendall(data, flags)

    def _spend(self, count: int) -> None:
        self.budget -= count
        if self.budget < 0:
            raise Flood("it answered too much")


class PlainSocket(_Timed):
    """A timed socket without encryption."""


class TlsSocket(_Timed, ssl.SSLSocket):
    """A timed socket with TLS on it."""


Socket: TypeAlias = PlainSocket | TlsSocket


class TlsContext(ssl.SSLContext):
    """What makes timed sockets of timed sockets; the allowance goes on."""

    sslsocket_class = TlsSocket

    def wrap_socket(self, sock: socket.socket, *arguments: Any, **options: Any) -> TlsSocket:  # Any: as the base
        """Shake hands within what is left."""
        assert isinstance(sock, _Timed)
        deadline, budget = sock.deadline, sock.budget
        sock.keep_to_deadline()
        wrapped = super().wrap_socket(sock, *arguments, **options)
        assert isinstance(wrapped, TlsSocket)
        wrapped.deadline, wrapped.budget = deadline, budget
        return wrapped


def tls_context(authorities: Path | None = None) -> TlsContext:
    """What every connection is encrypted by: TLS 1.2 or later, certificate and name verified.

    Args:
        authorities: A file of certificates (PEM) that are trusted beside those of the system.
    """
    context = TlsContext(ssl.PROTOCOL_TLS_CLIENT)  # verifies certificates and names
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_default_certs()
    if authorities is not None:
        context.load_verify_locations(authorities)
    return context


def dial(host: str, port: int, *, deadline: float, reach: Reach | None = None) -> PlainSocket:
    """Connect: the name is looked up once, and what was found is what is connected to.

    Args:
        host: Name or address.
        port: TCP port.
        deadline: By when it must be connected, by `time.monotonic()`; the socket keeps it.
        reach: Which addresses may be connected to; None for all.

    Raises:
        Forbidden: None of the addresses may be.
        TimeoutError: It took too long.
        OSError: The name is not known, or nobody accepts the connection.
    """
    places = places_of(host, port, deadline=deadline, reach=reach)
    failure: OSError | None = None
    for untried, (family, address) in zip(range(len(places), 0, -1), places, strict=True):
        try:
            # the first of several must not take the time of all
            return _connected(family, address, deadline, left_until(deadline) / untried)
        except OSError as error:
            failure = error
    raise failure or OSError("it has no address")


#: A family of addresses, and one of them with the port. Any: the family says what it is made of.
Place: TypeAlias = tuple[socket.AddressFamily, tuple[Any, ...]]


def places_of(host: str, port: int, *, deadline: float, reach: Reach | None = None) -> list[Place]:
    """Look up what may be connected to.

    Args:
        host: Name or address.
        port: TCP port.
        deadline: By when it must be known, by `time.monotonic()`.
        reach: Which addresses may be connected to; None for all.

    Raises:
        Forbidden: None of the addresses may be.
        TimeoutError: It took too long.
        OSError: The name is not known.
    """
    places = _looked_up(host, port, deadline)
    if reach is None:
        return places
    permitted = set(reach.allowed(host, [str(address[0]) for _, address in places]))
    if not permitted:
        raise Forbidden("no address of it may be called")
    return [place for place in places if place[1][0] in permitted]


def _looked_up(host: str, port: int, deadline: float) -> list[Place]:
    """In a thread of its own, as the system's resolver knows no deadline."""
    answers: queue.SimpleQueue[list[Any] | Exception] = queue.SimpleQueue()  # Any: as `getaddrinfo` has it

    def look_up() -> None:
        try:
            answers.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except OSError as error:
            answers.put(error)
        except ValueError:  # it can be no name
            answers.put(socket.gaierror(socket.EAI_NONAME, "no name"))

    threading.Thread(target=look_up, daemon=True, name="clientloop-resolver").start()
    try:
        answer = answers.get(timeout=left_until(deadline))
    except queue.Empty:
        raise TimeoutError("timed out") from None
    if isinstance(answer, Exception):
        raise answer
    return [(family, address) for family, _type, _protocol, _name, address in answer]


def _connected(family: socket.AddressFamily, address: tuple[Any, ...], deadline: float, seconds: float) -> PlainSocket:
    made = PlainSocket(family, socket.SOCK_STREAM)
    try:
        made.settimeout(seconds)
        made.connect(address)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
    except BaseException:
        made.close()
        raise
    made.deadline = deadline
    return made


def left_until(deadline: float) -> float:
    """Seconds until a point of time.

    Args:
        deadline: By `time.monotonic()`.

    Raises:
        TimeoutError: It has passed.

    >>> left_until(0.0)
    Traceback (most recent call last):
    ...
    TimeoutError: timed out
    """
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    return left
