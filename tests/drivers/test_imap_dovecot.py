"""Mails fetched from Debian's dovecot, which is restarted and hangs up."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable

import pytest

from clientloop.drivers.performing import AsyncDrivers, Drivers
from clientloop.ports.effects import ImapResult, ImapScan, MailServer, NoAnswer, Tls
from tests.drivers.dovecot import PASSWORD, USER, Dovecot


def _look(dovecot: Dovecot, folder: str, tls: Tls = Tls.NONE, **more: int) -> ImapScan:
    port = dovecot.tls if tls is Tls.IMPLICIT else dovecot.plain
    server = MailServer(host="localhost", port=port, tls=tls, username=USER, password=PASSWORD)
    return ImapScan(server=server, folder=folder, timeout=10, **more)


def _mail(name: object) -> bytes:
    return f"Subject: {name}\r\n\r\ns3cret\r\n".encode()


@pytest.fixture
def folder(dovecot: Dovecot, request: pytest.FixtureRequest) -> str:
    """An empty folder of the test's own; its name needs IMAP's own coding."""
    name = f"Anliegen & Bücher {abs(hash(request.node.nodeid))}"
    with dovecot.visit() as client:
        client.create_folder(name)
    return name


def _scan(drivers: Drivers, look: ImapScan) -> ImapResult:
    result = drivers.perform(look)
    assert isinstance(result, ImapResult), result
    return result


@pytest.mark.parametrize("tls", Tls)
@pytest.mark.parametrize("way", ["sync", "async"])
def test_mails_come_as_they_are(drivers: Drivers, dovecot: Dovecot, folder: str, tls: Tls, way: str) -> None:
    """Encrypted or not: all mails of a folder come, in order, byte by byte."""
    dovecot.deliver(_mail(1), b"Subject: \xff\x00raw\r\n\r\n".replace(b"\0", b""), _mail(3), folder=folder)
    look = _look(dovecot, folder, tls)
    result = drivers.perform(look) if way == "sync" else asyncio.run(AsyncDrivers(drivers).perform(look))
    assert isinstance(result, ImapResult)
    assert [mail.content for mail in result.mails] == [_mail(1), b"Subject: \xffraw\r\n\r\n", _mail(3)]
    assert [mail.uid for mail in result.mails] == [1, 2, 3]
    assert not any(mail.cut for mail in result.mails)


def test_nothing_is_marked(drivers: Drivers, dovecot: Dovecot, folder: str) -> None:
    """Who reads the mailbox by eye sees no difference: no mail is seen, and none has lost its mark as recent."""
    dovecot.deliver(_mail(1), folder=folder)
    _scan(drivers, _look(dovecot, folder))
    with dovecot.visit() as client:
        client.select_folder(folder)
        assert client.get_flags([1]) == {1: (b"\\Recent",)}


def test_only_what_came_after_is_fetched(drivers: Drivers, dovecot: Dovecot, folder: str) -> None:
    """The cursor goes on from mail to mail, a page at a time, over those that were deleted."""
    dovecot.deliver(*map(_mail, range(1, 8)), folder=folder)
    with dovecot.visit() as client:
        client.select_folder(folder)
        client.delete_messages([3, 4])
        client.expunge()
    seen: list[int] = []
    validity, after = None, 0
    for _ in range(4):
        result = _scan(drivers, ImapScan(**_fields(_look(dovecot, folder), validity, after, limit=2)))
        seen += [mail.uid for mail in result.mails]
        validity, after = result.validity, max(seen)
    assert seen == [1, 2, 5, 6, 7]


def _fields(look: ImapScan, validity: int | None, after: int, *, limit: int = 100) -> dict[str, object]:
    return {
        "server": look.server, "folder": look.folder, "timeout": look.timeout,
        "validity": validity, "after": after, "limit": limit,
    }  # fmt: skip


def test_a_folder_made_anew_is_scanned_anew(drivers: Drivers, dovecot: Dovecot, folder: str) -> None:
    """Where UIDVALIDITY has changed, the UIDs are others, and the scan begins at the first."""
    dovecot.deliver(_mail(1), _mail(2), folder=folder)
    first = _scan(drivers, _look(dovecot, folder))
    time.sleep(1.1)  # the new UIDVALIDITY is a time in seconds
    with dovecot.visit() as client:
        client.delete_folder(folder)
        client.create_folder(folder)
    dovecot.deliver(_mail(9), folder=folder)
    second = _scan(drivers, _look(dovecot, folder, validity=first.validity, after=2))
    assert second.validity != first.validity
    assert [mail.content for mail in second.mails] == [_mail(9)]


def test_a_mail_that_is_too_large_is_cut(drivers: Drivers, dovecot: Dovecot, folder: str) -> None:
    """Of a mail that is larger than the host takes the beginning comes, and so do those behind it."""
    large = b"Subject: large\r\n\r\n" + b"x" * 78 + b"\r\n" * 100_000
    dovecot.deliver(_mail(1), large, _mail(3), folder=folder)
    validity, after, found = None, 0, []
    for _ in range(3):
        result = _scan(drivers, ImapScan(**_fields(_look(dovecot, folder), validity, after)))
        found += [(mail.uid, mail.content, mail.cut) for mail in result.mails]
        validity, after = result.validity, found[-1][0]
    assert found == [(1, _mail(1), False), (2, large[:100_000], True), (3, _mail(3), False)]


def test_many_mails_of_some_size_come_in_parts(drivers: Drivers, dovecot: Dovecot, folder: str) -> None:
    """One scan holds little more than the largest mail; the next goes on."""
    some = b"Subject: some\r\n\r\n" + b"x" * 40_000 + b"\r\n"
    dovecot.deliver(some, some, some, folder=folder)
    first = _scan(drivers, _look(dovecot, folder))
    assert [mail.uid for mail in first.mails] == [1, 2]
    second = _scan(drivers, _look(dovecot, folder, validity=first.validity, after=2))
    assert [mail.uid for mail in second.mails] == [3]


@pytest.mark.parametrize(
    ("change", "detail"),
    [({"folder": "No such folder"}, "examine: it refused"), ({"password": "wr\u00f6ng"}, "login: it refused")],
)
def test_a_refusal_is_told_with_its_code(
    drivers: Drivers, dovecot: Dovecot, change: dict[str, str], detail: str
) -> None:
    """What the server refuses is told by its step and response code, not by its words."""
    server = MailServer(
        host="localhost", port=dovecot.plain, tls=Tls.NONE, username=USER, password=change.get("password", PASSWORD)
    )
    result = drivers.perform(ImapScan(server=server, folder=change.get("folder", "INBOX"), timeout=10))
    assert isinstance(result, NoAnswer)
    assert not result.reached
    assert result.detail.startswith(detail)


def test_an_authority_that_is_not_trusted(dovecot: Dovecot) -> None:
    """The password does not go to a server whose certificate nobody vouches for."""
    with Drivers() as strangers:
        for tls, at in ((Tls.IMPLICIT, "connect"), (Tls.STARTTLS, "starttls")):
            result = strangers.perform(_look(dovecot, "INBOX", tls))
            assert isinstance(result, NoAnswer)
            assert result.detail.startswith(f"{at}: its certificate was not accepted")


def _waiting(drivers: Drivers, look: ImapScan, seconds: float) -> Callable[[], bool | NoAnswer]:
    answers: list[bool | NoAnswer] = []
    thread = threading.Thread(target=lambda: answers.append(drivers.wait_for_mail(look, seconds=seconds)))
    thread.start()

    def join() -> bool | NoAnswer:
        thread.join(30)
        return answers[0]

    return join


@pytest.mark.parametrize("tls", Tls)
def test_waiting_ends_when_mail_comes(drivers: Drivers, dovecot: Dovecot, folder: str, tls: Tls) -> None:
    """IDLE tells of a mail when it comes; one that is deleted meanwhile is no mail."""
    dovecot.deliver(_mail(1), _mail(2), folder=folder)
    validity = _scan(drivers, _look(dovecot, folder)).validity
    join = _waiting(drivers, _look(dovecot, folder, tls, validity=validity, after=2), 20)
    time.sleep(0.5)
    with dovecot.visit() as client:
        client.select_folder(folder)
        client.delete_messages([1])
        client.expunge()
    dovecot.deliver(_mail(3), folder=folder)
    began = time.monotonic()
    assert join() is True
    assert time.monotonic() - began < 15


def test_what_is_there_already_is_not_waited_for(drivers: Drivers, dovecot: Dovecot, folder: str) -> None:
    """A mail that came between the scan and the wait ends the wait at once; so does a new UIDVALIDITY."""
    dovecot.deliver(_mail(1), _mail(2), folder=folder)
    validity = _scan(drivers, _look(dovecot, folder)).validity
    assert drivers.wait_for_mail(_look(dovecot, folder, validity=validity, after=1), seconds=20) is True
    assert drivers.wait_for_mail(_look(dovecot, folder, validity=validity + 1, after=2), seconds=20) is True


def test_waiting_has_an_end(drivers: Drivers, dovecot: Dovecot, folder: str) -> None:
    """Where nothing comes the wait ends, and says so; the same, awaited."""
    assert drivers.wait_for_mail(_look(dovecot, folder), seconds=0.5) is False
    assert asyncio.run(AsyncDrivers(drivers).wait_for_mail(_look(dovecot, folder), seconds=0.5)) is False


def test_no_secret_is_logged_or_told(
    drivers: Drivers, dovecot: Dovecot, folder: str, caplog: pytest.LogCaptureFixture
) -> None:
    """No log, at whatever level, shows the password or a mail."""
    caplog.set_level(logging.DEBUG)
    dovecot.deliver(_mail(1), folder=folder)
    caplog.clear()
    shown = repr(_scan(drivers, _look(dovecot, folder)))
    for secret in (PASSWORD, "s3cret"):
        assert secret not in shown
        assert secret not in caplog.text
