"""Mails fetched from a scripted server, for what dovecot cannot be made to do."""

import logging
import ssl
import threading
import time
from collections.abc import Callable

import pytest

from clientloop.drivers.performing import Drivers
from clientloop.errors import NotSupported
from clientloop.ports.effects import ImapResult, ImapScan, MailServer, NoAnswer, Tls
from tests.drivers.peers import Line, Peer, playing

PASSWORD = "s3cret pass"
MAIL = b"Subject: s3cret\r\n\r\nhi\r\n"

#: What the server says to each command; `%t` is the command's tag. A function does as it likes.
Replies = dict[str, bytes | Callable[[Line, bytes, bytes], None]]

GOOD: Replies = {
    "": b"* OK hello\r\n",
    "CAPABILITY": b"* CAPABILITY IMAP4rev1 IDLE STARTTLS\r\n%t OK done\r\n",
    "LOGIN": b"%t OK in\r\n",
    "EXAMINE": b"* 2 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 12] x\r\n%t OK [READ-ONLY] done\r\n",
    "SEARCH": b"* SEARCH 10 11\r\n%t OK done\r\n",
    "SIZES": b"* 1 FETCH (UID 10 RFC822.SIZE 22)\r\n* 2 FETCH (UID 11 RFC822.SIZE 22)\r\n%t OK done\r\n",
    "FETCH 10": b"* 1 FETCH (UID 10 BODY[]<0> {%d}\r\n%b)\r\n%%t OK done\r\n" % (len(MAIL), MAIL),
    "FETCH 11": b"* 2 FETCH (UID 11 BODY[]<0> {%d}\r\n%b)\r\n%%t OK done\r\n" % (len(MAIL), MAIL),
    "IDLE": b"+ idling\r\n",
    "LOGOUT": b"* BYE so long\r\n%t OK done\r\n",
}


def _server(changed: Replies, tls: ssl.SSLContext | None = None) -> Callable[[Line], None]:
    replies = GOOD | changed

    def say(line: Line, what: str, tag: bytes, arguments: bytes = b"") -> None:
        reply = replies.get(what, b"%t BAD unknown\r\n")
        if isinstance(reply, bytes):
            line.write(reply.replace(b"%t", tag))
        else:
            reply(line, tag, arguments)

    def script(line: Line) -> None:
        say(line, "", b"*")
        while got := line.read_line():
            tag, _, command = got.strip().partition(b" ")
            say(line, _name(command.upper().decode()), tag, command)
            if command.upper() == b"STARTTLS" and tls is not None:
                line.encrypt(tls)

    return script


def _name(command: str) -> str:
    words = command.removeprefix("UID ").split(" ")
    if words[0] == "FETCH":
        return "SIZES" if "SIZE" in command else f"FETCH {words[1]}"
    return words[0]


def _look(peer: Peer, tls: Tls = Tls.NONE, **more: int) -> ImapScan:
    server = MailServer(host="localhost", port=peer.port, tls=tls, username="desk", password=PASSWORD)
    given: dict[str, float] = {"timeout": 0.7} | more
    return ImapScan(server=server, **given)  # type: ignore[arg-type]  # its fields


def _scan(drivers: Drivers, changed: Replies, **more: int) -> object:
    with playing(_server(changed)) as peer:
        return drivers.perform(_look(peer, **more))


def _uids(result: object) -> list[int]:
    assert isinstance(result, ImapResult), result
    return [mail.uid for mail in result.mails]


def test_the_scripted_server_is_one(drivers: Drivers) -> None:
    """Without a fault the two mails come."""
    assert _uids(_scan(drivers, {})) == [10, 11]


def _drip(line: Line, _tag: bytes, _arguments: bytes) -> None:
    line.drip(b"* OK " + b"x" * 400)


def _flood(line: Line, _tag: bytes, _arguments: bytes) -> None:
    while True:
        line.write(b"* OK more\r\n" * 1000)


def _close(line: Line, _tag: bytes, _arguments: bytes) -> None:
    line.close()


def _long_line(line: Line, _tag: bytes, _arguments: bytes) -> None:
    line.write(b"* OK " + b"x" * 1_000_100 + b"\r\n")


STEPS = {"": "connect", "CAPABILITY": "connect", "LOGIN": "login", "EXAMINE": "examine", "SEARCH": "search"}
STEPS |= {"SIZES": "fetch", "FETCH 10": "fetch"}
GONE = {"it ended the connection", "reset the connection", "closed the connection", "it refused"}
REFUSED = {"it refused", "its answer was no IMAP", "it ended the connection"}
FAULTS: list[tuple[object, set[str]]] = [
    (_drip, {"timed out"}),
    (b"", {"timed out"}),
    (_close, GONE),
    (_flood, {"it answered too much", "timed out"}),
    (_long_line, {"it answered too much"}),
    (b"* BYE [UNAVAILABLE] s3cret pass\r\n", {*GONE, "timed out", "it refused [UNAVAILABLE]"}),
    (b"HTTP/1.1 400 s3cret pass\r\n\r\n", {*REFUSED, "timed out"}),
    (b"* 1 FETCH (UID 10 BODY[]<0> {99999999999}\r\nx", {"it answered too much"}),
    (b"* SEARCH s3cret\r\n%t OK\r\n", {*REFUSED, "timed out", "the folder has no UIDVALIDITY"}),
]


