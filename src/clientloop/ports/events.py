"""What a channel is sent, and what it reads out of it: events, each with a key that is the same under redelivery."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from attrs import field, frozen

from clientloop.errors import InvalidValue
from clientloop.model.codec import Json
from clientloop.model.customers import IdentityKind, Purpose, Trust
from clientloop.model.messages import DeliveryStep, Failure
from clientloop.model.permission import SuppressionReason

#: How long the key of an event may be, in characters: longer ones fit no index of a database.
LONGEST_KEY = 500


def _lower_names(headers: Mapping[str, str]) -> Mapping[str, str]:
    return {name.lower(): value for name, value in headers.items()}


@frozen(kw_only=True)
class Raw:
    """One message as it came, before anybody has read it.

    >>> Raw(body=b"{}", headers={"Content-Type": "application/json"}).headers
    {'content-type': 'application/json'}
    """

    #: The bytes.
    body: bytes = field(repr=False)
    #: The route that it came by; empty if it was polled.
    route: str = ""
    #: The HTTP method.
    method: str = "POST"
    #: The whole URL as the sender called it: some sign it.
    url: str = field(default="", repr=False)
    #: The header fields, names in lower case.
    headers: Mapping[str, str] = field(factory=dict, converter=_lower_names, repr=False)

    @property
    def digest(self) -> bytes:
        """SHA-256 over all that `parse` may read: with the channel, the key under which a raw message is stored once.

        The body alone would not do: two webhooks may have equal bodies, and their ids in a header.

        >>> Raw(body=b"1", headers={"A": "x"}).digest == Raw(body=b"1", headers={"a": "x"}).digest
        True
        >>> Raw(body=b"1").digest == Raw(body=b"1", headers={"webhook-id": "2"}).digest
        False
        """
        said = [self.route, self.method, self.url, *(part for pair in sorted(self.headers.items()) for part in pair)]
        parts = [*(part.encode(errors="surrogatepass") for part in said), self.body]
        told = hashlib.sha256()
        for part in parts:
            told.update(len(part).to_bytes(8))
            told.update(part)
        return told.digest()


@frozen(kw_only=True)
class Verdict:
    """How far the sender of a raw message is proved.

    >>> Verdict.failed("the signature does not match").accepted
    False
    """

    #: The trust that its addresses get at most; None if it must not be taken.
    trust: Trust | None
    #: Why it is so, without personal data.
    reason: str = ""

    @classmethod
    def failed(cls, reason: str) -> "Verdict":
        """It must not be taken: it is counted, and its body is not stored."""
        return cls(trust=None, reason=reason)

    @property
    def accepted(self) -> bool:
        """Whether it may be taken."""
        return self.trust is not None


# Any: attrs types a validator by the class and the attribute that it is used on.
def _aware(_instance: Any, attribute: Any, value: datetime | None) -> None:
    if value is not None and value.tzinfo is None:
        raise InvalidValue(f"{attribute.name}: {value!r} names no zone", hint="give an aware datetime")


def _is_key(_instance: Any, _attribute: Any, key: Any) -> None:  # Any: as above; and JSON gives keys of any type
    if not isinstance(key, str) or not key.strip() or len(key) > LONGEST_KEY:
        hint = f"give what the service calls the message, in 1 to {LONGEST_KEY} characters"
        raise InvalidValue(f"{key!r:.40} is no key of an event", hint=hint)


@frozen(kw_only=True)
class Address:
    """Somebody's address, as the channel gives it."""

    #: What sort of address.
    kind: IdentityKind
    #: The address; it is normalised at intake.
    value: str = field(repr=False)
    #: What its holder is called there; empty where the channel does not say.
    name: str = field(default="", repr=False)
    #: How far this address is proved, where less than the message as a whole; None for as far as the verdict says.
    trust: Trust | None = None


@frozen(kw_only=True)
class Media:
    """A file that came with a message."""

    #: Name of the file.
    name: str = field(repr=False)
    #: Media type (RFC 6838) as the sender claimed it.
    media_type: str
    #: The bytes.
    content: bytes = field(repr=False)


