"""Forms under an address of a site: a WSGI and an ASGI application that any framework can mount.

Both turn a request into `Raw`, refuse what is too long while they read it, and write the reply. A GET hands the form
out; a POST goes to the handler of the application, which verifies, stores and parses it, and answers. Where `verify`
refused it, the handler answers 403, and the customer gets the form once more, filled in.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from http import HTTPStatus
from http.client import responses
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from wsgiref.util import request_uri

from attrs import evolve

from clientloop.channels.form.channel import FormChannel
from clientloop.errors import NotSupported
from clientloop.ports.clock import Clock, SystemClock
from clientloop.ports.events import Raw, Reply

if TYPE_CHECKING:
    from wsgiref.types import InputStream, StartResponse, WSGIEnvironment

#: Takes a post and answers it.
Handler = Callable[[Raw], Reply]

# Any: what ASGI calls a scope and an event are mappings of whatever their type says
_Event = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Event]]
_Send = Callable[[_Event], Awaitable[None]]

_WITHOUT_BODY = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})
_METHODS = ("GET", "HEAD", "POST")
_PIECE = 65_536


class _TooLong(Exception):
    """More came than is taken."""


class _Broken(Exception):
    """Less came than was announced, or the announcement is no number."""


class _FormApp:
    """What both applications do between reading and writing.

    Args:
        channel: Has the form.
        form: Name of the form.
        handler: Takes the posts.
        clock: Tells the time.

    Raises:
        UnknownName: The channel has no such form.
    """

    def __init__(self, channel: FormChannel, form: str, handler: Handler, *, clock: Clock | None = None) -> None:
        """Find the form, so that a misspelt name fails at the start."""
        self._channel, self._handler, self._clock = channel, handler, clock or SystemClock()
        self._form = channel.config.form(form).name
        self._longest = channel.config.limits.body

    def _answer(self, raw: Raw) -> Reply:
        if raw.method not in _METHODS:
            return _plain(HTTPStatus.METHOD_NOT_ALLOWED, Allow=", ".join(_METHODS))
        if raw.method != "POST":
            return self._channel.page(self._form, raw, now=self._clock.now(), nonce=secrets.token_hex(16))
        reply = self._handler(raw)
        if reply.status == HTTPStatus.FORBIDDEN:
            return self._channel.again(self._form, raw, now=self._clock.now(), nonce=secrets.token_hex(16))
        return reply

    def _announced(self, given: str | None) -> int | None:
        """The length that a request says its body has; None if it says nothing."""
        if not given:
            return None
        if not given.isascii() or not given.isdigit() or len(given) > 18:
            raise _Broken
        if int(given) > self._longest:
            raise _TooLong
        return int(given)


class WsgiForm(_FormApp):
    """The form as a WSGI application (PEP 3333)."""

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        reply = self._reply(environ)
        start_response(f"{reply.status} {responses.get(reply.status, 'Other')}", _headers(reply))
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else reply.body]

    def _reply(self, environ: "WSGIEnvironment") -> Reply:
        try:
            return self._answer(self._raw(environ))
        except _TooLong:
            return _plain(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        except _Broken:
            return _plain(HTTPStatus.BAD_REQUEST)

    def _raw(self, environ: "WSGIEnvironment") -> Raw:
        headers = {name[5:].replace("_", "-"): value for name, value in environ.items() if name.startswith("HTTP_")}
        headers["Content-Type"] = environ.get("CONTENT_TYPE", "")
        method = environ["REQUEST_METHOD"]
        body = self._body(environ) if method == "POST" else b""
        return Raw(body=body, route="post", method=method, url=request_uri(environ), headers=headers)

    def _body(self, environ: "WSGIEnvironment") -> bytes:
        announced = self._announced(environ.get("CONTENT_LENGTH"))
        if announced is None and not environ.get("wsgi.input_terminated"):
            return b""  # nobody says where it ends
        body = _read(environ["wsgi.input"], self._longest + 1 if announced is None else announced)
        if len(body) > self._longest:
            raise _TooLong
        if announced is not None and len(body) < announced:
            raise _Broken
        return body


def _read(stream: "InputStream", most: int) -> bytes:
    pieces: list[bytes] = []
    while most > 0 and (piece := stream.read(min(most, _PIECE))):
        pieces.append(piece)
        most -= len(piece)
    return b"".join(pieces)


class AsgiForm(_FormApp):
    """The form as an ASGI 3 application; the handler runs in a thread."""

    async def __call__(self, scope: Mapping[str, Any], receive: _Receive, send: _Send) -> None:  # Any: see `_Event`
        """Answer one request.

        Raises:
            NotSupported: It is no HTTP request.
        """
        if scope["type"] != "http":
            raise NotSupported(f"a form does not speak {scope['type']}", hint="route only HTTP requests to it")
        reply = await self._reply(scope, receive)
        if reply is None:
            return
        body = b"" if scope["method"] == "HEAD" else reply.body
        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in _headers(reply)]
        await send({"type": "http.response.start", "status": int(reply.status), "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _reply(self, scope: Mapping[str, Any], receive: _Receive) -> Reply | None:  # Any: see `_Event`
        """The answer; None if nobody waits for it any more."""
        try:
            raw = _request(scope)
            body = await self._body(self._announced(raw.headers.get("content-length")), receive)
        except _TooLong:
            return _plain(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        except _Broken:
            return _plain(HTTPStatus.BAD_REQUEST)
        return None if body is None else await asyncio.to_thread(self._answer, evolve(raw, body=body))

    async def _body(self, announced: int | None, receive: _Receive) -> bytes | None:
        body = bytearray()
        more = True
        while more:
            event = await receive()
            if event["type"] == "http.disconnect":
                return None
            body += event.get("body", b"")
            if len(body) > self._longest:
                raise _TooLong
            more = event.get("more_body", False)
        if announced is not None and len(body) != announced:
            raise _Broken
        return bytes(body)


def _request(scope: Mapping[str, Any]) -> Raw:  # Any: see `_Event`
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    headers = {name.lower(): value for name, value in headers.items()}
    host, port = scope.get("server") or ("localhost", None)
    authority = headers.get("host") or (host if port is None else f"{host}:{port}")
    query = scope.get("query_string", b"").decode("latin-1")
    url = f"{scope.get('scheme', 'http')}://{authority}{quote(scope['path'])}{'?' * bool(query)}{query}"
    return Raw(body=b"", route="post", method=scope["method"], url=url, headers=headers)


def _plain(status: HTTPStatus, **headers: str) -> Reply:
    """A reply for programs: a browser that keeps to the form never sees one."""
    return Reply(status=status, headers=headers, body=status.phrase.encode())


def _headers(reply: Reply) -> list[tuple[str, str]]:
    if reply.status in _WITHOUT_BODY:
        return list(reply.headers.items())
    typed = any(name.lower() == "content-type" for name in reply.headers)
    missing = {} if typed else {"Content-Type": "text/plain; charset=utf-8"}  # WSGI insists, even on no bytes
    return [*reply.headers.items(), *missing.items(), ("Content-Length", str(len(reply.body)))]
