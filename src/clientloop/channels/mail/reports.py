"""Reports on mails that were sent: on delivery (RFC 3464), on reading (RFC 8098), and complaints (RFC 5965)."""

import re
from collections.abc import Iterator

from attrs import field, frozen

from clientloop.channels.mail.causes import class_in, status_in
from clientloop.channels.mail.fields import message_ids
from clientloop.channels.mail.headers import Headers, read_headers
from clientloop.channels.mail.limits import LIMITS, Limits
from clientloop.channels.mail.loose import loose_outcomes
from clientloop.channels.mail.mailboxes import mailboxes
from clientloop.channels.mail.outcomes import Action, Outcome
from clientloop.channels.mail.parts import Part
from clientloop.channels.mail.reading import Mail

#: Parts in which the mail comes back that a report is on, or its header.
ORIGINALS = frozenset(
    {"message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers", "message/global-headers"}
)
_STATUS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_DISPOSITION = frozenset({"message/disposition-notification", "message/global-disposition-notification"})
_FEEDBACK = frozenset({"message/feedback-report"})

#: What a status code means where no action is named.
_BY_CLASS = {"2": Action.DELIVERED, "4": Action.DELAYED, "5": Action.FAILED}
#: What readers say that they did; the rest says nothing of use.
_DISPOSITIONS = {"displayed": Action.DISPLAYED, "dispatched": Action.DELIVERED, "processed": Action.DELIVERED}
#: Kinds of feedback in which somebody complained; others tell of signatures, or that it was no spam after all.
COMPLAINTS = frozenset({"abuse", "complaint", "fraud", "opt-out", "opt-out-list", "unsubscribe", "miscategorized", ""})

_LINE_END = re.compile(rb"\r\n?")
_EMPTY_LINES = re.compile(rb"\n(?:[ \t]*\n)+")
_XTEXT = re.compile(r"\+([0-9A-F]{2})")


@frozen(kw_only=True)
class Feedback:
    """What a provider tells of one of its users, mostly a complaint."""

    #: What it is, such as "abuse".
    kind: str
    #: Whose word it is; empty if the provider hides it and the mail that came back does not say.
    recipients: tuple[str, ...] = field(repr=False)
    #: The id of the mail that it is about.
    message_id: str | None

    @property
    def complains(self) -> bool:
        """Whether somebody complained."""
        return self.kind in COMPLAINTS


def outcomes(mail: Mail, limits: Limits = LIMITS) -> tuple[Outcome, ...]:
    r"""What a mail reports of mails that were sent; nothing if it is no report.

    Args:
        mail: The mail.
        limits: The bounds.

    >>> from clientloop.channels.mail.reading import read_mail
    >>> head = b"From: MAILER-DAEMON@mx.example\nContent-Type: multipart/report; boundary=x\n\n--x\n\nSorry.\n--x\n"
    >>> status = b"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
    >>> about = b"Final-Recipient: rfc822; ana@example.com\nAction: failed\nStatus: 5.1.1\n--x\n"
    >>> original = b"Content-Type: text/rfc822-headers\n\nMessage-ID: <7@firm.example>\n--x--\n"
    >>> [outcome] = outcomes(read_mail(head + status + about + original))
    >>> outcome.recipient, outcome.message_id, outcome.failure
    ('ana@example.com', '7@firm.example', <Failure.PERMANENT: 'permanent'>)
    """
    groups = [group for part in _of(mail, _STATUS) for group in _groups(part, limits)]
    if found := tuple(_delivery(mail, groups, limits))[: limits.recipients]:
        return found
    if read := [group for part in _of(mail, _DISPOSITION) for group in _groups(part, limits)]:
        return (_reading(mail, read, limits),)
    return () if groups else loose_outcomes(mail, _original_id(mail, groups, limits), limits)


