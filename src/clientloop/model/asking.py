"""What customers are asked, whom it reached, and what they answered on a declared scale."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from attrs import field, frozen

from clientloop.model.codec import Json, Sometime
from clientloop.model.customers import CustomerClass
from clientloop.model.record import Index, Personal, record


class Instrument(StrEnum):
    """What a question measures."""

    #: Net Promoter Score: whether somebody would recommend the firm, on 0-10.
    NPS = "nps"
    #: Customer satisfaction: whether something was as expected.
    CSAT = "csat"
    #: Customer Effort Score: how easy it was.
    CES = "ces"
    #: Goal completion rate: whether somebody got done what they came for; 0 no, 1 partly, 2 yes.
    GCR = "gcr"
    #: A rating that no named score is made of.
    RATING = "rating"


class Occasion(StrEnum):
    """What a question is asked about; answers of different occasions are never added up together."""

    #: The whole relationship, asked from time to time.
    RELATIONAL = "relational"
    #: One purchase, call or visit, asked right after it.
    TRANSACTIONAL = "transactional"


class Formula(StrEnum):
    """How a score is made of ratings, where there are two usages."""

    #: The share of the ratings that count as good.
    SHARE = "share"
    #: The mean of the ratings.
    MEAN = "mean"


class Disposition(StrEnum):
    """What became of somebody who was chosen to be asked, in the words of AAPOR's Standard Definitions."""

    #: Nothing yet.
    OPEN = "open"
    #: Answered all that counts.
    COMPLETE = "complete"
    #: Answered a part of it.
    PARTIAL = "partial"
    #: Refused, or broke off.
    REFUSAL = "refusal"
    #: Was never reached.
    NON_CONTACT = "non_contact"
    #: Could not answer for another reason.
    OTHER = "other"
    #: Nobody knows whether they were to be asked at all.
    UNKNOWN = "unknown"


@record("question", key=("name", "number"))
@frozen(kw_only=True)
class Question:
    """One version of a question: answers keep the version that they were given to."""

    #: The space it belongs to.
    space: str
    #: Its name.
    name: str
    #: Which version, from 1.
    number: int
    #: What it measures.
    instrument: Instrument
    #: What it is about.
    occasion: Occasion
    #: The scale of its ratings, such as "0-10".
    scale: str
    #: Whether the least rating of the scale is the best one.
    least_is_best: bool = False
    #: The rating from which an answer counts as good, or up to which where the least is best; None for the usual one.
    good_from: int | None = None
    #: How its score is made, where there are two usages.
    formula: Formula = Formula.SHARE
    #: Whether anybody may answer it, on a form that is always there: then nobody knows how many it reached.
    passive: bool = False
    #: Name of the survey that it is a part of.
    survey: str | None = None
    #: What is asked, by BCP 47 tag of the language.
    texts: Mapping[str, str] = field(factory=dict)
    #: When this version was declared, UTC.
    created_at: datetime


@frozen(kw_only=True)
class Asked:
    """What invitations and answers have in common: what was asked, and by what scores are broken down."""

    #: The space it belongs to.
    space: str
    #: Its id.
    id: UUID
    #: Name of the question.
    question: str
    #: Its version.
    number: int
    #: What the question measures.
    instrument: Instrument
    #: What it is about.
    occasion: Occasion
    #: Who was asked; None where nobody knows.
    customer: UUID | None = None
    #: Name of the channel.
    channel: str
    #: Its key on the channel and the name of the question, the same under redelivery: at most one of its sort has it.
    origin: str | None = None
    #: The site, such as "shop.example.com".
    domain: str | None = None
    #: ISO 3166 code of the country.
    country: str | None = None
    #: BCP 47 tag of the language.
    locale: str | None = None
    #: The product that it is about.
    product: str | None = None
    #: The employee that it is about.
    employee: Personal[str | None] = None
    #: The customer's stage at that time.
    stage: str | None = None
    #: The customer's class at that time.
    customer_class: CustomerClass | None = None
    #: Which of several wordings or looks was shown.
    variant: str | None = None


@record(
    "invitation",
    key=("id",),
    indexes=(
        Index("by_origin", ("channel", "origin"), unique=True),
        Index("by_time", ("question", "asked_at", "id")),
        Index("of_customer", ("customer", "asked_at", "id")),
        Index("of_message", ("message", "id")),
    ),
    references={"customer": "customer"},
)
@frozen(kw_only=True)
class Invitation(Asked):
    """That somebody was asked, and what became of it."""

    #: When, UTC.
    asked_at: datetime
    #: When the invitation arrived, UTC; None while nobody knows that it did.
    delivered_at: Sometime = None
    #: When it was answered, UTC.
    answered_at: Sometime = None
    #: What became of it.
    disposition: Disposition = Disposition.OPEN
    #: The message that carried it.
    message: UUID | None = None
    #: Counts changes; guards updates.
    version: int = 1


@record(
    "answer",
    key=("id",),
    indexes=(
        Index("by_origin", ("channel", "origin"), unique=True),
        Index("by_time", ("question", "answered_at", "id")),
        Index("of_customer", ("customer", "question", "answered_at", "id")),
        Index("of_item", ("item", "id")),
    ),
    references={"customer": "customer", "invitation": "invitation", "item": "feedback"},
)
@frozen(kw_only=True)
class Answer(Asked):
    """What somebody answered to a question."""

    #: The scale of the rating, as the question declared it.
    scale: str
    #: The rating; None where there are words alone.
    rating: int | None = None
    #: The words.
    text: Personal[str] = ""
    #: When it was given, UTC; None where the source did not say.
    answered_at: Sometime = None
    #: When it was recorded here, UTC.
    recorded_at: datetime
    #: When the same person answered the same question next, UTC: scores of the latest answers leave this one out. None
    #: for the latest one, and where nobody knows who answered. Ratings are superseded by ratings, and words alone by
    #: words alone.
    superseded_at: Sometime = None
    #: The invitation that it answers.
    invitation: UUID | None = None
    #: The feedback that it came with or led to.
    item: UUID | None = None
    #: Whatever else an application or a plugin keeps here.
    extra: Personal[Mapping[str, Json]] = field(factory=dict)
    #: Counts changes; guards updates.
    version: int = 1


@record("respondent", key=("customer",), references={"customer": "customer"})
@frozen(kw_only=True)
class Respondent:
    """That a person answers: whoever changes which answers are a person's latest counts this row up.

    Two answers that come at the same time, or an answer and a merge, would otherwise not see each other.
    """

    #: The space it belongs to.
    space: str
    #: The customer that the person is shown as.
    customer: UUID
    #: Counts changes; guards updates.
    version: int = 1
