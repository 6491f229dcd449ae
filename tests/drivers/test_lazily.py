"""The drivers of an application that brings none."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from clientloop import ClientLoop, ManualClock
from clientloop.channels.sms.channel import Sms, SmsConfig
from clientloop.drivers import performing
from clientloop.drivers.lazily import LazyDrivers
from clientloop.ports.effects import AskTime, TimeResult
from tests.drivers.mailhost import Mailhost, hosting
from tests.services.intake.wires import NINE

SMS = SmsConfig(account="AC1", auth_token="t", sender="+38640111222")


def test_nothing_is_loaded_before_something_is_sent() -> None:
    """Opening a firm with channels loads neither TLS nor an HTTP library."""
    script = (
        "import sys; from clientloop import ClientLoop\n"
        "with ClientLoop.open('memory:', channels={'email': 'smtp://localhost?address=a@b.example'}) as loop: pass\n"
        "print({'ssl', 'httpcore2', 'imapclient', 'clientloop.drivers.performing'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_all_threads_and_spaces_share_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is first makes the drivers; they are closed with the loop, and tell the time by its clock."""
    made, begin = [], threading.Barrier(8)

    class Counted(performing.Drivers):
        def __init__(self, **options: object) -> None:
            super().__init__(**options)
            made.append(self)
            self.closed = False

        def close(self) -> None:
            self.closed = True
            super().close()

    monkeypatch.setattr(performing, "Drivers", Counted)
    with ClientLoop.open("memory:", clock=ManualClock(NINE), entry_points=False) as loop:
        views = [loop.in_space(f"firm_{number}") for number in range(8)]

        def ask(view: ClientLoop) -> object:
            begin.wait(10)
            return view.context.parts.perform(AskTime())

        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(ask, views)) == [TimeResult(now=NINE)] * 8
        [drivers] = made
        assert not drivers.closed
    assert drivers.closed


def test_closing_what_was_never_used_is_no_fault() -> None:
    """An application that sends nothing closes nothing."""
    LazyDrivers(ManualClock(NINE)).close()


def test_mail_is_sent_without_any_extra() -> None:
    """SMTP needs the standard library alone: a plain installation sends mail."""
    with hosting(Mailhost()) as host:
        url = f"smtp://127.0.0.1:{host.port}?address=desk@firm.example"
        with ClientLoop.open("memory:", channels={"email": url}, entry_points=False) as loop:
            item = loop.feedback.receive(kind="question", channel="email", text="Open?", reply_to="ana@example.com")
            loop.feedback.move(item, "answer", by="mia", text="Until six.")
            assert loop.run_due().accepted == 1
        assert [envelope.rcpt_tos for envelope in host.taken] == [["ana@example.com"]]


def test_an_application_may_carry_out_everything_itself() -> None:
    """Where it brings the means no driver is made."""
    with ClientLoop.open(
        "memory:", channels={"sms": Sms(SMS)}, perform=lambda _: TimeResult(now=NINE), entry_points=False
    ) as loop:
        assert loop.context.parts.perform(AskTime()) == TimeResult(now=NINE)
