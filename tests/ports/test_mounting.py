"""Requests as WSGI and ASGI bring them, and replies as they want them."""

import asyncio
import io
from typing import Any

import pytest

from clientloop.ports.events import Raw, Reply
from clientloop.ports.mounting import AsgiApp, Way, WsgiApp, plain


class Seen:
    """Finds one way for all requests, and remembers what was asked of it."""

    def __init__(self, reply: Reply = Reply()) -> None:  # noqa: B008  # immutable
        """Nothing has come yet."""
        self.asked: list[tuple[str, str]] = []
        self.taken: list[Raw] = []
        self.reply = reply

    def find(self, method: str, path: str) -> Way | Reply:
        """The way, which takes ten bytes."""
        self.asked.append((method, path))
        return Way(route="in", longest=10, answer=self.answer)

    def answer(self, raw: Raw) -> Reply:
        """Take a request."""
        self.taken.append(raw)
        return self.reply


def by_wsgi(seen: Seen, *, base: str | None = None, **environ: Any) -> list[tuple[str, list[tuple[str, str]]]]:
    """What the WSGI application says to one request."""
    said: list[Any] = []
    given = {"REQUEST_METHOD": "POST", "SCRIPT_NAME": "/hooks", "PATH_INFO": "/a", "SERVER_NAME": "a.example",
             "SERVER_PORT": "80", "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO()}  # fmt: skip
    list(WsgiApp(seen.find, base=base)(given | environ, lambda *line: said.append(line)))
    return said


def by_asgi(seen: Seen, *, base: str | None = None, **scope: Any) -> list[Any]:
    """What the ASGI application says to one request."""
    said: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"abc"}

    async def send(event: Any) -> None:
        said.append(event)

    given = {"type": "http", "method": "POST", "path": "/a", "headers": [(b"host", b"a.example")]}
    asyncio.run(AsgiApp(seen.find, base=base)(given | scope, receive, send))
    return said


def test_the_way_is_found_before_the_body_is_read() -> None:
    """A request that leads nowhere has no body: nothing is read of it."""

    class Unread(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            pytest.fail("it was read")

    said: list[Any] = []
    app = WsgiApp(lambda method, path: plain(404))
    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/", "wsgi.input": Unread(), "CONTENT_LENGTH": "5"}
    assert list(app(environ, lambda *line: said.append(line))) == [b"Not Found"]
    assert said[0][0] == "404 Not Found"


@pytest.mark.parametrize(("path", "root"), [("/hooks/a", "/hooks"), ("/a", "/hooks"), ("/a", "")])
def test_asgi_the_path_below_the_mount(path: str, root: str) -> None:
    """Servers and frameworks differ in whether the path has the mount in it; what is looked for never has."""
    seen = Seen()
    by_asgi(seen, path=path, root_path=root)
    assert seen.asked == [("POST", "/a")]


def test_wsgi_a_path_that_is_not_ascii() -> None:
    """Its characters are bytes there; it is looked for as text, and addressed as the sender did."""
    seen = Seen()
    by_wsgi(seen, PATH_INFO="/č".encode().decode("latin-1"), QUERY_STRING="q=1")
    by_wsgi(seen, PATH_INFO="/č".encode().decode("latin-1"), base="https://b.example/in")
    assert seen.asked == [("POST", "/č")] * 2
    assert [raw.url for raw in seen.taken] == ["http://a.example/hooks/%C4%8D?q=1", "https://b.example/in/%C4%8D"]


def test_asgi_a_path_that_is_not_ascii() -> None:
    """It is text there, and addressed as the sender did."""
    seen = Seen()
    by_asgi(seen, path="/č", query_string=b"q=%20")
    by_asgi(seen, path="/hooks/č", root_path="/hooks", base="https://b.example/in/")
    assert [raw.url for raw in seen.taken] == ["http://a.example/%C4%8D?q=%20", "https://b.example/in/%C4%8D"]


def test_asgi_a_field_that_comes_twice() -> None:
    """Its values are joined, as RFC 9110 has it: neither hides the other."""
    seen = Seen()
    by_asgi(seen, headers=[(b"host", b"a.example"), (b"X-Signature", b"1"), (b"x-signature", b"2")])
    assert seen.taken[0].headers["x-signature"] == "1, 2"


def test_two_lengths_are_none() -> None:
    """A request that announces two lengths may be two requests: it is refused."""
    seen = Seen()
    said = by_asgi(seen, headers=[(b"content-length", b"3"), (b"content-length", b"4")])
    assert (said[0]["status"], seen.taken) == (400, [])


@pytest.mark.parametrize("status", [200, 204, 299, 304])
def test_headers_of_replies(status: int) -> None:
    """A reply has a length and a type, unless it can have no body."""
    bare = status in (204, 304)
    [(line, headers)] = by_wsgi(Seen(Reply(status=status, headers={"X": "y"})))
    assert line.startswith(f"{status} ")
    assert [name for name, _ in headers] == ["X", *([] if bare else ["Content-Type", "Content-Length"])]
    start, _ = by_asgi(Seen(Reply(status=status, headers={"content-type": "text/xml"})))
    assert dict(start["headers"]).get(b"content-length") == (None if bare else b"0")
    assert dict(start["headers"])[b"content-type"] == b"text/xml"
