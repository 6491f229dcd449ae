"""Two firms that answer automatically, each the other's customer: they stop, whatever is hidden from them."""

import email
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import Message
from itertools import pairwise

import pytest
from attrs import define, field

from clientloop import ClientLoop, ManualClock
from clientloop.channels.mail.config import EmailConfig
from clientloop.model.calendar import minutes
from clientloop.ports.effects import (
    Effect,
    ImapResult,
    ImapScan,
    MailServer,
    Result,
    ScannedMail,
    SmtpResult,
    SmtpSend,
    SmtpStep,
)
from tests.services.intake.mailing import NINE

ROUNDS = 1_000
ROUND = timedelta(minutes=1)

#: Fields by which programs say that they are some (RFC 3834 and custom).
MARKS = re.compile(
    rb"^(?:Auto-Submitted|Precedence|List-[\w-]+|X-Auto[\w-]*|Return-Path):.*\r?\n", re.MULTILINE | re.IGNORECASE
)
#: Fields by which mails name those before them.
THREADS = re.compile(rb"^(?:In-Reply-To|References):.*\r?\n", re.MULTILINE | re.IGNORECASE)


def whole(mail: bytes) -> bytes:
    """A mail as it was sent."""
    return mail


def unmarked(mail: bytes) -> bytes:
    """A mail that says nowhere that a machine wrote it."""
    return MARKS.sub(b"", mail)


def bare(mail: bytes) -> bytes:
    """A mail that says neither that nor what it answers."""
    return THREADS.sub(b"", unmarked(mail))


@define
class Wire:
    """What is sent from one firm to the other, and what happens to it on the way."""

    clock: ManualClock
    strip: Callable[[bytes], bytes]
    boxes: dict[str, list[bytes]] = field(factory=dict)
    #: When each firm has sent an automatic mail to a customer, and what it was.
    sent: list[tuple[str, datetime, Message]] = field(factory=list)

    def perform(self, effect: Effect) -> Result:
        """Carry a mail over, or give out what has come."""
        if isinstance(effect, SmtpSend):
            (recipient,) = effect.recipients
            written = email.message_from_bytes(effect.message)
            if recipient in self.boxes:
                self.sent.append((str(written["From"]), self.clock.now(), written))
                self.boxes[recipient].append(self.strip(effect.message))
            return SmtpResult(code=250, step=SmtpStep.CONTENT)
        assert isinstance(effect, ImapScan)
        box = self.boxes[effect.server.host + "@example.com"]
        mails = [ScannedMail(uid=n, content=mail) for n, mail in enumerate(box, 1) if n > effect.after]
        return ImapResult(validity=1, mails=tuple(mails[: effect.limit]))

    def firm(self, name: str) -> ClientLoop:
        """A firm that acknowledges all mails at once."""
        self.boxes[f"{name}@example.com"] = []
        server = MailServer(host=name, port=25)
        config = EmailConfig(smtp=server, imap=server, address=f"{name}@example.com")
        loop = ClientLoop.open(
            "memory:", clock=self.clock, channels={"email": config}, perform=self.perform, entry_points=False
        )
        loop.settings.set("acknowledge", frozenset({"email"}))
        return loop

    def write(self, number: int, sender: str, to: str) -> None:
        """A person of one firm writes to the other."""
        head = f"From: {sender}@example.com\r\nTo: {to}@example.com\r\nMessage-ID: <{number}@{sender}>\r\n"
        self.boxes[f"{to}@example.com"].append(f"{head}Subject: Hello\r\n\r\nWhat about {number}?\r\n".encode())


def replies(wire: Wire, sender: str) -> list[datetime]:
    """When a firm has sent automatic replies."""
    return [at for name, at, mail in wire.sent if name == sender and mail["Subject"].startswith("We have your message")]


@pytest.mark.parametrize(("strip", "window"), [(whole, 24 * 60), (bare, 24 * 60), (unmarked, 200), (bare, 200)])
def test_two_machines_stop(strip: Callable[[bytes], bytes], window: int) -> None:
    """In a thousand rounds, each gets one automatic reply in a window, also if people go on writing meanwhile."""
    wire = Wire(clock=ManualClock(NINE), strip=strip)
    firms = [wire.firm(name) for name in ("ana", "bor")]
    for loop in firms:
        loop.settings.set("automatic_reply_window", minutes(window))
    wire.write(0, "ana", "bor")
    for number in range(1, ROUNDS + 1):
        wire.clock.advance(ROUND)
        if number % 100 == 0:
            wire.write(number, *(("ana", "bor") if number % 200 else ("bor", "ana")))
        for loop in firms:
            loop.run_due()
    for loop in firms:
        loop.close()
    least = 1 if window >= ROUNDS else 2
    for sender in ("ana@example.com", "bor@example.com"):
        times = replies(wire, sender)
        assert all(later - at >= timedelta(minutes=window) for at, later in pairwise(times))
        assert least <= len(times) <= -(-ROUNDS // window)
    assert len(wire.sent) < 20
