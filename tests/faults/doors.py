"""The doors of a firm by which something comes in, each with what it tells of what it refuses."""

import asyncio
import io
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from attrs import frozen

from clientloop import ClientLoop, ManualClock
from clientloop.channels.form.decoding import URLENCODED
from clientloop.errors import ClientLoopError
from clientloop.exchange.mapping import AnswersMapping, CustomersMapping, FeedbackMapping, PurchasesMapping
from clientloop.exchange.report import ImportReport
from clientloop.ports.channel import Channel
from clientloop.ports.events import Raw
from tests.channels.form.samples import CONFIG, NOW
from tests.channels.mail.samples import config
from tests.channels.sms.samples import CONFIG as SMS_CONFIG
from tests.channels.webhook.samples import CONFIG as WEBHOOK_CONFIG


@frozen
class Told:
    """How something was refused."""

    #: The code of the error, the status of the answer, or "rejected" of a row.
    code: str
    #: What is said of it.
    words: str


#: A door of a firm, and what is given to it. Any: bytes, a message or a path.
Door = Callable[[ClientLoop, Any], Told]


def refused(do: Callable[[], object]) -> Told:
    """What is told by an error; nothing is refused if there is none."""
    try:
        return Told("taken", str(do())[:1_000])
    except ClientLoopError as error:
        return Told(error.code, str(error)[:1_000])


def parsed(channel: Channel, _: ClientLoop, raw: Raw) -> Told:
    """A message to a channel, which must not stumble over its proof either."""
    channel.verify(raw, NOW)
    return refused(partial(channel.parse, raw))


@contextmanager
def firm() -> Generator[ClientLoop]:
    """A firm in memory whose channels listen."""
    channels = {"form": CONFIG, "webhook": WEBHOOK_CONFIG, "sms": SMS_CONFIG, "email": config()}
    with ClientLoop.open("memory:", clock=ManualClock(NOW), channels=channels, entry_points=False) as loop:
        loop.questions.declare("delivery", instrument="csat", occasion="transactional", scale="1-5")
        yield loop


def received(name: str, loop: ClientLoop, raw: Raw) -> Told:
    """A request that the application hands in by itself."""
    return Told(str(int(loop.channels.receive(name, raw).reply.status)), "")


def by_wsgi(path: str, loop: ClientLoop, body: bytes, length: str | None = None) -> Told:
    """A request to where the routes are mounted; without a length, in pieces until it ends."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST", "PATH_INFO": path, "wsgi.url_scheme": "https", "SERVER_NAME": "shop.example",
        "SERVER_PORT": "443", "CONTENT_TYPE": URLENCODED, "wsgi.input": io.BytesIO(body), "wsgi.input_terminated": True,
    }  # fmt: skip
    if length is not None:
        environ["CONTENT_LENGTH"] = length
    answered: list[str] = []

    def start(status: str, *_: object) -> Callable[[bytes], object]:
        answered.append(status)
        return str

    loop.channels.wsgi()(environ, start)
    return Told(answered[0][:3], answered[0][4:])


def by_asgi(path: str, loop: ClientLoop, piece: bytes, headers: Mapping[str, str] | None = None) -> Told:
    """The same, in pieces that come again and again."""
    return asyncio.run(_by_asgi(path, loop, piece, headers or {}))


async def _by_asgi(path: str, loop: ClientLoop, piece: bytes, headers: Mapping[str, str]) -> Told:
    sent: list[Any] = []
    scope = {
        "type": "http", "method": "POST", "scheme": "https", "path": path, "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip

    async def receive() -> Any:
        return {"type": "http.request", "body": piece, "more_body": True}

    async def send(event: Any) -> None:
        sent.append(event)

    await loop.channels.asgi()(scope, receive, send)
    return Told(str(sent[0]["status"]), "")


MAPPINGS: Mapping[str, Any] = {  # Any: each import has a mapping of its own
    "customers": CustomersMapping(source="shop", columns={"name": "Name", "customer": "No"}),
    "purchases": PurchasesMapping(source="shop", columns={"amount": "Name"}, default={"channel": "shop"}),
    "feedback": FeedbackMapping(
        source="desk", columns={"text": "Name"}, default={"kind": "idea", "channel": "form", "state": "new"}
    ),
    "answers": AnswersMapping(
        source="survey", columns={"rating": "Name"}, default={"question": "delivery", "channel": "form"}
    ),
}


def imported(what: str, loop: ClientLoop, path: Path) -> Told:
    """A file, whose bad rows go to another one; what is told by an error, or of the first row that was rejected."""
    mapping = (MAPPINGS[what],) if what in MAPPINGS else ()
    try:
        report: ImportReport = getattr(loop.imports, what)(path, *mapping, rejects=path.with_suffix(".bad"))
    except ClientLoopError as error:
        return Told(error.code, str(error)[:1_000])
    if report.rejected:
        return Told("rejected", report.problems[0].reason[:1_000])
    return Told("taken", str(report)[:1_000])
