"""Feedback row by row: who said it, the words, the rating, and how its loop went."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from attrs import frozen

from clientloop.model.customers import CustomerClass
from clientloop.model.feedback import Feedback, Outcome, Priority
from clientloop.model.interactions import Text
from clientloop.model.where import Where
from clientloop.reports.keys import received
from clientloop.reports.persons import Shown
from clientloop.reports.tables import Listing
from clientloop.rules.loop.imported import CLOSED_BEFORE_IMPORT
from clientloop.services.batches import batches, in_batches
from clientloop.services.context import Context


@frozen(kw_only=True)
class FeedbackRow:
    """One item. Columns that an import of feedback knows are called as its fields."""

    #: The item.
    id: UUID
    #: Its number for people.
    ref: str
    #: Which kind of feedback.
    kind: str
    #: The channel it came by.
    channel: str
    #: The state of its loop.
    state: str
    #: Whether the loop is open.
    is_open: bool
    #: How it ended.
    outcome: Outcome
    #: How urgent it is.
    priority: Priority
    #: Who works on it.
    owner: str | None
    #: The team that it is for.
    team: str | None
    #: Who said it, as the person is shown; None while nobody knows.
    customer: UUID | None
    #: What the person is called.
    name: str | None
    #: The customer's class at the receipt.
    customer_class: CustomerClass | None
    #: BCP 47 tag of the language to answer in.
    locale: str | None
    #: One line on top, where the channel has one.
    subject: str | None
    #: The words.
    text: str
    #: The rating that came with it.
    rating: int | None
    #: The scale of that rating.
    scale: str | None
    #: The product it is about.
    product: str | None
    #: What it is about: a category or a page.
    category: str | None
    #: The employee it is about.
    employee: str | None
    #: Why it happened, once known.
    cause: str | None
    #: What was done about it.
    action: str | None
    #: What people have marked it with.
    tags: tuple[str, ...]
    #: When the customer said it, UTC.
    received_at: datetime | None
    #: When a person first answered the customer, UTC.
    first_answer_at: datetime | None
    #: When it was solved, UTC.
    solved_at: datetime | None
    #: When the loop ended, UTC.
    closed_at: datetime | None
    #: From receipt to solution, waiting for the customer included.
    gross: timedelta | None
    #: The same, waiting left out.
    net: timedelta | None
    #: Names of the deadlines that it missed.
    late: tuple[str, ...]
    #: How often it was reopened or its answer denied.
    reopened: int

    @property
    def comes_as(self) -> str:
        """The state in which an import takes it: its own while it is open, and otherwise `closed_before_import`."""
        return self.state if self.is_open else CLOSED_BEFORE_IMPORT


#: What a row says as the item has it.
_AS_IT_IS = (
    *("id", "ref", "kind", "channel", "state", "is_open", "outcome", "priority", "owner", "team", "customer_class"),
    *("locale", "rating", "scale", "product", "category", "employee", "cause", "action", "tags", "received_at"),
    *("first_answer_at", "solved_at", "closed_at", "gross", "net", "late", "reopened"),
)


def feedback_report(
    context: Context, *, since: datetime | None, until: datetime | None, where: Where
) -> Listing[FeedbackRow]:
    """Make the report; the arguments are those of `Reports.feedback`."""
    asked = received(since, until) & where
    return Listing("feedback", FeedbackRow, lambda: _rows(context, asked))


def _rows(context: Context, where: Where) -> Iterator[FeedbackRow]:
    for items in batches(context.store.pages(Feedback, context.space.space, where=where, order="by_time")):
        yield from _described(context, items)


def _described(context: Context, items: Sequence[Feedback]) -> Iterator[FeedbackRow]:
    shown = Shown(context, [item.customer for item in items])
    words = {
        text.id: text for _, found in in_batches(context, Text, "id", [item.id for item in items]) for text in found
    }
    for item in items:
        (customer, name), said = shown.of(item.customer), words.get(item.id)
        yield FeedbackRow(
            **{field: getattr(item, field) for field in _AS_IT_IS},
            customer=customer,
            name=name,
            subject=said.subject if said else None,
            text=said.body if said else "",
        )
