import asyncio
import io
import threading
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode
from wsgiref.simple_server import WSGIRequestHandler, make_server
from wsgiref.validate import validator

import pytest

from clientloop.channels.form.apps import AsgiForm, WsgiForm
from clientloop.channels.form.decoding import URLENCODED
from clientloop.errors import NotSupported, UnknownName
from clientloop.ports.clock import ManualClock
from clientloop.ports.events import Raw, Reply
from tests.channels.form.samples import CHANNEL, CONFIG, FILLED, NOW, hidden, token

LONGEST = CONFIG.limits.body


class Host:
    """An application that verifies, parses and answers, and remembers what it was given."""

    def __init__(self) -> None:
        """Nothing has come yet."""
        self.clock = ManualClock(FILLED)
        self.taken: list[Raw] = []
        self.answer: Reply | None = None

    def __call__(self, raw: Raw) -> Reply:
        """Take a post."""
        if self.answer is not None:
            return self.answer
        if not CHANNEL.verify(raw, self.clock.now()).accepted:
            return Reply(status=403)
        self.taken.append(raw)
        return CHANNEL.parse(raw).reply


Answer = tuple[int, Mapping[str, str], bytes]


def _environ(method: str, body: bytes, **changes: Any) -> dict[str, Any]:  # Any: of WSGI
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "/shop",
        "PATH_INFO": "/tell-us",
        "QUERY_STRING": "lang=sl",
        "SERVER_NAME": "shop.example",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": URLENCODED,
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_ACCEPT_LANGUAGE": "sl",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    } | changes


def _by_wsgi(host: Host, method: str, body: bytes = b"", **changes: Any) -> Answer:  # Any: of WSGI
    answered: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Any:
        answered.append((status, headers))

    app = validator(WsgiForm(CHANNEL, "contact", host, clock=host.clock))
    pieces: Iterable[bytes] = app(_environ(method, body, **changes), start_response)
    try:
        content = b"".join(pieces)
    finally:
        pieces.close()  # type: ignore[attr-defined]  # wsgiref's validator insists
    [(status, headers)] = answered
    return int(status.partition(" ")[0]), dict(headers), content


def _by_asgi(host: Host, method: str, *pieces: bytes, headers: Mapping[str, str] | None = None) -> Answer:
    return asyncio.run(_asgi(host, method, pieces or (b"",), headers or {}))


