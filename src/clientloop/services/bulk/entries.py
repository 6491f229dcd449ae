"""What comes from another system: entries, the persons they are about, and the chunk that they make together."""

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from attrs import define, field, frozen

from clientloop.model.asking import Answer
from clientloop.model.codec import Json
from clientloop.model.customers import Customer, CustomerClass, IdentityKind, Trust
from clientloop.model.facts import Fact
from clientloop.model.interactions import Interaction
from clientloop.model.units import Change
from clientloop.rules.people.identity import Candidate


class Count(StrEnum):
    """What is counted of the entries of another system."""

    ADDED = "added"
    DUPLICATES = "duplicates"
    UPDATED = "updated"
    CUSTOMERS_ADDED = "customers_added"
    CUSTOMERS_MATCHED = "customers_matched"
    SUGGESTIONS = "suggestions"
    DOUBTFUL = "doubtful"
    RECEIVED_UNKNOWN = "received_unknown"


@define(frozen=True, cache_hash=True)
class Address:
    """An address that a person comes with."""

    #: What sort of address.
    kind: IdentityKind
    #: The address in its normal form.
    value: str
    #: The address as it was given.
    given: str
    #: How far it is proved.
    trust: Trust


@define(frozen=True, kw_only=True, cache_hash=True)
class Person:
    """Whom an entry is about, as its source says it."""

    #: What the person is called; empty where the source does not say.
    name: str = ""
    #: The addresses; an id in another system goes first, as it names the person itself.
    addresses: tuple[Address, ...] = ()
    #: Attractiveness, for a new customer.
    customer_class: CustomerClass | None = None
    #: BCP 47 tag of the language to write in, for a new customer.
    locale: str | None = None
    #: IANA name of the zone the person lives in, for a new customer.
    zone: str | None = None
    #: Whatever else is kept of a new customer.
    extra: Mapping[str, Json] = field(factory=dict, eq=False)

    @property
    def unplaced(self) -> Mapping[str, Json]:
        """The name of a person who has no address, and so is no customer: all that is known."""
        return {"name": self.name} if self.name and not self.addresses else {}


@define(kw_only=True)
class Key:
    """What makes an entry the same as one that is there already; not frozen, as it is made once a row.

    >>> Key(channel="shop", stem="till:purchase:7").origin, Key(channel="shop", stem="till:3f2a", number=2).origin
    ('till:purchase:7', 'till:3f2a:2')
    """

    #: Name of the channel.
    channel: str
    #: Its key on the channel, or the part before the number.
    stem: str
    #: Which it is of the entries that are alike; None where the source has ids.
    number: int | None = None
    #: The line of a mended entry: it may have become like others, and is the same only as what came from this line.
    mended_line: int | None = None

    @property
    def origin(self) -> str:
        """Its key on the channel."""
        return self.stem if self.number is None else f"{self.stem}:{self.number}"

    @property
    def source(self) -> Mapping[str, Json]:
        """What is kept of where a mended entry came from: an interaction in `source`, an answer in `extra`."""
        return _NOWHERE if self.mended_line is None else {"line": self.mended_line}


_NOWHERE: Mapping[str, Json] = {}

#: The kind and the value of an address.
Place = tuple[IdentityKind, str]

#: A channel, and a key on it.
Origin = tuple[str, str]


@define
class Chunk:
    """What entries come to while they are worked out: nothing of it is known elsewhere before the commit."""

    #: What is written.
    changes: list[Change] = field(factory=list)
    #: What was answered: it is written when all of the chunk is known.
    answers: list[Answer] = field(factory=list)
    #: What has happened.
    facts: list[Fact] = field(factory=list)
    #: What is counted.
    counts: Counter[Count] = field(factory=Counter)
    #: The customers that persons of this chunk certainly are.
    people: dict[Person, Customer] = field(factory=dict)
    #: Who has the addresses that this chunk has added.
    sharers: dict[Place, tuple[Candidate, ...]] = field(factory=dict)
    #: The customers that it adds.
    added: dict[UUID, Customer] = field(factory=dict)
    #: Of its entries.
    origins: set[Origin] = field(factory=set)


@frozen(kw_only=True)
class Entry:
    """One thing to be written, with the person it is about; this one is nothing but a person."""

    #: The records among which its key is looked for.
    KEPT: ClassVar[type[Interaction] | type[Answer]] = Interaction

    #: Whom it is about; None where the source does not say.
    person: Person | None
    #: What makes it the same as one that is there already; None for what is nothing but a person.
    key: Key | None

    def write(self, chunk: Chunk, customer: Customer | None, origin: str) -> None:
        """Write what there is besides the person.

        Args:
            chunk: Takes what is written, what has happened, and what it counts as besides `added`.
            customer: The customer that the person is.
            origin: The key on the channel to write it under.
        """
