"""What the provider's requests say: a message, a command, or what became of a message of ours."""

from collections.abc import Mapping
from uuid import UUID

from clientloop.channels.sms.failures import failure_by_code
from clientloop.channels.sms.forms import Fields
from clientloop.channels.sms.words import Keyword, decoded, keyword, rating
from clientloop.errors import BadPayload, near_matches
from clientloop.model.codec import Json
from clientloop.model.customers import IdentityKind
from clientloop.model.messages import DeliveryStep, Failure
from clientloop.model.permission import SuppressionReason
from clientloop.ports.events import Address, ConsentEvent, DeliveryEvent, Event, Ignored, MessageIn

#: What each status of a message of ours says; None where it is still under way.
STEPS: Mapping[str, DeliveryStep | None] = {
    "accepted": None,
    "scheduled": None,
    "queued": None,
    "sending": None,
    "sent": DeliveryStep.SENT,
    "delivered": DeliveryStep.DELIVERED,
    "read": DeliveryStep.READ,
    "undelivered": DeliveryStep.FAILED,
    "failed": DeliveryStep.FAILED,
    "canceled": DeliveryStep.FAILED,
}

#: The statuses of messages to us.
INBOUND = frozenset({"", "receiving", "received"})

#: The fields that hold the id of a message, the best first.
_IDS = ("MessageSid", "SmsMessageSid", "SmsSid")
#: How long an id may be; Twilio's have 34 signs.
_LONGEST_ID = 100
#: How many files one message may have.
_MOST_FILES = 20


def read_event(fields: Fields, *, message: UUID | None = None) -> Event:
    """What a request says, by its fields, whichever address it came to.

    Args:
        fields: The fields of the request.
        message: Our id of the message, where the address that a receipt came to names it.

    Raises:
        BadPayload: Something in it is missing or makes no sense.
    """
    status = _first(fields, "MessageStatus") or _first(fields, "SmsStatus")
    return _message(fields) if status in INBOUND else _delivery(fields, status, message)


def _delivery(fields: Fields, status: str, ours: UUID | None) -> Event:
    if status not in STEPS:
        raise BadPayload(f"no status {status!r:.40}", hint=near_matches(status[:40], STEPS))
    message, step = _id(fields), STEPS[status]
    key = f"{message}:{status}"
    if step is None:
        return Ignored(key=key, reason=f"status {status}")
    number = _first(fields, "To").strip()
    recipient = Address(kind=IdentityKind.PHONE, value=number) if number else None
    if step is not DeliveryStep.FAILED:
        return DeliveryEvent(key=key, provider_id=message, message=ours, step=step, recipient=recipient)
    code = _first(fields, "ErrorCode")
    return DeliveryEvent(
        key=key,
        provider_id=message,
        message=ours,
        step=step,
        failure=failure_by_code(code) or Failure.RETRY,  # it did not arrive, and nothing is known of the address
        recipient=recipient,
        detail=", ".join(filter(None, (status, f"code {code}" if code else "", _first(fields, "ErrorMessage")))),
    )


def _message(fields: Fields) -> Event:
    key, sender, raw = _id(fields), _sender(fields), _first(fields, "Body")
    body = decoded(raw)
    command = _command(fields, body)
    if command in _ALLOWS:
        return ConsentEvent(key=key, sender=sender, allowed=_ALLOWS[command], reason=SuppressionReason.STOP, proof=body)
    extra: dict[str, Json] = {
        "to": _first(fields, "To"),
        "segments": _number(fields, "NumSegments"),
        "media": _media(fields),
        "keyword": command.value if command else None,
        "as_received": raw if raw != body else None,
        **_rating(body),
    }
    known = {name: value for name, value in extra.items() if value not in (None, "", [])}
    return MessageIn(key=key, sender=sender, text=body, extra=known)


#: What the commands say about further messages; the others are read as words.
_ALLOWS: Mapping[Keyword | None, bool] = {Keyword.STOP: False, Keyword.START: True}


def _command(fields: Fields, body: str) -> Keyword | None:
    """The command in a message: as the provider took it, whose words the firm may have changed, else by our table."""
    taken = _first(fields, "OptOutType").upper()
    return Keyword(taken) if taken in set(Keyword) else keyword(body)


def _rating(body: str) -> Mapping[str, Json]:
    found = rating(body)
    return {"rating": found.given, "out_of": found.out_of, "comment": found.comment} if found else {}


def _media(fields: Fields) -> list[Json]:
    """Where the files are that came along; they are fetched by whoever may do I/O."""
    count = _number(fields, "NumMedia") or 0
    if count > _MOST_FILES:
        raise BadPayload(f"{count} files", hint=f"at most {_MOST_FILES} are read")
    files = [(_first(fields, f"MediaUrl{n}"), _first(fields, f"MediaContentType{n}")) for n in range(count)]
    if not all(url for url, _ in files):
        raise BadPayload(f"{count} files are announced and not all are there")
    return [{"url": url, "media_type": media_type or "application/octet-stream"} for url, media_type in files]


def _sender(fields: Fields) -> Address:
    number = _first(fields, "From").strip()
    if not number or ":" in number:
        raise BadPayload(
            "From is no phone number", hint="point WhatsApp and other messengers at a channel of their own"
        )
    return Address(kind=IdentityKind.PHONE, value=number)


def _id(fields: Fields) -> str:
    found = next(filter(None, (_first(fields, name).strip() for name in _IDS)), "")
    if not found or len(found) > _LONGEST_ID or not found.isascii() or not found.isprintable():
        names = [name[:40] for name in list(fields)[:20]]
        raise BadPayload("MessageSid is missing or no id", hint=near_matches("MessageSid", names))
    return found


def _number(fields: Fields, name: str) -> int | None:
    text = _first(fields, name)
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 4):
        raise BadPayload(f"{name} is no number")
    return int(text)


def _first(fields: Fields, name: str) -> str:
    return fields.get(name, ("",))[0].replace("\0", "")  # no database takes it, and nobody types it
