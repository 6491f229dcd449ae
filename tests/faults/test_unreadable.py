"""Rows that cannot be read, though their pages are whole: they stop no others, and have their turn once mended."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from attrs import frozen

from clientloop import ClientLoop, ManualClock
from clientloop.errors import StoreCorrupt
from clientloop.model.feedback import Feedback
from clientloop.services.keeping.checking import check
from clientloop.services.outgoing import batch
from clientloop.services.staff import absences
from clientloop.services.staff.absences import AGAIN
from clientloop.testing.fakes import FakeChannels
from tests.app.firms import queue, until, working
from tests.faults.house import START

#: What is spoilt: a state that only a later version knows, and a text that is none.
SPOILT = {"value": "purpose = 'of a later version'", "text": "subject = CAST(x'ff' AS TEXT)"}

MENDED = "purpose = 'service', subject = ''"

MESSAGES = 4


@frozen
class Firm:
    """A firm in a file, with messages in its outbox."""

    loop: ClientLoop
    clock: ManualClock
    channel: FakeChannels
    file: Path

    def write(self, statement: str) -> None:
        """Change the file by hand."""
        with closing(sqlite3.connect(self.file, isolation_level=None)) as connection:
            connection.execute(statement)

    def spoil(self, what: str, *, times: int = 1) -> None:
        """Make the messages unreadable that are claimed first."""
        first = f"SELECT id FROM clientloop_outbox ORDER BY wake_at, id LIMIT {times}"
        self.write(f"UPDATE clientloop_outbox SET {SPOILT[what]} WHERE id IN ({first})")

    def run_later(self, after: timedelta = timedelta(hours=1)) -> None:
        """Do what is due when all leases have ended."""
        self.clock.advance(after)
        self.loop.run_due()


@pytest.fixture
def firm(tmp_path: Path) -> Iterator[Firm]:
    """The firm: some questions were answered, and nothing is sent yet."""
    clock, channel, file = ManualClock(START), FakeChannels("email"), tmp_path / "firm.db"
    with ClientLoop.open(f"sqlite:///{file}", entry_points=False, plugins=[channel], clock=clock) as loop:
        for number in range(MESSAGES):
            address = f"a{number}@example.com"
            item = loop.feedback.receive(kind="question", channel="email", text="Open?", reply_to=address)
            loop.feedback.move(item, "answer", by="agent", text="Until six.")
        yield Firm(loop, clock, channel, file)


@pytest.mark.parametrize("what", SPOILT)
def test_a_message_that_cannot_be_read_stops_no_other(firm: Firm, what: str, caplog: pytest.LogCaptureFixture) -> None:
    """All others are sent at once; it is told to the log and by a check, and is sent once it is mended."""
    firm.spoil(what)
    with caplog.at_level(logging.ERROR):
        firm.loop.run_due()
    assert len(firm.channel.sent) == MESSAGES - 1
    (told,) = caplog.messages
    assert told.startswith("clientloop_outbox: rows that cannot be read")
    assert {breach.rule for breach in check(firm.loop.store, "main")} == {"readable"}
    firm.run_later()
    assert len(firm.channel.sent) == MESSAGES - 1
    firm.write(f"UPDATE clientloop_outbox SET {MENDED}")
    firm.run_later()
    assert len({message.id for message in firm.channel.sent}) == len(firm.channel.sent) == MESSAGES


@pytest.mark.parametrize("what", SPOILT)
def test_a_batch_that_cannot_be_read_hides_nothing(firm: Firm, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where all that is claimed first is spoilt, the same run comes to what lies behind it."""
    monkeypatch.setattr(batch, "BATCH", 1)
    firm.spoil(what, times=MESSAGES - 1)
    firm.loop.run_due()
    assert len(firm.channel.sent) == 1


@pytest.mark.parametrize("what", SPOILT)
def test_a_message_that_cannot_be_read_hides_no_channel(firm: Firm, what: str) -> None:
    """Whoever looks after the messages of channels that cannot be used finds all of them."""
    firm.spoil(what)
    queue(firm.loop, "fax")
    assert list(batch.waiting_channels(firm.loop.context)) == ["email", "fax"]