@pytest.mark.parametrize("command", STEPS)
@pytest.mark.parametrize(("fault", "details"), FAULTS)
def test_whatever_a_server_does_is_an_answer(
    drivers: Drivers, command: str, fault: bytes, details: set[str], caplog: pytest.LogCaptureFixture
) -> None:
    """At every command: silence, drips, floods and nonsense end within bounds, without a secret in what is told."""
    caplog.set_level(logging.DEBUG)
    began = time.monotonic()
    result = _scan(drivers, {command: fault})
    assert time.monotonic() - began < 20
    shown = repr(result) + caplog.text
    assert PASSWORD not in shown
    assert "s3cret" not in shown
    if isinstance(result, ImapResult):  # some nonsense is none at some commands
        assert fault == FAULTS[-1][0]
        return
    assert isinstance(result, NoAnswer)
    assert not result.reached
    step, _, what = result.detail.partition(": ")
    assert what in details
    assert step == STEPS[command]


@pytest.mark.parametrize("command", [command for command in STEPS if command not in ("", "CAPABILITY", "FETCH 10")])
def test_a_refusal_shows_its_code_alone(drivers: Drivers, command: str) -> None:
    """The server's words, which may quote ours, are not repeated; its response code is."""
    result = _scan(drivers, {command: b"%t NO [SERVERBUG] s3cret pass\r\n"})
    assert result == NoAnswer(detail=f"{STEPS[command]}: it refused [SERVERBUG]", reached=False)


def test_a_mail_that_cannot_be_had_stops_no_other(drivers: Drivers) -> None:
    """A mail that the server refuses to give is told as cut and empty, so that the cursor can pass it."""
    result = _scan(drivers, {"FETCH 10": b"%t NO [SERVERBUG] broken file\r\n"})
    assert isinstance(result, ImapResult)
    assert [(mail.uid, mail.content, mail.cut) for mail in result.mails] == [(10, b"", True), (11, MAIL, False)]


def test_a_mail_that_is_gone_is_left_out(drivers: Drivers) -> None:
    """Whoever deletes a mail between the search and the fetch takes it out of the result."""
    assert _uids(_scan(drivers, {"FETCH 10": b"%t OK done\r\n"})) == [11]
    assert _uids(_scan(drivers, {"SIZES": b"* 2 FETCH (UID 11 RFC822.SIZE 22)\r\n%t OK done\r\n"})) == [11]


@pytest.mark.parametrize("fault", [_close, b"", _drip])
def test_what_came_before_the_break_is_delivered(drivers: Drivers, fault: bytes) -> None:
    """A connection that breaks at the second mail leaves the first in the result."""
    assert _uids(_scan(drivers, {"FETCH 11": fault})) == [10]


def test_a_mail_is_fetched_without_a_mark(drivers: Drivers) -> None:
    """The folder is opened for reading, and a mail is peeked at: one is enough where a server gets the other wrong."""
    heard: list[bytes] = []

    def fetch(line: Line, tag: bytes, arguments: bytes) -> None:
        heard.append(arguments)
        line.write(tag, b" OK done\r\n")

    _scan(drivers, {"FETCH 10": fetch})
    assert heard == [b"UID FETCH 10 (BODY.PEEK[]<0.100001>)"]


def test_a_server_without_a_next_uid(drivers: Drivers) -> None:
    """UIDNEXT may be missing; then the server is asked for its last UID."""
    examined = b"* 2 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n%t OK done\r\n"
    assert _uids(_scan(drivers, {"EXAMINE": examined})) == [10, 11]
    assert _uids(_scan(drivers, {"EXAMINE": examined, "SEARCH": b"* SEARCH\r\n%t OK done\r\n"})) == []


def test_a_server_that_tells_uids_that_were_not_asked_for(drivers: Drivers) -> None:
    """What was seen is not fetched again, whatever the server says."""
    assert _uids(_scan(drivers, {}, after=10, validity=7)) == [11]


def test_a_large_folder_is_searched_in_parts(drivers: Drivers) -> None:
    """However many UIDs there are, no answer has more than imaplib takes, and the lowest come first."""
    windows: list[int] = []

    def search(line: Line, tag: bytes, arguments: bytes) -> None:
        low, high = map(int, arguments.split(b" ")[-1].strip(b"()").split(b":"))
        windows.append(high - low + 1)
        found = b" ".join(b"%d" % uid for uid in range(max(low, 900_000), high + 1))
        line.write(b"* SEARCH ", found, b"\r\n", tag, b" OK done\r\n")

    examined = b"* 2 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 2000000] x\r\n%t OK done\r\n"
    result = _scan(drivers, {"EXAMINE": examined, "SEARCH": search, "SIZES": b"%t OK done\r\n"}, timeout=10)
    assert _uids(result) == []
    assert windows[0] == 1_000
    assert max(windows) == 50_000
    assert sum(windows) < 1_000_000


