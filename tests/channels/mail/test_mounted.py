"""Our links in mails, followed to the routes of the channel under WSGI."""

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from wsgiref.util import setup_testing_defaults

import pytest

from clientloop import ClientLoop, ManualClock
from clientloop.channels.mail.links import Link, Ticket
from clientloop.model.channels import StoredRaw
from clientloop.model.customers import Purpose
from clientloop.model.interactions import Interaction, InteractionKind
from clientloop.model.permission import Suppression, SuppressionReason
from tests.channels.mail.samples import KEY, MESSAGE, NOW, URL, config

TICKET = Ticket(message=MESSAGE, address="ana@example.com", purpose=Purpose.SURVEY, target="https://www.firm.example/a")


@pytest.fixture
def loop() -> Iterator[ClientLoop]:
    """A firm that sends mails."""
    settings = {"email": config(imap=None)}
    with ClientLoop.open("memory:", clock=ManualClock(NOW), entry_points=False, channels=settings) as loop:
        yield loop


def followed(loop: ClientLoop, which: Link, method: str = "GET", *, url: str = "") -> tuple[int, dict[str, str]]:
    """Follow a link to where the firm has mounted its routes; gives status and headers."""
    parts = urlsplit(url or TICKET.url(URL, (KEY,), which))
    assert parts.path.startswith("/hooks/")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method, "SCRIPT_NAME": "/hooks", "PATH_INFO": parts.path.removeprefix("/hooks"),
        "QUERY_STRING": parts.query, "HTTP_USER_AGENT": "Mozilla/5.0 (X11)", "CONTENT_LENGTH": "0",
        "wsgi.input": io.BytesIO(b""),
    }  # fmt: skip
    setup_testing_defaults(environ)
    answered: list[Any] = []
    b"".join(loop.channels.wsgi()(environ, lambda *said: answered.append(said)))
    [(status, headers)] = answered
    return int(status[:3]), {name.lower(): value for name, value in headers}


def test_only_a_post_stops_an_address(loop: ClientLoop) -> None:
    """Whatever looks at the link before changes nothing; afterwards surveys stop, and answers do not."""
    for method in ("GET", "HEAD", "GET"):
        assert followed(loop, Link.UNSUBSCRIBE, method)[0] == 200
    assert list(loop.store.pages(Suppression, "main")) == []
    assert followed(loop, Link.UNSUBSCRIBE, "POST")[0] == 200
    [stopped] = loop.store.pages(Suppression, "main")
    assert (stopped.purpose, stopped.reason) == (Purpose.SURVEY, SuppressionReason.UNSUBSCRIBE)


def test_who_agreed_again_can_refuse_again_by_the_same_link(loop: ClientLoop) -> None:
    """The browser sends the very same post: it counts, as its reader is told that it does."""
    ana, clock = loop.customers.add(name="Ana", email=TICKET.address), loop.clock
    assert isinstance(clock, ManualClock)
    for number in range(2):
        loop.consent.allow(ana, Purpose.SURVEY, channel="email", proof=f"form {number}")
        assert loop.consent.may_send(ana, Purpose.SURVEY, "email").allowed
        clock.advance(timedelta(days=1))
        assert followed(loop, Link.UNSUBSCRIBE, "POST")[0] == 200
        assert not loop.consent.may_send(ana, Purpose.SURVEY, "email").allowed
        loop.channels.replay(next(loop.store.pages(StoredRaw, "main")))
        clock.advance(timedelta(days=1))
    assert len(list(loop.store.pages(Interaction, "main"))) == 2


def test_a_click_is_one_visit(loop: ClientLoop) -> None:
    """It leads on each time, and is recorded once."""
    for _ in range(3):
        status, headers = followed(loop, Link.CLICK)
        assert (status, headers["location"]) == (302, TICKET.target)
    [visit] = loop.store.pages(Interaction, "main")
    assert visit.kind is InteractionKind.VISIT
    assert (visit.source["page"], visit.source["message"]) == (TICKET.target, str(MESSAGE))


def test_a_strange_link_leads_nowhere(loop: ClientLoop) -> None:
    """Without a token of ours there is no redirection, whatever the address says."""
    status, headers = followed(loop, Link.CLICK, url=f"{URL}/click?t=x.y&url=https://evil.example/")
    assert (status, "location" in headers) == (403, False)


def test_a_picture_of_an_unknown_message_is_a_picture(loop: ClientLoop) -> None:
    """A mail whose message is gone still shows without an error."""
    for _ in range(2):
        status, headers = followed(loop, Link.OPEN)
        assert (status, headers["content-type"]) == (200, "image/gif")
