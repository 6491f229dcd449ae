"""HTTP by httpcore2: what is sent, what is told of the answer, and what of a failure; shared by both ways to call.

No redirect is followed, no cookie kept, no proxy taken from the environment, no encoding undone. The whole answer has
one deadline and one limit of size.
"""

import ssl
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any
from urllib.parse import quote, urlsplit

import httpcore2

from clientloop.drivers.failures import words_of
from clientloop.drivers.sockets import Flood, Forbidden
from clientloop.errors import InvalidValue
from clientloop.ports.effects import HttpCall, HttpResult, NoAnswer
from clientloop.ports.reach import SCHEMES, Target, read_url

#: How many seconds an idle connection is kept. Servers close theirs after 5 to 75; a request that meets the closing is
#: told as "may have arrived".
KEPT_IDLE = 4.0

#: How many idle connections are kept.
MOST_IDLE = 20

#: What the driver itself says of a request, whatever the adapter gave: two readings of it must not be possible.
_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection"})

#: What is said unless the adapter says otherwise.
_DEFAULTS = {
    "accept": (b"Accept", b"*/*"),
    "accept-encoding": (b"Accept-Encoding", b"identity"),  # a small answer that unpacks to gigabytes is none
    "user-agent": (b"User-Agent", f"clientloop/{version('clientloop')}".encode()),
}

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
        cause = _cause(error)
        return NoAnswer(detail=words_of(cause), reached=self.sent, forbidden=isinstance(cause, Forbidden))


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
    yield from (field for name, field in (_DEFAULTS | given).items() if name not in _OURS)
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
