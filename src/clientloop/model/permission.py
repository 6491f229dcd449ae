"""What stands against writing to somebody, besides a customer's word: addresses that must be left alone, and counts."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from attrs import field, frozen

from clientloop.model.codec import Json
from clientloop.model.customers import IdentityKind, Purpose
from clientloop.model.record import record


class SuppressionReason(StrEnum):
    """Why an address is left alone."""

    #: Its holder said stop, in the way that the channel has for it.
    STOP = "stop"
    #: It takes no messages: a provider or a mail server said so for good.
    BOUNCE = "bounce"
    #: Its holder called a message spam.
    COMPLAINT = "complaint"
    #: Its holder unsubscribed by a link.
    UNSUBSCRIBE = "unsubscribe"
    #: The firm wants it so.
    MANUAL = "manual"


#: What each reason stops, where it says nothing else.
STOPPED: Mapping[SuppressionReason, frozenset[Purpose]] = {
    SuppressionReason.STOP: frozenset({Purpose.SERVICE, Purpose.SURVEY, Purpose.MARKETING}),
    SuppressionReason.BOUNCE: frozenset({Purpose.SERVICE, Purpose.SURVEY, Purpose.MARKETING}),
    SuppressionReason.COMPLAINT: frozenset({Purpose.SURVEY, Purpose.MARKETING}),
    SuppressionReason.UNSUBSCRIBE: frozenset({Purpose.SURVEY, Purpose.MARKETING}),
    SuppressionReason.MANUAL: frozenset({Purpose.SERVICE, Purpose.SURVEY, Purpose.MARKETING}),
}


@record("suppression", key=("digest", "purpose"))
@frozen(kw_only=True)
class Suppression:
    """That an address gets no messages of a purpose; it survives the erasure of its holder, as it names nobody."""

    #: The space it belongs to.
    space: str
    #: HMAC-SHA256 of the kind of address and its normal form, under the key of the space.
    digest: bytes
    #: Messages of which purpose.
    purpose: Purpose
    #: What sort of address.
    kind: IdentityKind
    #: Why.
    reason: SuppressionReason
    #: Since when, UTC.
    at: datetime
    #: When its holder took it back, UTC; None while it stands.
    lifted_at: datetime | None = None
    #: Counts changes; guards updates.
    version: int = 1


@record("contact_budget", key=("customer",), references={"customer": "customer"})
@frozen(kw_only=True)
class ContactBudget:
    """How often the firm has written to a customer of its own accord: the one row that guards every such message.

    A word of the customer counts its version up as well, so that no message goes out on a word that has changed since.
    """

    #: The space it belongs to.
    space: str
    #: The customer.
    customer: UUID
    #: When messages were sent, by purpose: microseconds since 1970 in UTC, rising; those that count no more are left
    #: out.
    sent: Mapping[str, Json] = field(factory=dict)
    #: Counts changes; guards updates.
    version: int = 1


@record("automatic_reply", key=("digest",))
@frozen(kw_only=True)
class AutomaticReply:
    """When an address last got an answer that nobody wrote: one in a window, so that no two machines talk."""

    #: The space it belongs to.
    space: str
    #: As of `Suppression`, with the channel besides.
    digest: bytes
    #: When, UTC.
    at: datetime
    #: Counts changes; guards updates.
    version: int = 1
