"""HTTP by httpcore2, awaited: the same requests, answers and failures as `clientloop.drivers.http`."""

import ssl
import time
from functools import partial

import anyio
import anyio.to_thread
import httpcore2

from clientloop.drivers.http import FAILURES, KEPT_IDLE, MOST_IDLE, Body, Progress, request_of, result_of
from clientloop.drivers.sockets import left_until, places_of
from clientloop.ports.effects import HttpCall, HttpResult, NoAnswer
from clientloop.ports.reach import Reach


class AsyncHttpCalls:
    """Makes HTTP calls, over connections that are kept for the next; belongs to one event loop.

    Args:
        tls: How connections are encrypted.
        largest: How many bytes of a body are taken.
    """

    def __init__(self, *, tls: ssl.SSLContext, largest: int) -> None:
        """Open no connection yet."""
        self._tls, self._largest = tls, largest
        self._pools: dict[Reach | None, httpcore2.AsyncConnectionPool] = {}

    async def perform(self, call: HttpCall) -> HttpResult | NoAnswer:
        """Make one call.

        Args:
            call: What the adapter asked for.

        Raises:
            InvalidValue: It cannot be sent, or its URL may not be called.
        """
        progress, body = Progress(), Body(self._largest)
        # httpcore2 passes the timeout for connecting on to our own backend, which reads it as a point of time
        extensions = {"timeout": {"connect": time.monotonic() + call.timeout}, "trace": progress.hear}
        request = request_of(call, extensions)
        try:
            with anyio.fail_after(call.timeout):
                response = await self._pool(call.reach).handle_async_request(request)
                try:
                    async for chunk in response.aiter_stream():
                        body.add(chunk)
                finally:
                    await response.aclose()
        except FAILURES as error:
            return progress.without_answer(error)
        return result_of(response, body.whole())

    def _pool(self, reach: Reach | None) -> httpcore2.AsyncConnectionPool:
        """The connections that were opened under one rule; those of another are not for its calls."""
        if reach not in self._pools:
            self._pools[reach] = httpcore2.AsyncConnectionPool(
                ssl_context=self._tls,
                max_connections=None,  # as many as there are tasks
                max_keepalive_connections=MOST_IDLE,
                keepalive_expiry=KEPT_IDLE,
                network_backend=_Dialler(reach),
            )
        return self._pools[reach]

    async def close(self) -> None:
        """Close all connections; the next call opens new ones."""
        pools, self._pools = self._pools, {}
        for pool in pools.values():
            await pool.aclose()


class _Dialler(httpcore2.AsyncNetworkBackend):
    """Connects for httpcore2, to addresses that may be called."""

    def __init__(self, reach: Reach | None) -> None:
        self._reach = reach
        # pyright takes it for what httpcore2 has in its place where anyio is missing
        self._sockets: httpcore2.AsyncNetworkBackend = httpcore2.AnyIOBackend()  # pyright: ignore[reportAttributeAccessIssue]

    async def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *_unused: object, **_options: object
    ) -> httpcore2.AsyncNetworkStream:
        """Connect by a point of time."""
        assert timeout is not None
        look_up = partial(places_of, host, port, deadline=timeout, reach=self._reach)
        places = await anyio.to_thread.run_sync(look_up, abandon_on_cancel=True)
        failure: Exception = OSError("it has no address")
        for untried, (_family, address) in zip(range(len(places), 0, -1), places, strict=True):
            try:
                # the first of several must not take the time of all
                return await self._sockets.connect_tcp(str(address[0]), port, timeout=left_until(timeout) / untried)
            except (OSError, httpcore2.NetworkError, httpcore2.TimeoutException) as error:
                failure = error
        raise failure
