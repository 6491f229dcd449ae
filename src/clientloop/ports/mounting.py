"""Requests as `Raw` and answers as `Reply`: a WSGI and an ASGI application that any framework can mount.

Both ask a function where a request goes before its body is read, read no more of the body than is taken there, hand on
the request with its address as the sender called it, and write the reply.

>>> def find(method: str, path: str) -> Way | Reply:
...     return Way(route="echo", longest=100, answer=lambda raw: Reply(body=raw.body)) if path == "/" else plain(404)
>>> said = []
>>> app = WsgiApp(find)
>>> app({"REQUEST_METHOD": "GET", "PATH_INFO": "/favicon.ico"}, lambda status, headers: said.append(status)), said
([b'Not Found'], ['404 Not Found'])
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from http import HTTPStatus
from http.client import responses
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from wsgiref.util import request_uri

from attrs import evolve, frozen

from clientloop.errors import NotSupported
from clientloop.ports.events import Raw, Reply

if TYPE_CHECKING:
    from wsgiref.types import InputStream, StartResponse, WSGIEnvironment

# Any: what ASGI calls a scope and an event are mappings of whatever their type says
_Event = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Event]]
_Send = Callable[[_Event], Awaitable[None]]

_WITHOUT_BODY = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})
_PIECE = 65_536


@frozen(kw_only=True)
class Way:
    """Where a request goes."""

    #: Name of the route; it becomes `Raw.route`.
    route: str
    #: How long its body may be, in bytes; of a GET or HEAD no body is taken.
    longest: int
    #: Takes the request and answers it.
    answer: Callable[[Raw], Reply]


#: Says by the method and the path below the mount where a request goes, or refuses it.
Find = Callable[[str, str], Way | Reply]


class _TooLong(Exception):
    """More came than is taken."""


class _Broken(Exception):
    """Less came than was announced, or the announcement is no number."""


class _App:
    """What both applications share.

    Args:
        find: Says where requests go.
        base: The address under which senders reach the application, such as "https://shop.example/hooks", where a proxy
            hides it; otherwise it is taken from the request. Some providers sign the address.
    """

    def __init__(self, find: Find, *, base: str | None = None) -> None:
        """Keep both."""
        self._find, self._base = find, base

    def _url(self, found: str, path: str, query: str) -> str:
        """The address as the sender called it."""
        if self._base is None:
            return found
        return f"{self._base.rstrip('/')}{quote(path, encoding='latin-1')}{'?' * bool(query)}{query}"


class WsgiApp(_App):
    """An application of WSGI (PEP 3333)."""

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        reply = self._reply(environ)
        start_response(f"{reply.status:d} {responses.get(reply.status, 'Other')}", _headers(reply))
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else reply.body]

    def _reply(self, environ: "WSGIEnvironment") -> Reply:
        way = self._find(environ["REQUEST_METHOD"], _decoded(environ.get("PATH_INFO", "")))
        if isinstance(way, Reply):
            return way
        try:
            return way.answer(self._raw(environ, way))
        except _TooLong:
            return plain(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        except _Broken:
            return plain(HTTPStatus.BAD_REQUEST)

    def _raw(self, environ: "WSGIEnvironment", way: Way) -> Raw:
        headers = {name[5:].replace("_", "-"): value for name, value in environ.items() if name.startswith("HTTP_")}
        headers["Content-Type"] = environ.get("CONTENT_TYPE", "")
        method = environ["REQUEST_METHOD"]
        url = self._url(request_uri(environ), environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", ""))
        body = _wsgi_body(environ, way.longest) if _has_body(method) else b""
        return Raw(body=body, route=way.route, method=method, url=url, headers=headers)


def _decoded(path: str) -> str:
    """A path of WSGI, whose characters are bytes, as text."""
    return path.encode("latin-1").decode(errors="replace")


def _has_body(method: str) -> bool:
    return method not in ("GET", "HEAD")


def _wsgi_body(environ: "WSGIEnvironment", longest: int) -> bytes:
    announced = _announced(environ.get("CONTENT_LENGTH"), longest)
    if announced is None and not environ.get("wsgi.input_terminated"):
        return b""  # nobody says where it ends
    body = _read(environ["wsgi.input"], longest + 1 if announced is None else announced)
    if len(body) > longest:
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


class AsgiApp(_App):
    """An application of ASGI 3; what answers runs in a thread."""

    async def __call__(self, scope: Mapping[str, Any], receive: _Receive, send: _Send) -> None:  # Any: see `_Event`
        """Answer one request.

        Raises:
            NotSupported: It is no HTTP request.
        """
        if scope["type"] != "http":
            raise NotSupported(f"nothing here speaks {scope['type']}", hint="route only HTTP requests to it")
        reply = await self._reply(scope, receive)
        if reply is None:
            return
        body = b"" if scope["method"] == "HEAD" else reply.body
        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in _headers(reply)]
        await send({"type": "http.response.start", "status": int(reply.status), "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _reply(self, scope: Mapping[str, Any], receive: _Receive) -> Reply | None:  # Any: see `_Event`
        """The answer; None if nobody waits for it any more."""
        # not every server says what of the path leads to the mount: those that do have it in front of the path
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        way = self._find(scope["method"], path)
        if isinstance(way, Reply):
            return way
        raw = self._raw(scope, path, way)
        try:
            body = await _asgi_body(raw, way.longest, receive) if _has_body(raw.method) else b""
        except _TooLong:
            return plain(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        except _Broken:
            return plain(HTTPStatus.BAD_REQUEST)
        return None if body is None else await asyncio.to_thread(way.answer, evolve(raw, body=body))

    def _raw(self, scope: Mapping[str, Any], path: str, way: Way) -> Raw:  # Any: see `_Event`
        headers: dict[str, str] = {}
        for raw_name, raw_value in scope["headers"]:
            name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
            headers[name] = f"{headers[name]}, {value}" if name in headers else value  # RFC 9110, 5.2
        host, port = scope.get("server") or ("localhost", None)
        authority = headers.get("host") or (host if port is None else f"{host}:{port}")
        query = scope.get("query_string", b"").decode("latin-1")
        called = f"{scope.get('scheme', 'http')}://{authority}{quote(scope['path'])}{'?' * bool(query)}{query}"
        url = self._url(called, path.encode().decode("latin-1"), query)
        return Raw(body=b"", route=way.route, method=scope["method"], url=url, headers=headers)


async def _asgi_body(raw: Raw, longest: int, receive: _Receive) -> bytes | None:
    """The body; None if the sender has gone."""
    announced = _announced(raw.headers.get("content-length"), longest)
    body = bytearray()
    more = True
    while more:
        event = await receive()
        if event["type"] == "http.disconnect":
            return None
        body += event.get("body", b"")
        if len(body) > longest:
            raise _TooLong
        more = event.get("more_body", False)
    if announced is not None and len(body) != announced:
        raise _Broken
    return bytes(body)


def _announced(given: str | None, longest: int) -> int | None:
    """The length that a request says its body has; None if it says nothing."""
    if not given:
        return None
    if not given.isascii() or not given.isdigit() or len(given) > 18:
        raise _Broken
    if int(given) > longest:
        raise _TooLong
    return int(given)


def plain(status: int, **headers: str) -> Reply:
    """A reply for programs: the name of its status.

    >>> plain(405, Allow="POST").body
    b'Method Not Allowed'
    """
    return Reply(status=status, headers=headers, body=HTTPStatus(status).phrase.encode())


def _headers(reply: Reply) -> list[tuple[str, str]]:
    if reply.status in _WITHOUT_BODY:
        return list(reply.headers.items())
    typed = any(name.lower() == "content-type" for name in reply.headers)
    missing = {} if typed else {"Content-Type": "text/plain; charset=utf-8"}  # WSGI insists, even on no bytes
    return [*reply.headers.items(), *missing.items(), ("Content-Length", str(len(reply.body)))]
