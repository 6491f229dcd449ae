"""Bytes of a mail in, events of the channel port out."""

import re
from collections.abc import Iterator, Mapping
from uuid import UUID

from attrs import evolve, field, frozen

from clientloop.channels.mail.automatic import judge
from clientloop.channels.mail.limits import LIMITS, Limits
from clientloop.channels.mail.mailboxes import Mailbox
from clientloop.channels.mail.naming import Naming
from clientloop.channels.mail.outcomes import Outcome
from clientloop.channels.mail.reading import Mail, read_mail
from clientloop.channels.mail.replies import Reply, Style, new_words
from clientloop.channels.mail.reports import Feedback, feedback, outcomes
from clientloop.errors import BadPayload
from clientloop.model.codec import Json
from clientloop.model.customers import IdentityKind, Purpose
from clientloop.model.permission import SuppressionReason
from clientloop.ports.events import Address, ConsentEvent, DeliveryEvent, Event, MessageIn

#: Characters of what was taken off an answer that are kept with it; the whole mail is stored anyway.
QUOTED = 10_000
_LONGEST_DETAIL = 1_000

#: Where something quoted was taken off.
_TAKEN_OFF = frozenset({Style.TOP, Style.BOTTOM})

#: The subject of a mail by which somebody unsubscribes: as our own mails ask for it in `List-Unsubscribe`.
_UNSUBSCRIBE = re.compile(rf"\s*unsubscribe ({Purpose.SURVEY}|{Purpose.MARKETING})\s*", re.IGNORECASE)


@frozen(kw_only=True)
class Reading:
    """What the reading of mails needs to know of the firm."""

    #: Ids of the firm's own mailing lists and groups: what comes by them is people's mail.
    own_lists: frozenset[str] = frozenset()
    #: How the firm's own mails are named; None where that is not known.
    naming: Naming | None = None
    #: How much of a mail is read.
    limits: Limits = field(default=LIMITS, repr=False)


def events(data: bytes, reading: Reading | None = None) -> tuple[Event, ...]:
    r"""Read a mail.

    A report becomes one event for each recipient that it names, a complaint forbids what needs consent, and everything
    else is a message, marked if a machine wrote it. A report that does not say which mail it is on is such a message
    too, so that a person can read it.

    Args:
        data: The bytes of the mail.
        reading: What must be known of the firm.

    Returns:
        At least one event.

    Raises:
        BadPayload: It cannot be read, or does not say who wrote it. Nothing else is raised, whatever the bytes are.

    >>> [message] = events(b"From: Ana <ana@example.com>\nIn-Reply-To: <7@firm.example>\n\nIt broke.")
    >>> message.sender.value, message.in_reply_to, message.text, message.automatic
    ('ana@example.com', '7@firm.example', 'It broke.', False)
    """
    try:
        return tuple(_events(data, reading or Reading()))
    except BadPayload:
        raise
    except Exception as error:  # whatever is wrong in here parks one mail and does not stop the mailbox
        raise BadPayload(f"a mail that nobody can read: {type(error).__name__}") from error


def without_sent(event: MessageIn, sent: str) -> MessageIn:
    r"""A message without the lines of the mail of ours that it answers, which many programs quote without a mark.

    Args:
        event: What `events` read.
        sent: The words of our mail.

    Returns:
        The message; as it was where it is not clear what is new in it, or where it is passed on.

    >>> ours = "Thank you for telling us.\nWe have your message and will look into it."
    >>> [message] = events(f"From: a@example.com\n\nIt broke again.\n\n{ours}\n".encode())
    >>> message.text == f"It broke again.\n\n{ours}", without_sent(message, ours).text
    (True, 'It broke again.')
    """
    if event.extra.get("style") == Style.FORWARD:
        return event
    reply = new_words(event.text, subject=event.subject or "", sent=sent)
    if reply.style not in _TAKEN_OFF:
        return event
    before = event.extra.get("quoted")
    quoted = "\n\n".join(filter(None, (reply.quoted, before)))[:QUOTED]
    return evolve(event, text=reply.text, extra={**event.extra, "style": reply.style.value, "quoted": quoted})


def _events(data: bytes, reading: Reading) -> Iterator[Event]:
    mail = read_mail(data, reading.limits)
    if (told := feedback(mail, reading.limits)) is not None:
        yield from _of_feedback(mail, told, reading)
    elif found := outcomes(mail, reading.limits):
        yield from _of_outcomes(mail, found, reading)
    elif asked := _UNSUBSCRIBE.fullmatch(mail.subject):
        yield _refusal(mail, Purpose(asked[1].lower()))
    else:
        yield _message(mail, reading)


