"""Companies that persons belong to, and what is known of a company or a person beyond name and address."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from attrs import field, frozen

from clientloop.model.codec import Json
from clientloop.model.customers import CustomerClass
from clientloop.model.record import Index, Personal, record


@record("account", key=("id",), indexes=(Index("by_name", ("name",)),))
@frozen(kw_only=True)
class Account:
    """A company that persons belong to."""

    #: The space it belongs to.
    space: str
    #: Its id.
    id: UUID
    #: What it is called.
    name: str
    #: Attractiveness of the company as a whole.
    customer_class: CustomerClass | None = None
    #: Whether a large deal is at stake: then the firm wants to know several persons there.
    large: bool = False
    #: When the firm first knew of it, UTC.
    created_at: datetime
    #: Whatever else an application or a plugin keeps here.
    extra: Mapping[str, Json] = field(factory=dict)
    #: Counts changes; guards updates.
    version: int = 1


@record(
    "contact",
    key=("account", "customer"),
    indexes=(Index("by_customer", ("customer", "account")),),
    references={"account": "account", "customer": "customer"},
)
@frozen(kw_only=True)
class Contact:
    """A person who belongs to a company."""

    #: The space it belongs to.
    space: str
    #: The company.
    account: UUID
    #: The person.
    customer: UUID
    #: What the person does there.
    post: Personal[str] = ""
    #: Since when the firm knows that, UTC.
    created_at: datetime
    #: Counts changes; guards updates.
    version: int = 1


class Topic(StrEnum):
    """What something that the firm has learnt is about."""

    #: What interests the person or the company.
    INTEREST = "interest"
    #: What they asked.
    QUESTION = "question"
    #: What they want to reach.
    AIM = "aim"
    #: Where their market or their numbers go.
    TREND = "trend"
    #: Whom they compete with.
    COMPETITOR = "competitor"
    #: Whether they rise or fall.
    LIFE_CYCLE = "life_cycle"
    #: What they got out of the product.
    RESULT = "result"
    #: The person beyond name and post.
    PERSON = "person"


@record("insight", key=("id",), indexes=(Index("of_subject", ("subject", "at", "id")),))
@frozen(kw_only=True)
class Insight:
    """One thing that the firm has learnt of a customer or an account, with source and date; never overwritten."""

    #: The space it belongs to.
    space: str
    #: Its id.
    id: UUID
    #: The customer or the account that it is about.
    subject: UUID
    #: What it is about.
    topic: Topic
    #: What was learnt.
    text: Personal[str]
    #: How the firm knows: a talk, the site, a report.
    source: Personal[str]
    #: Who wrote it down.
    by: Personal[str]
    #: Since when it is known, UTC.
    at: datetime
