"""From a form to a mailbox: a configuration file, an application, a worker, and a real server of mail."""

import re
import subprocess
import sys
from datetime import timedelta
from email import message_from_bytes, policy
from io import BytesIO
from urllib.parse import urlencode
from wsgiref.util import setup_testing_defaults

import pytest

from clientloop import ClientLoop, ManualClock
from clientloop.channels.form.apps import WsgiForm
from tests.cli.conftest import NINE
from tests.drivers.mailhost import Mailhost, hosting

MAIN = "from clientloop.cli import main; main()"

CONFIG = """
store = "sqlite:///shop.db"

[space]
zone = "Europe/Ljubljana"

[channels]
email = "smtp://127.0.0.1:{port}?address=desk@firm.example&name=The%20Firm"

[channels.form]
keys = ["env:FORM_KEY"]

[[channels.form.forms]]
name = "contact"
kind = "complaint"
title = {{ en = "Tell us" }}
reader = {{ en = "Mira Kos reads every message." }}
contacts = [{{ label = {{ en = "Call 01 234 56 78" }} }}]
fields = [{{ name = "text", asks = "text" }}, {{ name = "email", asks = "email" }}]
"""


@pytest.fixture
def mailhost():
    """The server of the firm's provider."""
    with hosting(Mailhost()) as host:
        yield host


def visit(app, method="GET", **fields):
    """Open the page, or post it."""
    body = urlencode(fields).encode()
    environ = {"REQUEST_METHOD": method, "wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}
    environ["CONTENT_TYPE"] = "application/x-www-form-urlencoded"
    setup_testing_defaults(environ)
    told = []
    return b"".join(app(environ, lambda status, headers: told.append((status, dict(headers))))).decode(), told[0]


def test_a_complaint_by_form_is_acknowledged_by_mail(empty_folder, mailhost, monkeypatch):
    """The application takes the post; another process, started by cron, sends the mail; nothing is sent twice."""
    monkeypatch.setenv("FORM_KEY", "k" * 40)
    (empty_folder / "clientloop.toml").write_text(CONFIG.format(port=mailhost.port))
    clock = ManualClock(NINE)
    with ClientLoop.from_config("clientloop.toml", clock=clock) as loop:
        loop.settings.set("acknowledge", {"form"})
        app = WsgiForm(
            loop.channels.channel("form"), "contact", lambda raw: loop.channels.receive("form", raw).reply, clock=clock
        )
        page, _ = visit(app)
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
        clock.advance(timedelta(seconds=30))
        _, (status, _) = visit(app, "POST", **hidden, text="The parcel came broken", email="ana@example.com")
        assert status.startswith("303")
        [item] = loop.inbox()
        assert (item.kind, item.channel, item.reply_to) == ("complaint", "form", "ana@example.com")

        for said in ("1 message accepted, 0 failed", "0 messages accepted, 0 failed"):
            done = subprocess.run(
                [sys.executable, "-c", MAIN, "run", "--now", "2026-03-02T09:05"],
                capture_output=True, text=True, check=False, timeout=60,
            )  # fmt: skip
            assert (done.returncode, done.stderr) == (0, "")
            assert done.stdout.rstrip().endswith(said)
        [envelope] = mailhost.taken
        assert envelope.rcpt_tos == ["ana@example.com"]
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert mail["From"] == "The Firm <desk@firm.example>"
        assert item.ref in mail.get_body(("plain",)).get_content()
        assert loop.feedback.get(item).acknowledged_at is not None