def _of_outcomes(mail: Mail, found: tuple[Outcome, ...], reading: Reading) -> Iterator[Event]:
    returned = _returned(mail, reading)
    unknown: list[Outcome] = []
    for number, outcome in enumerate(found):
        ours = returned or _identified(outcome.message_id, reading)
        if outcome.message_id is None and ours is None:
            unknown.append(outcome)
        else:
            yield _delivery(mail, number, outcome, ours)
    if unknown:
        yield _message(mail, reading, report=[_as_json(outcome) for outcome in unknown])


def _returned(mail: Mail, reading: Reading) -> UUID | None:
    """The message of ours whose return path a mail came to."""
    if reading.naming is None:
        return None
    return next((ours for box in mail.recipients if (ours := reading.naming.returned(box.address))), None)


def _identified(message_id: str | None, reading: Reading) -> UUID | None:
    """The message of ours that the id of a mail names."""
    return None if reading.naming is None or message_id is None else reading.naming.identified(message_id)


def _delivery(mail: Mail, number: int, outcome: Outcome, ours: UUID | None) -> DeliveryEvent:
    said = " ".join(filter(None, (outcome.status, outcome.said)))
    return DeliveryEvent(
        key=_key(mail, number),
        provider_id=outcome.message_id,
        message=ours,
        step=outcome.step,
        failure=outcome.failure,
        recipient=Address(kind=IdentityKind.EMAIL, value=outcome.recipient) if outcome.recipient else None,
        detail=said[:_LONGEST_DETAIL] or None,
        at=mail.at,
    )


def _of_feedback(mail: Mail, told: Feedback, reading: Reading) -> Iterator[Event]:
    if not (told.complains and told.recipients):
        name = "complaint" if told.complains else "provider_feedback"
        yield _message(mail, reading, **{name: {"kind": told.kind, "message_id": told.message_id}})
        return
    for number, recipient in enumerate(told.recipients):
        yield ConsentEvent(
            key=_key(mail, number),
            sender=Address(kind=IdentityKind.EMAIL, value=recipient),
            allowed=False,
            reason=SuppressionReason.COMPLAINT,
            proof=f"a provider reported a complaint ({told.kind or 'spam'}) about mail {told.message_id or 'unknown'}",
            at=mail.at,
        )


def _refusal(mail: Mail, purpose: Purpose) -> ConsentEvent:
    """What a mail means that the link to unsubscribe by mail makes."""
    return ConsentEvent(
        key=mail.key,
        sender=_address(_writer(mail)),
        allowed=False,
        purpose=purpose,
        reason=SuppressionReason.UNSUBSCRIBE,
        proof=f"a mail with the subject {mail.subject!r}",
        at=mail.at,
    )


def _writer(mail: Mail) -> Mailbox:
    if mail.sender is None:
        raise BadPayload("a mail that does not say who wrote it")
    return mail.sender


def _message(mail: Mail, reading: Reading, **extra: Json) -> MessageIn:
    sender = _writer(mail)
    judgement = judge(mail, reading.own_lists)
    reply = new_words(mail.text, subject=mail.subject)
    return MessageIn(
        key=mail.key,
        sender=_address(sender),
        text=reply.text,
        subject=mail.subject or None,
        at=mail.at,
        in_reply_to=mail.in_reply_to or _answered(mail, reading),
        automatic=judgement.automatic,
        media=mail.media,
        extra={**_known(mail, reply), "signs": [sign.value for sign in judgement.signs], **extra},
    )


def _answered(mail: Mail, reading: Reading) -> str | None:
    """The id of the mail that was answered to its return path, as programs do that answer by themselves."""
    ours = _returned(mail, reading)
    return None if reading.naming is None or ours is None else reading.naming.message_id(ours)


def _known(mail: Mail, reply: Reply) -> Mapping[str, Json]:
    """What else is known of a message; only what there is."""
    taken_off = reply.style in _TAKEN_OFF
    known: dict[str, Json] = {
        "message_id": mail.message_id,
        "references": list(mail.references),
        "recipients": [box.address for box in mail.recipients],
        "reply_to": mail.reply_to.address if mail.reply_to else None,
        "style": reply.style.value,
        "quoted": reply.quoted[:QUOTED] if taken_off else None,
        "signature": reply.signature,
        "left_out": list(mail.left_out),
        "lists": dict(mail.lists),
    }
    return {name: value for name, value in known.items() if value}


def _address(box: Mailbox) -> Address:
    return Address(kind=IdentityKind.EMAIL, value=box.address, name=box.name)


def _as_json(outcome: Outcome) -> Json:
    return {"recipient": outcome.recipient, "action": outcome.action.value, "status": outcome.status}


def _key(mail: Mail, number: int) -> str:
    return f"{mail.key}:{number}"
