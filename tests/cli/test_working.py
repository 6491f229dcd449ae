"""`clientloop worker`: what signals do, and what it says."""

import os
import signal
import socket
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest

from clientloop import ClientLoop
from clientloop.cli.app import execute, start
from clientloop.cli.working import SIGNALS, _ended_by_signals
from clientloop.model.messages import MessageState
from tests.app.firms import HANGS_OUTSIDE, queue, until
from tests.cli.terminal import screen


class Stopped:
    """A worker that counts how often it is told to stop."""

    def __init__(self) -> None:
        self.times = 0

    def stop(self) -> None:
        """Count."""
        self.times += 1


@pytest.mark.parametrize("number", SIGNALS)
def test_the_second_signal_is_left_to_the_system(number: signal.Signals) -> None:
    """The first one stops the worker, and afterwards all is as it was before."""
    worker, before = Stopped(), signal.getsignal(number)
    with _ended_by_signals(worker):  # type: ignore[arg-type]  # as far as it is asked
        signal.raise_signal(number)
        assert (worker.times, signal.getsignal(number)) == (1, signal.SIG_DFL)
    assert signal.getsignal(number) == before


@pytest.mark.in_ci("starts a process for seconds")
def test_the_second_signal_ends_a_worker_that_hangs(tmp_path: Path) -> None:
    """At once, whatever it has in hand; the message may have been sent, and is kept as such."""
    url, config = f"sqlite:///{tmp_path}/shop.db", tmp_path / "shop.toml"
    with socket.create_server(("127.0.0.1", 0)) as deaf, ClientLoop.open(url, entry_points=False) as loop:
        server = f"smtp://127.0.0.1:{deaf.getsockname()[1]}?address=desk@firm.example"
        config.write_text(f'store = "{url}"\n[channels]\nemail = "{server}"\n', encoding="utf-8")
        queue(loop, "email")
        program = Path(sys.executable).with_name("clientloop")
        command = [str(program), "worker", "--config", str(config)]
        with subprocess.Popen(command, stderr=subprocess.PIPE, env={**os.environ, "NO_COLOR": "1"}) as process:
            try:
                until(
                    lambda: [each.state for each in loop.outbox.list()] == [MessageState.SENDING], seconds=HANGS_OUTSIDE
                )
                process.terminate()
                with pytest.raises(subprocess.TimeoutExpired):
                    process.wait(1)
                process.terminate()
                assert process.wait(HANGS_OUTSIDE) == -signal.SIGTERM
            finally:
                process.kill()
        assert [each.state for each in loop.outbox.list()] == [MessageState.SENDING]


@pytest.mark.parametrize("option", ["--grace", "--tell-every"])
def test_what_is_no_time_to_wait_is_refused(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing, less than nothing, and more than a day."""
    for seconds in ("0", "-1", "100000", "nan"):
        assert start(["worker", f"{option}={seconds}"]) == 1
        assert f"{option} {seconds} is no time to wait" in capsys.readouterr().err


def test_a_health_file_in_no_folder_is_refused(tmp_path: Path) -> None:
    """Before the worker begins: it could tell nobody how it is."""
    out, err = StringIO(), StringIO()
    file = tmp_path / "nowhere" / "health"
    ended = execute(["worker", "--store", "memory:", "--health-file", str(file)], screen(out, err))
    assert ended == 1
    assert f"there is no folder {file.parent}" in err.getvalue().replace("\n", " ")