def feedback(mail: Mail, limits: Limits = LIMITS) -> Feedback | None:
    """What a provider tells of its users in a mail; None if it is no such report.

    Args:
        mail: The mail.
        limits: The bounds.
    """
    groups = [group for part in _of(mail, _FEEDBACK) for group in _groups(part, limits)]
    original = _original(mail, limits)
    if not groups and not _is_loose_complaint(mail, original):
        return None
    named = [value for group in groups for value in group.all("original-rcpt-to")]
    if original is not None:
        named = named or [*original.all("x-hmxmroriginalrecipient")] or [*original.all("to")]
    found = dict.fromkeys(box.address for value in named for box in mailboxes(_decoded(value)) if box.domain)
    return Feedback(
        kind=next((group.raw("feedback-type").strip().lower() for group in groups if "feedback-type" in group), ""),
        recipients=tuple(address for address in found if "redacted" not in address.lower())[: limits.recipients],
        message_id=_original_id(mail, groups, limits),
    )


def _is_loose_complaint(mail: Mail, original: Headers | None) -> bool:
    """Whether it is a complaint in the older form of Outlook.com: the mail alone, with a field of its own in it."""
    return (
        original is not None and "x-hmxmroriginalrecipient" in original and mail.subject.startswith("complaint about")
    )


def _of(mail: Mail, types: frozenset[str]) -> Iterator[Part]:
    yield from (part for part in mail.root.walk() if part.media_type in types)


def _groups(part: Part, limits: Limits) -> Iterator[Headers]:
    """The groups of fields in the part that machines read."""
    lines = _LINE_END.sub(b"\n", part.content[: limits.text]).strip()
    for block in _EMPTY_LINES.split(lines, maxsplit=2 * limits.recipients):
        fields, _ = read_headers(block, 0, limits)
        if fields.fields:
            yield fields


def _delivery(mail: Mail, groups: list[Headers], limits: Limits) -> Iterator[Outcome]:
    message_id = _original_id(mail, groups, limits)
    for group in groups:
        recipient = _address(group.raw("original-recipient")) or _address(group.raw("final-recipient"))
        if recipient or "action" in group:
            said = group.text("diagnostic-code") or group.text("status")
            status = status_in(group.raw("status")) or status_in(said)
            yield Outcome(
                recipient=recipient,
                message_id=message_id,
                action=_action(group, status or said),
                status=_telling(status, said),
                said=said,
            )


def _telling(status: str | None, said: str) -> str | None:
    """The status code that says more: many servers report 5.0.0, and the true one in the words."""
    inner = status_in(said)
    return inner if inner and (status is None or status.endswith(".0.0")) else status


def _action(group: Headers, status: str) -> Action:
    word = group.raw("action").strip().split(" ")[0].lower()
    named = next((action for action in Action if action.value == word), None)
    return named or _BY_CLASS.get(class_in(status) or "", Action.FAILED)


def _reading(mail: Mail, groups: list[Headers], limits: Limits) -> Outcome:
    fields = groups[0]
    said = fields.text("disposition")
    word = said.rpartition(";")[2].strip().partition("/")[0].lower()
    return Outcome(
        recipient=_address(fields.raw("original-recipient")) or _address(fields.raw("final-recipient")),
        message_id=_original_id(mail, groups, limits),
        action=_DISPOSITIONS.get(word, Action.OTHER),
        said=said,
    )


def _address(value: str) -> str | None:
    """The address in a field such as "rfc822; ana@example.com"."""
    bare = _decoded(value.partition(";")[2] or value)
    return next((box.address for box in mailboxes(bare)), None)


def _decoded(value: str) -> str:
    """A value with "xtext" (RFC 3461) undone; a plus alone may also be one of the address."""
    return _XTEXT.sub(lambda found: chr(int(found[1], 16)), value) if "+2B" in value or "+3D" in value else value


def _original(mail: Mail, limits: Limits) -> Headers | None:
    """The header of the mail that a report is on."""
    for part in _of(mail, ORIGINALS):
        headers, _ = read_headers(part.content.lstrip(), 0, limits)
        if headers.fields:
            return headers
    return None


def _original_id(mail: Mail, groups: list[Headers], limits: Limits) -> str | None:
    """The id of the mail that a report is on: from its header, or wherever else servers write it."""
    original = _original(mail, limits)
    places = [
        *([original.raw("message-id")] if original else []),
        *(group.raw(name) for group in groups for name in ("original-message-id", "x-original-message-id")),
        mail.headers.raw("in-reply-to"),
        " ".join(mail.headers.all("references")[-1:]),
        *(_decoded(group.raw("original-envelope-id")) for group in groups),
    ]
    return next((found[-1] for value in places if (found := message_ids(value))), None)
