"""The outbox over real HTTP: the adapter of webhooks, the drivers, and a server on this machine that misbehaves."""

import itertools
from collections.abc import Generator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from clientloop import ClientLoop, ManualClock
from clientloop.channels.webhook import signature
from clientloop.model.messages import MessageState
from clientloop.ports.events import Raw
from tests.drivers.peers import Line, Peer, playing

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)

#: What the server does with one call after another; what follows is taken.
FATES = ("429", "cut", "503", "unsaid", "reset", "refused", "garbage", "504", "half", "taken")


class Receiver:
    """Reads requests, and answers each as its fate is."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, Raw]] = []
        self._fates: Iterator[str] = itertools.chain(FATES, itertools.repeat("taken"))

    def __call__(self, line: Line) -> None:
        """Serve one connection."""
        while True:
            head, _, body = line.read_request().partition(b"\r\n\r\n")
            fields = dict(field.split(": ", 1) for field in head.decode().split("\r\n")[1:])
            headers = {name.lower(): value for name, value in fields.items()}
            fate = next(self._fates)
            self.seen.append((fate, Raw(headers=headers, body=body)))
            _ANSWERS[fate](line)
            if fate not in {"taken", "429", "503", "504", "refused"}:
                return


def _said(status: str, *fields: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", "Content-Length: 0", *fields, "", ""]).encode()


_ANSWERS = {
    "taken": lambda line: line.write(_said("204 No Content")),
    "429": lambda line: line.write(_said("429 Too Many Requests", "Retry-After: 40")),
    "503": lambda line: line.write(_said("503 Service Unavailable")),
    "504": lambda line: line.write(_said("504 Gateway Timeout")),
    "refused": lambda line: line.write(_said("500 Internal Server Error")),
    "cut": lambda line: line.close(),
    "unsaid": lambda line: line.write(b""),
    "reset": lambda line: line.reset(),
    "half": lambda line: line.write(b"HTTP/1.1 204 No Con"),
    "garbage": lambda line: line.write(b"\0\1\2\r\n\r\n"),
}


@pytest.fixture
def receiver() -> Receiver:
    """What the server has seen."""
    return Receiver()


@pytest.fixture
def server(receiver: Receiver) -> Generator[Peer]:
    """The server."""
    with playing(receiver) as peer:
        yield peer


def opened(path: Path, clock: ManualClock, port: int) -> ClientLoop:
    """A firm that tells one server of everything, by the drivers that come with the library."""
    settings = {
        "endpoints": {"crm": {"url": f"http://127.0.0.1:{port}/hook", "secrets": [SECRET], "facts": ["*"]}},
        "hosts": ["127.0.0.1"],
        "networks": ["127.0.0.0/8"],
        "ports": [port],
    }
    return ClientLoop.open(f"sqlite:///{path}", clock=clock, entry_points=False, channels={"webhook": settings})


def test_a_fact_arrives_through_a_server_that_fails_in_every_way(
    receiver: Receiver, server: Peer, tmp_path: Path
) -> None:
    """Every try has the same key and body under a signature of its own; the last is taken, and nothing follows."""
    clock = ManualClock(NOW)
    with opened(tmp_path / "shop.db", clock, server.port) as loop:
        loop.customers.add(name="Ana")
        while waiting := loop.outbox.list(limit=1).items:
            (message,) = waiting
            assert message.wake_at is not None, message.error
            clock.set(max(clock.now(), message.wake_at))
            loop.outbox.send_due()
    assert [fate for fate, _ in receiver.seen] == list(FATES)
    assert len({(raw.headers["webhook-id"], raw.body) for _, raw in receiver.seen}) == 1
    times = [datetime.fromtimestamp(int(raw.headers["webhook-timestamp"]), UTC) for _, raw in receiver.seen]
    for at, (_, raw) in zip(times, receiver.seen, strict=True):
        assert signature.fault(raw, [SECRET], at) is None
    pauses = [later - earlier for earlier, later in itertools.pairwise(times)]
    rounding = timedelta(seconds=1)  # the header has whole seconds
    assert all(later >= earlier - rounding for earlier, later in itertools.pairwise(pauses))
    assert pauses[0] >= timedelta(seconds=40)


def test_a_server_that_is_not_there_costs_no_doubt(tmp_path: Path) -> None:
    """Where nothing listens nothing can have arrived: the message is queued, and its reason names no address."""
    with playing(lambda line: None) as gone:
        port = gone.port
    with opened(tmp_path / "shop.db", ManualClock(NOW), port) as loop:
        loop.customers.add(name="Ana")
        assert loop.outbox.send_due().failed == 1
        (message,) = loop.outbox.list()
        assert (message.state, message.error) == (MessageState.QUEUED, "retry: refused the connection")
