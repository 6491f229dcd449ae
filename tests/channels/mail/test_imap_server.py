"""The channel against Debian's dovecot: a poll, a wait, a folder made anew, and a server that goes away."""

import threading
import time
from typing import Any

import pytest
from attrs import evolve

from clientloop.channels.mail.channel import CUT, Email
from clientloop.drivers.performing import Drivers
from clientloop.errors import Unreachable
from clientloop.ports.effects import MailServer, NoAnswer, Tls, drive
from clientloop.ports.events import Batch, DeliveryEvent, MessageIn
from tests.channels.mail.letters import letter, report
from tests.channels.mail.samples import MESSAGE, channel, config
from tests.drivers.dovecot import PASSWORD, USER, Dovecot

GONE = "Final-Recipient: rfc822; ana@example.com\nAction: failed\nStatus: 5.1.1\n"


@pytest.fixture
def email(dovecot: Dovecot, request: pytest.FixtureRequest) -> Email:
    """The channel with an empty folder of the test's own."""
    folder = f"Pošta {abs(hash(request.node.nodeid))}"
    with dovecot.visit() as client:
        client.create_folder(folder)
    return at(dovecot, folder=folder)


def at(dovecot: Dovecot, **more: Any) -> Email:  # Any: settings
    """The channel with a mailbox at dovecot, encrypted."""
    server = MailServer(host="localhost", port=dovecot.tls, tls=Tls.IMPLICIT, username=USER, password=PASSWORD)
    return channel(imap=server, **more)


def polled(email: Email, drivers: Drivers, cursor: str | None = None) -> Batch:
    """Poll once."""
    return drive(email.poll(cursor), drivers.perform)


def test_polls_go_on_until_there_is_no_more(email: Email, dovecot: Dovecot, drivers: Drivers) -> None:
    """A page at a time, each mail once, read as what it is."""
    naming = config().naming
    bounced = report(GONE, "Subject: x\n", headers={"To": naming.return_path_of(MESSAGE)})
    dovecot.deliver(letter("It broke."), letter("Again."), bounced, folder=email.config.folder)
    small = Email(evolve(email.config, batch=2))
    cursor, bodies, more = None, [], True
    while more:
        batch = polled(small, drivers, cursor)
        bodies += [event for raw in batch.raws for event in small.parse(raw).events]
        cursor, more = batch.cursor, batch.more
    first, second, third = bodies
    assert isinstance(first, MessageIn)
    assert isinstance(second, MessageIn)
    assert isinstance(third, DeliveryEvent)
    assert (first.text, second.text, third.message) == ("It broke.", "Again.", MESSAGE)
    assert polled(small, drivers, cursor).raws == ()


def test_a_folder_made_anew_begins_anew(email: Email, dovecot: Dovecot, drivers: Drivers) -> None:
    """With another UIDVALIDITY the cursor of before is worth nothing; the same mail is the same raw message."""
    folder = email.config.folder
    dovecot.deliver(letter("one"), letter("two"), folder=folder)
    before = polled(email, drivers)
    time.sleep(1.1)  # the new UIDVALIDITY is a time in seconds
    with dovecot.visit() as client:
        client.delete_folder(folder)
        client.create_folder(folder)
    assert polled(email, drivers, before.cursor).raws == ()
    dovecot.deliver(letter("two"), letter("three"), folder=folder)
    after = polled(email, drivers, before.cursor)
    first, _second = after.raws
    assert first.digest == before.raws[1].digest
    assert after.cursor is not None
    assert after.cursor.partition(":")[0] != (before.cursor or "").partition(":")[0]


def test_a_wait_ends_with_the_mail_that_a_poll_brings(email: Email, dovecot: Dovecot, drivers: Drivers) -> None:
    """IDLE by the scan that the channel would poll with."""
    cursor = polled(email, drivers).cursor
    answers: list[bool | NoAnswer] = []
    waiting = threading.Thread(
        target=lambda: answers.append(drivers.wait_for_mail(email.scan(cursor), seconds=20)), daemon=True
    )
    waiting.start()
    time.sleep(0.5)
    dovecot.deliver(letter("It broke."), folder=email.config.folder)
    waiting.join(20)
    assert answers == [True]
    assert len(polled(email, drivers, cursor).raws) == 1


def test_a_large_mail_is_read_as_far_as_it_came(email: Email, dovecot: Dovecot, drivers: Drivers) -> None:
    """It says where the whole one is, and the mails behind it come too."""
    dovecot.deliver(letter("x " * 60_000), letter("small"), folder=email.config.folder)
    first = polled(email, drivers)
    [event] = email.parse(first.raws[0]).events
    assert isinstance(event, MessageIn)
    assert event.extra["cut"] == first.raws[0].headers[CUT] == first.cursor
    second = polled(email, drivers, first.cursor)
    assert [CUT in raw.headers for raw in second.raws] == [False]


@pytest.mark.in_ci("dovecot takes ten seconds to say goodbye")
def test_a_server_that_shuts_down_and_comes_back(email: Email, dovecot: Dovecot, drivers: Drivers) -> None:
    """A wait ends with its goodbye, a poll says that nobody is there, and the next one goes on where the last was."""
    dovecot.deliver(letter("one"), folder=email.config.folder)
    cursor = polled(email, drivers).cursor
    answers: list[bool | NoAnswer] = []
    waiting = threading.Thread(
        target=lambda: answers.append(drivers.wait_for_mail(email.scan(cursor), seconds=30)), daemon=True
    )
    waiting.start()
    time.sleep(0.5)
    dovecot.stop()
    try:
        waiting.join(30)
        assert answers == [NoAnswer(detail="idle: the server ended the connection", reached=False)]
        with pytest.raises(Unreachable, match="refused the connection"):
            polled(email, drivers, cursor)
    finally:
        dovecot.start()
    dovecot.deliver(letter("two"), folder=email.config.folder)
    batch = polled(email, drivers, cursor)
    [event] = email.parse(batch.raws[0]).events
    assert isinstance(event, MessageIn)
    assert event.text == "two"


# The last one, as dovecot makes whoever was refused wait.
@pytest.mark.parametrize("wrong", [{"folder": "No such folder"}, {"password": "wrong"}])
def test_a_refusal_is_an_error_without_secrets(dovecot: Dovecot, drivers: Drivers, wrong: dict[str, str]) -> None:
    """The host shows it, and keeps the cursor."""
    right = at(dovecot).config
    server = evolve(right.imap, password=wrong.get("password", PASSWORD)) if right.imap else None
    email = Email(evolve(right, imap=server, folder=wrong.get("folder", "INBOX")))
    with pytest.raises(Unreachable, match=r"the mailbox: .*refused") as caught:
        polled(email, drivers)
    assert PASSWORD not in str(caught.value)
