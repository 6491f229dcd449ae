"""What our links in mails lead to. Only a post changes anything: programs that guard mailboxes follow every link."""

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from html import escape
from http import HTTPStatus
from string import punctuation
from urllib.parse import quote

from clientloop.channels.mail.links import Link, Ticket, read_ticket
from clientloop.channels.mail.phrases import QUESTIONS, Phrase, phrase, spoken
from clientloop.channels.mail.rendering import template
from clientloop.errors import BadPayload
from clientloop.model.customers import IdentityKind, Trust
from clientloop.model.messages import DeliveryStep
from clientloop.model.permission import SuppressionReason
from clientloop.ports.events import (
    Address,
    ConsentEvent,
    DeliveryEvent,
    Event,
    Ignored,
    Parsed,
    Raw,
    Reply,
    Verdict,
    Visit,
)

#: What programs call themselves that fetch pictures and follow links whether anybody looks at the mail or not, or for
#: whoever does: Gmail's and Yahoo's proxies, scanners. Apple's sends nothing but "Mozilla/5.0", and programs without a
#: name are none of people.
_PROXIES = ("googleimageproxy", "yahoomailproxy", "yahoo! slurp", "bingpreview", "bot", "preview", "scan")
_NAMELESS = frozenset({"", "mozilla/5.0"})

#: What they fetch: a picture of one transparent dot.
_DOT = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")

_COMMON = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}
_POLICY = "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"


def verdict(raw: Raw, keys: Sequence[str]) -> Verdict:
    """Whether a request came by a link of ours.

    Who posts has read what was sent to the address. Who gets may be a program on the way there.

    Args:
        raw: The request.
        keys: Secrets, any of which may have signed the link.
    """
    if read_ticket(raw, keys) is None:
        return Verdict.failed("the link is none of ours")
    if raw.method == "POST":
        return Verdict(trust=Trust.VERIFIED, reason="a signed link, followed by a post")
    return Verdict(trust=Trust.VOUCHED, reason="a signed link")


def read_request(raw: Raw, keys: Sequence[str]) -> Parsed:
    """What a request by a link of ours says.

    Args:
        raw: The request.
        keys: Secrets, any of which may have signed the link.

    Raises:
        BadPayload: It came by no link of ours.
    """
    ticket = read_ticket(raw, keys)
    if ticket is None:
        raise BadPayload("a request by no link of ours")
    parsed = _PAGES[Link(raw.route)](raw, ticket)
    return parsed if raw.method != "HEAD" else Parsed(reply=parsed.reply)


def _is_program(raw: Raw) -> bool:
    """Whether no person has asked for it, as far as the program that did says what it is."""
    program = raw.headers.get("user-agent", "").strip().lower()
    return program in _NAMELESS or any(name in program for name in _PROXIES)


def _click(raw: Raw, ticket: Ticket) -> Parsed:
    """Lead on. The first time that a person follows a link of a message counts."""
    event: Event
    if _is_program(raw):
        event = Ignored(
            key=_key(Link.CLICK, ticket.message.hex, ticket.target, "program"),
            reason="a program followed a link in a mail: it was no person's visit",
        )
    else:
        event = Visit(
            key=_key(Link.CLICK, ticket.message.hex, ticket.target),
            visitor=_holder(ticket),
            page=ticket.target,
            source={"message": str(ticket.message)},
        )
    location = quote(ticket.target, safe=punctuation)
    return Parsed(events=(event,), reply=Reply(status=HTTPStatus.FOUND, headers={"Location": location, **_COMMON}))


def _open(raw: Raw, ticket: Ticket) -> Parsed:
    """Say that somebody has read the mail, if that is what it means."""
    event: Event
    if _is_program(raw):
        event = Ignored(
            key=_key(Link.OPEN, ticket.message.hex, "unknown"),
            reason="a program fetched the picture in a mail: whether anybody read that is unknown",
        )
    else:
        event = DeliveryEvent(
            key=_key(Link.OPEN, ticket.message.hex),
            message=ticket.message,
            step=DeliveryStep.READ,
            recipient=_holder(ticket),
            detail="its picture was fetched",
        )
    return Parsed(events=(event,), reply=Reply(headers={"Content-Type": "image/gif", **_COMMON}, body=_DOT))


def _unsubscribe(raw: Raw, ticket: Ticket) -> Parsed:
    """Ask, and take the answer; the mail program may give it in the reader's name (RFC 8058)."""
    if raw.method != "POST":
        return Parsed(reply=_page(ticket.language, question=QUESTIONS.get(ticket.purpose, Phrase.MARKETING)))
    event = ConsentEvent(
        # of the request as a whole: who has agreed since may refuse once more by the same link
        key=_key(Link.UNSUBSCRIBE, ticket.message.hex, raw.digest.hex()),
        sender=_holder(ticket),
        allowed=False,
        purpose=ticket.purpose,
        reason=SuppressionReason.UNSUBSCRIBE,
        proof=f"the link to unsubscribe in message {ticket.message}",
    )
    return Parsed(events=(event,), reply=_page(ticket.language))


#: What each link does.
_PAGES: Mapping[Link, Callable[[Raw, Ticket], Parsed]] = {
    Link.CLICK: _click,
    Link.OPEN: _open,
    Link.UNSUBSCRIBE: _unsubscribe,
}


def _page(language: str, question: Phrase | None = None) -> Reply:
    """The page that asks; or, without a question, that confirms."""
    title = escape(phrase(Phrase.UNSUBSCRIBE, language))
    said = escape(phrase(question or Phrase.DONE, language))
    content = f"<p>{said}</p>"
    if question is not None:  # a form without an address posts to the one that the page came from
        content += f'\n<form method="post"><button type="submit">{title}</button></form>'
    page = template("unsubscribe.html").substitute(language=spoken(language), title=title, content=content)
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": _POLICY, **_COMMON}
    return Reply(headers=headers, body=page.encode())


def _holder(ticket: Ticket) -> Address:
    return Address(kind=IdentityKind.EMAIL, value=ticket.address)


def _key(link: Link, *parts: str) -> str:
    digest = hashlib.sha256("\0".join(parts).encode(errors="replace")).hexdigest()
    return f"{link.value}:{digest}"
