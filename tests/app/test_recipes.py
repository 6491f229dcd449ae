"""The recipes for workers, as the guide has them, at work."""

import asyncio
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest

from clientloop import ClientLoop
from tests.app.firms import HANGS, HANGS_OUTSIDE, queue, until

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "workers.md"

#: The program as it is installed beside the interpreter.
PROGRAM = Path(sys.executable).with_name("clientloop")


def recipe(heading: str, language: str) -> str:
    """The first block of a language below a heading of the guide."""
    page = GUIDE.read_text(encoding="utf-8")
    found = re.search(rf"^#+ {re.escape(heading)}\n.*?^```{language}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert found, f"the guide has no {language} below {heading!r}"
    return found[1]


def run(code: str, *replaced: tuple[str, str]) -> Mapping[str, Any]:
    """The names that a block of Python makes, with what differs here put into it."""
    for what, by in replaced:
        assert what in code
        code = code.replace(what, by)
    names: dict[str, Any] = {}
    exec(compile(code, str(GUIDE), "exec", dont_inherit=True), names)
    return names


def ini(text: str) -> ConfigParser:
    """A file of a supervisor, read."""
    parser = ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # as the library's own documentation has it
    parser.read_string(text)
    return parser


@pytest.fixture
def shop(tmp_path: Path) -> str:
    """The address of a store with one message that no channel of the program can send: it will wait for a person."""
    url = f"sqlite:///{tmp_path}/shop.db"
    with ClientLoop.open(url, entry_points=False) as loop:
        queue(loop, "fax")
    return url


def was_worked_on(url: str) -> bool:
    """Whether somebody has tried to send the message."""
    with ClientLoop.open(url, entry_points=False) as loop:
        return bool(loop.outbox.dead_letters().items)


@pytest.fixture
def started() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts processes, which are gone at the end."""
    processes: list[subprocess.Popen[str]] = []

    def start(*command: str, **options: Any) -> subprocess.Popen[str]:
        processes.append(
            subprocess.Popen(command, text=True, stderr=subprocess.PIPE, stdout=subprocess.PIPE, **options)
        )
        return processes[-1]

    yield start
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.mark.in_ci("starts processes for seconds")
def test_cron(shop: str, tmp_path: Path) -> None:
    """The line of a crontab does what is due."""
    line = recipe("By cron", "text")
    schedule, command = line.split(" cd ", 1)
    assert len(schedule.split()) == 5
    command = f"cd {command}".replace("/srv/shop", str(tmp_path)).replace("venv/bin/clientloop", str(PROGRAM))
    done = subprocess.run(
        ["/bin/sh", "-c", command], env={**os.environ, "CLIENTLOOP_STORE": shop},
        capture_output=True, text=True, check=True, timeout=HANGS_OUTSIDE,
    )  # fmt: skip
    assert "0 messages accepted, 1 failed" in done.stdout
    assert was_worked_on(shop)


def test_systemd(shop: str, tmp_path: Path, started: Callable[..., subprocess.Popen[str]]) -> None:
    """What the unit starts works until systemd stops it, and ends with 0 in the time that the unit allows."""
    service = ini(recipe("systemd", "ini"))["Service"]
    command = service["ExecStart"].replace("%i", "1")
    command = command.replace("/srv/shop/venv/bin/clientloop", str(PROGRAM)).replace("/run/clientloop", str(tmp_path))
    process = started(*shlex.split(command), env={**os.environ, "CLIENTLOOP_STORE": shop})
    until(lambda: was_worked_on(shop), seconds=HANGS_OUTSIDE)
    process.send_signal(signal.SIGTERM)
    assert process.wait(float(service["TimeoutStopSec"])) == 0
    check = recipe("Is it well?", "sh").replace("/run/clientloop", str(tmp_path))
    assert subprocess.run(["/bin/sh", "-c", check], check=False).returncode == 0
    os.utime(tmp_path / "1", (time.time() - 300, time.time() - 300))
    assert subprocess.run(["/bin/sh", "-c", check], check=False).returncode == 1


@pytest.mark.in_ci("starts processes for seconds")
def test_supervisor(shop: str, tmp_path: Path, started: Callable[..., subprocess.Popen[str]]) -> None:
    """It starts as many as the file says, and stops them as they like to be stopped."""
    pytest.importorskip("supervisor")
    text = recipe("supervisor", "ini").replace("/srv/shop/venv/bin/clientloop", str(PROGRAM))
    config = tmp_path / "supervisord.conf"
    head = f"[supervisord]\nnodaemon=true\nlogfile={tmp_path}/log\npidfile={tmp_path}/pid\nchildlogdir={tmp_path}\n"
    config.write_text(f"{head}\n{text.replace('/srv/shop', str(tmp_path))}", encoding="utf-8")
    daemon = [sys.executable, "-W", "ignore", "-m", "supervisor.supervisord", "-c", str(config)]
    process = started(*daemon, env={**os.environ, "CLIENTLOOP_STORE": shop})
    logs: list[Path] = []

    def are_running() -> bool:
        """Whether both have said so."""
        logs[:] = tmp_path.glob("clientloop_*-stderr*")
        return len(logs) == 2 and all("running" in log.read_text(encoding="utf-8") for log in logs)

    until(lambda: are_running() and was_worked_on(shop), seconds=HANGS_OUTSIDE)
    process.terminate()
    process.wait(HANGS_OUTSIDE)
    log = (tmp_path / "log").read_text(encoding="utf-8")
    assert len(re.findall(r"stopped: clientloop_\d \(exit status 0\)", log)) == 2, log


def test_asgi(shop: str) -> None:
    """The worker begins with the application, by the protocol of lifespans, and has ended when that is shut down."""
    pytest.importorskip("starlette")
    app = run(recipe("Beside an ASGI application", "python"), ("sqlite:///shop.db", shop))["app"]

    async def live() -> list[str]:
        said: list[str] = []
        events, answered = asyncio.Queue[dict[str, str]](), asyncio.Queue[None]()

        async def send(message: Mapping[str, str]) -> None:
            said.append(message["type"])
            await answered.put(None)

        serving = asyncio.create_task(app({"type": "lifespan", "state": {}}, events.get, send))
        await events.put({"type": "lifespan.startup"})
        await asyncio.wait_for(answered.get(), HANGS)
        await asyncio.to_thread(until, lambda: app.state.loop.outbox.dead_letters().items)
        await events.put({"type": "lifespan.shutdown"})
        await asyncio.wait_for(serving, HANGS)
        return said

    assert asyncio.run(live()) == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert was_worked_on(shop)


def test_celery(shop: str) -> None:
    """Beat knows the task and when, and the task does what is due."""
    celery_beat = pytest.importorskip("celery.beat")
    changes = [("sqlite:///shop.db", shop), ("redis://localhost", "memory://")]
    app = run(recipe("By Celery", "python"), *changes)["app"]
    app.conf.task_always_eager = app.conf.task_eager_propagates = True
    [entry] = celery_beat.Scheduler(app=app, lazy=False).schedule.values()
    assert entry.schedule.run_every.total_seconds() == 30
    assert app.tasks[entry.task].apply_async(**entry.options).successful()
    assert was_worked_on(shop)


def test_procrastinate(shop: str) -> None:
    """The task is periodic, is there once at most, and does what is due."""
    procrastinate = pytest.importorskip("procrastinate")
    testing = pytest.importorskip("procrastinate.testing")
    names = run(recipe("By procrastinate", "python"), ("postgresql://localhost/shop", shop))
    app, task = names["app"], names["run_due"]
    [periodic] = app.periodic_registry.periodic_tasks.values()
    assert (periodic.task, periodic.cron) == (task, "* * * * *")
    with app.replace_connector(testing.InMemoryConnector()) as tried:
        task.defer(timestamp=0)
        with pytest.raises(procrastinate.exceptions.AlreadyEnqueued):
            task.defer(timestamp=60)
        tried.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)
    assert was_worked_on(shop)