def test_a_message_of_an_item_that_cannot_be_read_stops_no_other(firm: Firm) -> None:
    """All others are sent, though it is their turn after its own."""
    first = "SELECT item FROM clientloop_outbox ORDER BY wake_at, id LIMIT 1"
    firm.write(f"UPDATE clientloop_feedback SET outcome = 'of a later version' WHERE id = ({first})")
    firm.loop.run_due()
    assert len(firm.channel.sent) == MESSAGES - 1


def test_deadlines_of_an_item_that_cannot_be_read_stop_no_other(firm: Firm) -> None:
    """The steps of all other items are taken, though its own comes first."""
    loop = firm.loop
    first, second = (
        loop.feedback.receive(kind="complaint", channel="email", text="Cold.", reply_to="b@example.com")
        for _ in range(2)
    )
    before = loop.feedback.history(second)
    lose(firm, first)
    firm.run_later(timedelta(days=30))
    assert len(loop.feedback.history(second)) > len(before)


def given(loop: ClientLoop, owner: str) -> Feedback:
    """An item that somebody owns."""
    item = loop.feedback.receive(kind="complaint", channel="email", text="Cold.", reply_to="b@example.com")
    return loop.feedback.move(item, "assign", to=owner, by="boss")


def lose(firm: Firm, item: Feedback) -> None:
    """Make an item unreadable."""
    firm.write(f"UPDATE clientloop_feedback SET outcome = 'of a later version' WHERE id = x'{item.id.hex}'")


def test_an_item_of_somebody_absent_that_cannot_be_read_stops_no_other(firm: Firm) -> None:
    """All other work is handed over, also that of whoever else is away; it is named, and follows once it is mended."""
    loop = firm.loop
    for name in ("ana", "tim", "eva"):
        loop.staff.add(name)
    lost, *others = (given(loop, owner) for owner in ("ana", "ana", "tim"))
    lose(firm, lost)
    assert dict(loop.staff.reassign("ana", by="boss", to="eva").left).keys() == {lost.id}
    loop.feedback.move(others[0].id, "hand_over", to="ana", by="boss")
    for name in ("ana", "tim"):
        loop.staff.away(name, deputy="eva")
    loop.run_due()
    assert {loop.feedback.get(item.id).owner for item in others} == {"eva"}
    firm.write("UPDATE clientloop_feedback SET outcome = 'open'")
    firm.run_later(AGAIN)
    assert loop.feedback.get(lost.id).owner == "eva"


def test_an_absence_that_cannot_begin_stops_no_other(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its turn comes again when its lease ends; the work of whoever else is away is handed over in the same run."""
    loop = firm.loop
    for name in ("ana", "tim", "eva"):
        loop.staff.add(name)
    items = [given(loop, owner) for owner in ("ana", "tim")]
    for name in ("ana", "tim"):
        loop.staff.away(name, deputy="eva")
    original, damage = absences.Giver.give, [StoreCorrupt]
    monkeypatch.setattr(absences.Giver, "give", lambda giver: _raise(damage.pop()) if damage else original(giver))
    loop.run_due()
    assert [loop.feedback.get(item.id).owner for item in items] == ["ana", "eva"]
    firm.run_later(absences.LEASE)
    assert [loop.feedback.get(item.id).owner for item in items] == ["eva", "eva"]


def _raise(error: type[Exception]) -> None:
    raise error


def lose_a_space(firm: Firm) -> None:
    """Make a space unreadable whose turn is before the firm's own."""
    queue(firm.loop.in_space("lost"), "email")
    firm.write("UPDATE clientloop_space SET region = CAST(x'ff' AS TEXT) WHERE space = 'lost'")


def test_a_space_that_cannot_be_read_is_told_when_all_others_have_had_their_turn(firm: Firm) -> None:
    """Who runs what is due hears of it, by its name, and everything else is done."""
    lose_a_space(firm)
    with pytest.raises(StoreCorrupt) as caught:
        firm.loop.run_due()
    assert caught.value.__notes__ == ["this is space 'lost'; all other spaces have had their turn"]
    assert len(firm.channel.sent) == MESSAGES


def test_a_space_that_cannot_be_read_stops_no_other(firm: Firm) -> None:
    """A worker goes on in all other spaces, though this one comes first."""
    lose_a_space(firm)
    with working(firm.loop) as worker:
        until(lambda: worker.health().done.accepted == MESSAGES)
        until(lambda: worker.health().failures > 0)
