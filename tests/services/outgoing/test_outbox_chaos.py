"""A thousand messages through a network that fails and workers that are lost: at least once, and said so."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from clientloop import ClientLoop, ManualClock
from clientloop.model.messages import Delivery
from clientloop.ports.effects import Effect, Result
from tests.conftest import ROOT, Size
from tests.services.outgoing.chaos import (
    DEATHS,
    FATES,
    START,
    FastClock,
    Killed,
    Network,
    Server,
    clean_up,
    opened,
    queue,
    verify,
)

#: Seconds after which a run hangs: ten times what one takes.
HANGS = 600


class Workers:
    """Two workers on one file, each of which may be lost at any point, or be slower than its lease."""

    def __init__(self, url: str, server: Server, chance: Random) -> None:
        self.clock, self.chance = ManualClock(START), chance
        self.network = Network(server, chance, {**FATES, **DEATHS})
        self.lost = self.overtaken = 0
        self._is_nested = False
        self.loop = opened(url, self.clock, self._carry)
        self.other = opened(url, self.clock, self._carry)

    def _carry(self, effect: Effect) -> Result:
        """A call takes its time; now and then so long that another worker overtakes this one."""
        self.clock.advance(timedelta(seconds=self.chance.choice([0, 0, 0.1, 1, 8])))
        result = self.network(effect)
        if not self._is_nested and self.chance.random() < 0.02:
            self.clock.advance(timedelta(seconds=130))
            self.overtaken += 1
            self._is_nested = True
            self._run(self.other)
            self._is_nested = False
        return result

    def _run(self, loop: ClientLoop) -> None:
        try:
            with self._mortal(loop):
                loop.outbox.send_due()
        except Killed:
            self.lost += 1

    @contextmanager
    def _mortal(self, loop: ClientLoop) -> Iterator[None]:
        """A worker that may be lost before or after whatever it asks of its store."""
        with pytest.MonkeyPatch.context() as patch:
            for name in ("commit", "claim", "get"):
                patch.setattr(loop.store, name, self._or_lost(getattr(loop.store, name)))
            yield

    def _or_lost(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def mortal(*args: Any, **options: Any) -> Any:
            fate = self.chance.random()
            if fate < 0.003:
                raise Killed
            answer = act(*args, **options)
            if fate > 0.997:
                raise Killed
            return answer

        return mortal

    def run(self) -> None:
        """Work until nothing is left, with a person who looks after dead letters."""
        while waiting := self.loop.outbox.list(limit=1).items:
            wakes = waiting[0].wake_at
            if wakes is None:
                clean_up(self.loop, self.network.server)
            else:
                self.clock.set(max(self.clock.now(), wakes))
                self._run(self.loop)

    def close(self) -> None:
        """Close both."""
        self.loop.close()
        self.other.close()


def test_every_message_is_taken_whatever_happens(
    tmp_path: Path, size: Size, capsys: pytest.CaptureFixture[str]
) -> None:
    """Through refusals, timeouts, cuts, plugins that raise and workers that are lost, nothing is lost or altered.

    Repeats happen only where a channel recognises them; their number is printed with the seed.
    """
    many = size.pick(small=120, ci=1_000, night=1_000)
    for seed in range(size.pick(small=1, ci=2, night=50)):
        server = Server(tmp_path / f"{seed}.log")
        workers = Workers(f"sqlite:///{tmp_path / f'{seed}.db'}", server, Random(seed))
        wanted = queue(workers.loop, many)
        workers.run()
        repeats = verify(server, wanted)
        assert len(list(workers.loop.store.pages(Delivery, "main"))) == many
        assert len(workers.network.met) > len(FATES), "nearly everything that may happen has happened"
        assert workers.lost > many / 100
        assert workers.overtaken
        with capsys.disabled():
            print(  # noqa: T201  # asked for: how often a message was repeated
                f"\nseed {seed}: {many} messages, {sum(workers.network.met.values())} tries,"
                f" {workers.lost} workers lost, {repeats} repeats"
            )
        workers.close()


def test_every_message_is_taken_although_processes_are_killed(
    tmp_path: Path, size: Size, capsys: pytest.CaptureFixture[str]
) -> None:
    """Real workers, killed at random moments and started anew, share one file and lose nothing."""
    many, chance = size.pick(small=12, ci=300, night=2_000), Random(7)
    url, server, start = f"sqlite:///{tmp_path / 'shop.db'}", Server(tmp_path / "taken.log"), time.time()
    with opened(url, FastClock(start), lambda effect: pytest.fail("a worker sends, not the test")) as loop:
        wanted = queue(loop, many)
        workers: list[subprocess.Popen[bytes]] = []
        kills, spared, ends = 0, 0, time.monotonic() + HANGS
        while waiting := loop.outbox.list(limit=1).items:
            assert time.monotonic() < ends, f"there are still messages such as {waiting[0]}"
            while len(workers) < 2:
                workers.append(_worker(url, tmp_path / "taken.log", chance.randrange(2**32), start))
            time.sleep(chance.uniform(0, 0.1))
            if waiting[0].wake_at is None:
                clean_up(loop, server)
            elif len(server.taken()) >= spared:  # a worker that has done nothing yet is no loss
                victim = workers.pop(chance.randrange(2))
                victim.send_signal(signal.SIGKILL)
                victim.wait()
                kills, spared = kills + 1, len(server.taken()) + 5
        for worker in workers:
            worker.kill()
            worker.wait()
        repeats = verify(server, wanted)
        assert len(list(loop.store.pages(Delivery, "main"))) == many
    with capsys.disabled():
        print(f"\n{many} messages, {kills} processes killed, {repeats} repeats")  # noqa: T201  # as above


def _worker(url: str, log: Path, seed: int, start: float) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.services.outgoing.chaos", url, str(log), str(seed), str(start)], cwd=ROOT
    )
