"""One mail, taken apart: who wrote it, when, what in answer to, in which words, and with which files."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime

from attrs import field, frozen

from clientloop.channels.mail.bodies import Bodies, bodies
from clientloop.channels.mail.dates import read_date
from clientloop.channels.mail.fields import message_ids
from clientloop.channels.mail.headers import Headers
from clientloop.channels.mail.limits import LIMITS, Limits
from clientloop.channels.mail.mailboxes import Mailbox, mailboxes
from clientloop.channels.mail.parts import Part, read_parts
from clientloop.errors import BadPayload
from clientloop.ports.events import Media

#: Where the writer of a mail is named, best first.
_SENDERS = ("from", "sender", "reply-to", "return-path", "x-envelope-from", "x-original-from")
#: Whom a mail was for.
_RECIPIENTS = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to", "cc")
#: What a mailing list says of itself (RFC 2369, RFC 2919, RFC 8058).
LIST_FIELDS = ("list-id", "list-post", "list-unsubscribe", "list-unsubscribe-post", "list-help", "list-owner")


@frozen(kw_only=True)
class Mail:
    """A mail as it was understood."""

    #: Its key, the same whenever and by whichever way it comes again.
    key: str
    #: Its id, without angle brackets; None if it has none.
    message_id: str | None
    #: Who wrote it; None if it does not say.
    sender: Mailbox | None = field(repr=False)
    #: Whom it was for: every address that it names, the one that it was delivered to first.
    recipients: tuple[Mailbox, ...] = field(repr=False)
    #: Where to answer, if not to the sender.
    reply_to: Mailbox | None = field(repr=False)
    #: One line on top; empty if it has none.
    subject: str = field(repr=False)
    #: When it was written; None where it does not say, or says something impossible.
    at: datetime | None
    #: The id of the message that it answers.
    in_reply_to: str | None
    #: The ids of the messages before it, oldest first.
    references: tuple[str, ...]
    #: The words, with what is quoted in them.
    text: str = field(repr=False)
    #: The files that came with it.
    media: tuple[Media, ...] = field(repr=False)
    #: The names of the files that were too many or too large.
    left_out: tuple[str, ...] = field(repr=False)
    #: What the mailing list says that it came by.
    lists: Mapping[str, str] = field(repr=False)
    #: The mail itself, part by part.
    root: Part = field(repr=False)

    @property
    def headers(self) -> Headers:
        """Its header fields."""
        return self.root.headers


def read_mail(data: bytes, limits: Limits = LIMITS) -> Mail:
    r"""Take a mail apart.

    Args:
        data: The bytes of the mail.
        limits: The bounds.

    Raises:
        BadPayload: It is empty, has no header, or goes beyond the bounds.

    >>> mail = read_mail(b"From: Ana <ana@example.com>\nMessage-ID: <1@example.com>\nSubject: Late\n\nWhere is it?")
    >>> mail.sender.address, mail.message_id, mail.subject, mail.text
    ('ana@example.com', '1@example.com', 'Late', 'Where is it?')
    """
    if len(data) > limits.size:
        raise BadPayload(f"a mail of {len(data)} bytes", hint=f"at most {limits.size} are read")
    root = read_parts(data, limits)
    headers = root.headers
    if not headers.fields:
        raise BadPayload("a mail without a header")
    sender = _first(headers, _SENDERS)
    message_id = next(iter(message_ids(headers.raw("message-id"))), None)
    references = tuple(dict.fromkeys(_ids(headers, "references")))
    answered = tuple(_ids(headers, "in-reply-to"))
    found = bodies(root, limits)
    return Mail(
        key=_key(message_id, sender, headers, found),
        message_id=message_id,
        sender=sender,
        recipients=tuple(dict.fromkeys(_named(headers, _RECIPIENTS))),
        reply_to=_first(headers, ("reply-to",)),
        subject=headers.text("subject"),
        at=read_date(headers.raw("date")),
        # Of several, the last is the newest in the programs that write several.
        in_reply_to=next(iter((*answered[::-1], *references[::-1])), None),
        references=references,
        text=found.text,
        media=found.media,
        left_out=found.left_out,
        lists={name: headers.text(name) for name in LIST_FIELDS if name in headers},
        root=root,
    )


def _named(headers: Headers, names: tuple[str, ...]) -> Iterator[Mailbox]:
    for name in names:
        for value in headers.all(name):
            yield from mailboxes(value)


def _first(headers: Headers, names: tuple[str, ...]) -> Mailbox | None:
    """The first that is an address, or else the first that is a word at least."""
    found = list(_named(headers, names))
    return next((each for each in found if each.domain), next(iter(found), None))


def _ids(headers: Headers, name: str) -> Iterator[str]:
    for value in headers.all(name):
        yield from message_ids(value)


def _key(message_id: str | None, sender: Mailbox | None, headers: Headers, found: Bodies) -> str:
    """A key of what no server changes on the way.

    The id alone is not enough: some programs give all of their mails the same. The words come in only where there is no
    id or no date, since mailing lists and virus scanners write below them.
    """
    date = headers.raw("date")
    marks = [message_id or "", sender.address.lower() if sender else "", date]
    if message_id and date:
        return hashlib.sha256("\0".join(marks).encode("utf-8", "replace")).hexdigest()
    digest = hashlib.sha256("\0".join((*marks, headers.raw("subject"), found.text)).encode("utf-8", "replace"))
    for media in found.media:
        digest.update(media.content)
    return digest.hexdigest()
