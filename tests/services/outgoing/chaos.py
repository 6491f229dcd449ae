"""A server and a network that fail by seed, workers that are lost anywhere, and a person who cleans up after them.

As a program it is one worker, for a test that kills it: `python -m tests.services.outgoing.chaos STORE LOG SEED START`.
"""

import hashlib
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

from clientloop import ClientLoop
from clientloop.model.customers import Purpose
from clientloop.model.messages import MessageState, OutboundMessage, Receipt
from clientloop.model.units import Insert, Unit
from clientloop.plugins import hookimpl
from clientloop.ports.answers import failure_of, retry_after
from clientloop.ports.channel import Capabilities, Channel, Spec
from clientloop.ports.clock import Clock
from clientloop.ports.effects import Effect, HttpCall, HttpResult, NoAnswer, Result, ask

START = datetime(2026, 3, 2, 9, tzinfo=UTC)

#: How many seconds of the workers' clock pass in one of ours, where workers are real processes.
SPEED = 600


class Killed(BaseException):
    """The worker is no more; nothing in it may notice."""


class Wire(Channel):
    """A channel over HTTP as authors write them: the key goes in a header, the words in the body."""

    spec = Spec(name="once")

    def send(self, out: OutboundMessage) -> Generator[Effect, Result, Receipt]:
        """One call."""
        body = json.dumps({"to": out.to, "text": out.body, "in_reply_to": out.in_reply_to}).encode()
        call = HttpCall(
            method="POST", url="https://x.example", headers={"key": f"{self.spec.name} {out.id}"}, body=body
        )
        answer = yield from ask(call)
        if isinstance(answer, NoAnswer):
            return answer.receipt
        failure = failure_of(answer.status)
        return Receipt(failure=failure, detail=f"status {answer.status}", retry_after=retry_after(answer))


class SureWire(Wire):
    """The same, to a server that knows a key again."""

    spec = Spec(name="sure")

    def capabilities(self) -> Capabilities:
        """A repeat is recognised; the server takes twenty a second."""
        return Capabilities(idempotent_send=True, per_second=20)


class Wires:
    """The plugin that brings both."""

    @hookimpl
    def clientloop_register_channels(self) -> Mapping[str, type[Channel]]:
        """One that recognises repeats, and one that does not."""
        return {"once": Wire, "sure": SureWire}


