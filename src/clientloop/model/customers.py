"""Who speaks: customers, their identities, what they allow, and whom they might be."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from attrs import field, frozen

from clientloop.model.codec import Ids, Json, Maybe
from clientloop.model.record import Index, Personal, record


class Trust(StrEnum):
    """How far an identity is proved, strongest first."""

    #: The customer answered from it, or clicked a signed link sent to it.
    VERIFIED = "verified"
    #: A provider or a system of the firm answers for it.
    VOUCHED = "vouched"
    #: An employee wrote down what the customer said.
    ASSERTED = "asserted"
    #: Typed by somebody into a form or a chat.
    CLAIMED = "claimed"
    #: A cookie or a device; not a person.
    DEVICE = "device"


#: The trust that is enough to match a customer without a person looking.
MATCHING = frozenset({Trust.VERIFIED, Trust.VOUCHED})


class IdentityKind(StrEnum):
    """What sort of address an identity is."""

    EMAIL = "email"
    PHONE = "phone"
    HANDLE = "handle"
    COOKIE = "cookie"
    #: The customer's id in another system.
    EXTERNAL = "external"


class CustomerClass(StrEnum):
    """Attractiveness of a customer: A high, B middle, C low."""

    A = "A"
    B = "B"
    C = "C"


class Purpose(StrEnum):
    """Why a message is sent; consent is asked for each apart."""

    SERVICE = "service"
    SURVEY = "survey"
    MARKETING = "marketing"
    #: To a person of the firm; needs no consent.
    INTERNAL = "internal"


@record("customer", key=("id",), indexes=(Index("by_name", ("name",)),))
@frozen(kw_only=True)
class Customer:
    """A person the firm deals with."""

    #: The space it belongs to.
    space: str
    #: Its id.
    id: UUID
    #: What the person is called; empty where nobody knows.
    name: Personal[str] = ""
    #: Attractiveness, which may set priority and deadlines.
    customer_class: CustomerClass | None = None
    #: BCP 47 tag of the language to write in.
    locale: str | None = None
    #: IANA name of the zone the person lives in.
    zone: str | None = None
    #: When the firm first knew of the person, UTC.
    created_at: datetime
    #: Whatever else an application or a plugin keeps here.
    extra: Personal[Mapping[str, Json]] = field(factory=dict)
    #: The customer that this one was merged into, and is shown as; its rows stay its own.
    merged_into: UUID | None = None
    #: All customers that are shown as this one, whether merged into it or into one of these.
    absorbed: Ids = ()
    #: Counts changes; guards updates.
    version: int = 1

    @property
    def ids(self) -> tuple[UUID, ...]:
        """The ids under which rows of this person are kept."""
        return (self.id, *self.absorbed)


@record(
    "merge",
    key=("id",),
    indexes=(Index("of_kept", ("kept", "at")), Index("of_absorbed", ("absorbed", "at"))),
    references={"kept": "customer", "absorbed": "customer"},
)
@frozen(kw_only=True)
class Merge:
    """That two customers are one person, and all that undoing it needs."""

    #: The space it belongs to.
    space: str
    #: Its id.
    id: UUID
    #: The customer that both are shown as.
    kept: UUID
    #: The customer that is shown as the other from then on.
    absorbed: UUID
    #: Who said so.
    by: Personal[str]
    #: Why.
    reason: Personal[str]
    #: When, UTC.
    at: datetime
    #: What the kept customer took over from the other: fields that it had nothing in, and what they were filled with;
    #: the keys of `extra` as `extra.KEY`.
    filled: Personal[Mapping[str, Json]] = field(factory=dict)
    #: When it was undone, UTC.
    undone_at: datetime | None = None
    #: Who undid it.
    undone_by: Personal[str | None] = None
    #: Counts changes; guards updates.
    version: int = 1


@record(
    "split",
    key=("id",),
    indexes=(Index("of_source", ("source", "at")), Index("of_target", ("target", "at"))),
    references={"source": "customer", "target": "customer"},
)
@frozen(kw_only=True)
class Split:
    """That one customer was two persons: what went over to the other."""

    #: The space it belongs to.
    space: str
    #: Its id.
    id: UUID
    #: The customer that the rows were kept under.
    source: UUID
    #: The customer that they went to.
    target: UUID
    #: Who said so.
    by: Personal[str]
    #: Why.
    reason: Personal[str]
    #: When, UTC.
    at: datetime
    #: The interactions that went over.
    interactions: Ids = ()
    #: The addresses that went over, each as kind and value.
    identities: Personal[tuple[Json, ...]] = ()


@record(
    "identity",
    key=("kind", "value", "customer"),
    indexes=(Index("by_customer", ("customer", "kind", "value")),),
    references={"customer": "customer"},
)
@frozen(kw_only=True)
class Identity:
    """One address of a customer on one kind of channel, with its trust.

    Several customers may have the same address: only a verified or vouched one, under one name, matches by itself.
    """

    #: The space it belongs to.
    space: str
    #: What sort of address.
    kind: IdentityKind
    #: The address in its normal form: E.164 for phones, the normalised address for e-mail.
    value: Personal[str]
    #: Whose it is.
    customer: UUID
    #: How far it is proved.
    trust: Trust
    #: The address as it was given.
    given: Personal[str] = ""
    #: Since when it is known, UTC.
    created_at: datetime


@record(
    "claimant",
    key=("kind", "value"),
    indexes=(Index("of_customer", ("customer", "kind", "value")),),
    references={"customer": "customer"},
)
@frozen(kw_only=True)
class Claimant:
    """The customer who stands for all that write from an address and do not prove it, until somebody decides who it is.

    Whoever claims an address twice is not two, also not where two messages come at the same time.
    """

    #: The space it belongs to.
    space: str
    #: What sort of address.
    kind: IdentityKind
    #: The address in its normal form.
    value: Personal[str]
    #: The customer.
    customer: UUID


class Opinion(StrEnum):
    """What a person decided on a suggestion."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"


@record("suggestion", key=("first", "second"), indexes=(Index("by_opinion", ("opinion", "created_at")),))
@frozen(kw_only=True)
class Suggestion:
    """Two customers that may be one person, for a person to decide."""

    #: The space it belongs to.
    space: str
    #: The customer that was there first.
    first: UUID
    #: The customer that may be the same person.
    second: UUID
    #: What speaks for and against it: `score` from 0 to 1, and the `signs` that add up to it, each with its weight.
    evidence: Personal[Mapping[str, Json]]
    #: What was decided.
    opinion: Opinion = Opinion.OPEN
    #: When it was noticed, UTC.
    created_at: datetime
    #: Counts changes; guards updates.
    version: int = 1


@record("consent", key=("customer", "purpose", "channel"), references={"customer": "customer"})
@frozen(kw_only=True)
class Consent:
    """What a customer allows or forbids, per purpose and channel, with proof."""

    #: The space it belongs to.
    space: str
    #: Whose word it is.
    customer: UUID
    #: For what.
    purpose: Purpose
    #: On which channel; None for all that have no word of their own.
    channel: Maybe = None
    #: Whether it is allowed.
    allowed: bool
    #: How the firm knows: the form, the call, the reply.
    proof: Personal[str]
    #: Since when, UTC.
    at: datetime
    #: Counts changes; guards updates.
    version: int = 1
