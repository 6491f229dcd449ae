"""HTTP by httpcore2: one request and its answer, nothing else.

No redirect is followed, no cookie kept, no proxy taken from the environment, no encoding undone. The whole answer has
one deadline and one limit of size.
"""

import os
import selectors
import ssl
import time
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any
from urllib.parse import quote, urlsplit

import httpcore2

from clientloop.drivers.failures import words_of
from clientloop.drivers.sockets import Flood, PlainSocket, Socket, TlsContext, dial
from clientloop.errors import InvalidValue
from clientloop.ports.effects import HttpCall, HttpResult, NoAnswer
from clientloop.ports.reach import SCHEMES, Reach, Target, read_url

#: How many seconds an idle connection is kept. Servers close theirs after 5 to 75; a request that meets the closing is
#: told as "may have arrived".
KEPT_IDLE = 4.0

#: How many idle connections are kept.
MOST_IDLE = 20

#: What the driver itself says of a request, whatever the adapter gave: two readings of it must not be possible.
_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection"})

#: What a broken exchange raises.
FAILURES = (OSError, httpcore2.NetworkError, httpcore2.TimeoutException, httpcore2.ProtocolError)


class Progress:
    """Whether any of a request may have left."""

    def __init__(self) -> None:
        """Nothing has."""
        self.sent = False

    def note(self, event: str, _told: object) -> None:
        """Hear from httpcore2 what it is about to do."""
        self.sent = self.sent or event.endswith("send_request_headers.started")

    async def hear(self, event: str, told: object) -> None:
        """The same, where it is awaited."""
        self.note(event, told)

    def without_answer(self, error: BaseException) -> NoAnswer:
        """What the adapter is told of a failure.

        Args:
            error: One of `FAILURES`.

        Raises:
            InvalidValue: The request itself was none.
        """
        if isinstance(error, httpcore2.LocalProtocolError):
            raise _not_a_request() from None
        if isinstance(error, httpcore2.ProtocolError):
            return NoAnswer(detail="its answer was no HTTP", reached=self.sent)
        return NoAnswer(detail=words_of(_cause(error)), reached=self.sent)


def _cause(error: BaseException) -> BaseException:
    """What the system said first; httpcore2 raises `from None`, so only the context tells."""
    if isinstance(error, OSError):
        return error
    cause: BaseException = ConnectionAbortedError()
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, OSError) and not isinstance(found, (ssl.SSLWantReadError, ssl.SSLWantWriteError)):
            cause = found
        found = found.__cause__ or found.__context__
    return cause


def request_of(call: HttpCall, extensions: dict[str, Any]) -> httpcore2.Request:  # Any: as httpcore2 has it
    """The request that a call is.

    Args:
        call: What the adapter asked for.
        extensions: What httpcore2 is told beside it.

    Raises:
        InvalidValue: The URL or a header field cannot be sent. It is not repeated, as it may hold secrets.
    """
    target = call.reach.target(call.url) if call.reach is not None else read_url(call.url)
    try:
        host = target.host.encode("ascii" if target.host.isascii() else "idna")
        headers = [(b"Host", _authority(host, target)), *_fields(call)]
        url = httpcore2.URL(scheme=target.scheme.encode(), host=host, port=target.port, target=_path(call.url))
    except UnicodeError:  # quotes what it could not encode
        raise _not_a_request() from None
    return httpcore2.Request(
        call.method.encode(errors="replace"), url, headers=headers, content=call.body, extensions=extensions
    )


def _authority(host: bytes, target: Target) -> bytes:
    name = b"[%b]" % host if b":" in host else host
    return name if target.port == SCHEMES[target.scheme] else b"%b:%d" % (name, target.port)


def _fields(call: HttpCall) -> Iterable[tuple[bytes, bytes]]:
    given = {name.lower(): (name.encode("ascii"), value.encode()) for name, value in call.headers.items()}
    defaults = {
        "accept": (b"Accept", b"*/*"),
        "accept-encoding": (b"Accept-Encoding", b"identity"),  # a small answer that unpacks to gigabytes is none
        "user-agent": (b"User-Agent", f"clientloop/{version('clientloop')}".encode()),
    }
    yield from (field for name, field in (defaults | given).items() if name not in _OURS)
    if call.body or call.method in {"POST", "PUT", "PATCH"}:
        yield b"Content-Length", b"%d" % len(call.body)


def _path(url: str) -> bytes:
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return quote(f"{parts.path or '/'}{query}", safe="!$%&'()*+,/:;=?@[]~").encode()


def _not_a_request() -> InvalidValue:
    return InvalidValue("this is no HTTP request", hint="check the method, the host and the header fields")


def result_of(response: httpcore2.Response, body: bytes) -> HttpResult:
    """What the adapter is told of an answer; several fields of one name are joined by commas.

    Args:
        response: Status and header fields.
        body: The whole body.
    """
    headers: dict[str, str] = {}
    for raw_name, raw_value in response.headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return HttpResult(status=response.status, headers=headers, body=body)


