"""Mails about something that cannot be read: each waits for a person by itself, and all others are taken."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from clientloop import ClientLoop
from clientloop.model.channels import ChannelState
from clientloop.ports.events import Raw
from tests.services.intake.wires import Script, body, firm

DAMAGED = "customer.customer_class is damaged where it is stored"

#: Whose row is damaged.
BAD = "bad@example.com"


@pytest.fixture
def script() -> Script:
    """A mailbox that brings all it has at once."""
    return Script(size=10)


@pytest.fixture
def loop(script: Script, tmp_path: Path) -> Iterator[ClientLoop]:
    """A firm that knows somebody whose row is damaged."""
    file = tmp_path / "firm.db"
    with firm(f"sqlite:///{file}", script) as opened:
        script.box.append(mail(0, BAD))
        opened.run_due()
        write(file, "UPDATE clientloop_customer SET customer_class = 'of a later version'")
        yield opened


def write(file: Path, statement: str) -> None:
    """Change the file by hand."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute(statement)


def mail(number: int, sender: str) -> Raw:
    """A mail that says its number."""
    return Raw(body=body({"sort": "message", "key": f"m{number}", "from": sender, "text": f"mail {number}"}))


def titles(loop: ClientLoop) -> set[str]:
    """What stands in the inbox."""
    return {str(item.title) for item in loop.inbox()}


def state_of(loop: ClientLoop) -> ChannelState:
    """The row of the mailbox."""
    [state] = loop.store.pages(ChannelState, "main")
    return state


def test_a_mail_of_somebody_who_cannot_be_read_stops_no_other(loop: ClientLoop, script: Script, tmp_path: Path) -> None:
    """It is kept with the reason, what lies behind it is taken, and once that is mended it is taken too."""
    script.box += [mail(1, "ana@example.com"), mail(2, BAD), mail(3, "cid@example.com")]
    loop.channels.poll("box")
    assert titles(loop) == {"mail 0", "mail 1", "mail 3"}
    [kept] = loop.channels.quarantined()
    assert (kept.reason or "").startswith(f"event 1: {DAMAGED}")
    assert (state_of(loop).cursor, state_of(loop).error) == ("4", None)
    write(tmp_path / "firm.db", "UPDATE clientloop_customer SET customer_class = NULL")
    assert loop.channels.replay().read == 1
    assert "mail 2" in titles(loop)
