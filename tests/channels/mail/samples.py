"""The channel as a firm sets it up, and messages that it sends."""

from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

from clientloop.channels.mail.channel import Email
from clientloop.channels.mail.config import EmailConfig
from clientloop.model.customers import Purpose
from clientloop.model.messages import OutboundMessage
from clientloop.ports.effects import MailServer, Tls
from clientloop.ports.events import Raw

KEY, OLD_KEY = "k3y-" * 8, "0ld-" * 8
MESSAGE = UUID("0198c0de-0000-7000-8000-000000000007")
SMTP = MailServer(host="mail.firm.example", port=465, username="desk", password="s3cret-out")
IMAP = MailServer(host="mail.firm.example", port=993, username="desk", password="s3cret-in")
URL = "https://www.firm.example/hooks/email"

#: When the samples were written.
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def config(**more: Any) -> EmailConfig:  # Any: whatever a setting may be
    """Settings with everything that most tests need."""
    usual = {
        "smtp": SMTP, "imap": IMAP, "address": "desk@firm.example", "name": "The Firm", "keys": (KEY,),
        "return_path": "bounces+{}@firm.example", "authserv_id": "mx.firm.example", "public_url": URL,
    }  # fmt: skip
    return EmailConfig(**{**usual, **more})


def channel(**more: Any) -> Email:  # Any: likewise
    """The channel with these settings."""
    return Email(config(**more))


def at(port: int, *, ask_reports: bool = False, **more: Any) -> Email:  # Any: likewise
    """The channel with a server on this machine, unencrypted unless it is said otherwise."""
    server = {"host": "localhost", "port": port, "tls": Tls.NONE, **more}
    return channel(smtp=MailServer(**server), ask_reports=ask_reports)


def message(**more: Any) -> OutboundMessage:  # Any: whatever a field may be
    """A message to Ana."""
    usual = {
        "space": "main", "id": MESSAGE, "channel": "email", "to": "ana@example.com", "purpose": Purpose.SERVICE,
        "template": "answer", "subject": "Your order", "body": "It is on its way.", "created_at": NOW,
    }  # fmt: skip
    return OutboundMessage(**{**usual, **more})


def visit(url: str, method: str = "GET", *, agent: str = "Mozilla/5.0 (X11; Linux x86_64)", body: bytes = b"") -> Raw:
    """A request by one of our links."""
    route = url.partition("?")[0].rpartition("/")[2]
    return Raw(body=body, route=route, method=method, url=url, headers={"User-Agent": agent})


class Tags(HTMLParser):
    """What markup a page holds, and which words."""

    def __init__(self, page: str) -> None:
        """Read it."""
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One that begins; what has no end is not open."""
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in {"meta", "img", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """One that ends."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Words."""
        self.text += data