@frozen(kw_only=True)
class MessageIn:
    """Somebody wrote or said something."""

    #: Its key on the channel, the same under redelivery: the provider's id of the message.
    key: str = field(validator=_is_key)
    #: Who.
    sender: Address
    #: The words.
    text: str = field(repr=False)
    #: One line on top, where the channel has one.
    subject: str | None = field(default=None, repr=False)
    #: When, aware; None where the channel does not say.
    at: datetime | None = field(default=None, validator=_aware)
    #: The channel's id of the message that it answers.
    in_reply_to: str | None = None
    #: Whether a machine wrote it, such as an absence notice: then it is nobody's word.
    automatic: bool = False
    #: BCP 47 tag of its language, where the channel knows.
    locale: str | None = None
    #: Files that came with it.
    media: tuple[Media, ...] = ()
    #: Where it came from: campaign, page, advert.
    source: Mapping[str, Json] = field(factory=dict)
    #: Whatever else the channel knows.
    extra: Mapping[str, Json] = field(factory=dict, repr=False)


@frozen(kw_only=True)
class DeliveryEvent:
    """The channel says what became of a message that it took."""

    #: Its key on the channel, the same under redelivery; each step of one message has a key of its own.
    key: str = field(validator=_is_key)
    #: The channel's id of the message, what `Receipt.provider_id` was; None where only `message` is known.
    provider_id: str | None = None
    #: Our id of it, `OutboundMessage.id`, where the channel gives that back; None where it does not.
    message: UUID | None = None
    #: How far it has come.
    step: DeliveryStep
    #: Why it failed; None unless it did.
    failure: Failure | None = None
    #: To whom, where the channel says: whoever else the message went to, the event is not about it.
    recipient: Address | None = None
    #: What the channel said.
    detail: str | None = None
    #: When, aware; None where the channel does not say.
    at: datetime | None = field(default=None, validator=_aware)

    def __attrs_post_init__(self) -> None:
        """Refuse a word on no message.

        Raises:
            InvalidValue: It names the message by neither id.
        """
        if self.provider_id is None and self.message is None:
            raise InvalidValue("a delivery event names no message", hint="give provider_id, or message")


@frozen(kw_only=True)
class ConsentEvent:
    """Somebody allowed or forbade messages, say by the word STOP or a link in a mail."""

    #: Its key on the channel, the same under redelivery.
    key: str = field(validator=_is_key)
    #: Who.
    sender: Address
    #: Whether messages are allowed.
    allowed: bool
    #: For what; None for every purpose that needs consent.
    purpose: Purpose | None = None
    #: Why the address itself is to be left alone, or is so no longer; None where only its holder's word counts.
    reason: SuppressionReason | None = None
    #: How the firm knows: the words, the link.
    proof: str = field(repr=False)
    #: When, aware; None where the channel does not say.
    at: datetime | None = field(default=None, validator=_aware)


@frozen(kw_only=True)
class Visit:
    """Somebody looked at a page or a screen."""

    #: Its key on the channel, the same under redelivery.
    key: str = field(validator=_is_key)
    #: Who, mostly a cookie.
    visitor: Address
    #: What was looked at.
    page: str
    #: When, aware; None where the channel does not say.
    at: datetime | None = field(default=None, validator=_aware)
    #: Where the visitor came from: campaign, page, advert.
    source: Mapping[str, Json] = field(factory=dict)


@frozen(kw_only=True)
class Ignored:
    """Something that was understood and is of no interest, such as a typing notice; it is counted."""

    #: Its key on the channel, the same under redelivery.
    key: str = field(validator=_is_key)
    #: What it was.
    reason: str


Event = MessageIn | DeliveryEvent | ConsentEvent | Visit | Ignored


@frozen(kw_only=True)
class Reply:
    """What the sender of a raw message is answered over HTTP."""

    #: The status code.
    status: int = 200
    #: The header fields.
    headers: Mapping[str, str] = field(factory=dict)
    #: The body.
    body: bytes = field(default=b"", repr=False)


@frozen(kw_only=True)
class Parsed:
    """What a raw message says."""

    #: What happened, in its order.
    events: tuple[Event, ...] = ()
    #: The acknowledgement.
    reply: Reply = Reply()


@frozen(kw_only=True)
class Batch:
    """What a poll brought."""

    #: The messages, oldest first; each goes through `verify` and `parse`.
    raws: tuple[Raw, ...] = ()
    #: Where the next poll goes on; kept once all of these are stored.
    cursor: str | None = None
    #: Whether there is more to fetch at once.
    more: bool = False
