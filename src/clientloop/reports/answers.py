"""Answers to questions row by row: the rating, the words, and the dimensions by which scores are broken down."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from attrs import frozen

from clientloop.model.asking import Answer, Instrument, Occasion
from clientloop.model.customers import CustomerClass
from clientloop.model.where import ALL, Where, eq
from clientloop.reports.keys import between
from clientloop.reports.persons import Shown
from clientloop.reports.tables import Listing
from clientloop.services.batches import batches
from clientloop.services.context import Context


@frozen(kw_only=True)
class AnswerRow:
    """One answer. Columns that an import of answers knows are called as its fields."""

    #: The answer.
    id: UUID
    #: Name of the question.
    question: str
    #: Its version.
    number: int
    #: What the question measures.
    instrument: Instrument
    #: What it is about.
    occasion: Occasion
    #: Who answered, as the person is shown; None where nobody knows.
    customer: UUID | None
    #: What the person is called.
    name: str | None
    #: The channel.
    channel: str
    #: The site.
    domain: str | None
    #: ISO 3166 code of the country.
    country: str | None
    #: BCP 47 tag of the language.
    locale: str | None
    #: The product that it is about.
    product: str | None
    #: The employee that it is about.
    employee: str | None
    #: The customer's stage at that time.
    stage: str | None
    #: The customer's class at that time.
    customer_class: CustomerClass | None
    #: Which of several wordings or looks was shown.
    variant: str | None
    #: The rating; None where there are words alone.
    rating: int | None
    #: Its scale.
    scale: str
    #: The words.
    text: str
    #: When it was given, UTC; None where the source did not say.
    answered_at: datetime | None
    #: When the same person answered the same question again, UTC.
    superseded_at: datetime | None


#: What a row says as the answer has it.
_AS_IT_IS = (
    *("id", "question", "number", "instrument", "occasion", "channel", "domain", "country", "locale", "product"),
    *("employee", "stage", "customer_class", "variant", "rating", "scale", "text", "answered_at", "superseded_at"),
)


def answers_report(
    context: Context, *, question: str | None, since: datetime | None, until: datetime | None, where: Where
) -> Listing[AnswerRow]:
    """Make the report; the arguments are those of `Reports.answers`."""
    about, order = (ALL, "key") if question is None else (eq("question", question), "by_time")
    asked = about & between("answered_at", since, until) & where
    return Listing("answers", AnswerRow, lambda: _rows(context, asked, order))


def _rows(context: Context, where: Where, order: str) -> Iterator[AnswerRow]:
    for answers in batches(context.store.pages(Answer, context.space.space, where=where, order=order)):
        shown = Shown(context, [answer.customer for answer in answers])
        for answer in answers:
            customer, name = shown.of(answer.customer)
            yield AnswerRow(**{field: getattr(answer, field) for field in _AS_IT_IS}, customer=customer, name=name)