@pytest.mark.parametrize(
    ("tls", "capabilities", "detail"),
    [
        (Tls.STARTTLS, b"IMAP4rev1", "starttls: it offers no STARTTLS"),
        (Tls.NONE, b"IMAP4rev1 LOGINDISABLED", "login: it allows no login here"),
    ],
)
def test_what_the_server_does_not_offer_is_not_done_without(
    drivers: Drivers, tls: Tls, capabilities: bytes, detail: str
) -> None:
    """The password is not sent in the open where it is to be encrypted, nor where the server wants none."""
    heard: list[bytes] = []

    def login(_line: Line, _tag: bytes, arguments: bytes) -> None:
        heard.append(arguments)

    offered: Replies = {"CAPABILITY": b"* CAPABILITY %b\r\n%%t OK done\r\n" % capabilities, "LOGIN": login}
    with playing(_server(offered)) as peer:
        assert drivers.perform(_look(peer, tls)) == NoAnswer(detail=detail, reached=False)
    assert heard == []


def test_after_the_encryption_the_time_is_still_bounded(drivers: Drivers, server_tls: ssl.SSLContext) -> None:
    """A server that drips as soon as it is encrypted holds nobody."""
    asked: list[bytes] = []

    def capability(line: Line, tag: bytes, arguments: bytes) -> None:
        asked.append(arguments)
        if len(asked) > 1:
            _drip(line, tag, arguments)
        line.write(b"* CAPABILITY IMAP4rev1 STARTTLS\r\n", tag, b" OK done\r\n")

    offered: Replies = {"CAPABILITY": capability, "STARTTLS": b"%t OK go\r\n"}
    with playing(_server(offered, server_tls)) as peer:
        began = time.monotonic()
        result = drivers.perform(_look(peer, Tls.STARTTLS))
        assert time.monotonic() - began < 10
    assert result == NoAnswer(detail="starttls: timed out", reached=False)


def _wait(drivers: Drivers, changed: Replies, seconds: float = 5.0) -> bool | NoAnswer:
    with playing(_server({"SEARCH": b"* SEARCH\r\n%t OK done\r\n"} | changed)) as peer:
        return drivers.wait_for_mail(_look(peer), seconds=seconds)


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (b"* 3 EXISTS\r\n+ idling\r\n", True),
        (b"+ idling\r\n* 3 EXISTS\r\n", True),
        (b"+ idling\r\n* 1 EXPUNGE\r\n* 1 EXISTS\r\n* 2 EXISTS\r\n", True),
        (b"+ idling\r\n* 1 EXPUNGE\r\n* 1 EXISTS\r\n", False),
        (b"+ idling\r\n* 2 EXISTS\r\n* 0 RECENT\r\n* OK still here\r\n* 1 FETCH (FLAGS (\\Seen))\r\n", False),
        (b"+ idling\r\n* BYE later\r\n", NoAnswer(detail="idle: the server ended the connection", reached=False)),
        (b"IDLE1 NO not now\r\n", NoAnswer(detail="idle: the server ended the connection", reached=False)),
        (_close, NoAnswer(detail="idle: closed the connection", reached=False)),
        (_flood, NoAnswer(detail="idle: it answered too much", reached=False)),
        (_drip, False),
    ],
)
def test_waiting_hears_what_the_server_says(drivers: Drivers, said: bytes, answer: bool | NoAnswer) -> None:
    """A new mail ends the wait; other news do not; the server's leaving is an answer, not an error."""
    seconds = 1.0 if answer is False else 10.0  # what is said ends the wait, however busy the machine is
    assert _wait(drivers, {"IDLE": said}, seconds=seconds) == answer


def test_a_mail_that_comes_during_the_search_is_heard(drivers: Drivers) -> None:
    """News that come with the answer to another command are news."""
    assert _wait(drivers, {"SEARCH": b"* SEARCH\r\n* 3 EXISTS\r\n%t OK done\r\n"}) is True


def test_a_server_without_idle_says_so(drivers: Drivers) -> None:
    """Who cannot wait is told to look at intervals."""
    with pytest.raises(NotSupported, match="look at intervals"):
        _wait(drivers, {"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n%t OK done\r\n"})


def test_a_wait_says_goodbye(drivers: Drivers) -> None:
    """The server hears that the wait is over."""
    heard: list[bytes] = []
    ended = threading.Event()

    def idle(line: Line, _tag: bytes, _arguments: bytes) -> None:
        line.write(b"+ idling\r\n")
        heard.extend(line.read_line() for _ in range(2))
        ended.set()

    assert _wait(drivers, {"IDLE": idle}, seconds=0.3) is False
    assert ended.wait(10)
    assert heard[0] == b"DONE\r\n"
    assert heard[1].endswith(b" LOGOUT\r\n")