class Body:
    """The body of an answer while it comes in.

    Args:
        largest: How many bytes are taken.
    """

    def __init__(self, largest: int) -> None:
        """Nothing is there."""
        self._chunks: list[bytes] = []
        self._left = largest

    def add(self, chunk: bytes) -> None:
        """Take what came.

        Raises:
            Flood: It is too much.
        """
        self._left -= len(chunk)
        if self._left < 0:
            raise Flood("it answered too much")
        self._chunks.append(chunk)

    def whole(self) -> bytes:
        """All that came."""
        return b"".join(self._chunks)


class HttpCalls:
    """Makes HTTP calls, over connections that are kept for the next; may be used by many threads and after a fork.

    Args:
        tls: How connections are encrypted.
        largest: How many bytes of a body are taken.
    """

    def __init__(self, *, tls: TlsContext, largest: int) -> None:
        """Open no connection yet."""
        self._tls, self._largest = tls, largest
        self._pools: dict[Reach | None, httpcore2.ConnectionPool] = {}
        self._parents: list[httpcore2.ConnectionPool] = []
        self._process = os.getpid()

    def perform(self, call: HttpCall) -> HttpResult | NoAnswer:
        """Make one call.

        Args:
            call: What the adapter asked for.

        Raises:
            InvalidValue: It cannot be sent, or its URL may not be called.
        """
        progress, body = Progress(), Body(self._largest)
        by = time.monotonic() + call.timeout
        # httpcore2 passes timeouts on to our own streams, which read them as points of time
        extensions = {"timeout": {"connect": by, "read": by, "write": by}, "trace": progress.note}
        request = request_of(call, extensions)
        try:
            response = self._pool(call.reach).handle_request(request)
            try:
                for chunk in response.iter_stream():
                    body.add(chunk)
            finally:
                response.close()
        except FAILURES as error:
            return progress.without_answer(error)
        return result_of(response, body.whole())

    def _pool(self, reach: Reach | None) -> httpcore2.ConnectionPool:
        """The connections that were opened under one rule; those of another are not for its calls."""
        if self._process != os.getpid():
            # connections that came by a fork are the parent's; not even closed, as its locks may be held for ever
            self._parents += self._pools.values()
            self._pools, self._process = {}, os.getpid()
        return self._pools.get(reach) or self._pools.setdefault(reach, self._opened(reach))

    def _opened(self, reach: Reach | None) -> httpcore2.ConnectionPool:
        return httpcore2.ConnectionPool(
            ssl_context=self._tls,
            max_connections=None,  # as many as there are threads
            max_keepalive_connections=MOST_IDLE,
            keepalive_expiry=KEPT_IDLE,
            network_backend=_Dialler(reach),
        )

    def close(self) -> None:
        """Close all connections; the next call opens new ones."""
        pools, self._pools = self._pools, {}
        for pool in pools.values():
            pool.close()


class _Dialler(httpcore2.NetworkBackend):
    """Connects for httpcore2, to addresses that may be called."""

    def __init__(self, reach: Reach | None) -> None:
        self._reach = reach

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *_unused: object, **_options: object
    ) -> httpcore2.NetworkStream:
        """Connect by a point of time."""
        assert timeout is not None
        return _Stream(dial(host, port, deadline=timeout, reach=self._reach))


class _Stream(httpcore2.NetworkStream):
    """A timed socket as httpcore2 wants it; its timeouts are points of time."""

    def __init__(self, sock: Socket) -> None:
        self._socket = sock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Receive some."""
        self._set(timeout)
        return self._socket.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all."""
        self._set(timeout)
        try:
            self._socket.sendall(buffer)
        except TimeoutError:
            raise
        except OSError as error:
            # httpcore2 then looks for an answer: servers refuse before they have read all
            raise httpcore2.WriteError(words_of(error)) from error

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        """Shake hands."""
        self._set(timeout)
        try:
            return _Stream(ssl_context.wrap_socket(self._socket, server_hostname=server_hostname))  # type: ignore[arg-type]  # our own context makes a `TlsSocket`
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close."""
        self._socket.close()

    def get_extra_info(self, info: str) -> Any:  # Any: as httpcore2 has it
        """Whether an idle connection is readable, which means that it has ended; and what TLS agreed on."""
        if info == "is_readable":
            return _is_readable(self._socket)
        return self._socket if info == "ssl_object" and not isinstance(self._socket, PlainSocket) else None

    def _set(self, deadline: float | None) -> None:
        assert deadline is not None
        self._socket.deadline = deadline


def _is_readable(sock: Socket) -> bool:
    if sock.fileno() < 0:
        return True
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_READ)
        return bool(selector.select(0))