class Server:
    """Writes down all that it takes, so that no kill of anybody loses it."""

    def __init__(self, log: Path) -> None:
        self._log = log

    def take(self, call: HttpCall) -> None:
        """Take a message: one line, written at once."""
        line = f"{call.headers['key']} {hashlib.sha256(call.body).hexdigest()}\n".encode()
        file = os.open(self._log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(file, line)
        os.close(file)

    def taken(self) -> list[tuple[str, UUID, str]]:
        """What was taken: channel, key and digest of the body, in order."""
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        return [(channel, UUID(key), digest) for channel, key, digest in map(str.split, lines)]


def _answers(status: int, **headers: str) -> Callable[["Network", HttpCall], Result]:
    return lambda network, call: HttpResult(status=status, headers=headers)


def _takes(network: "Network", call: HttpCall) -> Result:
    network.server.take(call)
    return HttpResult(status=202)


def _is_silent(*, took: bool, reached: bool) -> Callable[["Network", HttpCall], Result]:
    def fate(network: "Network", call: HttpCall) -> Result:
        if took:
            network.server.take(call)
        return NoAnswer(detail="timed out" if reached else "refused the connection", reached=reached)

    return fate


def _raises(error: BaseException, *, took: bool) -> Callable[["Network", HttpCall], Result]:
    def fate(network: "Network", call: HttpCall) -> Result:
        if took:
            network.server.take(call)
        raise error

    return fate


#: What may become of a call, and how often.
FATES: Mapping[str, tuple[int, Callable[["Network", HttpCall], Result]]] = {
    "taken": (50, _takes),
    "429": (2, _answers(429)),
    "429 with a pause": (2, _answers(429, **{"retry-after": "7"})),
    "503": (10, _answers(503)),
    "504 after it was taken": (3, lambda network, call: (_takes(network, call), HttpResult(status=504))[1]),
    "no connection": (8, _is_silent(took=False, reached=False)),
    "cut before it was taken": (6, _is_silent(took=False, reached=True)),
    "cut after it was taken": (6, _is_silent(took=True, reached=True)),
    "the plugin raises": (3, _raises(RuntimeError("no"), took=False)),
    "the plugin raises after it was taken": (3, _raises(RuntimeError("no"), took=True)),
}

#: What may become of a worker besides, where no real one is killed.
DEATHS: Mapping[str, tuple[int, Callable[["Network", HttpCall], Result]]] = {
    "killed before it was taken": (3, _raises(Killed(), took=False)),
    "killed after it was taken": (3, _raises(Killed(), took=True)),
}


class Network:
    """Carries calls, as the seed will have it."""

    def __init__(self, server: Server, chance: Random, fates: Mapping[str, tuple[int, Callable[..., Result]]]) -> None:
        self.server = server
        #: How often each fate was met.
        self.met: Counter[str] = Counter()
        self._chance, self._fates = chance, fates

    def __call__(self, effect: Effect) -> Result:
        """Carry an effect out."""
        assert isinstance(effect, HttpCall)
        weights = [weight for weight, _ in self._fates.values()]
        (name,) = self._chance.choices(list(self._fates), weights)
        self.met[name] += 1
        return self._fates[name][1](self, effect)


def queue(loop: ClientLoop, count: int) -> frozenset[UUID]:
    """Queue messages on both channels: answers to a customer, and alerts to members."""
    customer = loop.customers.add(name="Ana", email="ana@example.com")
    inserts = []
    for number in range(count):
        purpose = Purpose.SERVICE if number % 4 < 2 else Purpose.INTERNAL
        inserts.append(
            Insert(
                OutboundMessage(
                    space="main", id=UUID(int=number), channel="sure" if number % 2 else "once", to="ana@example.com",
                    customer=customer.id if purpose is Purpose.SERVICE else None, purpose=purpose, template="answer",
                    body=f"Word {number}", wake_at=START, created_at=START,
                )
            )
        )  # fmt: skip
    loop.store.commit(Unit(tuple(inserts)))
    return frozenset(UUID(int=number) for number in range(count))


def clean_up(loop: ClientLoop, server: Server) -> int:
    """What a person does with dead letters: ask the server for what may have been sent, and send the rest again."""
    known = {key for _, key, _ in server.taken()}
    dead = list(loop.store.pages(OutboundMessage, "main"))
    for message in dead:
        if message.wake_at is not None:
            continue
        if message.state is MessageState.UNKNOWN and message.id in known:
            loop.outbox.give_up(message, by="mia", reason="the server has it")
        else:
            loop.outbox.send_again(message)
    return len(dead)


def verify(server: Server, wanted: Iterable[UUID]) -> int:
    """Judge what the server has seen, by nothing but its own list.

    Returns:
        How many repeats there were.
    """
    taken = server.taken()
    assert {key for _, key, _ in taken} == set(wanted), "every message was taken, and nothing else"
    bodies: dict[UUID, set[str]] = {}
    for _, key, digest in taken:
        bodies.setdefault(key, set()).add(digest)
    assert all(len(digests) == 1 for digests in bodies.values()), "every try had the same bytes"
    times = Counter((channel, key) for channel, key, _ in taken)
    repeated = {channel for (channel, _), count in times.items() if count > 1}
    assert repeated <= {"sure"}, "only a channel that recognises a repeat was given one"
    return len(taken) - len(bodies)


class FastClock(Clock):
    """A clock that runs ahead, the same in all processes."""

    def __init__(self, start: float) -> None:
        self._start = start

    def now(self) -> datetime:
        """The present."""
        return START + timedelta(seconds=(time.time() - self._start) * SPEED)


def opened(url: str, clock: Clock, network: Callable[[Effect], Result]) -> ClientLoop:
    """One worker's view of the firm."""
    return ClientLoop.open(url, clock=clock, plugins=[Wires()], entry_points=False, perform=network)


def work(url: str, log: Path, seed: int, start: float) -> None:
    """One worker, until somebody kills it."""
    network = Network(Server(log), Random(seed), {**FATES, "taken": (150, _takes)})  # pauses are real here
    with opened(url, FastClock(start), network) as loop:
        while True:
            loop.run_due()
            time.sleep(0.02)


if __name__ == "__main__":
    work(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
