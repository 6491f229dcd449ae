"""HTTP by httpcore2, synchronously, over timed sockets."""

import os
import selectors
import ssl
import time
from typing import Any

import httpcore2

from clientloop.drivers.failures import words_of
from clientloop.drivers.http import FAILURES, KEPT_IDLE, MOST_IDLE, Body, Progress, request_of, result_of
from clientloop.drivers.sockets import PlainSocket, Socket, TlsContext, dial
from clientloop.ports.effects import HttpCall, HttpResult, NoAnswer
from clientloop.ports.reach import Reach


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
