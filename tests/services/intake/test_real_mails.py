"""All mails of a collection that nobody here wrote come in: each ends somewhere, counted without the code in test."""

import re
import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field

from clientloop import ClientLoop
from clientloop.channels.mail.channel import Email
from clientloop.channels.mail.config import EmailConfig
from clientloop.model.channels import EventSort, RawBody, RawState, StoredRaw, TakenEvent
from clientloop.model.interactions import Interaction, Text
from clientloop.model.messages import DeliveryReport
from clientloop.ports.effects import Effect, ImapResult, ImapScan, MailServer, ScannedMail
from clientloop.ports.events import Raw

SERVER = MailServer(host="mail.firm.example", port=465)
EMAIL = Email(EmailConfig(smtp=SERVER, imap=SERVER, address="desk@firm.example"))


@pytest.fixture(scope="module")
def mails(real_data: Path) -> list[bytes]:
    """Each mail of the collection, in the order of the archive."""
    with tarfile.open(real_data / "mails.tar.gz") as archive:
        members = [member for member in archive.getmembers() if member.isfile() and member.name.endswith(".eml")]
        return [file.read() for member in members if (file := archive.extractfile(member))]


@define
class Mailbox:
    """A folder on the firm's mail server."""

    #: Its mails; the first has UID 1.
    mails: list[bytes] = field(factory=list)
    #: Its UIDVALIDITY.
    validity: int = 1

    def perform(self, effect: Effect) -> ImapResult:
        """Look into it."""
        assert isinstance(effect, ImapScan)
        after = effect.after if effect.validity == self.validity else 0
        found = [ScannedMail(uid=uid, content=mail) for uid, mail in enumerate(self.mails, 1) if uid > after]
        return ImapResult(validity=self.validity, mails=tuple(found[: effect.limit]))


@pytest.fixture
def mailbox() -> Mailbox:
    """An empty folder."""
    return Mailbox()


@pytest.fixture(params=["memory:", "sqlite"])
def loop(request: pytest.FixtureRequest, tmp_path: Path, mailbox: Mailbox) -> Iterator[ClientLoop]:
    """A firm that reads its mails from there."""
    url = f"sqlite:///{tmp_path / 'firm.db'}" if request.param == "sqlite" else request.param
    with ClientLoop.open(url, entry_points=False, channels={"email": EMAIL}, perform=mailbox.perform) as loop:
        yield loop


def rows(loop: ClientLoop, cls: type) -> list[Any]:
    """All rows of one record."""
    return list(loop.store.pages(cls, "main"))


def message_id(mail: bytes) -> bytes | None:
    """The id of a mail as it stands in its bytes."""
    found = re.search(rb"(?im)^message-id:\s*<?([^<>\s]+)", mail)
    return found[1] if found else None


#: The record that says what became of an event of each sort, and its field that holds the event's key on the channel.
BECOME = {EventSort.MESSAGE: (Interaction, "origin"), EventSort.DELIVERY: (DeliveryReport, "key")}


def test_every_mail_ends_somewhere(loop: ClientLoop, mails: list[bytes]) -> None:
    """Each of them is an interaction, a delivery report, a consent word, an ignored event, or whole in quarantine."""
    received = [loop.channels.receive("email", Raw(body=mail)) for mail in mails]
    stored = {each.id: each for each in rows(loop, StoredRaw)}
    bodies = {each.id: each.content for each in rows(loop, RawBody)}
    shown = {sort: {getattr(row, field) for row in rows(loop, cls)} for sort, (cls, field) in BECOME.items()}
    ids, ends = Counter(map(message_id, mails)), Counter[str]()
    for mail, found in zip(mails, received, strict=True):
        assert found.reply.status == 200
        if found.state is RawState.QUARANTINED:
            assert bodies[found.raw] == mail
            reason = stored[found.raw].reason
            assert reason
            # the makers of the collection gave many of their mails one id: of two with other words both are kept
            ends["other words" if reason.endswith("and other words") else "quarantine"] += 1
            assert reason.endswith("and other words") <= (ids[message_id(mail)] > 1)
            continue
        assert found.events
        for event in found.events:
            assert event.key in shown.get(event.sort, [event.key])
        if found.raw is None:  # another copy was there before, under the same id, whose bytes are kept
            [first] = {event.raw for event in found.events}
            assert message_id(bodies[first]) == message_id(mail) is not None
            ends["repeated"] += 1
        else:
            assert (stored[found.raw].state, bodies[found.raw]) == (RawState.READ, mail)
            ends[found.events[0].sort.value] += 1
    assert ends.total() == len(mails) == 69
    # nothing is stored that was not sent, and nothing is left half-way
    assert set(bodies.values()) <= set(mails)
    assert {each.state for each in stored.values()} <= {RawState.READ, RawState.QUARANTINED}
    assert set(stored) == set(bodies)
    print(dict(ends))  # noqa: T201  # the count is what was asked for
    assert ends["other words"] + ends["repeated"] <= len(mails) - len(ids)
    # nearly all of the others are letters of people
    assert ends["message"] >= 40
    assert ends["quarantine"] <= 1


def test_a_mailbox_of_all_of_them_is_read_to_its_end_and_but_once(
    loop: ClientLoop, mailbox: Mailbox, mails: list[bytes]
) -> None:
    """Polled, they end as they do when they are handed in; a folder that is numbered anew brings nothing new."""
    mailbox.mails = mails
    assert loop.run_due().fetched == len(mails)
    before = {cls: len(rows(loop, cls)) for cls in (StoredRaw, TakenEvent, Interaction, Text)}
    assert before[TakenEvent] >= before[Interaction] >= 40
    mailbox.validity = 2
    assert loop.channels.poll("email").messages == len(mails)
    assert {cls: len(rows(loop, cls)) for cls in before} == before
