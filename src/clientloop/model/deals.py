"""Deals: what may be sold to whom, how far it has come, and with whom the firm talks about it."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from attrs import field, frozen

from clientloop.model.codec import Json, Maybe, Sometime
from clientloop.model.money import Money
from clientloop.model.record import Index, Personal, record


class DealOutcome(StrEnum):
    """How a deal ended."""

    #: Not ended.
    OPEN = "open"
    WON = "won"
    LOST = "lost"


@record(
    "deal",
    key=("id",),
    indexes=(
        Index("agenda", ("is_open", "owner", "next_at", "id")),
        Index("of_customer", ("customer", "is_open", "id")),
        Index("of_account", ("account", "is_open", "id")),
        Index("by_time", ("opened_at", "id")),
    ),
    references={"customer": "customer", "account": "account"},
)
@frozen(kw_only=True)
class Deal:
    """Something that may be sold: a customer or an account may have several."""

    #: The space it belongs to.
    space: str
    #: Its id.
    id: UUID
    #: What it is about.
    title: Personal[str]
    #: Name of the funnel whose stages it goes through.
    funnel: str
    #: The stage that it is in, or was in when it ended.
    stage: str
    #: Whether it is still open.
    is_open: bool = True
    #: How it ended.
    outcome: DealOutcome = DealOutcome.OPEN
    #: With whom; None where it is with an account alone.
    customer: UUID | None = None
    #: With which company, if any.
    account: UUID | None = None
    #: What it is worth, in minor units.
    amount: int | None = None
    #: The currency of the amount.
    currency: str | None = None
    #: Who of the firm works on it.
    owner: Maybe = None
    #: What comes next.
    next_step: Personal[str | None] = None
    #: When that is to happen, UTC.
    next_at: Sometime = None
    #: Where it came from: campaign, page, advert.
    source: Mapping[str, Json] = field(factory=dict)
    #: Why it ended.
    reason: Personal[str | None] = None
    #: When it was opened, UTC.
    opened_at: datetime
    #: Since when it is in its stage, UTC.
    stage_since: datetime
    #: When it ended, UTC.
    closed_at: Sometime = None
    #: Whatever else an application or a plugin keeps here.
    extra: Personal[Mapping[str, Json]] = field(factory=dict)
    #: Counts changes; guards updates and numbers the journal.
    version: int = 1

    @property
    def money(self) -> Money | None:
        """Amount and currency together."""
        return None if self.amount is None or self.currency is None else Money.stored(self.amount, self.currency)


@record(
    "deal_step",
    key=("deal", "number"),
    indexes=(Index("by_time", ("at", "deal", "number")),),
    references={"deal": "deal"},
)
@frozen(kw_only=True)
class DealStep:
    """One move of a deal from stage to stage, append-only; its key is a second guard against stale writes."""

    #: The space it belongs to.
    space: str
    #: The deal.
    deal: UUID
    #: The version of the deal that this step made.
    number: int
    #: Name of the funnel.
    funnel: str
    #: The customer of the deal.
    customer: UUID | None = None
    #: The company of the deal.
    account: UUID | None = None
    #: The stage before; None for the opening.
    source: str | None = None
    #: The stage after; the last one, where the deal ended.
    target: str
    #: How the deal ended with this step.
    outcome: DealOutcome = DealOutcome.OPEN
    #: Who made it.
    by: Personal[str]
    #: When, UTC.
    at: datetime
    #: Since when it had been in the stage before, UTC.
    since: Sometime = None
    #: What is worth knowing of it.
    note: Personal[str] = ""


@record(
    "deal_person",
    key=("deal", "customer"),
    indexes=(Index("by_customer", ("customer", "deal")),),
    references={"deal": "deal", "customer": "customer"},
)
@frozen(kw_only=True)
class DealPerson:
    """A person with whom the firm talks about a deal: a large sale needs several."""

    #: The space it belongs to.
    space: str
    #: The deal.
    deal: UUID
    #: The person.
    customer: UUID
    #: What the person has to do with it: decides, pays, uses.
    part: Personal[str] = ""
    #: Since when the firm talks with the person, UTC.
    since: datetime
    #: Counts changes; guards updates.
    version: int = 1
