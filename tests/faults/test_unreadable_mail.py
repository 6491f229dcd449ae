"""Mails about something that cannot be read: each waits for a person by itself, and all others are taken."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from clientloop import ClientLoop
from clientloop.errors import StoreCorrupt
from clientloop.model.channels import ChannelState, RawBody, RawState, StoredRaw
from clientloop.model.plan import Plan
from clientloop.model.where import eq
from clientloop.ports.events import Raw
from clientloop.services.intake.raws import LEASE
from tests.services.intake.wires import Script, advance, body, firm, webhook

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
    return Raw(body=body(said(number, sender)))


def said(number: int, sender: str) -> Mapping[str, str]:
    """What such a mail says."""
    return {"sort": "message", "key": f"m{number}", "from": sender, "text": f"mail {number}"}


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


@pytest.fixture
def half_read(loop: ClientLoop, script: Script) -> ClientLoop:
    """The same firm; the process that stored three messages was killed before it read them."""
    for number, sender in enumerate((BAD, "cid@example.com", "dan@example.com"), 1):
        message = webhook(said(number, sender), number=str(number))
        script.raises[message.body] = KeyboardInterrupt()
        with pytest.raises(KeyboardInterrupt):
            loop.channels.receive("wire", message)
    script.raises.clear()
    advance(loop, LEASE)
    return loop


def test_a_half_read_mail_of_somebody_who_cannot_be_read_stops_no_other(half_read: ClientLoop) -> None:
    """All others of its batch are read at once, and it alone is kept, for the reason that it has."""
    assert half_read.run_due().reread == 3
    assert titles(half_read) == {"mail 0", "mail 2", "mail 3"}
    [kept] = half_read.channels.quarantined()
    assert (kept.reason or "").startswith(f"event 1: {DAMAGED}")


#: How the row of the first half-read message is spoilt.
SPOILT = {"a value": "trust = 'of a later version'", "the name of its channel": "channel = CAST(x'ff' AS TEXT)"}


@pytest.mark.parametrize("what", SPOILT)
def test_a_half_read_mail_that_cannot_be_read_stops_no_other(half_read: ClientLoop, what: str, tmp_path: Path) -> None:
    """It is passed over, and all others are read at once."""
    first = "SELECT id FROM clientloop_raw WHERE state = 'received' ORDER BY wake_at, id LIMIT 1"
    write(tmp_path / "firm.db", f"UPDATE clientloop_raw SET {SPOILT[what]} WHERE id = ({first})")
    assert half_read.run_due().reread == 2
    assert titles(half_read) == {"mail 0", "mail 2", "mail 3"}


def test_a_half_read_mail_whose_bytes_cannot_be_read_stops_no_other(
    half_read: ClientLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is kept for a person, and all others are read at once."""
    original, store = half_read.store.get, half_read.store

    def get(cls: type, key: tuple[object, ...]) -> object:
        if cls is RawBody and not store.aggregate("main", quarantined)[0].values[0]:
            raise StoreCorrupt("page 7 is damaged")
        return original(cls, key)

    quarantined = Plan(cls=StoredRaw, where=eq("state", RawState.QUARANTINED))
    monkeypatch.setattr(store, "get", get)
    half_read.run_due()
    assert titles(half_read) == {"mail 0", "mail 2", "mail 3"}
    [kept] = half_read.channels.quarantined()
    assert kept.reason == str(StoreCorrupt("page 7 is damaged"))
