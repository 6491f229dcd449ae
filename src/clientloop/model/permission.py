"""What stands against writing to somebody, besides a customer's word: addresses that must be left alone, and counts."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from attrs import field, frozen

from clientloop.errors import InvalidValue
from clientloop.model.calendar import Clock, Span
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


def _check_most(_: object, __: object, most: int) -> None:
    if type(most) is not int or most < 1:
        raise InvalidValue(f"{most!r:.80} messages are no cap", hint="give a whole number of at least 1")


def _check_within(_: object, __: object, within: Span) -> None:
    if within.clock is not Clock.ELAPSED or not within.amount:
        raise InvalidValue(f"no cap holds for {within}", hint="customers keep no office hours: count in days or hours")


#: What each reason stops, where it says nothing else.
STOPPED: Mapping[SuppressionReason, frozenset[Purpose]] = {
    SuppressionReason.STOP: frozenset({Purpose.SERVICE, Purpose.SURVEY, Purpose.MARKETING}),
    SuppressionReason.BOUNCE: frozenset({Purpose.SERVICE, Purpose.SURVEY, Purpose.MARKETING}),
    SuppressionReason.COMPLAINT: frozenset({Purpose.SURVEY, Purpose.MARKETING}),
    SuppressionReason.UNSUBSCRIBE: frozenset({Purpose.SURVEY, Purpose.MARKETING}),
    SuppressionReason.MANUAL: frozenset({Purpose.SERVICE, Purpose.SURVEY, Purpose.MARKETING}),
}


@frozen(kw_only=True)
class Cap:
    """How many messages of one purpose a customer gets at most.

    >>> from clientloop.model.calendar import days
    >>> print(Cap(most=1, within=days(30)))
    1 in 30 days
    """

    #: So many; at least 1.
    most: int = field(validator=_check_most)
    #: In any stretch of this length.
    within: Span = field(validator=_check_within)

    def __str__(self) -> str:
        """As a person would write it."""
        return f"{self.most} in {self.within}"


@record("suppression", key=("digest", "purpose", "reason"))
@frozen(kw_only=True)
class Suppression:
    """That an address gets no messages of a purpose; it survives the erasure of its holder, as it names nobody.

    Each reason stands for itself: whoever takes back one leaves the others.
    """

    #: The space it belongs to.
    space: str
    #: HMAC-SHA256 of the kind of address and its normal form, under the key of the space.
    digest: bytes
    #: Messages of which purpose.
    purpose: Purpose
    #: Why.
    reason: SuppressionReason
    #: What sort of address.
    kind: IdentityKind
    #: Whether it stands; False once it was taken back.
    stands: bool
    #: When it was said to stand, or taken back, UTC; what was said before that counts no more.
    at: datetime
    #: Counts changes; guards updates.
    version: int = 1


@record("contact_budget", key=("customer",), references={"customer": "customer"})
@frozen(kw_only=True)
class ContactBudget:
    """How often the firm has written to a customer of its own accord: the one row that guards every message to them.

    A word of the customer counts its version up as well, so that no message goes out on a word that has changed since.
    """

    #: The space it belongs to.
    space: str
    #: The customer.
    customer: UUID
    #: Which messages were handed to a channel and when, by purpose: ids to microseconds since 1970 in UTC; those that
    #: count no more are left out.
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
