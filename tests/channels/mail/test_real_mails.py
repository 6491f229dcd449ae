"""Mails that nobody here wrote. They are counted and looked at without the code that is tested."""

import email
import email.policy
import tarfile
from pathlib import Path

import pytest

from clientloop.channels.mail.incoming import events
from clientloop.errors import BadPayload
from clientloop.ports.events import ConsentEvent, DeliveryEvent, Ignored, MessageIn


@pytest.fixture(scope="module")
def mails(real_data: Path) -> dict[str, bytes]:
    """Each mail of the collection, by its name."""
    with tarfile.open(real_data / "mails.tar.gz") as archive:
        members = [member for member in archive.getmembers() if member.isfile() and member.name.endswith(".eml")]
        return {member.name: file.read() for member in members if (file := archive.extractfile(member))}


def test_every_real_mail_ends_as_an_event_or_is_kept_whole(mails: dict[str, bytes]) -> None:
    """None is dropped and none raises anything else, and nearly all are messages."""
    ends: dict[str, list[str]] = {"message": [], "other": [], "kept": []}
    for name, mail in mails.items():
        try:
            found = events(mail)
        except BadPayload:
            ends["kept"].append(name)
        else:
            assert found
            assert all(isinstance(each, MessageIn | DeliveryEvent | ConsentEvent | Ignored) for each in found)
            ends["message" if isinstance(found[0], MessageIn) else "other"].append(name)
    counts = {end: len(names) for end, names in ends.items()}
    print(counts)  # noqa: T201  # the count is what was asked for
    assert sum(counts.values()) == len(mails) == 69
    assert counts["message"] >= 67
    assert counts["kept"] == 0


def test_the_standard_library_finds_the_same_senders_and_files(mails: dict[str, bytes]) -> None:
    """For mails that it reads without a defect, the address, the id and the count of files are the same."""
    compared = 0
    for name, data in mails.items():
        theirs = email.message_from_bytes(data, policy=email.policy.default)
        if any(each.defects or any(value.defects for value in each.values()) for each in theirs.walk()):
            continue
        [ours, *_] = events(data)
        if not isinstance(ours, MessageIn):
            continue
        compared += 1
        [address, *_] = theirs["from"].addresses
        assert ours.sender.value == address.addr_spec, name
        assert ours.extra.get("message_id") == (
            str(theirs["message-id"]).strip("<> ") if theirs["message-id"] else None
        ), name
        files = [each for each in theirs.walk() if each.get_content_disposition() == "attachment"]
        assert len(ours.media) >= len(files), name
    assert compared > 20
