"""The report on customers who gave a low rating and whom nobody has called in time."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum

from attrs import frozen

from clientloop.model.calendar import Span, hours
from clientloop.model.feedback import Feedback, Transition
from clientloop.model.interactions import Interaction, InteractionKind
from clientloop.model.page import Page
from clientloop.model.where import Where, eq, gt, le, one_of
from clientloop.rules.measures.rates import IN_LOOP
from clientloop.rules.measures.ratings import is_low
from clientloop.rules.time.worktime import deadline, passed_since
from clientloop.services.context import Context
from clientloop.services.people.whole import ids_of, rows_of

#: How soon after the receipt low scorers are called, if nothing else is said.
CALL_WITHIN = hours(48)

#: What somebody of the firm and a customer do when they talk.
_TALKS = one_of("kind", (InteractionKind.CALL, InteractionKind.MEETING))


class Neglect(StrEnum):
    """Why a low scorer is listed."""

    #: Nobody has called.
    NOT_CALLED = "not called"
    #: Somebody called too late.
    CALLED_LATE = "called too late"
    #: Nobody knows who it was, and nobody has noted a talk.
    NOT_KNOWN = "customer not known"


@frozen(kw_only=True)
class LowScorer:
    """An item with a low rating whose customer nobody has called in time."""

    #: The item.
    item: Feedback
    #: By when the customer is, or was, to be called, UTC.
    due: datetime
    #: When somebody called, too late, UTC; None: nobody has.
    called_at: datetime | None
    #: Why it is listed.
    why: Neglect


def low_scorers(
    context: Context,
    *,
    at_most: Mapping[str, int],
    within: Span,
    in_time: bool,
    where: Where,
    after: str | None,
    limit: int,
) -> Page[LowScorer]:
    """Make a page of the report; the arguments are those of `Reports.low_scorers`."""
    calendar, now = context.settings.calendar, context.now()
    turn = passed_since(calendar, now, within)
    # what was received since then was recorded since then: so those in time are found at the end of the index
    received = gt("received_at", turn) & gt("recorded_at", turn) if in_time else le("received_at", turn)
    wanted = where & IN_LOOP & is_low(at_most) & received
    found: list[LowScorer] = []
    while True:
        # as many as are still missing: so the end of this page is the end of ours
        page = context.store.page(
            Feedback, context.space.space, where=wanted, order="by_time", after=after, limit=limit - len(found),
            descending=not in_time,
        )  # fmt: skip
        for item in page:
            found += _neglected(context, item, within)
        after = page.next
        if after is None or len(found) == limit:
            return Page(tuple(found), after)


def _neglected(context: Context, item: Feedback, within: Span) -> Iterator[LowScorer]:
    """The item, if nobody has called in time."""
    if item.received_at is None:  # items of unknown receipt are not asked for
        return
    due = deadline(context.settings.calendar, item.received_at, within)
    called_at = min((*_calls(context, item, item.received_at), *_talks(context, item)), default=None)
    if called_at is None or called_at > due:
        yield LowScorer(item=item, due=due, called_at=called_at, why=_why(item, called_at))


def _why(item: Feedback, called_at: datetime | None) -> Neglect:
    if called_at is not None:
        return Neglect.CALLED_LATE
    return Neglect.NOT_KNOWN if item.customer is None else Neglect.NOT_CALLED


def _calls(context: Context, item: Feedback, received: datetime) -> Iterator[datetime]:
    """When somebody first called or met the customer after the receipt, for each id of the customer."""
    where = _TALKS & gt("occurred_at", received)
    for one in () if item.customer is None else ids_of(context, item.customer):
        first = next(rows_of(context, Interaction, (one,), where=where, order="timeline", size=1), None)
        if first is not None and first.occurred_at is not None:
            yield first.occurred_at


def _talks(context: Context, item: Feedback) -> Iterator[datetime]:
    """When somebody noted with a move that they had talked to the customer."""
    if item.told_at is not None:
        for row in context.store.pages(Transition, item.space, where=eq("item", item.id)):
            if row.data.get("told"):
                yield row.at