async def _asgi(host: Host, method: str, pieces: tuple[bytes, ...], headers: Mapping[str, str]) -> Answer:
    sent: list[Any] = []
    scope = {
        "type": "http",
        "method": method,
        "scheme": "https",
        "path": "/shop/tell-us",
        "query_string": b"lang=sl",
        "headers": [(b"host", b"shop.example"), (b"content-type", URLENCODED.encode())]
        + [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }
    events = iter({"type": "http.request", "body": p, "more_body": n < len(pieces)} for n, p in enumerate(pieces, 1))

    async def receive() -> Any:
        return next(events, {"type": "http.disconnect"})

    async def send(event: Any) -> None:
        sent.append(event)

    await AsgiForm(CHANNEL, "contact", host, clock=host.clock)(scope, receive, send)
    if not sent:
        return 0, {}, b""
    start, body = sent
    return start["status"], {k.decode(): v.decode() for k, v in start["headers"]}, body["body"]


@pytest.fixture
def host() -> Host:
    """An application."""
    return Host()


def _filled(**changes: str) -> bytes:
    return urlencode({"_token": token(), "text": "Čudno", **changes}).encode()


@pytest.mark.parametrize("call", [_by_wsgi, _by_asgi])
def test_a_form_is_handed_out(call: Any, host: Host) -> None:
    """A GET gives a page with a token of its own in the visitor's language; HEAD the same without the body."""
    status, headers, body = call(host, "GET")
    assert status == 200
    assert b'<html lang="sl"' in body
    assert {name.lower(): value for name, value in headers.items()}["content-length"] == str(len(body))
    assert hidden(body, "_token") != hidden(call(host, "GET")[2], "_token")
    assert call(host, "HEAD")[::2] == (200, b"")


@pytest.mark.parametrize("call", [_by_wsgi, _by_asgi])
def test_a_post_reaches_the_handler(call: Any, host: Host) -> None:
    """The handler gets body, headers and the whole address, and its reply goes out."""
    body = _filled()
    status, headers, _ = call(host, "POST", body)
    assert status == 303
    assert {name.lower(): value for name, value in headers.items()}["location"].startswith("?thanks=")
    [raw] = host.taken
    assert (raw.body, raw.method, raw.url) == (body, "POST", "https://shop.example/shop/tell-us?lang=sl")
    assert raw.headers["content-type"] == URLENCODED


@pytest.mark.parametrize("call", [_by_wsgi, _by_asgi])
def test_a_refused_post_comes_back(call: Any, host: Host) -> None:
    """Where the handler answers 403, the customer gets the form again, filled in and good for a second try."""
    host.clock.set(NOW)
    status, _, body = call(host, "POST", _filled())
    assert status == 422
    assert "Čudno" in body.decode()
    again = hidden(body, "_token")
    assert call(host, "POST", _filled(_token=again))[0] == 422
    host.clock.set(FILLED)
    assert call(host, "POST", _filled(_token=again))[0] == 303
    assert len(host.taken) == 1


@pytest.mark.parametrize("call", [_by_wsgi, _by_asgi])
@pytest.mark.parametrize(("status", "body"), [(204, b""), (200, b"{}"), (299, b"?")])
def test_replies_of_other_handlers(call: Any, status: int, body: bytes) -> None:
    """A handler may answer by any status, with or without a body."""
    host = Host()
    host.answer = Reply(status=status, body=body)
    assert call(host, "POST", b"")[::2] == (status, body)


@pytest.mark.parametrize("call", [_by_wsgi, _by_asgi])
def test_other_methods(call: Any, host: Host) -> None:
    """Other methods are refused, with those that are allowed."""
    status, headers, _ = call(host, "PUT")
    assert status == 405
    assert {name.lower(): value for name, value in headers.items()}["allow"] == "GET, HEAD, POST"


class Endless(io.RawIOBase):
    """A body without an end that counts what was read of it."""

    count = 0

    def read(self, size: int = -1) -> bytes:
        """As many bytes as are asked for."""
        assert 0 <= size <= LONGEST
        assert self.count <= 2 * LONGEST, "it never stops"
        self.count += size
        return b"x" * size


@pytest.mark.parametrize(
    ("changes", "status", "read"),
    [
        ({"CONTENT_LENGTH": str(LONGEST + 1)}, 413, 0),
        ({"CONTENT_LENGTH": "9" * 30}, 400, 0),
        ({"CONTENT_LENGTH": "-1"}, 400, 0),
        ({"CONTENT_LENGTH": "1_0"}, 400, 0),
        ({"CONTENT_LENGTH": "²"}, 400, 0),
        ({"CONTENT_LENGTH": ""}, 422, 0),
        ({"CONTENT_LENGTH": "", "wsgi.input_terminated": True}, 413, LONGEST + 1),
        ({"CONTENT_LENGTH": "10"}, 422, 10),
    ],
)
def test_wsgi_reads_no_more_than_is_taken(changes: dict[str, Any], status: int, read: int, host: Host) -> None:
    """However much comes and whatever is announced, no more is read than the limit and what was announced."""
    endless = Endless()
    environ = _environ("POST", b"", **{"wsgi.input": endless, **changes})
    answered: list[str] = []
    app = WsgiForm(CHANNEL, "contact", host, clock=host.clock)
    assert list(app(environ, lambda line, *_: answered.append(line)))  # type: ignore[arg-type]  # no write
    assert answered[0].startswith(str(status))
    assert endless.count == read


def test_wsgi_less_than_was_announced(host: Host) -> None:
    """A body that breaks off is no post."""
    assert _by_wsgi(host, "POST", _filled(), CONTENT_LENGTH="4000")[0] == 400
    assert host.taken == []


def test_wsgi_chunked(host: Host) -> None:
    """A body of no announced length is read where the server says that it ends."""
    body = _filled()
    changes: Any = {"CONTENT_LENGTH": "", "wsgi.input_terminated": True, "wsgi.input": io.BytesIO(body)}
    assert _by_wsgi(host, "POST", **changes)[0] == 303
    assert host.taken[0].body == body


def test_asgi_in_pieces(host: Host) -> None:
    """A body in pieces is put together, with or without an announced length."""
    body = _filled()
    pieces = [body[at : at + 7] for at in range(0, len(body), 7)]
    assert _by_asgi(host, "POST", *pieces, headers={"Content-Length": str(len(body))})[0] == 303
    assert _by_asgi(host, "POST", *pieces)[0] == 303
    assert {raw.body for raw in host.taken} == {body}


@pytest.mark.parametrize(
    ("pieces", "headers", "status"),
    [
        ((b"x",), {"Content-Length": str(LONGEST + 1)}, 413),
        ((b"x",), {"Content-Length": "2"}, 400),
        ((b"xyz",), {"Content-Length": "2"}, 400),
        ((b"x",), {"Content-Length": "x"}, 400),
        ((b"x" * 1_000_000,) * 6, {}, 413),
    ],
)
def test_asgi_lengths(pieces: tuple[bytes, ...], headers: dict[str, str], status: int, host: Host) -> None:
    """What is too long or not what was announced is refused and never handed on."""
    assert _by_asgi(host, "POST", *pieces, headers=headers)[0] == status
    assert host.taken == []


def test_asgi_stops_reading_what_is_too_long(host: Host) -> None:
    """Of an endless body no more is received than the limit and one piece."""
    received = 0

    async def receive() -> Any:
        nonlocal received
        received += 1
        assert received < 1_000, "it never stops"
        return {"type": "http.request", "body": b"x" * 100_000, "more_body": True}

    sent: list[Any] = []

    async def send(event: Any) -> None:
        sent.append(event)

    scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
    asyncio.run(AsgiForm(CHANNEL, "contact", host)(scope, receive, send))
    assert sent[0]["status"] == 413
    assert received == LONGEST // 100_000 + 1


def test_asgi_a_visitor_who_leaves(host: Host) -> None:
    """Who leaves before the body has come is answered nothing, and nothing is taken."""

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    async def send(_: Any) -> None:
        pytest.fail("nobody is there")

    scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
    asyncio.run(AsgiForm(CHANNEL, "contact", host)(scope, receive, send))
    assert host.taken == []


def test_asgi_what_is_no_http(host: Host) -> None:
    """A websocket or the server's lifespan is refused by an error, as ASGI wants it."""
    with pytest.raises(NotSupported, match="websocket"):
        asyncio.run(AsgiForm(CHANNEL, "contact", host)({"type": "websocket"}, None, None))  # type: ignore[arg-type]  # unused


@pytest.mark.parametrize("app", [WsgiForm, AsgiForm])
def test_a_misspelt_form(app: Any, host: Host) -> None:
    """A form that does not exist is named when the application is made."""
    with pytest.raises(UnknownName, match="did you mean 'contact'"):
        app(CHANNEL, "contakt", host)


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # so it is called there
        """Say nothing."""


@pytest.fixture
def server(host: Host) -> Iterator[str]:
    """The form behind a server of the standard library."""
    with make_server(
        "127.0.0.1", 0, validator(WsgiForm(CHANNEL, "contact", host, clock=host.clock)), handler_class=_Quiet
    ) as it:
        thread = threading.Thread(target=it.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{it.server_port}/"
        it.shutdown()
        thread.join()


def test_a_visit_over_a_socket(server: str, host: Host) -> None:
    """Open the form, wait, send it, and be led to the thanks."""
    with urllib.request.urlopen(server, timeout=10) as page:
        given = hidden(page.read(), "_token")
    host.clock.set(FILLED.replace(minute=30))
    with urllib.request.urlopen(server, data=_filled(_token=given), timeout=10) as page:
        assert b"We have your message." in page.read()
        assert page.url.startswith(f"{server}?thanks=")
    assert len(host.taken) == 1
