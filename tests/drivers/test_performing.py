"""The objects that an application holds."""

import asyncio
import subprocess
import sys
from collections.abc import Generator
from datetime import UTC, datetime

import pytest

from clientloop.drivers.performing import AsyncDrivers, Drivers
from clientloop.errors import MissingExtra
from clientloop.ports.clock import ManualClock
from clientloop.ports.effects import (
    AskTime,
    Effect,
    HttpCall,
    HttpResult,
    ImapScan,
    MailServer,
    Result,
    TimeResult,
    ask,
    drive,
    drive_async,
)
from tests.drivers.peers import Line, playing

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def _adapter(url: str) -> Generator[Effect, Result, tuple[Result, Result]]:
    """An adapter that asks for the time and makes a call."""
    now = yield from ask(AskTime())
    answer = yield from ask(HttpCall(method="GET", url=url))
    return now, answer


def _answer(line: Line) -> None:
    line.read_request()
    line.write(b"HTTP/1.1 204 No Content\r\n\r\n")


def test_one_adapter_serves_both_kinds_of_hosts() -> None:
    """What an adapter yields is carried out the same, whether its host waits or awaits; time is the host's."""
    with playing(_answer) as peer, Drivers(clock=ManualClock(NOON)) as drivers:
        url = f"http://localhost:{peer.port}/"

        async def awaited() -> tuple[Result, Result]:
            async with AsyncDrivers(drivers) as asynchronous:
                return await drive_async(_adapter(url), asynchronous.perform)

        expected = (TimeResult(now=NOON), HttpResult(status=204))
        assert drive(_adapter(url), drivers.perform) == expected
        assert asyncio.run(awaited()) == expected


def test_drivers_that_were_closed_open_again() -> None:
    """Closing gives the connections back; it is no end."""
    with playing(_answer) as peer, Drivers() as drivers:
        call = HttpCall(method="GET", url=f"http://localhost:{peer.port}/")
        drivers.close()
        assert drivers.perform(call) == HttpResult(status=204)
        drivers.close()
        assert drivers.perform(call) == HttpResult(status=204)


CALL = HttpCall(method="GET", url="http://localhost/")
SCAN = ImapScan(server=MailServer(host="localhost", port=1))


@pytest.mark.parametrize(
    ("effect", "missing", "extra"),
    [(CALL, "httpcore2", "http"), (SCAN, "imapclient", "mail")],
)
def test_what_is_not_installed_is_named(
    monkeypatch: pytest.MonkeyPatch, effect: Effect, missing: str, extra: str
) -> None:
    """Without its library an effect says which extra brings it."""
    _forget(monkeypatch, missing)
    with Drivers() as drivers, pytest.raises(MissingExtra, match=rf"pip install 'clientloop\[{extra}\]'"):
        drivers.perform(effect)


def test_waiting_for_mail_names_its_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """So does waiting for mail."""
    _forget(monkeypatch, "imapclient")
    with Drivers() as drivers, pytest.raises(MissingExtra, match=r"clientloop\[mail\]"):
        drivers.wait_for_mail(SCAN, seconds=1)


@pytest.mark.parametrize("effect", [CALL, SCAN])
def test_awaiting_needs_a_library_of_its_own(monkeypatch: pytest.MonkeyPatch, effect: Effect) -> None:
    """An asynchronous host without anyio hears which extra brings it."""
    _forget(monkeypatch, "anyio")
    with Drivers() as drivers, pytest.raises(MissingExtra, match=r"clientloop\[http\]"):
        asyncio.run(AsyncDrivers(drivers).perform(effect))


def _forget(monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    for name in list(sys.modules):
        if name.partition(".")[0] == library or name.startswith("clientloop.drivers."):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)


def test_libraries_are_loaded_when_they_are_needed() -> None:
    """Drivers that have done nothing have loaded nothing."""
    script = (
        "from clientloop.drivers.performing import AsyncDrivers, Drivers; AsyncDrivers(Drivers())\n"
        "import sys; print(*{name.partition('.')[0] for name in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "clientloop" in done.stdout.split()
    assert not {"anyio", "httpcore2", "imapclient", "smtplib"} & set(done.stdout.split())
