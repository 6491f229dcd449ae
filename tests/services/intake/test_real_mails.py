"""All mails of a collection that nobody here wrote come in: each ends somewhere, counted without the code in test."""

import re
import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clientloop import ClientLoop
from clientloop.channels.mail.incoming import events
from clientloop.model.channels import EventSort, RawBody, RawState, StoredRaw, TakenEvent
from clientloop.model.customers import Trust
from clientloop.model.interactions import Interaction, Text
from clientloop.model.messages import DeliveryReport
from clientloop.ports.channel import Channel, Spec
from clientloop.ports.events import Parsed, Raw, Verdict


class Mails(Channel):
    """Reads mails, of which no sender is proved."""

    spec = Spec(name="mails")

    def verify(self, raw: Raw, now: object) -> Verdict:
        """Anybody may write."""
        return Verdict(trust=Trust.CLAIMED)

    def parse(self, raw: Raw) -> Parsed:
        """The events of a mail."""
        return Parsed(events=events(raw.body))


@pytest.fixture(scope="module")
def mails(real_data: Path) -> list[bytes]:
    """Each mail of the collection, in the order of the archive."""
    with tarfile.open(real_data / "mails.tar.gz") as archive:
        members = [member for member in archive.getmembers() if member.isfile() and member.name.endswith(".eml")]
        return [file.read() for member in members if (file := archive.extractfile(member))]


@pytest.fixture(params=["memory:", "sqlite"])
def loop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ClientLoop]:
    """A firm with that channel."""
    url = f"sqlite:///{tmp_path / 'firm.db'}" if request.param == "sqlite" else request.param
    with ClientLoop.open(url, entry_points=False, channels={"mails": Mails()}) as loop:
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
    received = [loop.channels.receive("mails", Raw(body=mail)) for mail in mails]
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


def test_the_whole_collection_again_changes_nothing(loop: ClientLoop, mails: list[bytes]) -> None:
    """Brought a second time, every mail is recognised."""
    for mail in mails:
        loop.channels.receive("mails", Raw(body=mail))
    before = {cls: len(rows(loop, cls)) for cls in (StoredRaw, TakenEvent, Interaction, Text)}
    for mail in mails:
        loop.channels.receive("mails", Raw(body=mail))
    assert {cls: len(rows(loop, cls)) for cls in before} == before
