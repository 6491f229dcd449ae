"""The same messages from many threads and processes at once: each event has one effect."""

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from clientloop import ClientLoop
from clientloop.model.channels import RawState, StoredRaw
from clientloop.model.customers import Customer
from clientloop.model.feedback import Feedback
from clientloop.model.interactions import Interaction
from tests.conftest import ROOT, Size
from tests.services.intake.test_raws import keys, rows
from tests.services.intake.wires import Script, firm, webhook

#: Ten times what the slowest of them took.
HANG = 120

SENDER = """
import sys
from tests.services.intake.wires import Script, firm, webhook

with firm(sys.argv[1], Script()) as loop:
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(int(sys.argv[2])):
        words = {"sort": "message", "key": f"b{number}"}
        for said in (webhook(f"a{number}", words), webhook(f"a{number}", words, number="2")):
            assert loop.channels.receive("wire", said).state == "read"
"""


def assert_each_once(loop: ClientLoop, many: int) -> None:
    """Every visit and every message is there once, all messages of one customer, and nothing is in quarantine."""
    assert keys(loop) == {f"a{number}": 1 for number in range(many)}
    items = {item.id for item in rows(loop, Feedback)}
    said = Counter(each.origin for each in rows(loop, Interaction) if each.id in items)
    assert said == {f"b{number}": 1 for number in range(many)}
    assert len(rows(loop, Customer)) == 1
    assert not loop.channels.quarantined()


def test_ten_threads_take_each_event_once(opened: Callable[[Script], ClientLoop], size: Size) -> None:
    """Redelivered by ten threads at once, some as the very same message, each event is there once."""
    loop, many = opened(Script()), size.pick(small=3, ci=20, night=200)
    for number in range(many):
        words = {"sort": "message", "key": f"b{number}"}
        said = [webhook(f"a{number}", words, number=str(thread % 5)) for thread in range(10)]
        with ThreadPoolExecutor(len(said)) as pool:
            received = list(pool.map(lambda raw: loop.channels.receive("wire", raw), said))
        assert {each.state for each in received} == {RawState.READ}
        assert len({tuple(event.became for event in each.events) for each in received}) == 1
    assert_each_once(loop, many)
    # both events came out of one message, or each out of one
    assert many <= len(rows(loop, StoredRaw)) <= 2 * many


def test_two_processes_take_each_event_once(tmp_path: Path, size: Size) -> None:
    """Two processes that are sent the same at the same time share one file, and each event is there once."""
    url, many = f"sqlite:///{tmp_path / 'firm.db'}", size.pick(small=5, ci=100, night=1_000)
    with firm(url, Script()) as loop:
        pair = [
            subprocess.Popen(
                [sys.executable, "-c", SENDER, url, str(many)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, text=True,
            )
            for _ in range(2)
        ]  # fmt: skip
        try:
            for process in pair:
                assert process.stdout is not None
                assert process.stdout.readline() == "ready\n"
            said = [process.communicate("\n", timeout=HANG)[1] for process in pair]
        finally:
            for process in pair:
                process.kill()
        assert said == ["", ""]
        assert_each_once(loop, many)
        assert {each.state for each in rows(loop, StoredRaw)} == {RawState.READ}
